"""What a legend means for the classes of a project, and what it has no name for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.mask_pictures import Kind
from labelwidgets.formats.masks.legend import NONE, Part

# So many numbers of a picture that the legend lacks are listed one by one.
_LISTED = 20


def parts_of(
    words: Mapping[int, str],
    known: Collection[str],
    name_of: Callable[[str], str],
    wrong: Callable[[str, LabelwidgetsError], None],
) -> dict[int, Part | None]:
    """Return what numbers or colours are of; None is nothing, such as the background.

    Parameters
    ----------
    words
        What the legend says of each.
    known
        Classes that are called so as a whole, even if that looks like an object of another.
    name_of
        Returns the current name of a class.
    wrong
        Takes the words that can be no class, and why; they are left out.
    """
    parts: dict[int, Part | None] = {}
    for code, text in words.items():
        part = Part.of(text, known)
        if code == 0 and text.lower() in NONE and text not in known:
            parts[code] = None
            continue
        try:
            parts[code] = part._replace(name=name_of(part.name))
        except LabelwidgetsError as error:
            wrong(text, error)
    return parts


def nameless(areas: Mapping[int, int], kind: Kind) -> Iterator[FormatError]:
    """Return an error for each of the numbers of a picture that no legend has, with its pixels."""
    most = sorted(areas, key=lambda code: -areas[code])
    for code in most[:_LISTED]:
        yield FormatError(
            f"is in no legend, and {areas[code]} pixels are of it.",
            where=shown(code, kind),
            hint="Add it to the legend, or pass it as void to pass it over.",
        )
    if len(most) > _LISTED:
        pixels = sum(areas[code] for code in most[_LISTED:])
        yield FormatError(
            f"are in no legend, and {pixels} pixels are of them.",
            where=f"{len(most) - _LISTED} others",
            hint="Is it a photo, or was it saved as JPEG or resized with smoothing?",
        )


def shown(code: int, kind: Kind) -> str:
    """Return a number or colour as errors name it."""
    return f"#{code:06x}" if kind == "color" else f"number {code}"
