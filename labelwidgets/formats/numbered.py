"""How many of what is in label files, in words: 1 box, 2 polygons with holes."""

from __future__ import annotations

from collections.abc import Mapping

from labelwidgets import numbered as words

# What one of the features of labels is called, where their names are those of several.
_ONE = {
    "answers": "set of answers",
    "image answers": "set of answers about a picture",
    "keypoints": "set of keypoints",
    "empty keypoints": "empty set of keypoints",
    "hidden joints": "set of hidden joints",
    "holes": "polygon with holes",
    "parts": "polygon of several parts",
    "volumemask": "volume mask",
    "empty volumemask": "empty volume mask",
    "interval": "event",
}


def numbered(number: int, thing: str) -> str:
    """Return a number of things in words.

    Parameters
    ----------
    number
        How many.
    thing
        As for `labelwidgets.numbered.numbered`, or a feature of labels (`holds.FEATURES`).
    """
    head, tail = words.parts_of(thing)
    return words.numbered(number, f"{_ONE.get(head, head)}{tail}")


def listed(counts: Mapping[str, int]) -> str:
    """Return how many there are of several things, in their order; of none, nothing is said."""
    return ", ".join(numbered(number, thing) for thing, number in counts.items() if number)


def none_of(number: int, thing: str) -> str:
    """Return the beginning of a sentence that says of none of them what follows."""
    return f"its one {thing} is not" if number == 1 else f"none of its {numbered(number, thing)} is"
