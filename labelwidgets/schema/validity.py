"""Does a label fit its ontology and its image?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from labelwidgets.errors import GeometryError, OntologyError
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import (
    MAX_TEXT,
    Attribute,
    AttributeValue,
    Checkbox,
    Text,
)
from labelwidgets.schema.coordinates import Bounds, as_array
from labelwidgets.schema.geometry import Geometry, Keypoints, Mask, Polygon, VolumeMask
from labelwidgets.schema.key_slices import KEY_SLICE, is_key_slice
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Track

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Other tools round outwards, so that a shape at the edge may lie a little outside.
EDGE_TOLERANCE = 1.0
UNCROSS = "Move the vertices so that no two edges cross."
MOVE_IN = "Move it onto the image."


def check_geometry(
    geometry: Geometry, size: tuple[int, int] | None = None, was: Geometry | None = None
) -> None:
    """Raise unless a shape is simple and lies on the image.

    Parameters
    ----------
    geometry
        The shape.
    size
        (width, height) of the image in pixels; None where it is not known.
    was
        The shape that it is made of: what came in from elsewhere and lies
        outside may be moved in step by step, so long as it gets no further out.

    Raises
    ------
    GeometryError
        If a polygon crosses itself, a hole leaves its outer ring, a shape lies
        more than one pixel outside the image, or a mask has another size.
    """
    if isinstance(geometry, Polygon):
        _check_simple(geometry)
    if size is None:
        return
    width, height = size
    if isinstance(geometry, Mask):
        if geometry.rle.size != (height, width):
            raise GeometryError(
                f"is {geometry.rle.size[1]} x {geometry.rle.size[0]} pixels, "
                f"the image is {width} x {height}.",
                where="rle.size",
            )
        return
    if isinstance(geometry, VolumeMask):
        check_slices(geometry, (height, width))
        return
    bounds = geometry.bounds
    if bounds is None or isinstance(geometry, Keypoints):
        return
    if is_on(bounds, size):
        return
    x, y, w, h = bounds
    out = (-x, -y, x + w - width, y + h - height)
    if any(by > most for by, most in zip(out, _allowed(was, width, height), strict=True)):
        raise GeometryError(
            f"spans {x:g}...{x + w:g} x {y:g}...{y + h:g}, "
            f"which is outside of the image of {width} x {height} pixels.",
            where="geometry",
            hint=MOVE_IN,
        )


def is_on(bounds: Bounds, size: tuple[int, int] | None) -> bool:
    """Say whether a box (x, y, width, height) is on an image, or next to its edge."""
    if size is None:
        return True
    x, y, width, height = bounds
    return (
        x >= -EDGE_TOLERANCE
        and y >= -EDGE_TOLERANCE
        and x + width - size[0] <= EDGE_TOLERANCE
        and y + height - size[1] <= EDGE_TOLERANCE
    )


def check_slices(mask: VolumeMask, size: tuple[int, int], count: int | None = None) -> None:
    """Raise GeometryError unless a volume mask lies within its scan.

    Parameters
    ----------
    mask
        The volume mask.
    size
        (rows, columns) of the slices of the scan.
    count
        How many slices it has; None where that is not known.
    """
    own = next((code.size for code in mask.slices.values()), size)
    if own != size:
        raise GeometryError(
            f"has slices of {own[1]} x {own[0]} pixels, those of the scan have "
            f"{size[1]} x {size[0]}.",
            where="slices",
        )
    last = max(mask.slices, default=0)
    if count is not None and last >= count:
        raise GeometryError(
            f"is no slice of the scan, which has {count} (from 0 to {count - 1}).",
            where=f"slices[{last}]",
        )


def _allowed(was: Geometry | None, width: int, height: int) -> list[float]:
    """Return how far a shape may lie outside: to the left, above, to the right, below."""
    bounds = was.bounds if was is not None else None
    x, y, w, h = bounds or (0.0, 0.0, 0.0, 0.0)
    # Shapes that are reshaped by hand are rounded to a hundredth of a pixel.
    out = (-x, -y, x + w - width, y + h - height)
    return [max(EDGE_TOLERANCE, by + 0.05) for by in out]


def _check_simple(polygon: Polygon) -> None:
    import shapely

    for index, part in enumerate(polygon.parts):
        # As arrays, which are read at once: lists cost seconds for a million vertices.
        outer, *holes = map(as_array, part)
        shape = shapely.Polygon(outer, holes)
        if not shapely.is_valid(shape):
            raise GeometryError(
                _fault(shapely.is_valid_reason(shape)), where=f"parts[{index}]", hint=UNCROSS
            )


# As GEOS calls what is wrong with a polygon.
_FAULTS = {
    "Self-intersection": "crosses itself",
    "Ring Self-intersection": "touches itself",
    "Hole lies outside shell": "has a hole outside of its outline",
    "Holes are nested": "has a hole within a hole",
}
_AT = re.compile(r"([^\[]*)\[(\S+) (\S+)\]")


def _fault(reason: str) -> str:
    """Return what is wrong with a polygon and where, in pixels, as a sentence."""
    found = _AT.fullmatch(reason)
    if found is None or found[1] not in _FAULTS:
        return f"crosses itself or has a misplaced hole ({reason})."
    return f"{_FAULTS[found[1]]} at x {float(found[2]):.2f}, y {float(found[3]):.2f}."


def are_simple(
    points: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Say which rings do not cross themselves, as `check_geometry` does of one.

    Parameters
    ----------
    points
        (M, 2), x and y of all their points, in pixels.
    counts
        (N,), how many points each has, at least three; closed or not.

    Returns
    -------
    (N,)
    """
    import numpy as np
    import shapely

    rings = shapely.linearrings(points, indices=np.repeat(np.arange(len(counts)), counts))
    return np.asarray(shapely.is_valid(shapely.polygons(rings)))


