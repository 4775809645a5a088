"""One mask of the masks that several people drew of an object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.fusion import majority_mask, staple
from labelwidgets.algorithms.masks import decode_rle, encode_rle
from labelwidgets.schema.geometry import RLE, Mask, VolumeMask

if TYPE_CHECKING:
    from labelwidgets.workflow.fused_shapes import Manner

Floats: TypeAlias = NDArray[np.float64]
Made: TypeAlias = "tuple[Mask | VolumeMask | None, Floats | None, Floats | None]"


def fuse_masks(shapes: Sequence[Any], weights: Floats, manner: Manner) -> Made:
    """Return one mask, and sensitivity and specificity of each person where STAPLE made it.

    Only the box around all masks is looked at; what lies around it counts as background that
    nobody marked.

    Parameters
    ----------
    shapes
        Masks, or volume masks; those of another size than the first are empty.
    weights
        (D,) of people; STAPLE finds its own.
    manner
        How.
    """
    flat = isinstance(shapes[0], Mask)
    stacks: list[dict[int, RLE]] = [
        {0: shape.rle} if flat else dict(shape.slices) for shape in shapes
    ]
    size = next((rle.size for stack in stacks for rle in stack.values()), None)
    if size is None:
        return None, None, None
    slices = sorted({at for stack in stacks for at in stack})
    boxes = [Mask(rle).bounds for stack in stacks for rle in stack.values() if rle.size == size]
    boxes = [box for box in boxes if box[2] > 0]
    if not boxes:
        return None, None, None
    left, top = int(min(box[0] for box in boxes)), int(min(box[1] for box in boxes))
    right = int(max(box[0] + box[2] for box in boxes))
    bottom = int(max(box[1] + box[3] for box in boxes))
    volumes = np.zeros((len(stacks), len(slices), bottom - top, right - left), bool)
    for person, stack in enumerate(stacks):
        for at, rle in stack.items():
            if rle.size == size:
                whole = decode_rle({"size": rle.size, "counts": rle.counts})
                volumes[person, slices.index(at)] = whole[top:bottom, left:right]
    able = wary = None
    if manner.masks == "staple" and len(stacks) > 1:
        around = size[0] * size[1] * len(slices) - volumes[0].size
        found = staple(volumes, background=around)
        made, able, wary = found.mask, found.sensitivity, found.specificity
    else:
        made = majority_mask(volumes, weights, manner.share)
    codes = {}
    for number, at in enumerate(slices):
        if made[number].any():
            picture = np.zeros(size, bool)
            picture[top:bottom, left:right] = made[number]
            code = encode_rle(picture)
            codes[at] = RLE(code["size"], code["counts"])
    if not codes:
        return None, able, wary
    return (Mask(codes[0]) if flat else VolumeMask(codes)), able, wary
