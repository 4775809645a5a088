"""A scan and its labels as arrays, to train with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import By, label_map, overlapping, segments_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset


class LabelledVolume(NamedTuple):
    """A scan and its labels.

    Parameters
    ----------
    values
        (slices, rows, columns), in the unit of the scan (Hounsfield units of a CT); of colour
        scans with a last axis of 3.
    labels
        (slices, rows, columns), uint8 or uint16: 0 is none.
    spacing
        Millimetres from slice to slice, row to row and column to column; None where the files
        do not say.
    classes
        What each number of `labels` is: the class, or with ``by="instances"`` the class of the
        object.
    affine
        (4, 4) from (column, row, slice) to millimetres to the left, back and head (LPS); None
        where the slices are not parallel or lie nowhere.
    overlaps
        Voxels with several labels, of which the class that comes later in the ontology is kept.
    """

    values: npt.NDArray[Any]
    labels: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
    spacing: tuple[float, float, float] | None
    classes: dict[int, str]
    affine: npt.NDArray[np.float64] | None
    overlaps: int


def labelled_volume(
    annotations: Sequence[Annotation],
    item: str,
    dataset: Dataset,
    ontology: Ontology,
    by: By = "classes",
) -> LabelledVolume:
    """Return a scan and its labels.

    Parameters
    ----------
    annotations
        Labels; those of other items are passed over.
    item
        The id of the scan.
    dataset
        Where it is.
    ontology
        Gives classes their numbers, from 1 in its order, the same in all scans.
    by
        ``classes``: a number a class; ``instances``: a number an object.

    Raises
    ------
    FormatError
        If there is no such scan, or a label does not fit it.
    """
    volume = Scans(dataset, "volume").volume(item)
    grid = volume.grid
    own = [made for made in annotations if made.item_id == item]
    segments, _ = segments_of(own, grid.shape, ontology, by)
    numbers = numbers_of(ontology)
    if by == "classes":
        told = [numbers[segment.made.name] for segment in segments]
        classes = {number: name for name, number in numbers.items()}
    else:
        told = list(range(1, len(segments) + 1))
        classes = {number: one.made.name for number, one in enumerate(segments, 1)}
    return LabelledVolume(
        volume.box((0, 0, 0), grid.shape),
        label_map(segments, told, grid.shape),
        grid.spacing,
        classes,
        grid.affine,
        overlapping(segments),
    )


def numbers_of(ontology: Ontology) -> dict[str, int]:
    """Return the number of each class: from 1, in the order of the ontology."""
    return {made.name: number for number, made in enumerate(ontology.classes, 1)}
