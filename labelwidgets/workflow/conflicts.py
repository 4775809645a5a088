"""Where labels and a reference contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.annotation_rows import Labels, records_of
from labelwidgets.schema.geometry import Polyline
from labelwidgets.schema.tracks import Track
from labelwidgets.workflow.comparison import Compared, Layer, LengthOf, Match, compare
from labelwidgets.workflow.difference import changed_answers, parted
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.regions import areas, region_of, visible
from labelwidgets.workflow.shape_changes import how_changed
from labelwidgets.workflow.similarity import SizeOf, directions, has_area, picture_area
from labelwidgets.workflow.track_quality import switches

if TYPE_CHECKING:
    import pandas as pd

ConflictType: TypeAlias = Literal[
    "missing",
    "extra",
    "mismatching_label",
    "low_overlap",
    "mismatching_direction",
    "mismatching_attributes",
    "mismatching_groups",
    "covered",
    "id_switch",
]
SEVERITY: dict[ConflictType, str] = {
    "missing": "error",
    "extra": "error",
    "mismatching_label": "error",
    "low_overlap": "warning",
    "mismatching_direction": "warning",
    "mismatching_attributes": "warning",
    "mismatching_groups": "warning",
    "covered": "warning",
    "id_switch": "warning",
}
"""The kinds of conflicts, the eight of CVAT and then ours."""


class Conflict(NamedTuple):
    """One contradiction; the columns of the frame."""

    item_id: str
    frame: int | None
    type: ConflictType
    severity: str
    how: str | None
    class_name: str | None
    reference_class: str | None
    similarity: float
    id: str | None
    reference_id: str | None
    task_id: str | None
    author: str | None
    detail: dict[str, Any]


def conflicts(
    labels: Labels,
    reference: Labels,
    *,
    rater: Literal["task_id", "author"] = "task_id",
    items: Iterable[str] | None = None,
    submitted: Iterable[tuple[str, str | None]] | None = None,
    size_of: SizeOf | None = None,
    length_of: LengthOf | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Return where labels contradict a reference, one row each.

    The kinds and their thresholds are those of CVAT's quality check. Errors are ``missing``,
    ``extra`` and ``mismatching_label``; warnings are ``low_overlap``, ``mismatching_direction``
    (of polylines), ``mismatching_attributes``, ``mismatching_groups``, ``covered`` (a label that
    lies under others) and, beyond CVAT's, ``id_switch`` (an object of a video that goes on under
    another name). Tracks are compared as a whole, over the boxes of all frames.

    Columns: item_id (string), frame (Int64), type, severity, how (string: what happened, in the
    words of `difference`: ``moved``, ``reshaped``, ``split`` or ``merged``), class_name,
    reference_class (string), similarity (float64, from 0 to 1), id, reference_id (of the labels),
    task_id, author (string) and detail (dict: the questions answered otherwise, the share of a
    label that is seen, ...).

    Parameters
    ----------
    labels, reference
        Frames like `project.annotations`, or records. The reference has one answer an item.
    rater
        ``task_id`` or ``author``: labels of an item that have it in common are one submission,
        compared by itself.
    items
        What the reference is about, to count what should be empty; by default the items that it
        has labels of. Labels of other items are left alone.
    submitted
        Pairs of item and rater, to know who left something empty; by default who has labels.
    size_of
        Returns (width, height) of a picture by its item, which says how far apart points and
        lines are; without it a picture reaches as far as its labels.
    length_of
        Returns how many frames a video has by its item; without it, it ends with the last
        keyframe.
    **settings
        Of `QualityRules`, such as ``iou_threshold=0.5``.

    Raises
    ------
    SchemaError
        If a setting or a row is wrong.
    """
    rules = QualityRules.of(**settings)
    found = compare(
        records_of(labels, "labels"),
        records_of(reference, "reference"),
        rules,
        rater,
        items,
        submitted,
        size_of,
        length_of,
    )
    return conflict_frame(found, rules, size_of)


def conflict_frame(
    compared: Sequence[Compared], rules: QualityRules, size_of: SizeOf | None = None
) -> pd.DataFrame:
    """Return the conflicts of submissions; see `conflicts`."""
    import pandas as pd

    rows = [row for one in compared for row in _conflicts(one, rules, size_of)]
    columns: dict[str, Any] = {}
    for at, name in enumerate(Conflict._fields):
        values: Any = [row[at] for row in rows]
        if name == "frame":
            columns[name] = pd.Series(pd.array(values, dtype="Int64"))
        elif name == "similarity":
            columns[name] = pd.Series(np.array(values, np.float64))
        elif name == "detail":
            cells = np.empty(len(values), object)
            cells[:] = values
            columns[name] = pd.Series(cells)
        else:
            columns[name] = pd.Series(pd.array(values, dtype="string"))
    return pd.DataFrame(columns)


