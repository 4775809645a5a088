"""From scribbles to a segment, on the toolbar."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from labelwidgets import algorithms
from labelwidgets.algorithms.scribbles import Method
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.prompts import Scribble
from labelwidgets.assist.tools import Tool


def scribble(
    image: npt.NDArray[Any],
    scribbles: list[Scribble],
    method: Method = "watershed",
    width: Annotated[float, Slider(1, 50, step=1, unit="px", keys="size")] = 3,
    margin: Annotated[float, Slider(0, 3, step=0.1, keys="fineness")] = 0.5,
) -> npt.NDArray[np.bool_] | None:
    """Draw on the object, and with Alt on what is not it."""
    foreground = [line.points for line in scribbles if line.positive]
    if not foreground:
        return None
    background = [line.points for line in scribbles if not line.positive]
    return algorithms.segment_scribbles(
        image, foreground, background, method=method, width=width, margin=margin
    )


TOOL = Tool(scribble, label="Scribble", version="1")
