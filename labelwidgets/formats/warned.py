"""Warnings about files of labels, at the line that asked for them."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from labelwidgets.formats.results import FormatWarning

_OURS = "labelwidgets."


def warn(message: str, category: type[Warning] = FormatWarning) -> None:
    """Warn of something, naming the line outside of the package.

    However many of our functions lie between, so that a cell is pointed at and not our code, and
    each cell is warned once.
    """
    frame: FrameType | None = sys._getframe(1)
    level = 2
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
