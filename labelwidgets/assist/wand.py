"""The magic wand on the toolbar."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets import algorithms
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.prompts import Click
from labelwidgets.assist.tools import Tool

_LEVELS = 255


def wand(
    image: npt.NDArray[Any],
    clicks: list[Click],
    tolerance: Annotated[float, Slider(0, 255, step=1, keys="fineness")] = 24,
    radius: Annotated[float, Slider(0, 2000, step=1, unit="px", keys="size")] = 0,
    connected: bool = True,
    metric: Literal["max", "euclidean"] = "max",
) -> npt.NDArray[np.bool_] | None:
    """Click a colour: what is like it is selected; more clicks add, Alt-clicks take away.

    The tolerance is in levels of 255: of pictures of other depths than 8 bits they are the
    255th parts of the range from their darkest to their lightest value. Radius 0 is anywhere.
    """
    if not any(click.positive for click in clicks):
        return None
    step = tolerance * _level(image)
    reach = radius or None
    selected, dropped = (
        algorithms.wand(
            image,
            [click.pixel(image.shape) for click in clicks if click.positive is positive],
            step,
            connected=connected,
            radius=reach,
            metric=metric,
        )
        if any(click.positive is positive for click in clicks)
        else None
        for positive in (True, False)
    )
    return selected if dropped is None or selected is None else selected & ~dropped


def _level(image: npt.NDArray[Any]) -> float:
    """Return what one of 255 levels is worth in a picture's own unit."""
    if image.dtype in (np.uint8, np.bool_):
        return 1.0
    finite = image if image.dtype.kind != "f" else image[np.isfinite(image)]
    if not finite.size:
        return 0.0
    return (float(finite.max()) - float(finite.min())) / _LEVELS


def _warm(image: npt.NDArray[Any]) -> None:
    """Compile, or load what was compiled, for this kind of picture."""
    algorithms.wand(image[:1, :1], (0, 0), 0)


TOOL = Tool(wand, label="Magic wand", version="1", prepare=_warm)
