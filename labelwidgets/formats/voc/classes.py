"""The classes of Pascal VOC, their numbers and their colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from labelwidgets.errors import FormatError
from labelwidgets.formats.inputs import Input, as_text

NAMES = (
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
)
"""Those of the challenge; their numbers are their places, from 1."""
VOID = 255
"""The number of pixels that are of no class, such as the edges of objects."""
MAX_NUMBER = 254
FILE = "labelmap.txt"
MAX_BYTES = 1 << 20
FROM_1 = "# pixels count from 1"
"""A line of our ``labelmap.txt``, which those of tools that count from 0 lack."""


def color_of(number: int) -> int:
    """Return the colour of a number, as ``0xrrggbb``: its bits, spread over the three channels.

    VOC's own colour map (``VOClabelcolormap``): black is 0, (128, 0, 0) is 1, (224, 224, 192) is
    255.
    """
    red = green = blue = 0
    for bit in range(8):
        red |= (number & 1) << 7 - bit
        green |= (number >> 1 & 1) << 7 - bit
        blue |= (number >> 2 & 1) << 7 - bit
        number >>= 3
    return red << 16 | green << 8 | blue


def palette() -> list[int]:
    """Return all colours, red, green and blue one after the other."""
    colors = (color_of(number) for number in range(256))
    return [color >> shift & 255 for color in colors for shift in (16, 8, 0)]


_COLORED = re.compile(r".*:\d{1,3},\d{1,3},\d{1,3}:[^:]*:[^:]*")


class LabelMap:
    """What colours mean.

    Parameters
    ----------
    names
        Of classes by their colour, as ``0xrrggbb``.
    order
        All classes, in the order of the file.
    base
        What the first pixel is called.
    """

    def __init__(self, names: dict[int, str], order: Sequence[str], base: int) -> None:
        self.names, self.order, self.base = names, order, base


def label_map(source: Input) -> LabelMap:
    """Return the classes that a folder or zip names, or those of the challenge.

    Raises
    ------
    FormatError
        Naming the line.
    """
    found = [name for name in source.names() if name.rsplit("/", 1)[-1] == FILE]
    if not found:
        return LabelMap({color_of(at): name for at, name in enumerate(NAMES, 1)}, (), 1)
    where = source.where(found[0])
    names: dict[int, str] = {}
    order = []
    base, place, colored = 0, 0, False
    by_place: dict[int, str] = {}
    text = as_text(source.read(found[0], MAX_BYTES), where)
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line == FROM_1:
            base = 1
        # A class may be called "#1".
        if not line or (line.startswith("#") and not _COLORED.fullmatch(line)):
            continue
        # What a class is called may have a colon in it.
        name, *rest = line.rsplit(":", 3)
        if len(rest) != 3 or not name:
            raise FormatError("must be name:r,g,b:parts:actions.", where=f"{where}, line {number}")
        color = _color(rest[0], f"{where}, line {number}")
        if name != "background":
            order.append(name)
        by_place[color_of(place)] = name
        colored |= color is not None
        place += 1
        if color is not None and color != 0:
            names[color] = name
    # Without any colours they are those of the numbers, as Datumaro paints them.
    return LabelMap(names if colored else by_place, order, base)


def _color(text: str, where: str) -> int | None:
    if not text.strip():
        return None
    parts = [part.strip() for part in text.split(",")]
    plain = all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts)
    values = [int(part) for part in parts] if plain else []
    if len(values) != 3 or max(values) > 255:
        raise FormatError(f"must be r,g,b from 0 to 255, not {text[:40]!r}.", where=where)
    red, green, blue = values
    return red << 16 | green << 8 | blue


def numbers_of(classes: Iterable[str]) -> dict[str, int]:
    """Return the number of each class: VOC's, if all of them are of the challenge."""
    names = list(classes)
    if set(names) <= set(NAMES):
        return {name: number for number, name in enumerate(NAMES, 1)}
    return {name: number for number, name in enumerate(names, 1)}


def text_of(numbers: dict[str, int], base: int) -> str:
    """Return the ``labelmap.txt`` of classes; beyond VOC's 254 numbers they have no colour."""
    lines = ["# label:color_rgb:parts:actions", "background:0,0,0::"]
    if base == 1:
        lines.insert(1, FROM_1)
    for name, number in numbers.items():
        color = color_of(number)
        rgb = f"{color >> 16},{color >> 8 & 255},{color & 255}" if number <= MAX_NUMBER else ""
        lines.append(f"{name}:{rgb}::")
    return "".join(f"{line}\n" for line in lines)
