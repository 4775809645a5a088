"""What an answer is read with: the size of the picture, the classes, and the limits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.box_masks import BoxMask
from labelwidgets.assist.class_names import ClassNames
from labelwidgets.assist.context import Context
from labelwidgets.assist.results import MOST_SHAPES, Proposed, checked_mask, fitted
from labelwidgets.errors import AssistantError, GeometryError, LimitError
from labelwidgets.schema.attributes import Dropdown, Radio
from labelwidgets.schema.geometry import (
    RLE,
    Geometry,
    Keypoints,
    Polygon,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.schema.validity import check_geometry, check_joints

Read = Callable[[Any, "Reading"], "list[Proposed] | None"]
# What masks can become, by what a class is drawn with.
_FITTED = ("mask", "polygon", "rectangle")
MOST_VERTICES = 5_000_000
"""Of all shapes of one answer."""
MOST_MENDED = 5_000
"""Points of an outline that crosses itself and is put right: there may be millions of crossings."""
MOST_CORNERS = 50_000
"""Of one shape: where edges cross is sought among all of them, and nobody could edit more."""

SLACK = 1e-3
"""Of a confidence beyond 0 and 1: sums of float32 come out a little above."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is read with.

    Parameters
    ----------
    shape
        (H, W) of the picture, or (slices, rows, columns) of the scan.
    names
        What the model calls its classes.
    context
        What the model was told.
    coarseness
        Outlines of masks are thinned to within this many pixels.
    masks_as
        What masks become whatever their class: ``mask``, ``polygon`` or ``rectangle``; None for
        what the class is drawn with.
    most
        Shapes that an answer may have.
    grey
        Whether the pixels of the picture were (H, W), without an axis of colours.
    """

    shape: tuple[int, ...]
    names: ClassNames
    context: Context
    coarseness: float = 1.0
    masks_as: str | None = None
    most: int = MOST_SHAPES
    grey: bool = False

    @property
    def volume(self) -> bool:
        """Whether it is about a scan."""
        return len(self.shape) == 3

    @property
    def known(self) -> list[str] | None:
        """Classes that may be labelled, None for any."""
        return None if self.context.ontology is None else self.context.classes

    def class_of(self, said: Any) -> str | None:
        """Return the class that is meant, None for what is to be left out; see `ClassNames`."""
        return self.names.find(said, self.known)

    def default_class(self) -> str | None:
        """Return the class of a shape of which the model says none, None where nothing says it.

        That is the only one that the model has, else the one that is selected, else the only one
        there is.
        """
        only = self.names.only
        if only is not None:
            return self.class_of(only)
        if self.context.class_name is not None:
            return self.context.class_name
        known = self.known
        return known[0] if known is not None and len(known) == 1 else None

    def confidence_of(self, said: Any) -> float | None:
        """Return a confidence, checked.

        Raises
        ------
        AssistantError
            If it is not from 0 to 1.
        """
        if said is None:
            return None
        try:
            number = float(said)
        except (TypeError, ValueError):
            number = math.nan
        if not -SLACK <= number <= 1 + SLACK:
            raise AssistantError(f"answered with the confidence {said!r:.40}, not 0 to 1.")
        return min(max(number, 0.0), 1.0)

    def enough(self, confidence: float | None) -> bool:
        """Say whether something is sure enough to be proposed."""
        return confidence is None or confidence >= self.context.threshold

    def check_count(self, count: int) -> None:
        """Raise unless an answer may have so many shapes."""
        if count > self.most:
            raise AssistantError(
                f"answered with {count} shapes or more, at most {self.most} are allowed.",
                hint="Let it keep the surest ones.",
            )

    def of_mask(
        self, mask: npt.NDArray[Any], class_name: str | None, confidence: float | None = None
    ) -> list[Proposed]:
        """Return a mask as what its class is drawn with; [] where nothing is set."""
        made = self._fitted(checked_mask(mask, self.shape), class_name)
        return [] if made is None else [Proposed(made, class_name, confidence)]

    def _fitted(self, mask: npt.NDArray[np.bool_], class_name: str | None) -> Geometry | None:
        if self.volume:
            codes = BoxMask(mask).codes((self.shape[1], self.shape[2]))
            return VolumeMask({k: RLE(**code) for k, code in codes.items()}) if codes else None
        wanted = self.masks_as
        if wanted is None:
            drawn = self.context.object_class(class_name)
            wanted = drawn.tool if drawn is not None and drawn.tool in _FITTED else "mask"
        return fitted(mask, wanted, self.coarseness)

    def of_geometry(
        self, geometry: Geometry, class_name: str | None, confidence: float | None = None
    ) -> list[Proposed]:
        """Return a shape that fits the picture; one that sticks out a little is cut off there.

        Raises
        ------
        AssistantError
            If it is of another size, or nowhere on the picture.
        """
        if isinstance(geometry, Tag):
            return [Proposed(geometry, class_name, confidence)]
        if isinstance(geometry, Track | Interval):
            raise AssistantError(f"answered with a {geometry.type}, and was shown one picture.")
        if self.volume != isinstance(geometry, VolumeMask):
            what = "a scan" if self.volume else "a picture"
            raise AssistantError(f"answered with a {geometry.type}, and was shown {what}.")
        if vertices(geometry) > MOST_CORNERS:
            raise AssistantError(
                f"answered with a {geometry.type} of {vertices(geometry)} points, "
                f"at most {MOST_CORNERS} are taken.",
                hint="Let it thin them out, or answer with masks.",
            )
        height, width = self.shape[-2:]
        try:
            if isinstance(geometry, VolumeMask):
                last = max(geometry.slices, default=-1)
                if last >= self.shape[0]:
                    raise GeometryError(f"has slice {last}, the scan has {self.shape[0]}.")
                if not geometry.slices:
                    return []
            made = _cut(geometry, width, height)
            drawn = self.context.object_class(class_name)
            if isinstance(made, Keypoints) and drawn is not None:
                check_joints(made, drawn)
            check_geometry(made, (width, height))
        except (GeometryError, LimitError) as error:
            made = _mended(geometry, (width, height), error)
        return [Proposed(made, class_name, confidence)]

    def of_label(self, said: Any, confidence: float | None) -> list[Proposed]:
        """Return a word about the picture as a whole: a tag, or the answer to a question.

        Raises
        ------
        AssistantError
            If it is neither a class nor the answer to just one question.
        """
        ontology = self.context.ontology
        names = self.names
        if ontology is None:
            name = names.find(said, None)
            return [] if name is None else [Proposed(Tag(), name, confidence)]
        questions = {
            option: [
                made.name
                for made in ontology.image_attributes
                if isinstance(made, Dropdown | Radio) and option in made.options
            ]
            for made in ontology.image_attributes
            if isinstance(made, Dropdown | Radio)
            for option in made.options
        }
        name = names.find(said, [*self.context.classes, *questions])
        if name is None:
            return []
        if name in self.context.classes:
            return [Proposed(Tag(), name, confidence)]
        asked = questions[name]
        if len(asked) > 1:
            raise AssistantError(
                f"answered with {name[:60]!r}, which answers {' and '.join(asked)[:200]}.",
                hint='Return {"attributes": {question: answer}}.',
            )
        return [Proposed(Tag(), None, confidence, {asked[0]: name})]


def _cut(geometry: Geometry, width: int, height: int) -> Geometry:
    """Return an upright box as far as it lies on the picture; other shapes as they are.

    Detectors put their boxes a little outside.
    """
    if not isinstance(geometry, Rectangle) or geometry.angle:
        return geometry
    left, top = max(0.0, geometry.x), max(0.0, geometry.y)
    right = min(float(width), geometry.x + geometry.width)
    foot = min(float(height), geometry.y + geometry.height)
    if right <= left or foot <= top:
        return geometry
    return Rectangle(left, top, right - left, foot - top)


def _mended(geometry: Geometry, size: tuple[int, int], error: Exception) -> Geometry:
    """Return an outline as far as it is on the picture, its edges not crossing any more."""
    from labelwidgets.algorithms import intersect_polygons

    said = getattr(error, "message", str(error))
    if isinstance(geometry, Polygon) and vertices(geometry) <= MOST_MENDED:
        width, height = size
        whole = [[(0, 0), (width, 0), (width, height), (0, height)]]
        parts = intersect_polygons([geometry.parts, whole])
        if parts:
            made = Polygon(cast("list[Any]", parts))
            try:
                check_geometry(made, size)
            except GeometryError as still:
                said = still.message
            else:
                return made
    raise AssistantError(f"answered with a {geometry.type} that {said}") from None


def vertices(geometry: Geometry) -> int:
    """Return how many points a shape has."""
    if isinstance(geometry, Polygon):
        return sum(len(ring) for part in geometry.parts for ring in part)
    return len(getattr(geometry, "points", ()))
