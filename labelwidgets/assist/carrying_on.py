"""A shape carried on through the frames of a video, until it is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.carried_shapes import carried, carrier_of
from labelwidgets.media.film import Film
from labelwidgets.schema.tracks import Shape


class Place(NamedTuple):
    """A shape on a frame, and how sure it is, from 0 to 1."""

    frame: int
    shape: Shape
    confidence: float


class Way(NamedTuple):
    """Where a shape was carried to, and where and why it ended there; None where it did not."""

    places: list[Place]
    lost_on: int | None = None
    why: str = ""


def carry_on(
    film: Film,
    start: int,
    shape: Shape,
    frames: Iterable[int],
    certainty: float,
    done: tuple[float, float] = (0.0, 1.0),
) -> Way:
    """Carry a shape from one frame to others that follow, one after the other.

    Parameters
    ----------
    film
        The video.
    start, shape
        Where it is known.
    frames
        Neighbours of `start` and of each other, in either direction.
    certainty
        It ends where it is less sure than this.
    done
        Shares of the work that are done before and after it.
    """
    wanted = list(frames)
    first = film[start]
    size = first.shape[0], first.shape[1]
    carrier = carrier_of(first, shape)
    places: list[Place] = []
    for number, frame in enumerate(wanted):
        checkpoint(done[0] + (done[1] - done[0]) * number / len(wanted))
        step = carrier.step(film[frame])
        if step.confidence < certainty:
            why = f"it is sure by {step.confidence:.0%} only"
            return Way(places, frame, why)
        made = carried(shape, step, size)
        if made is None:
            return Way(places, frame, "it leaves the picture")
        places.append(Place(frame, made, round(step.confidence, 3)))
    return Way(places)
