"""Key slices: those of a scan that somebody marked as worth another look.

A mark is a `Tag` on its slice (`frame`) with a class of this name, which every ontology has
without saying so. So it is stored, undone, listed and exported like any other label.
"""

from __future__ import annotations

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Tag
from labelwidgets.schema.ontology import KEY_SLICE as KEY_SLICE


def is_key_slice(annotation: Annotation) -> bool:
    """Say whether a label marks its slice as a key slice."""
    return annotation.class_name == KEY_SLICE and isinstance(annotation.geometry, Tag)
