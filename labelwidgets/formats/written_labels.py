"""What writers of several formats ask of a label: joints, pixels, answers."""

from __future__ import annotations

from typing import Any

from labelwidgets.formats.frame_masks import mask_of, runs_on_frame
from labelwidgets.formats.pictures import Picture
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Polygon
from labelwidgets.schema.ontology import ObjectClass


def joint_names(made: ObjectClass, shape: Keypoints) -> list[str]:
    """Return the names of the joints of a shape: those of its class, else ``p1``, ``p2``, ..."""
    names = made.skeleton.joints if made.skeleton else []
    if len(names) == len(shape.points):
        return names
    return [f"p{at}" for at in range(1, len(shape.points) + 1)]


def one_ring(shape: Any, picture: Picture) -> Any:
    """Return a shape, of a polygon with holes or of several parts the mask of its pixels."""
    if not isinstance(shape, Polygon) or sum(map(len, shape.parts)) == 1:
        return shape
    runs = runs_on_frame(shape, picture.pixels)
    assert runs is not None  # noqa: S101 - a polygon has an area
    return mask_of(runs)


def all_answers(label: Annotation) -> dict[str, Any]:
    """Return the answers of a label, and those of its file that nobody asked for."""
    others = label.origin.parameters.get("attributes") if label.origin.kind == "import" else None
    return (dict(others) if isinstance(others, dict) else {}) | label.attributes
