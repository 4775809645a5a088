"""Average precision and recall of classes, as COCO's evaluation has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.average_precision import RECALLS, precision_over_recall
from labelwidgets.algorithms.detection_matching import match_detections
from labelwidgets.workflow.detections import Floats, IouType, Thing

Bits: TypeAlias = NDArray[np.bool_]

THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10)
SIZES = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""Ranges of areas in square pixels, both ends included."""


class _Part(NamedTuple):
    """The detections of one class in one picture."""

    scores: Floats
    right: Bits
    ignored: Bits
    places: list[int]


class Precisions:
    """Collects pictures, and says how precise the detections of each class are.

    Parameters
    ----------
    iou_type
        Of ``keypoints`` there are no small objects.
    max_dets
        How many detections of a class and picture count at most, rising.
    """

    def __init__(self, iou_type: IouType, max_dets: Sequence[int]) -> None:
        self.max_dets = tuple(max_dets)
        self.sizes = [name for name in SIZES if iou_type != "keypoints" or name != "small"]
        self._ends = np.array([SIZES[name] for name in self.sizes])
        self._parts: dict[str, list[_Part]] = defaultdict(list)
        self._objects: dict[str, NDArray[np.int64]] = {}
        self._keypoints = iou_type == "keypoints"

    def add(
        self,
        name: str,
        detections: Sequence[Thing],
        objects: Sequence[Thing],
        alike: Floats,
        places: Sequence[int],
    ) -> None:
        """Take in the detections and the objects of one class in one picture.

        Parameters
        ----------
        name
            The class.
        detections, objects
            In the order of their files.
        alike
            (D, G) how far they overlap.
        places
            Numbers of the detections, to find them again.
        """
        order = np.argsort([-one.score for one in detections], kind="stable")[: self.max_dets[-1]]
        sizes = np.array([one.area for one in objects])
        spared = np.array([one.ignored for one in objects], bool)
        ignored = spared | self._out(sizes)
        outside = self._out(np.array([detections[at].area for at in order]))
        crowd = np.array([one.crowd for one in objects], bool)
        found = match_detections(alike[order], THRESHOLDS, ignored, crowd, outside)
        self._objects[name] = self._objects.get(name, 0) + (~ignored).sum(axis=1)
        scores = np.array([detections[at].score for at in order], np.float64)
        numbers = [places[at] for at in order]
        self._parts[name].append(_Part(scores, found.partner >= 0, found.ignored, numbers))

    def _out(self, areas: Floats) -> Bits:
        made: Bits = (areas < self._ends[:, :1]) | (areas > self._ends[:, 1:])
        return made

    def result(self, names: Sequence[str]) -> Result:
        """Return the precisions of classes; NaN of a class that has no object."""
        ranges, count, classes = len(self.sizes), len(THRESHOLDS), len(names)
        shape = (ranges, count, classes)
        precision = np.full((*shape, RECALLS.size), np.nan)
        score = precision.copy()
        recall = np.full((*shape, len(self.max_dets)), np.nan)
        right: dict[int, bool] = {}
        for k, name in enumerate(names):
            parts = self._parts.get(name, [])
            if not parts:
                continue
            scores = np.concatenate([part.scores for part in parts])
            hit = np.concatenate([part.right for part in parts], axis=2)
            spared = np.concatenate([part.ignored for part in parts], axis=2)
            rank = np.concatenate([np.arange(len(part.scores)) for part in parts])
            for number, sure, left in zip(
                (it for part in parts for it in part.places), hit[0, 0], spared[0, 0], strict=True
            ):
                if not left:
                    right[number] = bool(sure)
            for a in range(ranges):
                objects = int(self._objects[name][a])
                if not objects:
                    continue
                for m, most in enumerate(self.max_dets):
                    some = rank < most
                    counted = hit[a][:, some] & ~spared[a][:, some]
                    recall[a, :, k, m] = counted.sum(axis=1) / objects
                curve = precision_over_recall(scores, hit[a], spared[a], objects)
                precision[a, :, k], score[a, :, k] = curve.precision, curve.score
        return Result(
            self.max_dets, self.sizes, list(names), precision, score, recall, right, self._keypoints
        )


class Result(NamedTuple):
    """How precise detections are.

    Parameters
    ----------
    max_dets, sizes, names
        How many count at most, the ranges of areas, and the classes.
    precision, score
        (sizes, thresholds, classes, 101) at each of `RECALLS`; see `precision_over_recall`.
    recall
        (sizes, thresholds, classes, max_dets).
    right
        Whether a detection is right at an IoU of 0.5, by its number, of those that count.
    keypoints
        Whether joints were compared.
    """

    max_dets: tuple[int, ...]
    sizes: list[str]
    names: list[str]
    precision: Floats
    score: Floats
    recall: Floats
    right: dict[int, bool]
    keypoints: bool

    def ap(self, size: str = "all", iou: float | None = None) -> Floats:
        """Return the average precision of each class, over all thresholds or at one."""
        some = self.precision[self.sizes.index(size)]
        return mean(some if iou is None else some[_at(iou)], axes=(0, 2))

    def ar(self, size: str = "all", most: int = -1, iou: float | None = None) -> Floats:
        """Return the average recall of each class; `most` is the place of a limit in `max_dets`."""
        some = self.recall[self.sizes.index(size)][:, :, most]
        return mean(some if iou is None else some[_at(iou)], axes=(0,))

    def metrics(self) -> dict[str, float]:
        """Return the 12 numbers of ``COCOeval.summarize``, of joints the 10, in its order."""
        found = {"AP": self.ap(), "AP50": self.ap(iou=0.5), "AP75": self.ap(iou=0.75)}
        small = self.sizes[1:]
        found |= {f"AP_{size}": self.ap(size) for size in small}
        if self.keypoints:
            found |= {"AR": self.ar(), "AR50": self.ar(iou=0.5), "AR75": self.ar(iou=0.75)}
        else:
            found |= {f"AR{most}": self.ar(most=m) for m, most in enumerate(self.max_dets)}
        found |= {f"AR_{size}": self.ar(size) for size in small}
        return {name: float(mean(values, axes=(0,))) for name, values in found.items()}


def _at(iou: float) -> NDArray[np.int64]:
    return np.flatnonzero(np.isclose(THRESHOLDS, iou))


def mean(values: Floats, axes: tuple[int, ...]) -> Floats:
    """Return the mean of what there is along axes; NaN where there is nothing."""
    known = ~np.isnan(values)
    count = known.sum(axis=axes)
    total = np.where(known, values, 0.0).sum(axis=axes)
    made: Floats = np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)
    return made
