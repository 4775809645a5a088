"""Frames on which a track is likely to be wrong between its keyframes, on the toolbar."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import numpy as np

from labelwidgets.algorithms.thinning import thin_keyframes
from labelwidgets.assist.carried_shapes import places_of
from labelwidgets.assist.carry import SHAPES, keyframe_of
from labelwidgets.assist.carrying_on import Place, carry_on
from labelwidgets.assist.parameters import Slider
from labelwidgets.assist.results import Mark, Proposal, Proposed
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError
from labelwidgets.media.film import Film
from labelwidgets.schema.tracks import Keyframe, Shape, Sight, Track


def suggest_keyframes(
    video: Film,
    track: Track,
    tolerance: Annotated[float, Slider(1, 100, step=0.5, unit="px", keys="fineness")] = 5.0,
    most: Annotated[int, Slider(1, 50, step=1, keys="size")] = 10,
    reach: Annotated[int, Slider(0, 5000, step=10, unit="frames")] = 300,
    certainty: Annotated[float, Slider(0, 1, step=0.05)] = 0.5,
) -> Proposal:
    """Find frames where the selected object is elsewhere than between its keyframes.

    From each keyframe the object is carried on by what is seen of it, and from the next one back
    where it is lost on the way. Where that departs from what is interpolated by more than the
    tolerance, keyframes are proposed, the worst ones first, up to so many. Reach is how far from
    the frame that is shown it looks; 0 is everywhere.
    """
    low, high = video.span
    if reach:
        low, high = max(low, video.frame - reach), min(high, video.frame + reach)
    keys = list(track.keyframes)
    gaps = [
        (one, other)
        for one, other in pairwise(keys)
        if other - one > 1 and one < high and other > low and track.at(one) is not None
    ]
    if not gaps:
        raise ToolError("has nothing between two keyframes here.", where="track")
    total = sum(other - one for one, other in gaps)
    found: list[tuple[float, int, Keyframe]] = []
    spent = 0
    for one, other in gaps:
        share = (spent / total, (spent + other - one) / total)
        found += _between(video, track, one, other, tolerance, certainty, share)
        spent += other - one
    found = [entry for entry in found if low <= entry[1] <= high]
    if not found:
        return Proposal(note=f"It is nowhere off by more than {tolerance:g} px.")
    found.sort(key=lambda entry: -entry[0])
    chosen = sorted(found[:most], key=lambda entry: entry[1])
    note = f"{len(found)} frame{'s' if len(found) > 1 else ''} off by more than {tolerance:g} px."
    if len(found) > most:
        note += f" The worst {most} are proposed."
    keyframes = {frame: keyframe for _, frame, keyframe in chosen}
    least = min(keyframe.confidence or 0.0 for keyframe in keyframes.values())
    return Proposal(
        [Proposed(Track(keyframes), confidence=least)],
        note=note,
        marks=[Mark(frame, f"{off:.0f} px") for off, frame, _ in chosen],
    )


def _between(
    video: Film,
    track: Track,
    one: int,
    other: int,
    tolerance: float,
    certainty: float,
    share: tuple[float, float],
) -> list[tuple[float, int, Keyframe]]:
    """Return how far off, where, and what keyframes there would be between two."""
    begin = track.at(one)
    end = _seen_last(track, other)
    if begin is None or end is None:
        return []
    middle = (share[0] + share[1]) / 2
    forward = carry_on(
        video, one, begin.geometry, range(one + 1, other), certainty, (share[0], middle)
    )
    places = forward.places
    if forward.lost_on is not None and not track.keyframes[other].outside:
        back = range(other - 1, forward.lost_on - 1, -1)
        behind = carry_on(video, other, end, back, certainty, (middle, share[1]))
        places = [*places, *reversed(behind.places)]
    departed = []
    for place in places:
        seen = track.at(place.frame)
        if seen is not None:
            departed.append((_apart(seen.geometry, place.shape), place, seen))
    return _worst(one, other, departed, tolerance)


def _worst(
    one: int, other: int, departed: list[tuple[float, Place, Sight]], tolerance: float
) -> list[tuple[float, int, Keyframe]]:
    """Return the fewest keyframes that bring what is interpolated to within the tolerance."""
    if not departed:
        return []
    gaps = np.array(
        [
            np.array(places_of(place.shape)) - places_of(seen.geometry)
            if places_of(place.shape).shape == places_of(seen.geometry).shape
            else np.full((1, 2), gap)
            for gap, place, seen in departed
        ]
    )
    # Both ends are where a person put them; what departs is measured from there.
    still = np.zeros((1, *gaps.shape[1:]))
    frames = [one, *(place.frame for _, place, _ in departed), other]
    kept = thin_keyframes(frames, np.concatenate([still, gaps, still]), tolerance)
    chosen = [departed[index - 1] for index in kept if 0 < index <= len(departed)]
    return [(gap, place.frame, keyframe_of(place, seen)) for gap, place, seen in chosen]


def _seen_last(track: Track, frame: int) -> Shape | None:
    geometry = track.keyframes[frame].geometry
    return geometry if geometry is not None else getattr(track.at(frame - 1), "geometry", None)


def _apart(one: Shape, other: Shape) -> float:
    """Return the largest distance of a point of one shape from that of the other."""
    a, b = places_of(one), places_of(other)
    if a.shape != b.shape:
        a, b = a.mean(axis=0, keepdims=True), b.mean(axis=0, keepdims=True)
    return float(np.linalg.norm(a - b, axis=1).max())


TOOL = Tool(suggest_keyframes, label="Suggest keyframes", version="1", makes=SHAPES)
