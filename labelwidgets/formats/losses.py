"""What is lost of a label in a format: told by what the format says that it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from labelwidgets.formats.holds import Fate, Holds
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import Keypoints, Polygon, Rectangle, Tag
from labelwidgets.schema.tracks import Track

_NAMES = {"volumemask": "volume mask", "interval": "event"}


def kept(holds: Holds, labels: Iterable[Annotation], lost: Counter[str]) -> Iterator[Annotation]:
    """Return the labels that have a place, and count what is lost: see `losses`."""
    for label in labels:
        if losses(holds, label, lost).how != "left":
            yield label


def losses(holds: Holds, label: Annotation, lost: Counter[str]) -> Fate:
    """Count what is lost of a label that is written, and return what becomes of its shape.

    Parameters
    ----------
    holds
        What the format can hold.
    label
        The label: whole, or as it is on one frame. Of a track that can be held, the shapes of
        its keyframes are asked for.
    lost
        Gains a line for each loss, in the words of the warning.
    """
    shape = label.geometry
    fate, named = _fate(holds, features_of(label))
    if isinstance(shape, Track) and fate.how == "kept":
        its = [_fate(holds, _features(one)) for one in shapes_of(shape)]
        worst = [one for one in its if one[0].how != "kept"]
        worst = [one for one in worst if one[0].how == "left"] or worst
        if worst:
            fate, named = worst[0][0], f"track of {worst[0][1]}"
    if fate.how in ("left", "ours"):
        lost[named] += 1
        return fate
    if fate.how == "changed":
        lost[f"{named} (as {fate.words})"] += 1
    for feature, there in (
        ("answers", label.class_name is not None and _has_answers(label)),
        ("confidence", _has_confidence(label)),
    ):
        if there and holds.fate(feature).how in ("left", "ours"):
            lost[feature] += 1
    return fate


def _fate(holds: Holds, features: list[str]) -> tuple[Fate, str]:
    """Return what becomes of a shape, and which of its features says so."""
    fate, named = holds.fate(features[0]), features[0]
    for feature in features[1:]:
        other = holds.fate(feature)
        if fate.how == "kept" and other.how != "kept":
            fate, named = other, feature
    return fate, features[0] if fate.how in ("left", "ours") else named


def features_of(label: Annotation) -> list[str]:
    """Return what a label has of the shapes of `FEATURES`; the first is what it is."""
    if isinstance(label.geometry, Tag) and label.class_name is None:
        return ["image answers"]
    return _features(label.geometry)


def shapes_of(shape: AnyGeometry) -> list[AnyGeometry]:
    """Return the shapes of the keyframes of a track; of anything else, itself."""
    if isinstance(shape, Track):
        return [one.geometry for one in shape.keyframes.values() if one.geometry is not None]
    return [shape]


def _has_answers(label: Annotation) -> bool:
    shape = label.geometry
    keys = shape.keyframes.values() if isinstance(shape, Track) else ()
    return bool(label.attributes) or any(one.attributes for one in keys)


def _has_confidence(label: Annotation) -> bool:
    shape = label.geometry
    keys = shape.keyframes.values() if isinstance(shape, Track) else ()
    return label.confidence is not None or any(one.confidence is not None for one in keys)


def _features(shape: AnyGeometry) -> list[str]:
    if isinstance(shape, Track):
        return ["track"]
    if isinstance(shape, Rectangle):
        return ["turned rectangle"] if shape.angle % 360 else ["rectangle"]
    found = [_NAMES.get(shape.type, shape.type)]
    if isinstance(shape, Polygon):
        if any(len(part) > 1 for part in shape.parts):
            found.append("holes")
        if len(shape.parts) > 1:
            found.append("parts")
    if isinstance(shape, Keypoints) and any(seen != 2 for _, _, seen in shape.points):
        found.append("hidden joints")
    return found
