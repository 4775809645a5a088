"""Which joint is which once a picture is flipped: told by their names."""

from __future__ import annotations

from collections.abc import Sequence

_SIDES = (("left", "right"), ("Left", "Right"), ("LEFT", "RIGHT"), ("l_", "r_"), ("L_", "R_"))


def mirrored(joints: Sequence[str]) -> list[int] | None:
    """Return where each joint is once the picture is flipped, None if no name says left."""
    places = {name: number for number, name in enumerate(joints)}
    order = list(range(len(joints)))
    for name, number in places.items():
        for left, right in _SIDES:
            other = places.get(name.replace(left, right)) if left in name else None
            if other is not None:
                order[number], order[other] = other, number
                break
    return order if order != list(range(len(joints))) else None
