"""What ids of MOTS mean."""

from __future__ import annotations

from labelwidgets.formats.mot.classes import Classes, names_by_number
from labelwidgets.schema.ontology import Ontology

IGNORED = 10_000
"""The id of regions that are not to be counted."""
IGNORE = "ignore"
"""The class that they become."""
PER_CLASS = 1000
KITTI = {1: "car", 2: "pedestrian"}


def names_of(
    given: Classes | None, labels: list[str] | None, ontology: Ontology | None
) -> dict[int, str]:
    """Return names of classes by number: see `labelwidgets.formats.mots`."""
    if given is not None:
        return names_by_number(given)
    if labels is not None:
        return dict(enumerate(labels, 1))
    if ontology is None or not ontology.classes:
        return dict(KITTI)
    names = [made.name for made in ontology.classes if made.name != IGNORE]
    if set(KITTI.values()) <= set(names):
        others = [name for name in names if name not in KITTI.values()]
        return KITTI | dict(enumerate(others, 3))
    return dict(enumerate(names, 1))
