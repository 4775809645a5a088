"""Does a track, or an interval, fit its class and its video?"""

from __future__ import annotations

from collections.abc import Mapping

from labelwidgets.errors import LabelwidgetsError, OntologyError, SchemaError
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import ObjectClass
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from labelwidgets.schema.validity import check_answers, check_geometry, check_joints


def changed_keyframes(after: Track, before: Track | None) -> dict[int, Keyframe]:
    """Return the keyframes of a track that are not those of the one that it was."""
    was: Mapping[int, Keyframe] = {} if before is None else before.keyframes
    return {
        frame: made
        for frame, made in after.keyframes.items()
        if was.get(frame) is not made and was.get(frame) != made
    }


def check_track(
    after: Track,
    made: ObjectClass | None,
    size: tuple[int, int] | None = None,
    before: Track | None = None,
) -> None:
    """Raise unless the keyframes that changed fit the class and the frames of the video.

    Parameters
    ----------
    after, before
        The track, and what it was; None for one that is new.
    made
        Its class; None where the ontology has none of that name.
    size
        (width, height) of the frames in pixels, None where it is not known.

    Raises
    ------
    GeometryError, OntologyError
        Naming the keyframe.
    """
    for frame, one in changed_keyframes(after, before).items():
        was = None if before is None else before.keyframes.get(frame)
        try:
            if one.geometry is not None:
                if isinstance(one.geometry, Keypoints) and made is not None:
                    check_joints(one.geometry, made)
                check_geometry(one.geometry, size, None if was is None else was.geometry)
            if made is not None and one.attributes:
                check_said(made, one.attributes, {} if was is None else was.attributes)
        except LabelwidgetsError as error:
            raise error.at(f"keyframes[{frame}]") from None


def check_said(
    made: ObjectClass,
    answers: Mapping[str, AttributeValue],
    before: Mapping[str, AttributeValue],
) -> None:
    """Raise OntologyError unless the answers of a keyframe that changed fit its class."""
    changed = {name: said for name, said in answers.items() if before.get(name) != said}
    where = f"class {made.name!r}"
    check_answers(made.attributes, changed, where)
    for one in made.attributes:
        if one.name in changed and not one.mutable:
            raise OntologyError(
                "is asked of a track as a whole, not from frame to frame.",
                where=f"{where}, attribute {one.name!r}",
                hint="Answer it in the attributes of the annotation, or make it mutable.",
            )


def check_within(geometry: Track | Interval, count: int, before: Track | None = None) -> None:
    """Raise SchemaError where what changed lies on frames that a video has not."""
    if isinstance(geometry, Interval):
        places = {"last": geometry.last}
    else:
        places = {f"keyframes[{key}]": key for key in changed_keyframes(geometry, before)}
    for where, frame in places.items():
        if frame >= count:
            raise SchemaError(
                f"is no frame of the video, which has {count} (from 0 to {count - 1}).",
                where=where,
            )
