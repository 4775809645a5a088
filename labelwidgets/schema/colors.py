"""Colours for classes that can be told apart, also by colour-blind eyes."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Collection, Iterator
from itertools import chain

from labelwidgets.errors import OntologyError

# The eight of Okabe and Ito (2008, "Color universal design") without black, which is lost on
# dark pictures, then sixteen of Glasbey et al. (2007) as computed by the colorcet package
# (glasbey_bw, light ones first), kept apart from the first seven.
CYCLE: tuple[str, ...] = (
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
    "#8c3bff",
    "#97ff00",
    "#ff7ed1",
    "#00c6c8",
    "#f4bfb1",
    "#d60000",
    "#ff3464",
    "#bcb6ff",
    "#95b577",
    "#9ae4ff",
    "#bf03b8",
    "#018700",
    "#f2cdff",
    "#79525e",
    "#00fdcf",
    "#5901a3",
)

# Steps of hue, lightness and fullness that never come back to where they were: the powers of the
# inverse of the root of x**4 = x + 1 (Roberts 2018, "The unreasonable effectiveness of
# quasirandom sequences").
_STEPS = (0.8191725133961645, 0.6710436067037893, 0.5497004779019703)

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")


def parse_color(color: str, where: str) -> str:
    """Return a colour as ``#rrggbb`` in lower case.

    Raises
    ------
    OntologyError
        If it is anything but ``#rgb`` or ``#rrggbb``: names and functions of CSS
        would let an ontology file put text into a style sheet.
    """
    if not isinstance(color, str) or not _HEX.match(color):
        raise OntologyError(f"must be a colour like #e6194b, not {str(color)[:40]!r}.", where=where)
    digits = color[1:].lower()
    return "#" + ("".join(d * 2 for d in digits) if len(digits) == 3 else digits)


def free_colors(used: Collection[str | None]) -> Iterator[str]:
    """Return colours that are not in use: those of `CYCLE`, then others, as long as there are any.

    Beyond the cycle eyes cannot tell all of them apart; they differ still, so that a legend does.
    """
    taken = set(used)
    for color in chain(CYCLE, _more_colors()):
        if color not in taken:
            taken.add(color)
            yield color


def _more_colors() -> Iterator[str]:
    """Return colours that are far from the last few, and in the end each that there is."""
    for number in range(200_000):
        hue, light, full = (number * step % 1 for step in _STEPS)
        parts = colorsys.hls_to_rgb(hue, 0.4 + 0.4 * light, 0.5 + 0.5 * full)
        yield "#" + "".join(f"{round(part * 255):02x}" for part in parts)
    for value in range(1 << 24):
        yield f"#{value:06x}"
