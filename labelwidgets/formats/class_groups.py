"""The groups that classes are in, as COCO and its kin write them (``supercategory``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.schema.ontology import ObjectClass

GROUP = "supercategory"


def group_of(
    made: ObjectClass,
    groups: Mapping[str, str] | None = None,
    told: Mapping[str, Any] | None = None,
) -> str:
    """Return the group of a class, empty where nobody says one.

    Parameters
    ----------
    made
        The class; a file may have said it, in its `parameters`.
    groups
        Those that the writer was given, by the names of classes; they count first.
    told
        What else is said of its category.
    """
    for given in (groups or {}).get(made.name), made.parameters.get(GROUP), (told or {}).get(GROUP):
        if given and isinstance(given, str):
            return given
    return ""
