"""What one person changed of another's labels: a reviewer's edit against the maker's work."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import msgspec
import numpy as np

from labelwidgets.schema.annotation import Annotation
from labelwidgets.workflow.pairing import pair
from labelwidgets.workflow.regions import areas, region_of, shared_areas
from labelwidgets.workflow.shape_changes import how_changed
from labelwidgets.workflow.similarity import (
    Measure,
    SizeOf,
    family_of,
    has_area,
    similarities,
)

if TYPE_CHECKING:
    import pandas as pd

ChangeKind: TypeAlias = Literal[
    "added", "removed", "moved", "reshaped", "split", "merged", "relabelled", "answered"
]
KINDS: tuple[ChangeKind, ...] = (
    *("added", "removed", "moved", "reshaped", "split", "merged", "relabelled", "answered"),
)

# Shapes that are drawn anew are taken for the same object from here on, as in CVAT's check.
SAME = 0.4
# So much of a part lies in what it is a part of.
PART = 0.7
# A part that is nearly all of it is the thing itself, made a little smaller.
_WHOLE = 0.9


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is not as it was.

    Parameters
    ----------
    kind
        ``added``, ``removed``, ``moved`` (the same shape elsewhere), ``reshaped``, ``split``
        (one became several), ``merged`` (several became one), ``relabelled`` (another class) or
        ``answered`` (other answers).
    item_id, frame
        Where.
    before, after
        Ids of the labels that it is about, as they were and as they are.
    class_before, class_after
        Their classes.
    overlap
        How alike they are in place, from 0 to 1 (see `similarities`); of a split or a merge the
        share of the whole that its parts cover.
    shift
        How far the middle went, in pixels.
    answers
        By question what was said before and what after, None for nothing.
    """

    kind: ChangeKind
    item_id: str
    frame: int | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    class_before: str | None = None
    class_after: str | None = None
    overlap: float | None = None
    shift: float | None = None
    answers: dict[str, tuple[Any, Any]] = {}


def difference(
    before: Iterable[Annotation],
    after: Iterable[Annotation],
    size_of: SizeOf | None = None,
) -> list[Change]:
    """Return what changed from some labels to others.

    A label is the same as before if it has the same id; one that was drawn anew, if it is on the
    same item and frame and overlaps by 0.4 of the union, those of the same class first. One may be
    moved, relabelled and answered at once: each is a change of its own.

    Parameters
    ----------
    before, after
        Of the same items, in the order in which they are drawn.
    size_of
        Of pictures, see `similarities`.

    Returns
    -------
    list of Change
        By item, in the order of the labels before, then what was added.
    """
    old, new = list(before), list(after)
    same = {one.id for one in new} & {one.id for one in old}
    places: dict[Any, tuple[list[Annotation], list[Annotation]]] = defaultdict(lambda: ([], []))
    for side, some in enumerate((old, new)):
        for one in some:
            places[one.item_id, one.frame, family_of(one)][side].append(one)
    changes: list[Change] = []
    left: tuple[list[Annotation], list[Annotation]] = [], []
    for was, now in places.values():
        divided, was, now = parted(was, now, "split")
        joined, now, was = parted(now, was, "merged")
        redrawn, gone, come = _redrawn(
            [one for one in was if one.id not in same],
            [one for one in now if one.id not in same],
            size_of,
        )
        changes += divided + joined
        for one, other in redrawn:
            changes += _changes(one, other, size_of)
        left[0].extend(gone + [one for one in was if one.id in same])
        left[1].extend(come + [one for one in now if one.id in same])
    # What went to another frame, or is drawn with another tool, still has its id.
    rest: dict[str, Annotation] = {one.id: one for one in left[1]}
    for one in left[0]:
        edited = rest.pop(one.id) if one.id in rest else None
        changes += _changes(one, edited, size_of) if edited else [_one("removed", one, None)]
    changes += [_one("added", None, one) for one in rest.values()]
    return _sorted(changes, old, new)


def difference_frame(changes: Sequence[Change]) -> pd.DataFrame:
    """Return changes as a frame, one row each.

    Columns: kind, item_id (string), frame (Int64), before, after (tuples of ids), class_before,
    class_after (string), overlap, shift (float64; pixels) and answers (dict).
    """
    import pandas as pd

    names = list(Change.__struct_fields__)
    columns = {name: [getattr(one, name) for one in changes] for name in names}
    kinds = {"frame": "Int64", "overlap": "float64", "shift": "float64"}
    objects = {"before", "after", "answers"}
    made = {}
    for name, values in columns.items():
        if name in objects:
            cells = np.empty(len(values), object)
            cells[:] = values
            made[name] = pd.Series(cells)
        elif kinds.get(name) == "float64":
            numbers = [math.nan if value is None else value for value in values]
            made[name] = pd.Series(np.array(numbers, np.float64))
        else:
            kind: Any = kinds.get(name, "string")
            made[name] = pd.Series(pd.array(values, dtype=kind))
    return pd.DataFrame(made)


