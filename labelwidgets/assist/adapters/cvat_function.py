"""Auto-annotation functions of CVAT, as they are: objects or modules with `spec` and `detect`.

The protocol is that of CVAT's SDK (docs.cvat.ai, Auto-annotation API), which is not needed here: a
function is known by what it has, and its shapes by their fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from labelwidgets.assist.adapters.pictures import as_picture
from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.results import Proposed
from labelwidgets.errors import AssistantError, LabelwidgetsError
from labelwidgets.numbered import numbered
from labelwidgets.schema.geometry import (
    RLE,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
)


class CvatContext(NamedTuple):
    """What a function of CVAT is told of a picture."""

    frame_name: str
    conf_threshold: float | None
    conv_mask_to_poly: bool = False


class CvatPredictor(Wrapped):
    """An auto-annotation function of CVAT.

    Its labels are matched by their name; `classes` may say what each is. Shapes have the
    confidence that CVAT knows as their score.

    Parameters
    ----------
    function
        Whatever has `spec` (with labels) and `detect(context, image)`.
    """

    def __init__(self, function: Any) -> None:
        self.function = function
        self.name = named_after(function)
        where = f"assistant {self.name!r}"
        try:
            self.names = {int(label.id): str(label.name) for label in function.spec.labels}
            self._parts = {
                int(label.id): [int(part.id) for part in getattr(label, "sublabels", None) or ()]
                for label in function.spec.labels
            }
        except (AttributeError, TypeError, ValueError) as error:
            raise AssistantError(
                f"has a spec that cannot be read: {error}.",
                where=where,
                hint="Its spec needs labels, each with an id and a name.",
            ) from None

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the function detects."""
        told = CvatContext(context.title, context.threshold or None)
        found = self.function.detect(told, as_picture(pixels))
        if not isinstance(found, Sequence) or isinstance(found, str | bytes):
            raise AssistantError(f"detected {type(found).__name__}, not a list of shapes.")
        made = []
        for number, one in enumerate(found):
            try:
                made.append(self._read(one, pixels.shape[:2]))
            except (LabelwidgetsError, AttributeError, TypeError, ValueError) as error:
                said = getattr(error, "message", None) or f"{error}."
                raise AssistantError(
                    f"detected what is no shape: {said}", where=f"shape {number}"
                ) from error
        return made

    def _read(self, shape: Any, size: tuple[int, int]) -> Answer:
        label = int(_field(shape, "label_id"))
        if label not in self.names:
            raise AssistantError(f"has the label {label}, which its spec has not.")
        score = _field(shape, "score", None)
        kind = _field(shape, "type", None)
        geometry: Geometry = (
            Tag() if kind is None else self._geometry(str(kind), shape, label, size)
        )
        return Proposed(geometry, self.names[label], None if score is None else float(score))

    def _geometry(self, kind: str, shape: Any, label: int, size: tuple[int, int]) -> Geometry:
        if kind == "skeleton":
            return self._skeleton(shape, label)
        points = [float(value) for value in _field(shape, "points")]
        angle = float(_field(shape, "rotation", None) or 0.0)
        if kind == "mask":
            return _mask(points, size)
        pairs = list(zip(points[::2], points[1::2], strict=True))
        if kind == "rectangle":
            (left, top), (right, foot) = pairs
            return Rectangle(left, top, right - left, foot - top, angle)
        if kind == "ellipse":
            (x, y), (right, top) = pairs
            return Ellipse(x, y, right - x, y - top, angle)
        if kind == "polygon":
            return Polygon([[pairs]])
        if kind == "polyline":
            return Polyline(pairs)
        if kind == "points" and len(pairs) == 1:
            return Point(*pairs[0])
        raise AssistantError(
            f"is a {kind} of {numbered(len(pairs), 'point')}, which nothing here is."
        )

    def _skeleton(self, shape: Any, label: int) -> Keypoints:
        """Return a skeleton with its joints in the order of the spec; those left out are unseen."""
        found = {}
        for part in _field(shape, "elements"):
            x, y = (float(value) for value in _field(part, "points"))
            state = (
                0 if _field(part, "outside", False) else 1 if _field(part, "occluded", False) else 2
            )
            found[int(_field(part, "label_id"))] = (x, y, state)
        order = self._parts[label] or sorted(found)
        if not set(found) <= set(order):
            raise AssistantError("has a joint that its label has not.")
        return Keypoints([found.get(part, (0.0, 0.0, 0)) for part in order])


def _mask(points: list[float], size: tuple[int, int]) -> Mask:
    """Return a mask of CVAT's: runs along the rows of a box, then the box, both ends included."""
    from labelwidgets.algorithms import encode_rle

    *runs, left, top, right, foot = (int(value) for value in points)
    width, height = right - left + 1, foot - top + 1
    if not 0 <= left <= right < size[1] or not 0 <= top <= foot < size[0]:
        raise AssistantError(
            f"is a mask from {left}, {top} to {right}, {foot}, not on the picture."
        )
    if any(run < 0 for run in runs) or sum(runs) != width * height:
        raise AssistantError(f"is a mask of {sum(runs)} pixels in a box of {width * height}.")
    part = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)
    mask = np.zeros(size, bool)
    mask[top : foot + 1, left : right + 1] = part
    return Mask(RLE(**encode_rle(mask)))


_NEEDED = object()


def _field(shape: Any, name: str, default: Any = _NEEDED) -> Any:
    """Return a field of a shape, which may be a dict."""
    found = shape.get(name, default) if isinstance(shape, dict) else getattr(shape, name, default)
    if found is _NEEDED:
        raise AssistantError(f"has no {name}.")
    return found


def fits(model: Any) -> bool:
    """Say whether it has what auto-annotation functions have."""
    return hasattr(model, "spec") and callable(getattr(model, "detect", None))


ADAPTER = CvatPredictor
