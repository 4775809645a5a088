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


Check = tuple[Callable[[Any], bool], str]

_SAMPLE: Mapping[str, Check] = {
    "share": (_share, "a share from 0 to 1 of the tasks, the others pass by"),
    "seed": (_seed, "a whole number, which tasks are in the share"),
}
_NEXT: Mapping[str, Check] = {"next": (_text, "the name of the stage after it")}

OPTIONS: Mapping[str, Mapping[str, Check]] = {
    "annotate": {
        "overlap": (_overlap, f"a whole number from 2 to {MAX_OVERLAP}, people an item"),
        "feedback": (_feedback, "attempts, threshold and how strictly it is compared with gold"),
        "blind": (_flag, "True or False, whether they are hidden from each other"),
        **_SAMPLE,
        **_NEXT,
    },
    "model": {"model": (_text, "the name of a registered function"), **_NEXT},
    "review": {
        "strict": (_flag, "True or False, whether reviewers judge only and do not edit"),
        "back": (_text, "the name of the stage that rejected tasks go to"),
        "tags": (_texts, "a list of words, what may be ticked as wrong"),
        **_SAMPLE,
        **_NEXT,
    },
    "consensus": _NEXT,
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
        "then": (_text, "the name of the stage for those that it is true of"),
        **_SAMPLE,
        **_NEXT,
    },
    "done": {},
    "archive": {},
}
# What a router may go by; one that has none of these sends all on (Continue).
RULES = ("field", "query", "predicate", "share")


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
    if options.get("blind") and "overlap" not in options:
        raise WorkflowError("is blind only with an overlap.", where=where)
    if kind == "annotate" and "share" in options and "overlap" not in options:
        raise WorkflowError("has a share only with an overlap.", where=where)
