"""The order of slices: that of space, never that of file names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from labelwidgets.media.dicom.phases import phases_of
from labelwidgets.media.dicom.planes import (
    alike,
    clusters,
    cosines_of,
    heights_of,
    is_placed,
    levels,
    normal_of,
)
from labelwidgets.media.dicom.slice_header import SliceHeader

By = Literal["position", "instance", "file"]


class Order(NamedTuple):
    """How slices are sorted.

    Parameters
    ----------
    indices
        The slices, in their order.
    by
        What they were sorted by: where they lie, their instance numbers, or the order in which
        they were given.
    repeated
        Those at whose place another slice lies, with nothing that tells them apart.
    orientations
        In how many ways they face.
    phases
        What the stacks are called that lie at the same places, behind each other.
    """

    indices: list[int]
    by: By
    repeated: list[int]
    orientations: int = 1
    phases: tuple[str, ...] = ("",)


def in_order(headers: Sequence[SliceHeader]) -> Order:
    """Return the order of slices along the normal of their planes, row times column.

    Slices at the same places follow each other phase by phase. Where some have no place, or all
    have the same one, they go by their instance numbers; where those are missing or repeat, as
    they are given, which is the natural order of their files.

    Parameters
    ----------
    headers
        Of slices, as they are given.
    """
    given = by_number(headers)
    if not headers or not all(map(is_placed, headers)):
        return given
    cosines = [cosines_of(header) for header in headers]
    groups = np.array(clusters(cosines, alike))
    count = int(groups.max()) + 1
    if is_fan(count, len(headers)):
        return given._replace(orientations=count)
    indices: list[int] = []
    repeated: list[int] = []
    names: tuple[str, ...] = ()
    for group in range(count):
        members = [index for index in given.indices if groups[index] == group]
        some = [headers[index] for index in members]
        heights = heights_of(some, normal_of(some[0]))
        if count == 1 and len(some) > 1 and levels(heights).max() == 0:
            # A movement, seen at one place.
            return given
        phases = phases_of(some, levels(heights))
        # Behind the slice whose place they share.
        shown = np.where(phases.numbers < 0, 0, phases.numbers)
        indices += [members[at] for at in np.lexsort((heights, shown))]
        repeated += [members[at] for at in np.flatnonzero(phases.numbers < 0)]
        names += tuple(phases.names)
    return Order(indices, "position", repeated, count, names)


def is_fan(orientations: int, slices: int) -> bool:
    """Say whether slices lie around an axis, as radial scans do: no stack, nor several."""
    return orientations > 4 and orientations * 2 > slices


def by_number(headers: Sequence[SliceHeader]) -> Order:
    """Return the order of instance numbers, or as given where they are missing or repeat."""
    numbers = [header.instance_number for header in headers]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers) or len(set(known)) < len(known):
        return Order(list(range(len(headers))), "file", [])
    return Order(sorted(range(len(known)), key=known.__getitem__), "instance", [])
