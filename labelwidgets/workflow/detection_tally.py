"""Predictions and labels, picture by picture: which means which, and how sure it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.workflow.average_precisions import Precisions, Result
from labelwidgets.workflow.detections import (
    Floats,
    IouType,
    Thing,
    on_pictures,
    overlaps,
    picture_size,
    reason_against,
    spares,
    thing_of,
)
from labelwidgets.workflow.pairing import pair
from labelwidgets.workflow.similarity import SizeOf


class Settings(NamedTuple):
    """How predictions are measured; see `evaluate`."""

    iou_type: IouType
    max_dets: tuple[int, ...]
    iou_threshold: float
    score_threshold: float
    sigmas: Floats | None


class Picture(NamedTuple):
    """What is on one picture."""

    item: str
    frame: int | None
    truth: list[Annotation]
    predictions: list[Annotation]


class Tally:
    """What predictions and labels come to, while pictures are gone through.

    Parameters
    ----------
    settings
        How they are measured.

    Attributes
    ----------
    rows
        Of each pair, and of what is without a partner: item, (nothing), frame, class, id and score
        of the prediction, class and id of the label, how alike they are, and the outcome.
    scored
        The score and class of each prediction, in the order in which they came.
    counts
        How many predictions there are of each class, and labels to be found.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._precisions = Precisions(settings.iou_type, settings.max_dets)
        self.rows: list[tuple[Any, ...]] = []
        self.scored: list[tuple[float, str]] = []
        self.counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def result(self) -> Result:
        """Return the average precisions of all pictures."""
        return self._precisions.result(sorted(self.counts))

    def add(self, picture: Picture, crowd: frozenset[str], size_of: SizeOf | None) -> None:
        """Measure what is on a picture.

        Parameters
        ----------
        picture
            With its predictions and labels.
        crowd
            Ids of labels that are crowds, besides those that say so.
        size_of
            Returns the size of a picture by its item; see `evaluate`.
        """
        kind = self._settings.iou_type
        size = (
            picture_size([*picture.truth, *picture.predictions], size_of)
            if kind == "segm"
            else (0, 0)
        )
        objects = [thing_of(it, kind, size, True, it.id in crowd) for it in picture.truth]
        found = [thing_of(it, kind, size, False) for it in picture.predictions]
        alike = overlaps(found, objects, kind, self._settings.sigmas)
        start = len(self.scored)
        self.scored += [(one.score, one.label.class_name or "") for one in found]
        rows, columns = _by_class(found), _by_class(objects)
        for name in {**columns, **rows}:
            some, many = rows.get(name, []), columns.get(name, [])
            self._precisions.add(
                name,
                [found[i] for i in some],
                [objects[j] for j in many],
                alike[np.ix_(some, many)],
                [start + i for i in some],
            )
            self.counts[name][0] += len(some)
            self.counts[name][1] += sum(not objects[j].ignored for j in many)
        self._pair(picture, found, objects, alike)

    def _pair(
        self,
        picture: Picture,
        found: Sequence[Thing],
        objects: Sequence[Thing],
        alike: Floats,
    ) -> None:
        """Note what means what, and what is ignored."""
        sure = [i for i, one in enumerate(found) if one.score >= self._settings.score_threshold]
        wanted = [j for j, one in enumerate(objects) if not one.ignored]
        spared = [j for j, one in enumerate(objects) if one.ignored]
        best = pair(
            alike[np.ix_(sure, wanted)].T,
            [objects[j].label.class_name for j in wanted],
            [found[i].label.class_name for i in sure],
            self._settings.iou_threshold,
        )
        rows: list[tuple[Thing | None, Thing | None, float, str]] = []
        for at, by, near in best.pairs:
            one, other = found[sure[by]], objects[wanted[at]]
            same = one.label.class_name == other.label.class_name
            rows.append((one, other, near, "tp" if same else "mismatching"))
        rows += [(None, objects[wanted[at]], 0.0, "fn") for at in best.missing]
        for by in best.extra:
            one = found[sure[by]]
            near, j = max(
                (
                    (float(alike[sure[by], j]), j)
                    for j in spared
                    if objects[j].label.class_name == one.label.class_name
                ),
                default=(0.0, -1),
            )
            if j >= 0 and near >= self._settings.iou_threshold and near > 0:
                rows.append((one, objects[j], near, "ignored"))
            else:
                rows.append((one, None, 0.0, "fp"))
        for made, truth, near, outcome in rows:
            self.rows.append(
                (
                    picture.item,
                    None,
                    picture.frame,
                    made.label.class_name if made else None,
                    made.label.id if made else None,
                    made.score if made else np.nan,
                    truth.label.class_name if truth else None,
                    truth.label.id if truth else None,
                    near,
                    outcome,
                )
            )


def pictures_of(
    predictions: Sequence[Annotation],
    truth: Sequence[Annotation],
    asked: Sequence[str] | None,
    iou_type: IouType,
) -> tuple[list[Picture], list[tuple[Any, ...]]]:
    """Return what is on each picture, in the order of the items, and what cannot be compared."""
    known = None if asked is None else dict.fromkeys(asked)
    found: dict[str, dict[int | None, Picture]] = {item: {} for item in known or ()}
    left_out: list[tuple[Any, ...]] = []
    jointed = {
        one.class_name for one in (*predictions, *truth) if isinstance(one.geometry, Keypoints)
    }
    for side, labels in (("truth", truth), ("predictions", predictions)):
        for one in on_pictures(labels):
            if known is not None and one.item_id not in known:
                continue
            here = found.setdefault(one.item_id, {})
            reason = reason_against(one, iou_type)
            if reason is not None and iou_type == "keypoints" and side == "truth":
                reason = None if one.class_name in jointed and spares(one) else reason
            if reason is not None:
                # The answers about an image as a whole are no label.
                if one.class_name is not None:
                    left_out.append((one.item_id, one.id, one.class_name, side, reason))
                continue
            made = here.setdefault(one.frame, Picture(one.item_id, one.frame, [], []))
            (made.truth if side == "truth" else made.predictions).append(one)
    frames = [sorted(here.items(), key=lambda one: one[0] or 0) for here in found.values()]
    return [picture for here in frames for _, picture in here], left_out


def _by_class(things: Sequence[Thing]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, one in enumerate(things):
        found.setdefault(one.label.class_name or "", []).append(place)
    return found
