"""What a tool may return, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms import encode_rle, mask_to_polygons, simplify_polygon
from labelwidgets.algorithms.box_masks import BoxMask
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.errors import LabelwidgetsError, ToolError
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import RLE, Geometry, Mask, Polygon, Rectangle, Tag, VolumeMask
from labelwidgets.schema.tracks import Interval, Track

MOST_SHAPES = 10_000
# Of a polygon that a mask is turned into.
MOST_RINGS = 5_000
ARRAY_TYPES = ("uint8", "uint16", "int16", "uint32", "int32", "float32", "float64")


class Proposed(msgspec.Struct, frozen=True):
    """One shape that a tool proposes, with its answers; of the image as a whole, a `Tag`."""

    geometry: Geometry
    class_name: str | None = None
    confidence: float | None = None
    attributes: dict[str, AttributeValue] = {}


class Mark(msgspec.Struct, frozen=True):
    """A frame of a video that a person should look at, and why."""

    frame: int
    words: str = ""


class Proposal(msgspec.Struct, frozen=True):
    """What a tool came to, checked.

    Parameters
    ----------
    shapes
        What it proposes.
    arrays
        Numbers for the browser's half of a built-in tool, by name.
    note
        Something worth saying, such as why nothing was found.
    marks
        Frames of a video to look at, in their order.
    tool, version, parameters
        Which tool it was, and all its settings.
    """

    shapes: list[Proposed] = []
    arrays: dict[str, npt.NDArray[Any]] = {}
    note: str | None = None
    marks: list[Mark] = []
    tool: str = ""
    version: str = ""
    parameters: dict[str, Any] = {}

    def of(self, tool: str, version: str, parameters: Mapping[str, Any]) -> Proposal:
        """Return the same, with who made it."""
        return msgspec.structs.replace(
            self, tool=tool, version=version, parameters=dict(parameters)
        )


def read_result(
    result: Any, shape: tuple[int, ...], geometry: str = "mask", coarseness: float = 0.0
) -> Proposal:
    """Return what a tool returned, as shapes of a geometry.

    Parameters
    ----------
    result
        A mask, a shape, a list of either, a `Proposal`, or None.
    shape
        (H, W) of the image.
    geometry
        What masks are turned into.
    coarseness
        Outlines are thinned to within this many pixels.

    Raises
    ------
    ToolError
        If it is anything else, or does not fit the image.
    """
    return _read(result, shape, lambda entry: _shape(entry, shape, geometry, coarseness))


def read_volume_result(result: Any, shape: tuple[int, int, int]) -> Proposal:
    """Return what a tool returned for a scan, as masks through its slices.

    Parameters
    ----------
    result
        A mask (slices, rows, columns), a `BoxMask`, a `VolumeMask`, a list of these, a
        `Proposal`, or None.
    shape
        Of the scan.

    Raises
    ------
    ToolError
        If it is anything else, or does not fit the scan.
    """
    return _read(result, shape, lambda entry: _volume_shape(entry, shape))


def read_film_result(
    result: Any, shape: tuple[int, int], count: int, geometry: str = "mask"
) -> Proposal:
    """Return what a tool returned for a video: tracks, intervals, or shapes on the frame shown.

    Parameters
    ----------
    result
        A `Track`, an `Interval`, what `read_result` takes, a list of these, a `Proposal`, or
        None.
    shape
        (H, W) of the frames.
    count
        Number of frames.
    geometry
        What masks are turned into.

    Raises
    ------
    ToolError
        If it is anything else, does not fit the frames, or is on none of them.
    """

    def read(entry: Any) -> Geometry | None:
        return entry if isinstance(entry, Track | Interval) else _shape(entry, shape, geometry, 0)

    made = _read(result, shape, read)
    for number, proposed in enumerate(made.shapes):
        one = proposed.geometry
        last = max(one.keyframes) if isinstance(one, Track) else getattr(one, "last", 0)
        if last >= count:
            raise ToolError(
                f"is on frame {last}, the video has {count}.", where=f"result[{number}]"
            )
    if any(not 0 <= mark.frame < count for mark in made.marks):
        raise ToolError("marks a frame that the video has not.")
    return made


def _read(result: Any, shape: tuple[int, ...], read: Callable[[Any], Geometry | None]) -> Proposal:
    if isinstance(result, Proposal):
        for number, proposed in enumerate(result.shapes):
            mask = proposed.geometry
            if isinstance(mask, Mask) and tuple(mask.rle.size) != tuple(shape[-2:]):
                raise _misfit(tuple(mask.rle.size), shape[-2:]).at(f"shapes[{number}]")
            if isinstance(mask, VolumeMask) and len(shape) == 3:
                _check_slices(mask, shape)
        return result
    if result is None:
        return Proposal(note="Nothing found.")
    several = isinstance(result, Sequence) and not isinstance(result, str | bytes)
    # The length first: a range may have more numbers than memory has room for.
    if several and len(result) > MOST_SHAPES:
        raise ToolError(f"returned {len(result)} shapes, at most {MOST_SHAPES} are allowed.")
    entries = list(result) if several else [result]
    shapes: list[Proposed] = []
    for number, entry in enumerate(entries):
        place = f"result[{number}]" if several else None
        try:
            made = read(entry)
        except LabelwidgetsError as error:
            raise (error.at(place) if place else error) from None
        if made is not None:
            shapes.append(Proposed(made))
    return Proposal(shapes, note=None if shapes else "Nothing found.")


def _shape(entry: Any, shape: tuple[int, ...], geometry: str, coarseness: float) -> Geometry | None:
    if isinstance(entry, Mask):
        if tuple(entry.rle.size) != tuple(shape):
            raise _misfit(tuple(entry.rle.size), shape)
        return entry
    if isinstance(entry, Geometry) and not isinstance(entry, Tag | VolumeMask | Track | Interval):
        return entry
    if isinstance(entry, np.ndarray | np.generic):
        return fitted(checked_mask(entry, shape), geometry, coarseness)
    raise ToolError(
        f"returned {type(entry).__name__}, not a mask or a shape.",
        hint="Return a bool array of the image's height and width, a shape such as "
        "lw.Rectangle, a list of them, or None.",
    )


def _volume_shape(entry: Any, shape: tuple[int, int, int]) -> Geometry | None:
    if isinstance(entry, VolumeMask):
        _check_slices(entry, shape)
        return entry if entry.slices else None
    if isinstance(entry, np.ndarray):
        entry = BoxMask(checked_mask(entry, shape))
    if isinstance(entry, BoxMask):
        if any(stop > size for stop, size in zip(entry.stop, shape, strict=True)):
            raise ToolError(f"returned {entry!r}, the scan has (slices, rows, columns) {shape}.")
        codes = entry.codes(shape[1:])
        return VolumeMask({k: RLE(**code) for k, code in codes.items()}) if codes else None
    raise ToolError(
        f"returned {type(entry).__name__}, not a mask of the scan.",
        hint="Return a bool array (slices, rows, columns), lw.BoxMask, lw.VolumeMask, "
        "a list of them, or None.",
    )


def _check_slices(mask: VolumeMask, shape: tuple[int, ...]) -> None:
    for index, rle in mask.slices.items():
        if index >= shape[0] or tuple(rle.size) != tuple(shape[1:]):
            raise ToolError(
                f"returned a mask with slice {index} of (height, width) {tuple(rle.size)}, "
                f"the scan has (slices, rows, columns) {tuple(shape)}."
            )


def checked_mask(array: Any, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return an array as a mask of the image's size.

    Raises
    ------
    ToolError
        If it has another shape, or values that are neither 0 nor 1 (or 255).
    """
    # The shape first: the array may be larger than memory has room for copies of it.
    if array.shape != tuple(shape):
        raise _misfit(array.shape, shape)
    if array.dtype == bool:
        return np.asarray(array)
    hint = "Return a bool array, such as `values > 0.5`."
    if array.dtype.kind not in "iuf":
        raise ToolError(f"returned an array of {array.dtype}, not a mask.", hint=hint)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ToolError("returned a mask with NaN or infinity in it.", hint=hint)
    high = array.max(initial=0)
    if high not in (0, 1, 255) or not ((array == 0) | (array == high)).all():
        raise ToolError(
            f"returned values from {array.min():g} to {high:g}, not a mask of 0 and 1.", hint=hint
        )
    return np.asarray(array != 0)


