"""What stages of each kind can be told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from labelwidgets.errors import WorkflowError

# As many copies of a task as come before the probes, but for those that are kept as they came late.
MAX_OVERLAP = 500


def _share(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= 1


def _seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _overlap(value: Any) -> bool:
    return _seed(value) and 2 <= value <= MAX_OVERLAP


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(_text(one) for one in value)


def _feedback(value: Any) -> bool:
    from labelwidgets.workflow.feedback import Budget

    return isinstance(value, Mapping) and Budget.of(value) is not None


def _some_texts(value: Any) -> bool:
    return _texts(value) and len(value) > 0


def _some(value: Any) -> bool:
    return _text(value) or _some_texts(value)


def _level(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


def _threshold(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(_text(name) and _level(at) for name, at in value.items())
    return _level(value)


Check = tuple[Callable[[Any], bool], str]

_SAMPLE: Mapping[str, Check] = {
    "share": (_share, "a share from 0 to 1 of the tasks, the others pass by"),
    "seed": (_seed, "a whole number, which tasks are in the share"),
}
_AGREEMENT: Mapping[str, Check] = {
    "agreement": (_text, "the name of a measure of labelwidgets.agreement"),
    "threshold": (
        _threshold,
        "a number that the agreement must reach (of a distance: at most), or one for each class "
        'by name, "*" for all others',
    ),
    "on": (_text, "what answers are compared: class, tag or the name of an attribute"),
}
_THEN: Mapping[str, Check] = {
    "then": (_text, "the name of the stage for those that it is true of"),
}
_NEXT: Mapping[str, Check] = {"next": (_text, "the name of the stage after it")}

OPTIONS: Mapping[str, Mapping[str, Check]] = {
    "annotate": {
        "overlap": (_overlap, f"a whole number from 2 to {MAX_OVERLAP}, people an item"),
        "feedback": (_feedback, "attempts, threshold and how strictly it is compared with gold"),
        "blind": (_flag, "True or False, whether they are hidden from each other"),
        "classes": (_some_texts, "a list of classes, the only ones that are labelled in it"),
        "questions": (_flag, "True or False, whether the image is asked about where classes are"),
        "part": (_flag, "True or False, whether its tasks are joined with those of other parts"),
        "shown": (_flag, "True or False, whether those who do other parts see its labels"),
        **_SAMPLE,
        **_NEXT,
    },
    "join": _NEXT,
    "model": {
        "model": (_text, "the name of a registered function or assistant"),
        "threshold": (_share, "a confidence from 0 to 1, below which nothing is proposed"),
        "sure": (_share, "a confidence from 0 to 1 that all it proposes must have for `then`"),
        **_THEN,
        **_NEXT,
    },
    "review": {
        "strict": (_flag, "True or False, whether reviewers judge only and do not edit"),
        "back": (_text, "the name of the stage that rejected tasks go to"),
        "tags": (_texts, "a list of words, what may be ticked as wrong"),
        **_SAMPLE,
        **_NEXT,
    },
    "consensus": {
        **_AGREEMENT,
        "fuse": (_text, "how opinions become one, such as majority or dawid_skene"),
        "champion": (_some, "the name of a person whose opinion wins, or several by rank"),
        **_THEN,
        **_NEXT,
    },
    "qc": {
        "strict": (_flag, "True or False, whether they judge only and do not edit"),
        "back": (_text, "the name of the stage that rejected tasks go to"),
        "tags": (_texts, "a list of words, what may be ticked as wrong"),
        **_SAMPLE,
        **_NEXT,
    },
    "router": {
        "field": (_text, "the name of a Boolean field of a task or its item's metadata"),
        "query": (_text, "an expression over the task, or its annotations"),
        "predicate": (_text, "the name of a registered function"),
        **_AGREEMENT,
        **_THEN,
        **_SAMPLE,
        **_NEXT,
    },
    "done": {},
    "archive": {},
}
# What a router may go by; one that has none of these sends all on (Continue).
RULES = ("field", "query", "predicate", "share", "agreement")
# With any of these a consensus comes to its end by itself.
SETTLING = ("agreement", "fuse", "champion")


def check_options(name: str, kind: str, options: Mapping[str, Any]) -> None:
    """Raise unless a stage is of a known kind, and its options are those of that kind.

    Raises
    ------
    WorkflowError
        Naming the stage and the option.
    """
    where = f"stage {str(name)[:80]!r}"
    if not isinstance(name, str) or not name.strip() or len(name) > 64 or not name.isprintable():
        raise WorkflowError("needs a printable name of at most 64 characters.", where=where)
    known = OPTIONS.get(kind)
    if known is None:
        raise WorkflowError(
            f"is of the kind {kind!r:.80}.", where=where, hint=f"Kinds: {', '.join(OPTIONS)}."
        )
    for option, value in options.items():
        if option not in known:
            raise WorkflowError(
                f"has no option {option!r:.80}.",
                where=f"{where}, of the kind {kind}",
                hint=f"Options: {', '.join(known) or 'none'}.",
            )
        sound, said = known[option]
        if not sound(value):
            raise WorkflowError(f"must be {said}.", where=f"{where}, {option}")
    if kind == "model" and ("sure" in options) != ("then" in options):
        raise WorkflowError(
            "needs both `sure` and `then`, the stage for what the model is sure of.", where=where
        )
    if kind == "router":
        rules = [rule for rule in RULES if rule in options]
        if len(rules) > 1:
            raise WorkflowError(f"goes by one rule, not by {' and '.join(rules)}.", where=where)
        if bool(rules) != ("then" in options):
            raise WorkflowError(
                "needs both a rule and `then`, the stage for those that it is true of.",
                where=where,
                hint=f"Rules: {', '.join(RULES)}; neither sends all on.",
            )
    if kind == "consensus":
        if ("agreement" in options) != ("then" in options):
            raise WorkflowError(
                "needs both an agreement and `then`, the stage for those that agree.", where=where
            )
        if "fuse" in options and "champion" in options:
            raise WorkflowError("is either fused or a champion's, not both.", where=where)
    if kind in ("router", "consensus"):
        _check_agreement(options, where)
    if options.get("blind") and "overlap" not in options:
        raise WorkflowError("is blind only with an overlap.", where=where)
    if options.get("part") and ("classes" not in options or "overlap" in options):
        raise WorkflowError(
            "is a part of the work by its classes, without an overlap.", where=where
        )
    if "shown" in options and not options.get("part"):
        raise WorkflowError("shows labels to other parts only where it is one.", where=where)
    if "questions" in options and "classes" not in options:
        raise WorkflowError("asks about the image unless it has classes.", where=where)
    if kind == "annotate" and "share" in options and "overlap" not in options:
        raise WorkflowError("has a share only with an overlap.", where=where)


def _check_agreement(options: Mapping[str, Any], where: str) -> None:
    """Raise unless the measure is one, and knows what the threshold asks of it."""
    if "fuse" in options:
        from labelwidgets.workflow.vote_methods import METHODS

        if options["fuse"] not in METHODS:
            raise WorkflowError(f"must be one of {', '.join(METHODS)}.", where=f"{where}, fuse")
    if ("agreement" in options) != ("threshold" in options):
        raise WorkflowError("needs both an agreement and its threshold.", where=where)
    if "on" in options and "agreement" not in options:
        raise WorkflowError("compares answers only by an agreement.", where=f"{where}, on")
    if "agreement" not in options:
        return
    from labelwidgets.workflow.agreement import MEASURES

    measure = MEASURES.get(options["agreement"])
    if measure is None:
        raise WorkflowError(f"must be one of {', '.join(MEASURES)}.", where=f"{where}, agreement")
    level = "class" if isinstance(options["threshold"], Mapping) else "item"
    if level not in measure.levels or "item" not in measure.levels:
        raise WorkflowError(
            f"is not told by {level}, so that no item can be sent by it.",
            where=f"{where}, agreement",
        )
    if "on" in options and "on" not in measure.options:
        raise WorkflowError("is about no answers.", where=f"{where}, agreement")
