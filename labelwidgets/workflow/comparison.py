"""Labels laid beside a reference: what is meant by what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Track
from labelwidgets.workflow.pairing import pair
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.similarity import (
    SizeOf,
    family_of,
    last_frame,
    similarities,
)

LengthOf: TypeAlias = Callable[[str], int]
"""Returns how many frames a video has, by its item."""


class Match(NamedTuple):
    """A label of the reference and the label that means it; one of them is None for no partner."""

    reference: Annotation | None
    label: Annotation | None
    similarity: float

    @property
    def is_right(self) -> bool:
        """Whether both are there and have one class."""
        one, other = self.reference, self.label
        return one is not None and other is not None and one.class_name == other.class_name


class Layer(NamedTuple):
    """All of one family on one frame of one submission.

    Parameters
    ----------
    frame
        None for a single image, and for what goes through frames.
    family
        See `family_of`.
    reference, labels
        In the order in which they are drawn.
    matches
        Each of them once.
    """

    frame: int | None
    family: str
    reference: list[Annotation]
    labels: list[Annotation]
    matches: list[Match]


class Compared(NamedTuple):
    """One submission: what one person, or one task, has on one item.

    Parameters
    ----------
    item, rater
        Of what and whose; the rater is a task's id or an author, None for neither.
    task, author
        Of its labels; the author of most of them.
    layers
        By frame and family.
    stop
        How many frames the item is taken to have.
    """

    item: str
    rater: str | None
    task: str | None
    author: str | None
    layers: list[Layer]
    stop: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it and nothing to be in it."""
        return not any(layer.matches for layer in self.layers if layer.family != "image")


def compare(
    labels: Sequence[Annotation],
    reference: Sequence[Annotation],
    rules: QualityRules,
    rater: str = "task_id",
    items: Iterable[str] | None = None,
    submitted: Iterable[tuple[str, str | None]] | None = None,
    size_of: SizeOf | None = None,
    length_of: LengthOf | None = None,
) -> list[Compared]:
    """Return labels laid beside a reference, one submission after the other.

    Parameters
    ----------
    labels, reference
        The reference has one answer for each item.
    rules
        How strictly.
    rater
        ``task_id`` or ``author``: labels of an item that have it in common are one submission.
    items
        What the reference is about; by default the items that it has labels of.
    submitted
        Pairs of item and rater, to know who left something empty; by default who has labels.
    size_of, length_of
        Sizes of pictures and lengths of videos, where they are known.
    """
    if rater not in ("task_id", "author"):
        raise SchemaError(f"must be 'task_id' or 'author', not {rater!r}.", where="rater")
    asked = dict.fromkeys(one.item_id for one in reference) if items is None else None
    known = asked if asked is not None else dict.fromkeys(str(one) for one in items or ())
    truth: dict[str, list[Annotation]] = {item: [] for item in known}
    for one in reference:
        if one.item_id in truth:
            truth[one.item_id].append(one)
    said: dict[tuple[str, str | None], list[Annotation]] = {}
    for item, who in submitted or ():
        if item in truth:
            said.setdefault((item, who), [])
    for one in labels:
        if one.item_id in truth:
            said.setdefault((one.item_id, getattr(one, rater)), []).append(one)
    answered = {item for item, _ in said}
    said |= {(item, None): [] for item in truth if item not in answered}
    place = {item: i for i, item in enumerate(truth)}
    order = sorted(said, key=lambda one: (place[one[0]], one[1] or ""))
    return [
        _compared(item, who, truth[item], said[item, who], rules, rater, size_of, length_of)
        for item, who in order
    ]


def _compared(
    item: str,
    who: str | None,
    truth: list[Annotation],
    said: list[Annotation],
    rules: QualityRules,
    rater: str,
    size_of: SizeOf | None,
    length_of: LengthOf | None,
) -> Compared:
    places: dict[Any, tuple[list[Annotation], list[Annotation]]] = defaultdict(lambda: ([], []))
    for side, some in enumerate((truth, said)):
        for one in some:
            places[one.frame, family_of(one)][side].append(one)
    stop = last_frame((*truth, *said)) + 1
    if length_of is not None and any(isinstance(one.geometry, Track) for one in (*truth, *said)):
        stop = length_of(item)
    layers = []
    for frame, family in sorted(places, key=lambda one: (-1 if one[0] is None else one[0], one[1])):
        gold, made = places[frame, family]
        alike = similarities(gold, made, rules.measure, size_of, stop)
        # A tag of another class is still an answer, whatever the threshold.
        least = 0.5 if family == "tag" else rules.iou_threshold
        found = pair(alike, [a.class_name for a in gold], [b.class_name for b in made], least)
        matches = [Match(gold[i], made[j], sure) for i, j, sure in found.pairs]
        matches += [Match(gold[i], None, 0.0) for i in found.missing]
        matches += [Match(None, made[j], 0.0) for j in found.extra]
        layers.append(Layer(frame, family, gold, made, matches))
    authors = Counter(one.author for one in said if one.author is not None)
    author = authors.most_common(1)[0][0] if authors else None
    tasks = [one.task_id for one in said if one.task_id is not None]
    task = who if rater == "task_id" else (tasks[0] if tasks else None)
    return Compared(item, who, task, who if rater == "author" else author, layers, stop)
