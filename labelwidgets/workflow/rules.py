"""What an edit and a submission must satisfy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labelwidgets.errors import SchemaError, WorkflowError
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Tag, VolumeMask
from labelwidgets.schema.mode import Mode, image_questions
from labelwidgets.schema.ontology import AttributeValue, Ontology
from labelwidgets.schema.track_answers import missing_anywhere
from labelwidgets.schema.track_validity import check_track, check_within
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.schema.validity import (
    check_annotation,
    check_answers,
    check_geometry,
    check_joints,
    check_slices,
    missing_answers,
)
from labelwidgets.store.edits import Proposal
from labelwidgets.workflow.frame_times import Timing, check_times
from labelwidgets.workflow.scan_shapes import Shape


def check_edit(
    proposal: Proposal,
    ontology: Ontology,
    scan: Callable[[str], Shape | None] = lambda _: None,
    video: Callable[[str], Timing | None] = lambda _: None,
) -> None:
    """Raise unless an edit fits its task, the ontology and the image.

    Only what the edit changes is judged, so that labels made under an older ontology stay
    as they are.

    Parameters
    ----------
    proposal
        What the edit would do.
    ontology
        What labels may be.
    scan
        Returns (slices, rows, columns) of an item that is a scan, None where that is not known.
    video
        Returns the timestamps and the size of an item that is a video, None likewise.

    Raises
    ------
    OntologyError, GeometryError, SchemaError
        Naming the field.
    """
    task, before, after = proposal.task, proposal.before, proposal.after
    if after is None:
        return
    timing = video(task["item_id"])
    pictures = task["pictures"] if timing is None else len(timing.pts)
    size = proposal.size if timing is None else timing.size
    # A track that becomes a shape, or a shape a track, has to say so of its frame too.
    if before is None or before.frame != after.frame or _spans(before) != _spans(after):
        _check_frame(after, pictures)
    if isinstance(after.geometry, Track | Interval) and after.geometry != (
        before and before.geometry
    ):
        _check_kind(after.geometry, task["kind"])
        if pictures is not None:
            check_within(after.geometry, pictures, _track_of(before))
    if after.pts is not None and after.frame is None:
        raise SchemaError("is of a frame, and there is none.", where="pts")
    if timing is not None:
        check_times(after, before, timing.pts)
    if isinstance(after.geometry, VolumeMask) and after.geometry != (before and before.geometry):
        _check_volume(after.geometry, scan(task["item_id"]))
    if before is None or before.class_name != after.class_name:
        check_annotation(after, ontology, size)
        return
    if after.attributes != before.attributes:
        _check_changed_answers(before, after, ontology)
    if after.geometry != before.geometry or after.frame != before.frame:
        made = ontology[after.class_name or ""] if after.class_name in ontology else None
        if isinstance(after.geometry, Track):
            check_track(after.geometry, made, size, _track_of(before))
            return
        if isinstance(after.geometry, Keypoints) and made is not None:
            check_joints(after.geometry, made)
        # On another picture, where it lay before excuses nothing.
        was = before.geometry if after.frame == before.frame else None
        check_geometry(after.geometry, size, was)


def _check_frame(after: Annotation, pictures: int | None) -> None:
    """Raise where a shape of a group or a scan does not say on which of its pictures it is."""
    if _spans(after):
        if after.frame is not None:
            raise SchemaError("must be left out: it is on several of them.", where="frame")
        return
    if pictures == 1 or isinstance(after.geometry, Tag):
        return
    if pictures is None:
        # Of a scan whose headers were not read.
        if after.frame is None:
            raise SchemaError("must be a number from 0, that of a slice.", where="frame")
        return
    if after.frame is None or after.frame >= pictures:
        raise SchemaError(
            f"must be from 0 to {pictures - 1}, the picture or slice, not {after.frame}.",
            where="frame",
        )


def _spans(annotation: Annotation) -> bool:
    """Return whether an annotation is on several pictures by its geometry."""
    return isinstance(annotation.geometry, VolumeMask | Track | Interval)


def _track_of(annotation: Annotation | None) -> Track | None:
    geometry = None if annotation is None else annotation.geometry
    return geometry if isinstance(geometry, Track) else None


def _check_kind(geometry: Track | Interval, kind: str) -> None:
    if kind not in IN_TIME:
        raise SchemaError(
            f"is of type {geometry.type}, and this item is of kind {kind}: only videos and "
            "sequences of images have a time.",
            where="geometry",
        )


def _check_volume(mask: VolumeMask, shape: Shape | None) -> None:
    if shape is not None:
        check_slices(mask, shape[1:], shape[0])


def _check_changed_answers(before: Annotation, after: Annotation, ontology: Ontology) -> None:
    changed: dict[str, AttributeValue] = {
        name: answer
        for name, answer in after.attributes.items()
        if before.attributes.get(name) != answer
    }
    if not changed:
        return
    if after.class_name is None:
        check_answers(ontology.image_attributes, changed, "image")
    else:
        made = ontology[after.class_name]
        check_answers(made.attributes, changed, f"class {made.name!r}")


def missing(
    annotations: Sequence[Annotation], ontology: Ontology, mode: Mode = "both"
) -> list[str]:
    """Return what required answers a task lacks, in words, the image's first.

    In a mode that does not ask for the image, or not for objects, theirs are not missing.
    """
    about_image: Mapping[str, AttributeValue] = {}
    found = []
    for made in annotations:
        if made.class_name is None:
            about_image = made.attributes
        elif made.class_name in ontology and mode != "classification":
            lacking = missing_anywhere(ontology[made.class_name].attributes, made)
            found += [f"{made.class_name} {made.id}: {name}" for name in lacking]
    lacking = missing_answers(image_questions(ontology, mode), about_image)
    return [f"image: {name}" for name in lacking] + found


def check_complete(
    task: Mapping[str, Any],
    annotations: Sequence[Annotation],
    ontology: Ontology,
    mode: Mode = "both",
) -> None:
    """Raise unless every required question of a task is answered.

    Raises
    ------
    WorkflowError
        Listing what is missing.
    """
    lacking = missing(annotations, ontology, mode)
    if lacking:
        shown = "; ".join(lacking[:20])
        more = f" and {len(lacking) - 20} more" if len(lacking) > 20 else ""
        raise WorkflowError(
            f"lacks required answers: {shown}{more}.",
            where=f"task {task['id']} ({task['title']})",
            hint="Answer them, then submit again.",
        )
