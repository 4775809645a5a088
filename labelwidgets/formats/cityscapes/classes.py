"""The classes of Cityscapes: ids, colours, and whether objects are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.schema.ontology import Ontology

MOST = 64
"""The greatest id of which an object still fits into 16 bits."""
PER_CLASS = 1000


class Known(NamedTuple):
    """A class of Cityscapes."""

    id: int
    color: str
    instances: bool = False


KNOWN: Mapping[str, Known] = {
    "unlabeled": Known(0, "#000000"),
    "ego vehicle": Known(1, "#000000"),
    "rectification border": Known(2, "#000000"),
    "out of roi": Known(3, "#000000"),
    "static": Known(4, "#000000"),
    "dynamic": Known(5, "#6f4a00"),
    "ground": Known(6, "#510051"),
    "road": Known(7, "#804080"),
    "sidewalk": Known(8, "#f423e8"),
    "parking": Known(9, "#faaaa0"),
    "rail track": Known(10, "#e6968c"),
    "building": Known(11, "#464646"),
    "wall": Known(12, "#66669c"),
    "fence": Known(13, "#be9999"),
    "guard rail": Known(14, "#b4a5b4"),
    "bridge": Known(15, "#966464"),
    "tunnel": Known(16, "#96785a"),
    "pole": Known(17, "#999999"),
    "polegroup": Known(18, "#999999"),
    "traffic light": Known(19, "#faaa1e"),
    "traffic sign": Known(20, "#dcdc00"),
    "vegetation": Known(21, "#6b8e23"),
    "terrain": Known(22, "#98fb98"),
    "sky": Known(23, "#4682b4"),
    "person": Known(24, "#dc143c", True),
    "rider": Known(25, "#ff0000", True),
    "car": Known(26, "#00008e", True),
    "truck": Known(27, "#000046", True),
    "bus": Known(28, "#003c64", True),
    "caravan": Known(29, "#00005a", True),
    "trailer": Known(30, "#00006e", True),
    "train": Known(31, "#005064", True),
    "motorcycle": Known(32, "#0000e6", True),
    "bicycle": Known(33, "#770b20", True),
    "license plate": Known(-1, "#00008e"),
}


def ids_of(given: Mapping[str, int] | None, ontology: Ontology | None) -> dict[str, int]:
    """Return the ids of classes by name: those of Cityscapes, and of other classes.

    Parameters
    ----------
    given
        What people say of them, above all else.
    ontology
        Its classes that have no id yet get the next free ones from 34.

    Raises
    ------
    FormatError
        If an id is impossible, or two classes have it.
    """
    ids: dict[str, int] = {}
    for name, id in (given or {}).items():
        whole = isinstance(id, int) and not isinstance(id, bool)
        if not whole or not (id == -1 or 0 < id <= MOST):
            raise FormatError(
                f"must be a number from 1 to {MOST}, or -1, not {id!r}.", where=f"classes, {name!r}"
            )
        if id in ids.values() and id != -1:
            raise FormatError(f"is there twice: {id}.", where=f"classes, {name!r}")
        ids[name] = id
    taken = set(ids.values())
    for name, known in KNOWN.items():
        if name not in ids and (known.id == -1 or known.id not in taken):
            ids[name] = known.id
    taken = set(ids.values())
    following = len(KNOWN) - 1
    for made in ontology.classes if ontology is not None else ():
        if made.name in ids:
            continue
        while following in taken:
            following += 1
        if following > MOST:
            raise FormatError(
                f"has more classes than ids: at most {MOST} fit.",
                where="ontology",
                hint='Pass classes={"name": id, ...}; -1 is for what is in no picture.',
            )
        ids[made.name] = following
        taken.add(following)
    return ids


def counted(name: str, ontology: Ontology | None) -> bool:
    """Say whether objects of a class are told apart."""
    if name in KNOWN:
        return KNOWN[name].instances
    return ontology is None or name not in ontology or ontology[name].instances
