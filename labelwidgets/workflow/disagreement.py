"""Where the people who labelled a picture differ: an array, and a picture of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.fusion import pixel_disagreement
from labelwidgets.algorithms.masks import decode_rle
from labelwidgets.algorithms.measuring import ellipse_to_mask
from labelwidgets.algorithms.polygons import polygon_to_mask
from labelwidgets.errors import SchemaError
from labelwidgets.media.encoded import eight_bits, small
from labelwidgets.numbered import numbered
from labelwidgets.schema.geometry import RLE, Cuboid, Ellipse, Mask, Polygon, Rectangle, VolumeMask
from labelwidgets.schema.tracks import Track

if TYPE_CHECKING:
    import pandas as pd

Pixels: TypeAlias = NDArray[Any]

_EDGE = 720
# From where two of many differ to where half of all do: yellow to red, over the picture in grey.
_FAINT = np.array([255.0, 214.0, 10.0])
_STRONG = np.array([214.0, 12.0, 40.0])


@dataclass(frozen=True)
class Disagreement:
    """Where people differ about a picture.

    Attributes
    ----------
    item_id : str
        Which item.
    frame : int or None
        Which frame or slice of it.
    raters : list of str
        Who is compared, by the alphabet.
    values : (H, W) ndarray of float32
        The share of the pairs of raters who differ about the pixel: one says that an object of a
        class is there, the other does not; the class they differ most about counts. 0 where all
        agree.
    picture : ndarray, or None
        What they labelled, (H, W) or (H, W, C).
    """

    item_id: str
    frame: int | None
    raters: list[str]
    values: NDArray[np.float32]
    picture: Pixels | None = None

    @property
    def share(self) -> float:
        """The share of the pixels about which anybody differs."""
        return float((self.values > 0).mean())

    def __repr__(self) -> str:
        return (
            f"Disagreement({self.item_id}, {numbered(len(self.raters), 'rater')}, "
            f"{self.share:.2%} of the pixels)"
        )

    def heat(self) -> NDArray[np.uint8]:
        """Return the picture in grey with the disagreement in yellow to red over it, (H, W, 3)."""
        height, width = self.values.shape
        grey = np.full((height, width, 1), 40.0)
        if self.picture is not None and self.picture.shape[:2] == (height, width):
            shown = eight_bits(self.picture)
            flat = shown[..., :3].mean(axis=2) if shown.ndim == 3 else shown
            grey = flat[..., None] * 0.75
        colour, alpha = _colours(self.values)
        made: NDArray[np.uint8] = (grey * (1 - alpha) + colour * alpha).round().astype(np.uint8)
        return made

    def overlay(self, edge: int = 1024) -> NDArray[np.uint8]:
        """Return the disagreement alone, (h, w, 4) RGBA, to be laid over the picture.

        Parameters
        ----------
        edge
            How many pixels it has at most along either side: of several that become one, the
            most disputed is seen.
        """
        values = self.values
        step = -(-max(values.shape) // edge)
        if step > 1:
            height, width = (-(-side // step) * step for side in values.shape)
            whole = np.zeros((height, width), np.float32)
            whole[: values.shape[0], : values.shape[1]] = values
            values = whole.reshape(height // step, step, width // step, step).max(axis=(1, 3))
        colour, alpha = _colours(values)
        made: NDArray[np.uint8] = np.concatenate([colour, alpha * 255], axis=2)
        return made.round().astype(np.uint8)

    def _repr_jpeg_(self) -> bytes:
        return small(self.heat(), _EDGE).data


def disagreement(
    labels: pd.DataFrame,
    raters: Sequence[str],
    item_id: str,
    size: tuple[int, int],
    frame: int | None = None,
    picture: Pixels | None = None,
) -> Disagreement:
    """Return where people differ about one picture.

    Areas count: boxes, ellipses, polygons, cuboids, masks, of tracks and volume masks what they
    are on the frame. Points, lines and tags cover nothing.

    Parameters
    ----------
    labels
        Of the item, with the columns class_name, geometry, author and frame.
    raters
        Everybody who had it, also who left it empty.
    item_id, frame
        Which picture.
    size
        (height, width) in pixels.
    picture
        To draw it over.

    Raises
    ------
    SchemaError
        If less than two people had it.
    """
    names = sorted(set(raters))
    if len(names) < 2:
        raise SchemaError(
            f"was labelled by {'one person' if names else 'nobody'}, two are needed to differ.",
            where=f"item {item_id}",
        )
    places = {name: number for number, name in enumerate(names)}
    values = np.zeros(size, np.float32)
    drawn = labels[labels["class_name"].notna()]
    for _, some in drawn.groupby("class_name"):
        covers = np.zeros((len(names), *size), bool)
        for row in some[["geometry", "author", "frame"]].to_dict("records"):
            if str(row["author"]) in places:
                cover(row["geometry"], _whole(row["frame"]), frame, covers[places[row["author"]]])
        if covers.any():
            np.maximum(values, pixel_disagreement(covers), out=values)
    return Disagreement(item_id, frame, names, values, picture)


def _colours(values: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the colours of values, and how much they cover of what is below, from 0 to 1."""
    part = (values / (float(values.max(initial=0)) or 1.0))[..., None]
    colour = _FAINT + (_STRONG - _FAINT) * part
    return colour, np.where(part > 0, 0.35 + 0.5 * part, 0.0)


def cover(shape: Any, own: int | None, frame: int | None, mask: NDArray[np.bool_]) -> None:
    """Set the pixels that a shape covers on a frame; a shape on another frame covers none.

    Parameters
    ----------
    shape
        Of any kind.
    own
        The frame that it is on, None for a track or a single picture.
    frame
        The frame that is looked at.
    mask
        (H, W), changed.
    """
    size = mask.shape[0], mask.shape[1]
    if isinstance(shape, Track):
        sight = shape.at(frame or 0)
        if sight is None:
            return
        shape = sight.geometry
    elif isinstance(shape, VolumeMask):
        if (frame or 0) not in shape.slices:
            return
        shape = Mask(shape.slices[frame or 0])
    elif own is not None and frame is not None and own != frame:
        return
    match shape:
        case Mask(rle=RLE(size=given)) if tuple(given) == size:
            mask |= decode_rle({"size": shape.rle.size, "counts": shape.rle.counts})
        case Rectangle():
            mask |= polygon_to_mask([shape.corners], size)
        case Polygon():
            mask |= polygon_to_mask(shape.parts, size)
        case Ellipse():
            mask |= ellipse_to_mask(shape.x, shape.y, shape.rx, shape.ry, shape.angle, size)
        case Cuboid():
            for face in (shape.points[:4], shape.points[4:]):
                mask |= polygon_to_mask([face], size)


def _whole(value: Any) -> int | None:
    return (
        None if value is None or value != value or type(value).__name__ == "NAType" else int(value)
    )
