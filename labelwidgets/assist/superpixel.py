"""The kernel's half of the superpixel tool: a map that the browser paints from by itself."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.label_runs import enlarged, label_runs
from labelwidgets.algorithms.superpixels import coarse_superpixels, superpixels
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.results import Proposal
from labelwidgets.assist.superpixels_ahead import found_ahead
from labelwidgets.assist.tools import Tool


def superpixel(
    image: NDArray[Any], size: Annotated[int, Slider(4, 200)] = 32, coarse: bool = False
) -> Proposal:
    """Click a superpixel, or drag across several; Alt erases.

    Parameters
    ----------
    image
        (H, W) or (H, W, C).
    size
        Side of a superpixel in pixels, about.
    coarse
        Roughly, for a first look.

    Returns
    -------
    Proposal
        With the arrays `lengths` and `labels` of `label_runs`, and no shapes.
    """
    height, width = image.shape[:2]
    count = max(1, round(height * width / size**2))
    if (ahead := found_ahead(image, size)) is not None:
        return Proposal(arrays={"lengths": ahead[0], "labels": ahead[1]})
    if coarse:
        small, factor = coarse_superpixels(image, count)
        runs = label_runs(small)
        runs = enlarged(runs, factor, (height, width)) if factor > 1 else runs
    else:
        labels = superpixels(image, count, between=checkpoint)
        checkpoint()
        runs = label_runs(labels)
    return Proposal(arrays={"lengths": runs.lengths, "labels": runs.labels})


def _warm_up(image: NDArray[Any]) -> None:
    """Load (or, the first time, make) the machine code, with few pixels of the same kind."""
    superpixel(np.ascontiguousarray(image[:32, :32]), 8)


TOOL = Tool(superpixel, version="1", makes=("mask",), prepare=_warm_up)
