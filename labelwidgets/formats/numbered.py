"""How many of what, in words: 1 box, 2 boxes."""

from __future__ import annotations

import re
from collections.abc import Mapping

# What follows the noun of a thing: "track" of "track of polygon (as its outline)".
_TAIL = re.compile(
    r" (?:\(|(?:about|as|between|in|of|on|outside|that|under|whose|wholly|with|without)\b).*"
)
_OF_ONE = re.compile(r" of an? (\w+)$")
_ENDINGS = ((r"(?<=[^aeiou])y$", "ies"), (r"(?<=s|x|z)$|(?<=ch|sh)$", "es"), (r"$", "s"))
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
        What one of them is called, such as ``track of polygon (as its outline)``, or a feature of
        labels (`holds.FEATURES`).
    """
    head, tail = _parts(thing)
    head, more = _parts(_ONE.get(head, head))
    tail = more + tail
    if number != 1:
        head = _several(head)
        tail = _OF_ONE.sub(lambda found: f" of {_several(found[1])}", tail)
        tail = re.sub(r"\bits\b", "their", tail)
    return f"{number} {head}{tail}"


def listed(counts: Mapping[str, int]) -> str:
    """Return how many there are of several things, in their order; of none, nothing is said."""
    return ", ".join(numbered(number, thing) for thing, number in counts.items() if number)


def _parts(thing: str) -> tuple[str, str]:
    found = _TAIL.search(thing)
    at = found.start() if found else len(thing)
    return thing[:at], thing[at:]


def _several(noun: str) -> str:
    for ending, instead in _ENDINGS:
        if re.search(ending, noun):
            return re.sub(ending, instead, noun, count=1)
    return noun


def none_of(number: int, thing: str) -> str:
    """Return the beginning of a sentence that says of none of them what follows."""
    return f"its one {thing} is not" if number == 1 else f"none of its {numbered(number, thing)} is"
