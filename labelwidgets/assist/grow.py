"""Growth by a range of values on the toolbar."""

from __future__ import annotations

import weakref
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from labelwidgets import algorithms
from labelwidgets.algorithms.threshold import brightness
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.prompts import Click
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError

Pixels: TypeAlias = npt.NDArray[Any]

# The picture seen last with its brightness, so that the second click need not compute it.
_seen: tuple[weakref.ref[Pixels], Pixels] | None = None


def grow(
    image: npt.NDArray[Any],
    clicks: list[Click],
    low: Annotated[float, Slider(-65535, 0, step=1)] = -30,
    high: Annotated[float, Slider(0, 65535, step=1, keys="fineness")] = 30,
    radius: Annotated[float, Slider(0, 2000, step=0.5, unit="px", keys="size")] = 0,
    unit: Literal["px", "mm"] = "px",
    connected: bool = True,
    spacing: tuple[float, float] | None = None,
) -> npt.NDArray[np.bool_] | None:
    """Click a pixel: values from low to high around its own are selected, Alt-clicks take away.

    The range is in the picture's own unit (of CT, Hounsfield units), relative to the clicked
    pixel, both ends included; of colours the brightness counts. Radius 0 is anywhere; a pixel
    is within it by its centre. Connected, the default, is the region around the click: what is
    reached from it over sides of pixels. Not connected is every pixel in range and radius.
    """
    if not any(click.positive for click in clicks):
        return None
    if unit == "mm" and spacing is None:
        raise ToolError(
            "does not know how large a pixel is.", where="unit", hint="Choose a radius in px."
        )
    steps = spacing if unit == "mm" else None
    values = _values(image)
    selected = np.zeros(values.shape, bool)
    # In the order of the clicks' signs, not of the clicks: what is taken away stays away.
    for click in sorted(clicks, key=lambda click: not click.positive):
        seed = click.pixel(values.shape)
        grown = algorithms.grow(
            values, seed, low, high, radius or None, connected=connected, spacing=steps
        )
        selected = selected | grown if click.positive else selected & ~grown
    return selected


def _values(image: Pixels) -> Pixels:
    """Return what grows: the grey values, or the brightness of colours."""
    global _seen
    if image.ndim == 2:
        return image
    # Tools get a view of the picture that the session keeps.
    owner = image if image.base is None else image.base
    known = _seen
    if known is not None and known[0]() is owner and known[1].shape == image.shape[:2]:
        return known[1]
    values = brightness(image)
    if isinstance(owner, np.ndarray):
        _seen = (weakref.ref(owner), values)
    return values


def _warm(image: Pixels) -> None:
    """Compute the brightness, and compile or load what was compiled for this kind of picture."""
    algorithms.grow(_values(image), (0, 0), 0, 0, 0)


TOOL = Tool(grow, label="Growth", version="2", prepare=_warm)