def _conflicts(
    compared: Compared, rules: QualityRules, size_of: SizeOf | None
) -> Iterator[Conflict]:
    for layer in compared.layers:
        how = _how(layer, rules)
        for match in layer.matches:
            for kind, detail in _of_match(layer, match, rules, size_of):
                yield _conflict(compared, layer, match, kind, how, detail)
        if rules.check_covered_annotations and layer.family == "area":
            for label, share in _covered(layer.labels, rules.object_visibility_threshold):
                match = Match(None, label, 0.0)
                yield _conflict(compared, layer, match, "covered", {}, {"visible": share})
    if rules.compare_groups:
        for layer, match, share in _torn(compared, rules.group_match_threshold):
            detail = {"shared": share}
            yield _conflict(compared, layer, match, "mismatching_groups", {}, detail)
    for layer in compared.layers:
        if layer.family == "track":
            for one in switches(layer.reference, layer.labels, compared.stop, rules.iou_threshold):
                place = layer._replace(frame=one.frame)
                match = Match(one.reference, one.after, 0.0)
                detail = {"before": one.before.id, "after": one.after.id}
                yield _conflict(compared, place, match, "id_switch", {}, detail)


def _conflict(
    compared: Compared,
    layer: Layer,
    match: Match,
    kind: ConflictType,
    how: dict[str, str],
    detail: dict[str, Any],
) -> Conflict:
    gold, made = match.reference, match.label
    said = None
    if kind in ("missing", "extra", "low_overlap"):
        said = how.get(gold.id if gold else "") or how.get(made.id if made else "")
    return Conflict(
        item_id=compared.item,
        frame=layer.frame,
        type=kind,
        severity=SEVERITY[kind],
        how=said,
        class_name=made.class_name if made else None,
        reference_class=gold.class_name if gold else None,
        similarity=match.similarity,
        id=made.id if made else None,
        reference_id=gold.id if gold else None,
        task_id=(made.task_id if made else None) or compared.task,
        author=(made.author if made else None) or compared.author,
        detail=detail,
    )


def _of_match(
    layer: Layer, match: Match, rules: QualityRules, size_of: SizeOf | None
) -> Iterator[tuple[ConflictType, dict[str, Any]]]:
    gold, made = match.reference, match.label
    if gold is None or made is None:
        if layer.family != "image":
            yield ("extra" if gold is None else "missing"), {}
        elif rules.compare_attributes and (answers := _answers(gold, made)):
            yield "mismatching_attributes", answers
        return
    if not match.is_right:
        yield "mismatching_label", {}
    if layer.family not in ("tag", "image") and match.similarity < rules.low_overlap_threshold:
        yield "low_overlap", {}
    if rules.compare_line_orientation and isinstance(gold.geometry, Polyline):
        area = picture_area([*layer.reference, *layer.labels], size_of)
        along, against = directions(gold.geometry, made.geometry, area, rules.measure)
        if against - along > rules.line_orientation_threshold:
            yield "mismatching_direction", {"along": along, "against": against}
    if rules.compare_attributes and match.is_right and (answers := _answers(gold, made)):
        yield "mismatching_attributes", answers


def _answers(gold: Annotation | None, made: Annotation | None) -> dict[str, Any]:
    """Return what was answered otherwise: by question, the reference's answer and the other."""
    one, other = (label.attributes if label else {} for label in (gold, made))
    found = changed_answers(one, other)
    if gold and made and isinstance(gold.geometry, Track) and isinstance(made.geometry, Track):
        for frame in sorted({*gold.geometry.keyframes, *made.geometry.keyframes}):
            here, there = gold.geometry.at(frame), made.geometry.at(frame)
            if here is not None and there is not None:
                found = changed_answers(here.attributes, there.attributes) | found
    return found


def _how(layer: Layer, rules: QualityRules) -> dict[str, str]:
    """Return by label what was done to it, of those that are not where they should be."""
    found: dict[str, str] = {}
    loose = [one for one in layer.matches if one.similarity < rules.low_overlap_threshold]
    gold = [one.reference for one in loose if one.reference]
    made = [one.label for one in loose if one.label]
    divided, gold, made = parted(gold, made, "split")
    joined, _, _ = parted(made, gold, "merged")
    for change in (*divided, *joined):
        found |= dict.fromkeys((*change.before, *change.after), change.kind)
    for match in loose:
        if match.reference and match.label and match.reference.id not in found:
            changed = how_changed(match.reference.geometry, match.label.geometry)
            if changed is not None:
                found.setdefault(match.reference.id, changed[0])
    return found


def _covered(labels: Sequence[Annotation], least: float) -> Iterator[tuple[Annotation, float]]:
    some = [one for one in labels if has_area(one)]
    regions = [region_of(one.geometry) for one in some]
    for one, whole, left in zip(some, areas(regions), areas(visible(regions)), strict=True):
        if whole > 0 and left / whole < least:
            yield one, float(left / whole)


def _torn(compared: Compared, least: float) -> Iterator[tuple[Layer, Match, float]]:
    """Yield matches whose groups are not the same: what belongs together has one track id."""
    own: dict[str, set[str]] = defaultdict(set)
    theirs: dict[str, set[str]] = defaultdict(set)
    matches = [(layer, one) for layer in compared.layers for one in layer.matches]
    for _, one in matches:
        for side, label in ((own, one.reference), (theirs, one.label)):
            if label is not None:
                side[label.track_id or label.id].add(label.id)
    partner = {one.reference.id: one.label.id for _, one in matches if one.reference and one.label}
    for layer, one in matches:
        if one.reference is None or one.label is None:
            continue
        group = own[one.reference.track_id or one.reference.id]
        other = theirs[one.label.track_id or one.label.id]
        if len(group) == 1 and len(other) == 1:
            continue
        shared = sum(partner.get(name) in other for name in group)
        share = shared / (len(group) + len(other) - shared)
        if share < least:
            yield layer, one, share
