"""What is lost of a label in a format: told by what the format says that it holds."""

from __future__ import annotations

from collections import Counter

from labelwidgets.formats.holds import Fate, Holds
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Polygon, Rectangle, Tag
from labelwidgets.schema.tracks import Track

_NAMES = {"volumemask": "volume mask", "interval": "event"}


def losses(holds: Holds, label: Annotation, lost: Counter[str]) -> Fate:
    """Count what is lost of a label that is written, and return what becomes of its shape.

    Parameters
    ----------
    holds
        What the format can hold.
    label
        The label: whole, or as it is on one frame.
    lost
        Gains a line for each loss, in the words of the warning.
    """
    features = features_of(label)
    fate = holds.fate(features[0])
    for feature in features[1:]:
        other = holds.fate(feature)
        if fate.how == "kept" and feature in ("holes", "parts", "hidden joints"):
            fate = other if other.how != "kept" else fate
    if fate.how in ("left", "ours"):
        lost[features[0]] += 1
        return fate
    if fate.how == "changed":
        named = next((f for f in features if holds.fate(f) == fate), features[0])
        lost[f"{named} (as {fate.words})"] += 1
    for feature, there in (
        ("answers", bool(label.attributes) and label.class_name is not None),
        ("confidence", label.confidence is not None),
    ):
        if there and holds.fate(feature).how in ("left", "ours"):
            lost[feature] += 1
    return fate


def features_of(label: Annotation) -> list[str]:
    """Return what a label has of the shapes of `FEATURES`; the first is what it is."""
    shape = label.geometry
    if isinstance(shape, Track):
        return ["track"]
    if isinstance(shape, Tag) and label.class_name is None:
        return ["image answers"]
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
