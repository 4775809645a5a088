"""Colours for the objects of classes, none of them twice."""

from __future__ import annotations

import colorsys
from collections.abc import Collection, Iterable, Mapping

from labelwidgets.formats.masks.legend import Part
from labelwidgets.schema.colors import CYCLE

_GOLDEN = 0.6180339887498949


def colors_of(
    parts: Iterable[Part], colors: Mapping[str, int], taken: Collection[int] = ()
) -> dict[Part, int]:
    """Return a colour as ``0xrrggbb`` for each part: never black, none of them twice.

    Parameters
    ----------
    parts
        Classes, and objects by their number. The first object of a class has its colour, further
        ones have one like it.
    colors
        The colours of classes as ``0xrrggbb``; a class without one takes the next of the cycle.
    taken
        Colours that are not given away.
    """
    used = {0, *taken}
    made: dict[Part, int] = {}
    for at, part in enumerate(parts):
        color = colors.get(part.name) or int(CYCLE[at % len(CYCLE)][1:], 16)
        step = 0
        while color in used:
            step += 1
            shade = step + (part.instance or 1) - 1
            color = _like(colors.get(part.name) or color, shade)
            if step > 8:  # Near ones are taken: go through all.
                color = (color + step) % 0xFFFFFF + 1
        used.add(color)
        made[part] = color
    return made


def _like(color: int, shade: int) -> int:
    """Return a colour whose hue is near that of another, and whose lightness is not."""
    red, green, blue = (color >> shift & 255 for shift in (16, 8, 0))
    hue, _, strength = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    turn, light = shade * _GOLDEN % 1, shade * _GOLDEN**2 % 1
    mixed = colorsys.hls_to_rgb(
        (hue + 0.12 * (turn - 0.5)) % 1, 0.3 + 0.5 * light, max(strength, 0.5)
    )
    red, green, blue = (round(255 * channel) for channel in mixed)
    return red << 16 | green << 8 | blue
