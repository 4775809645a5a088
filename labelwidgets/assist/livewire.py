"""The kernel's half of the live wire: the way back to a click from all pixels around it."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from labelwidgets import algorithms
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.prompts import Click
from labelwidgets.assist.results import Proposal
from labelwidgets.assist.tools import Tool


def livewire(
    image: npt.NDArray[Any],
    clicks: list[Click],
    window: Annotated[int, Slider(64, 1024, step=64, unit="px", keys="size")] = 512,
) -> Proposal:
    """Click along an edge: the wire clings to it; the first point or Enter closes.

    The last click is the seed. The browser follows the wire through `directions`, uint8 codes
    of the window whose first pixel has the column and row in `origin`.
    """
    if not clicks:
        return Proposal(note="Click on an edge.")
    directions, origin = algorithms.scissors_map(image, clicks[-1].pixel(image.shape), window)
    return Proposal(arrays={"directions": directions, "origin": np.array(origin, np.int32)})


def _warm(image: npt.NDArray[Any]) -> None:
    """Compile, or load what was compiled."""
    algorithms.scissors_map(image[:1, :1], (0, 0), 1)


TOOL = Tool(
    livewire,
    label="Live wire",
    version="1",
    makes=("polygon", "polyline", "mask"),
    prepare=_warm,
)
