"""What a COCO file says of an object on each frame, beside its shape there.

Boxes, areas and outlines that do not follow from the shape, and whether it is a crowd. They are in
the origin of the track, as ``by_frame``, with a digest of the shape that the track has on that
frame: see `outlines_told`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labelwidgets.formats.coco.measures_told import SEGMENTATION, is_told
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.told_shapes import SHAPE, digest_of
from labelwidgets.schema.tracks import Track

BY_FRAME = "by_frame"
_TOLD = ("bbox", "area", SEGMENTATION, "iscrowd")


def told_by_frame(
    parts: Iterable[Annotation], track: Track, known: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Return what is said of an object on frames, by their numbers as text.

    Parameters
    ----------
    parts
        The labels that the records of it are by themselves.
    track
        What was made of them.
    known
        Of a track of ours, what it says itself: of other frames only an outline counts, as
        the box that we write of a shape may not be quite that of the shape.
    """
    made: dict[str, dict[str, Any]] = {}
    for part in parts:
        said = part.origin.parameters
        told = {name: said[name] for name in _TOLD if name in said}
        if known is not None and str(part.frame) not in known:
            told.pop("bbox", None)
            if SEGMENTATION not in told:
                told.pop("area", None)
        sight = None if part.frame is None or not told else track.at(part.frame)
        if sight is None:
            continue
        if is_told(told):
            told[SHAPE] = digest_of(sight.geometry)
        made[str(part.frame)] = told
    return made


def said_by_frame(origin: Origin) -> Mapping[str, Any]:
    """Return what an origin says of frames, nothing where it is none of COCO."""
    said = origin.parameters.get(BY_FRAME) if origin.name == "coco" else None
    return said if isinstance(said, Mapping) else {}


def with_frames(origin: Origin, told: Mapping[str, Any]) -> Origin:
    """Return an origin that says something else of frames."""
    if origin.name != "coco" or (not told and BY_FRAME not in origin.parameters):
        return origin
    rest = {name: one for name, one in origin.parameters.items() if name != BY_FRAME}
    return msgspec.structs.replace(origin, parameters=rest | ({BY_FRAME: told} if told else {}))


def on_frame(origin: Origin, frame: int) -> Origin:
    """Return an origin with what it says of one frame, as that of a label on it alone."""
    said = said_by_frame(origin)
    told = said.get(str(frame))
    if not said or not isinstance(told, Mapping):
        return origin
    return msgspec.structs.replace(origin, parameters={**origin.parameters, **told})


def without_outlines(origin: Origin, frames: Iterable[int]) -> Origin:
    """Return an origin without the outlines on frames, whose records have them themselves."""
    said = dict(said_by_frame(origin))
    for frame in map(str, frames):
        one = said.get(frame)
        if isinstance(one, Mapping) and SEGMENTATION in one:
            said[frame] = {name: value for name, value in one.items() if name != SEGMENTATION}
    return with_frames(origin, said)
