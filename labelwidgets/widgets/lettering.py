"""Letters that a font has: names of classes in any script, on any machine."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# Pillow carries a font for English. Others are the system's, where it has them; Pillow looks for
# them by these names where systems keep fonts.
_SYSTEM = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "arial.ttf",
    "Arial Unicode.ttf",
    "NotoSansCJK-Regular.ttc",
    "PingFang.ttc",
    "msyh.ttc",
)


class Lettering:
    """Fonts of a size, and which of them can write a text.

    Parameters
    ----------
    size
        Of the letters, in pixels.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._own = _carried(size)

    def of(self, text: str) -> tuple[str, Any]:
        """Return a text as it can be written, and the font that it can be written in.

        What no font of this machine has is written in letters without accents, or as a question
        mark.
        """
        letters = {one for one in text if not one.isspace()}
        best, most = self._own, sum(_has(self._own, one) for one in letters)
        for font in self._others() if most < len(letters) else ():
            count = sum(_has(font, one) for one in letters)
            if count > most:
                best, most = font, count
        if most < len(letters):
            text = "".join(_instead(best, one) for one in text)
        return text, best

    def _others(self) -> Iterator[Any]:
        for name in _SYSTEM:
            font = _found(name, self.size)
            if font is not None:
                yield font


@lru_cache(maxsize=16)
def _carried(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


@lru_cache(maxsize=64)
def _found(name: str, size: int) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _instead(font: Any, letter: str) -> str:
    """Return a letter, or what stands for it where a font lacks it."""
    if letter.isspace() or _has(font, letter):
        return letter
    plain = unicodedata.normalize("NFKD", letter)
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    return plain if plain and all(_has(font, one) for one in plain) else "?"


@lru_cache(maxsize=4096)
def _has(font: Any, letter: str) -> bool:
    """Say whether a font has a letter: else it draws the same box for it as for no letter."""
    return bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))
