"""Large pictures, read by tiles."""

from __future__ import annotations

from labelwidgets.media.tiles.levels import Level
from labelwidgets.media.tiles.pyramid import GreyRange, Pyramid

__all__ = ["GreyRange", "Level", "Pyramid"]