def counted(changes: Iterable[Change]) -> dict[str, int]:
    """Return how many changes there are of each kind, those that there are none of left out."""
    found = Counter(one.kind for one in changes)
    return {kind: found[kind] for kind in KINDS if found[kind]}


def _redrawn(
    gone: list[Annotation], come: list[Annotation], size_of: SizeOf | None
) -> tuple[list[tuple[Annotation, Annotation]], list[Annotation], list[Annotation]]:
    if not gone or not come:
        return [], gone, come
    alike = similarities(gone, come, Measure(panoptic=False), size_of)
    found = pair(alike, [a.class_name for a in gone], [b.class_name for b in come], SAME)
    pairs = [(gone[i], come[j]) for i, j, _ in found.pairs]
    return pairs, [gone[i] for i in found.missing], [come[j] for j in found.extra]


def parted(
    whole: list[Annotation], parts: list[Annotation], kind: ChangeKind
) -> tuple[list[Change], list[Annotation], list[Annotation]]:
    """Return where one of `whole` is several of `parts`, and what is left of either.

    Of a merge it is asked the other way round: the whole is what came of it.
    """
    kept = {one.id: one.geometry for one in parts}
    # What is as it was has not been taken apart, whatever lies in it now.
    changed = [one for one in whole if kept.get(one.id) != one.geometry and has_area(one)]
    before = {one.id for one in whole}
    some = [one for one in parts if has_area(one)]
    if not changed or len(some) < 2:
        return [], whole, parts
    regions = (
        [region_of(one.geometry) for one in changed],
        [region_of(one.geometry) for one in some],
    )
    sizes = areas(regions[0]), areas(regions[1])
    shared = shared_areas(*regions)
    within = shared >= PART * np.maximum(sizes[1], 1e-9)[None, :]
    changes: list[Change] = []
    used, taken = set[str](), set[int]()
    for i, one in enumerate(changed):
        own = [
            j
            for j in np.nonzero(within[i])[0].tolist()
            if j not in taken and (some[j].id == one.id or some[j].id not in before)
        ]
        covered = float(shared[i, own].sum() / sizes[0][i]) if sizes[0][i] > 0 else 0.0
        if len(own) < 2 or covered < PART or shared[i, own].max() > _WHOLE * sizes[0][i]:
            continue
        used.add(one.id)
        taken.update(own)
        several = tuple(some[j].id for j in own)
        classes = one.class_name, some[own[0]].class_name
        split = kind == "split"
        changes.append(
            Change(
                kind,
                one.item_id,
                one.frame,
                before=(one.id,) if split else several,
                after=several if split else (one.id,),
                class_before=classes[0 if split else 1],
                class_after=classes[1 if split else 0],
                overlap=min(covered, 1.0),
            )
        )
    gone = {some[j].id for j in taken}
    rest = [one for one in whole if one.id not in used]
    return changes, rest, [one for one in parts if one.id not in gone]


def _one(kind: ChangeKind, was: Annotation | None, now: Annotation | None) -> Change:
    place = cast("Annotation", was or now)
    return Change(
        kind,
        place.item_id,
        place.frame,
        before=(was.id,) if was else (),
        after=(now.id,) if now else (),
        class_before=was.class_name if was else None,
        class_after=now.class_name if now else None,
    )


def _changes(was: Annotation, now: Annotation, size_of: SizeOf | None) -> list[Change]:
    found = []
    plain = _one("relabelled", was, now)
    how = how_changed(was.geometry, now.geometry)
    if how is None and was.frame != now.frame:
        how = "moved", 0.0
    if how is not None:
        same = was.frame == now.frame and family_of(was) == family_of(now)
        measure = Measure(panoptic=False)
        alike = float(similarities([was], [now], measure, size_of)[0, 0]) if same else 0.0
        found.append(
            msgspec.structs.replace(
                plain, kind=how[0], frame=now.frame, overlap=alike, shift=how[1]
            )
        )
    if was.class_name != now.class_name:
        found.append(plain)
    answers = changed_answers(was.attributes, now.attributes)
    if answers:
        found.append(msgspec.structs.replace(plain, kind="answered", answers=answers))
    return found


def changed_answers(was: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return by question what was said and what is said, where it is not the same.

    The order in which boxes were ticked says nothing, and an empty answer is none.
    """
    found = {}
    for name in (*was, *(name for name in now if name not in was)):
        one, other = was.get(name) or None, now.get(name) or None
        if _bare(one) != _bare(other):
            found[name] = (one, other)
    return found


def _bare(answer: Any) -> Any:
    return frozenset(answer) if isinstance(answer, list | tuple) else answer


def _sorted(
    changes: list[Change], old: Sequence[Annotation], new: Sequence[Annotation]
) -> list[Change]:
    order = {one.id: i for i, one in enumerate((*new, *old))}
    order |= {one.id: i - len(old) for i, one in enumerate(old)}
    items = {one.item_id: i for i, one in reversed(list(enumerate((*old, *new))))}

    def place(one: Change) -> tuple[int, int]:
        return items[one.item_id], order[(one.before or one.after)[0]]

    return sorted(changes, key=place)
