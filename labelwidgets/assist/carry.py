"""Carrying an object of a video on to the next frames, on the toolbar."""

from __future__ import annotations

from typing import Annotated, get_args

import numpy as np

from labelwidgets.algorithms.thinning import thin_keyframes
from labelwidgets.assist.carried_shapes import places_of
from labelwidgets.assist.carrying_on import Place, carry_on
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.results import Mark, Proposal, Proposed
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.film import Film
from labelwidgets.schema.geometry import Mask
from labelwidgets.schema.tracks import Keyframe, Shape, Sight, Track

SHAPES = tuple(kind.__name__.lower() for kind in get_args(Shape))


def carry(
    video: Film,
    track: Track,
    frames: Annotated[int, Slider(1, 600, step=1, keys="size")] = 30,
    tolerance: Annotated[float, Slider(0, 20, step=0.25, unit="px", keys="fineness")] = 1.0,
    certainty: Annotated[float, Slider(0, 1, step=0.05)] = 0.5,
    backward: bool = False,
) -> Proposal:
    """Carry the selected object to the next frames by what is seen of it. Enter keeps it.

    It ends where the object has a keyframe already, where it leaves the picture, and where it is
    less sure than the certainty: it looks otherwise than on this frame, or is hidden. Of the
    frames on the way those become keyframes that are needed for what lies between them to be
    right to within the tolerance; with 0 all of them do.
    """
    start = video.frame
    seen = track.at(start)
    if seen is None:
        raise ToolError("is not in the picture on this frame.", where="track")
    way = -1 if backward else 1
    low, high = video.span
    end = min(max(start + way * frames, low), high)
    known = [key for key in track.keyframes if (key - start) * way > 0 and (end - key) * way >= 0]
    stop = min(known, key=lambda key: abs(key - start)) - way if known else end
    wanted = range(start + way, stop + way, way)
    if not len(wanted):
        words = "The next frame has a keyframe already." if known else "The video ends here."
        return Proposal(note=words)
    made = carry_on(video, start, seen.geometry, wanted, certainty)
    if not made.places:
        return Proposal(note=f"It is lost at once: {made.why}.")
    count = len(made.places)
    note = f"Carried by {count} frame{'s' if count > 1 else ''}."
    marks = []
    if made.lost_on is not None:
        note += f" It ends there: {made.why}."
        marks = [Mark(made.lost_on, made.why)]
    elif known:
        note += " It ends before the next keyframe."
    places = [Place(start, seen.geometry, 1.0), *made.places]
    kept = _thinned(places, tolerance)
    keyframes = {
        place.frame: keyframe_of(place, seen)
        for place in kept
        if place.frame not in track.keyframes
    }
    least = min(place.confidence for place in made.places)
    return Proposal([Proposed(Track(keyframes), confidence=least)], note=note, marks=marks)


def keyframe_of(place: Place, seen: Sight) -> Keyframe:
    """Return a keyframe for a place, where all else stays as it was seen."""
    return Keyframe(place.shape, occluded=seen.occluded, confidence=place.confidence)


def _thinned(places: list[Place], tolerance: float) -> list[Place]:
    # What lies between two masks is no straight way.
    if not tolerance or isinstance(places[0].shape, Mask):
        return places
    places = sorted(places)
    at = np.array([places_of(place.shape) for place in places])
    kept = thin_keyframes([place.frame for place in places], at, tolerance)
    return [places[index] for index in kept]


TOOL = Tool(carry, label="Carry forward", version="1", makes=SHAPES)
