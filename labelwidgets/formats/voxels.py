"""Labels of a scan as voxels: what of each slice a label covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.masks import BoolMask
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.algorithms.runs import (
    Runs,
    intersect,
    mask_from_runs,
    runs_area,
    runs_from_mask,
    runs_of,
    unite,
)
from labelwidgets.errors import FormatError
from labelwidgets.formats.problems import naming
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    RLE,
    Ellipse,
    Mask,
    Polygon,
    Rectangle,
    VolumeMask,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology

Shape: TypeAlias = tuple[int, int, int]
Slices: TypeAlias = dict[int, Runs]
By: TypeAlias = Literal["classes", "instances"]


@dataclass
class Segment:
    """What is written as one segment, one region of interest or one number.

    Parameters
    ----------
    made
        Its class.
    key
        The class, or what tells the object from others of its class.
    annotations
        The labels that it is made of.
    slices
        What it covers, by slice; slices without any are left out.
    """

    made: ObjectClass
    key: str
    annotations: list[Annotation] = field(default_factory=list)
    slices: Slices = field(default_factory=dict)

    def mask(self, index: int) -> BoolMask:
        """Return what it covers of a slice, (rows, columns)."""
        return mask_from_runs(self.slices[index])


def segments_of(
    annotations: Iterable[Annotation], shape: Shape, ontology: Ontology, by: By = "classes"
) -> tuple[list[Segment], Counter[str]]:
    """Return the segments of a scan, and what is lost of its labels on the way there.

    That are labels that cover no voxels, by kind, and objects that are one with others.

    Parameters
    ----------
    annotations
        Labels of the scan.
    shape
        Its slices, rows and columns.
    ontology
        Segments come in the order of its classes.
    by
        ``classes``: one segment for all labels of a class; ``instances``: one for each object,
        which is a volume mask, a track, or a label on one slice.

    Raises
    ------
    FormatError
        Naming the annotation that lies on no slice or has another size.
    """
    segments: dict[str, Segment] = {}
    dropped: Counter[str] = Counter()
    order = {made.name: number for number, made in enumerate(ontology.classes)}
    for annotation in annotations:
        if annotation.class_name is None:
            continue
        with naming(annotation):
            slices = slices_of(annotation.geometry, annotation.frame, shape)
            made = ontology[annotation.class_name]
        if slices is None:
            dropped[annotation.geometry.type] += 1
            continue
        key = made.name if by == "classes" else annotation.track_id or annotation.id
        segment = segments.setdefault(f"{order[made.name]} {key}", Segment(made, key))
        segment.annotations.append(annotation)
        for index, runs in slices.items():
            before = segment.slices.get(index)
            segment.slices[index] = runs if before is None else unite(before, runs)
    if by == "classes":
        dropped["object (as one with others of its class)"] += sum(
            len({one.track_id or one.id for one in segment.annotations}) - 1
            for segment in segments.values()
        )
    empty = [key for key, segment in segments.items() if not segment.slices]
    for key in empty:
        dropped["empty mask"] += len(segments.pop(key).annotations)
    return sorted(segments.values(), key=lambda one: order[one.made.name]), dropped


def slices_of(geometry: AnyGeometry, frame: int | None, shape: Shape) -> Slices | None:
    """Return what a label covers, by slice; None for what covers nothing by its kind.

    A voxel is covered if its centre lies in the area.

    Parameters
    ----------
    geometry
        The shape, in pixels of a slice.
    frame
        The slice of a shape of one; None is the only slice of a scan of one.
    shape
        Slices, rows and columns of the scan.

    Raises
    ------
    FormatError
        If there is no such slice, or a mask has another size.
    """
    depth, height, width = shape
    size = (height, width)
    if isinstance(geometry, VolumeMask):
        coded: Mapping[int, RLE] = geometry.slices
    elif isinstance(geometry, Mask | Polygon | Rectangle | Ellipse):
        index = 0 if frame is None and depth == 1 else frame
        if index is None:
            raise FormatError("does not say on which slice it is.", where="frame")
        if index >= depth:
            raise FormatError(f"is slice {index}, the scan has {depth}.", where="frame")
        if not isinstance(geometry, Mask):
            runs = runs_from_mask(area_of(geometry, size))
            return {index: runs} if runs.edges.size else {}
        coded = {index: geometry.rle}
    else:
        return None
    slices: Slices = {}
    for index, rle in coded.items():
        if index >= depth:
            raise FormatError(f"has slice {index}, the scan has {depth}.", where="geometry")
        if rle.size != size:
            raise FormatError(
                f"is {rle.size[1]} x {rle.size[0]} pixels, the slice is {width} x {height}.",
                where="geometry",
            )
        runs = runs_of({"size": list(rle.size), "counts": rle.counts})
        if runs.edges.size:
            slices[index] = runs
    return slices


def area_of(geometry: Polygon | Rectangle | Ellipse, size: tuple[int, int]) -> BoolMask:
    """Return the pixels, (height, width), whose centres lie in a shape."""
    if isinstance(geometry, Polygon):
        return polygon_to_mask(geometry.parts, size)
    if isinstance(geometry, Rectangle):
        return polygon_to_mask([[geometry.corners]], size)
    mask = np.zeros(size, bool)
    # Only around it, with a pixel more on each side, as bounds are rounded.
    left, top, breadth, depth = geometry.bounds
    columns = np.arange(max(0, int(left) - 1), min(size[1], int(left + breadth) + 2))
    rows = np.arange(max(0, int(top) - 1), min(size[0], int(top + depth) + 2))
    if columns.size and rows.size:
        x = columns + 0.5 - geometry.x
        y = (rows + 0.5 - geometry.y)[:, None]
        turn = np.radians(geometry.angle)
        along = (x * np.cos(turn) + y * np.sin(turn)) / geometry.rx
        across = (y * np.cos(turn) - x * np.sin(turn)) / geometry.ry
        mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = along**2 + across**2 <= 1
    return mask


def volume_mask(slices: Mapping[int, Runs]) -> VolumeMask:
    """Return the label of what is covered by slice."""
    from labelwidgets.algorithms.runs import rle_of

    coded = {index: rle_of(runs) for index, runs in sorted(slices.items()) if runs.edges.size}
    return VolumeMask(
        {
            index: RLE((rle["size"][0], rle["size"][1]), rle["counts"])
            for index, rle in coded.items()
        }
    )


def label_map(
    segments: Sequence[Segment], numbers: Sequence[int], shape: Shape
) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Return one number a voxel, (slices, rows, columns): uint8, or uint16 beyond 255.

    Where several segments are, the last one is kept; see `overlapping`.

    Parameters
    ----------
    segments
        What is where.
    numbers
        The number of each of them; 0 is none.
    shape
        Slices, rows and columns.

    Raises
    ------
    FormatError
        If a number is greater than 65,535.
    """
    most = max(numbers, default=0)
    if most > 65_535:
        raise FormatError(f"has {most} numbers, at most 65535 fit.", where="labels")
    made = np.zeros(shape, np.uint8 if most < 256 else np.uint16)
    for number, segment in zip(numbers, segments, strict=True):
        for index in segment.slices:
            made[index][segment.mask(index)] = number
    return made


def overlapping(segments: Sequence[Segment]) -> int:
    """Return in how many voxels there is more than one segment."""
    together: Slices = {}
    twice: Slices = {}
    for segment in segments:
        for index, runs in segment.slices.items():
            before = together.get(index)
            if before is None:
                together[index] = runs
                continue
            both = intersect(before, runs)
            if both.edges.size:
                twice[index] = unite(twice[index], both) if index in twice else both
            together[index] = unite(before, runs)
    return sum(map(runs_area, twice.values()))
