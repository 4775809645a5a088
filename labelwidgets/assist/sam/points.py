"""What a person shows, as the points of a promptable network: places and what each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.prompts import XY, Box, Prompt, Scribble

# What segment-anything calls them.
NEGATIVE, POSITIVE, CORNER, OTHER_CORNER, PADDING = 0, 1, 2, 3, -1
EXTREMES = 4


class Points(NamedTuple):
    """Places (n, 2) in pixels of the picture, and (n,) what each is."""

    places: list[XY]
    kinds: list[int]

    @property
    def shows_something(self) -> bool:
        """Whether anything is meant, not only left out."""
        return any(kind in (POSITIVE, CORNER) for kind in self.kinds)

    @property
    def boxed(self) -> bool:
        """Whether a box is among them."""
        return CORNER in self.kinds


def points_of(prompt: Prompt, along: int, *, extremes: bool = False) -> Points:
    """Return the points of a prompt.

    Parameters
    ----------
    prompt
        Clicks, a box, scribbles.
    along
        So many points are taken along each scribble, evenly.
    extremes
        The first four positive clicks are the leftmost, topmost, rightmost and lowest places of
        what is meant, in any order: the box around them is shown.
    """
    places: list[XY] = []
    kinds: list[int] = []
    box = prompt.box
    clicks = list(prompt.clicks)
    if extremes:
        ends = [click for click in clicks if click.positive][:EXTREMES]
        clicks = [click for click in clicks if not any(click is end for end in ends)]
        box = _around([(end.x, end.y) for end in ends]) if len(ends) == EXTREMES else box
    for click in clicks:
        places.append((click.x, click.y))
        kinds.append(POSITIVE if click.positive else NEGATIVE)
    for line in prompt.scribbles:
        sampled = _sampled(line, along)
        places += sampled
        kinds += [POSITIVE if line.positive else NEGATIVE] * len(sampled)
    if box is not None:
        places += [(box.x, box.y), (box.x + box.width, box.y + box.height)]
        kinds += [CORNER, OTHER_CORNER]
    return Points(places, kinds)


def _around(places: Sequence[XY]) -> Box | None:
    xy = np.asarray(places, np.float64)
    (left, top), (right, foot) = xy.min(axis=0), xy.max(axis=0)
    if right <= left or foot <= top:
        return None
    return Box(float(left), float(top), float(right - left), float(foot - top))


def _sampled(line: Scribble, count: int) -> list[XY]:
    """Return points along a line, each in the middle of its share of the length."""
    xy: npt.NDArray[np.float64] = np.asarray(line.points, np.float64)
    steps = np.hypot(*np.diff(xy, axis=0).T) if len(xy) > 1 else np.zeros(0)
    length = float(steps.sum())
    if length == 0:
        return [(float(xy[0, 0]), float(xy[0, 1]))]
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = (np.arange(count) + 0.5) * length / count
    x, y = (np.interp(wanted, reached, xy[:, axis]) for axis in (0, 1))
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
