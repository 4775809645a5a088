"""How many of what, in words: 1 box, 2 boxes."""

from __future__ import annotations

import re

# What follows the noun of a thing: "track" of "track of polygon (as its outline)".
_TAIL = re.compile(
    r" (?:\(|(?:about|as|between|in|of|on|outside|that|under|whose|wholly|with|without)\b).*"
)
_OF_ONE = re.compile(r" of an? (\w+)$")
_ENDINGS = (
    (r"axis$", "axes"),
    (r"(?<=[^aeiou])y$", "ies"),
    (r"(?<=s|x|z)$|(?<=ch|sh)$", "es"),
    (r"$", "s"),
)


def numbered(number: int, thing: str) -> str:
    """Return a number of things in words.

    Parameters
    ----------
    number
        How many.
    thing
        What one of them is called, such as ``track of polygon (as its outline)``.
    """
    head, tail = parts_of(thing)
    if number != 1:
        head = _several(head)
        tail = _OF_ONE.sub(lambda found: f" of {_several(found[1])}", tail)
        tail = re.sub(r"\bits\b", "their", tail)
    return f"{number:,} {head}{tail}"


def parts_of(thing: str) -> tuple[str, str]:
    """Return the noun of a thing, and what follows it."""
    found = _TAIL.search(thing)
    at = found.start() if found else len(thing)
    return thing[:at], thing[at:]


def _several(noun: str) -> str:
    for ending, instead in _ENDINGS:
        if re.search(ending, noun):
            return re.sub(ending, instead, noun, count=1)
    return noun
