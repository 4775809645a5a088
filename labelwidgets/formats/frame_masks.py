"""The pixels that a shape covers on a frame, as formats of masks have them."""

from __future__ import annotations

from labelwidgets.algorithms.runs import Runs, rle_of, runs_from_mask, runs_of
from labelwidgets.errors import FormatError
from labelwidgets.formats.voxels import area_of
from labelwidgets.schema.geometry import RLE, Ellipse, Geometry, Mask, Polygon, Rectangle

AREAS = (Mask, Polygon, Rectangle, Ellipse)
AREA_KINDS = ("mask", "polygon", "rectangle", "ellipse")


def runs_on_frame(shape: Geometry, size: tuple[int, int]) -> Runs | None:
    """Return what a shape covers, None for one without an area.

    Parameters
    ----------
    shape
        In pixels of the frame.
    size
        (width, height) of the frame.

    Raises
    ------
    FormatError
        If a mask has another size.
    """
    width, height = size
    if isinstance(shape, Mask):
        if shape.rle.size != (height, width):
            raise FormatError(
                f"is {shape.rle.size[1]} x {shape.rle.size[0]} pixels, the frame is "
                f"{width} x {height}.",
                where="geometry",
            )
        return runs_of({"size": list(shape.rle.size), "counts": shape.rle.counts})
    if isinstance(shape, Polygon | Rectangle | Ellipse):
        return runs_from_mask(area_of(shape, (height, width)))
    return None


def mask_of(runs: Runs) -> Mask:
    """Return the mask of what is covered."""
    code = rle_of(runs)
    return Mask(RLE((code["size"][0], code["size"][1]), code["counts"]))