def fitted(mask: npt.NDArray[np.bool_], geometry: str, coarseness: float = 0.0) -> Geometry | None:
    """Return a mask as a geometry: itself, its outline, or its box; None where it is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return None
    if geometry == "mask":
        return Mask(RLE(**encode_rle(mask)))
    columns = np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    height, width = int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left
    if geometry == "rectangle":
        return Rectangle(left, top, width, height)
    if geometry == "polygon":
        return _outlined(mask[top : top + height, left : left + width], left, top, coarseness)
    raise ToolError(
        f"found a mask, which cannot become a {geometry}.",
        hint="Choose a class of masks, polygons or rectangles.",
    )


def _outlined(mask: npt.NDArray[np.bool_], left: int, top: int, coarseness: float) -> Polygon:
    """Return the outline of a mask whose first pixel lies at (left, top)."""
    outlines = mask_to_polygons(mask)
    count = sum(len(part) for part in outlines)
    # Specks of noise, of which thinning would take minutes and nobody could edit one.
    if count > MOST_RINGS:
        raise ToolError(
            f"found a mask of {count} pieces and holes, at most {MOST_RINGS} make a polygon.",
            hint="Select less, or choose a class of masks.",
        )
    parts: list[Any] = []
    for outline in outlines:
        checkpoint()
        parts += simplify_polygon([outline], coarseness)
    return Polygon([[[(x + left, y + top) for x, y in ring] for ring in part] for part in parts])


def _misfit(got: tuple[int, ...], shape: tuple[int, ...]) -> ToolError:
    return ToolError(
        f"returned a mask of shape {tuple(int(n) for n in got)}, "
        f"the image has (height, width) {tuple(int(n) for n in shape)}."
    )
