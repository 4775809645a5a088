"""The shots of a video, on the toolbar."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.cuts import Cut, find_cuts, small_copy
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.results import Mark, Proposal, Proposed
from labelwidgets.assist.tools import Tool
from labelwidgets.media.film import Film
from labelwidgets.schema.tracks import Interval


def cuts(
    video: Film,
    threshold: Annotated[float, Slider(2, 100, step=1, keys="fineness")] = 16.0,
    shortest: Annotated[int, Slider(1, 250, step=1, unit="frames", keys="size")] = 5,
) -> Proposal:
    """Find cuts and fades, and propose an event for each shot.

    Threshold is by how many levels, of 256, pictures change where a shot ends; less finds more.
    """
    found = cuts_of(video, threshold, shortest)
    if not found:
        return Proposal(note="One shot: no cut was found.")
    first, last = video.span
    begins = [first, *(cut.frame for cut in found), last + 1]
    shots = [Proposed(Interval(begin, after - 1)) for begin, after in pairwise(begins)]
    marks = [Mark(cut.frame, cut.kind) for cut in found]
    said = f"{len(found)} cut{'s' if len(found) > 1 else ''}, {len(shots)} shots."
    return Proposal(shots, note=said, marks=marks)


def cuts_of(video: Film, threshold: float = 16.0, shortest: int = 5) -> list[Cut]:
    """Return where the shots of a video begin (see `algorithms.find_cuts`)."""
    first, _ = video.span
    found = find_cuts(_small(video), threshold, shortest)
    return [
        Cut(cut.frame + first, cut.kind, cut.last + first, cut.first + first, cut.strength)
        for cut in found
    ]


def _small(video: Film) -> Iterator[npt.NDArray[np.uint8]]:
    first, last = video.span
    for frame in range(first, last + 1):
        checkpoint((frame - first) / (last + 1 - first))
        yield small_copy(video[frame])


TOOL = Tool(cuts, label="Detect cuts", version="1", makes=("interval",))