def shown(attribute: Attribute, answers: Mapping[str, AttributeValue]) -> bool:
    """Say whether an attribute is asked, given the other answers."""
    for other, wanted in (attribute.shown_if or {}).items():
        answer = answers.get(other)
        given = [answer] if isinstance(answer, str) else (answer or [])
        if not set(given) & set(wanted):
            return False
    return True


def check_answers(
    attributes: Sequence[Attribute], answers: Mapping[str, AttributeValue], where: str
) -> None:
    """Raise unless every answer is one that its question allows.

    Unanswered required questions are no error here: see `missing_answers`.

    Raises
    ------
    OntologyError
        Naming the attribute.
    """
    known = {attribute.name: attribute for attribute in attributes}
    for name, answer in answers.items():
        place = f"{where}, attribute {name!r}"
        attribute = known.get(name)
        if attribute is None:
            raise OntologyError("is not in the ontology.", where=place)
        if isinstance(attribute, Checkbox):
            if isinstance(answer, str) or not all(isinstance(entry, str) for entry in answer):
                raise OntologyError("must be a list of options.", where=place)
            unknown = set(answer) - set(attribute.valid_options)
            if unknown:
                raise OntologyError(f"has no option {unknown.pop()!r}.", where=place)
        elif not isinstance(answer, str):
            raise OntologyError("must be a string.", where=place)
        elif isinstance(attribute, Text):
            if len(answer) > MAX_TEXT:
                raise OntologyError(
                    f"is {len(answer)} characters long, at most {MAX_TEXT} are allowed.",
                    where=place,
                )
        elif answer not in attribute.valid_options:
            raise OntologyError(f"has no option {answer[:80]!r}.", where=place)


def missing_answers(
    attributes: Sequence[Attribute], answers: Mapping[str, AttributeValue]
) -> list[str]:
    """Return the names of required attributes that are shown and not answered."""
    return [
        attribute.name
        for attribute in attributes
        if attribute.required
        and not attribute.retired
        and shown(attribute, answers)
        and not answers.get(attribute.name)
    ]


def check_annotation(
    annotation: Annotation,
    ontology: Ontology,
    size: tuple[int, int] | None = None,
    *,
    sound: bool = False,
) -> None:
    """Raise unless an annotation fits the ontology and the image.

    Parameters
    ----------
    annotation, ontology
        The two.
    size
        (width, height) of the image in pixels; None where it is not known.
    sound
        Its shape is known to be simple and on the image.

    Raises
    ------
    OntologyError, GeometryError
        Naming the field.
    """
    if annotation.class_name is None:
        check_answers(ontology.image_attributes, annotation.attributes, "image")
        return
    made = ontology[annotation.class_name]
    if made.name == KEY_SLICE and made.tool == "tag" and not is_key_slice(annotation):
        raise OntologyError("marks slices, and has no shapes.", where=f"class {KEY_SLICE!r}")
    check_answers(made.attributes, annotation.attributes, f"class {made.name!r}")
    if isinstance(annotation.geometry, Track):
        from labelwidgets.schema.track_validity import check_track

        check_track(annotation.geometry, made, size)
        return
    if isinstance(annotation.geometry, Keypoints):
        check_joints(annotation.geometry, made)
    if not sound:
        check_geometry(annotation.geometry, size)


def check_joints(geometry: Keypoints, made: ObjectClass) -> None:
    """Raise GeometryError unless there are as many joints as the skeleton of a class has."""
    if made.skeleton is None or len(geometry.points) == len(made.skeleton.joints):
        return
    raise GeometryError(
        f"has {numbered(len(geometry.points), 'joint')}, "
        f"the skeleton of {made.name!r} has {len(made.skeleton.joints)}.",
        where="points",
    )
