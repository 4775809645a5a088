"""The lines that a CSV of DeepLabCut begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from labelwidgets.errors import FormatError

ROWS = ("scorer", "individuals", "bodyparts", "coords")
MAX_COLUMNS = 20_000


class Joint(NamedTuple):
    """Where a joint is in a row: the columns of its numbers, None where there is none."""

    x: int
    y: int
    likelihood: int | None


class Header(NamedTuple):
    """What the first lines say.

    Parameters
    ----------
    scorer
        Who or what placed the joints.
    leading
        How many columns say which picture a row is about.
    several
        Whether the file names individuals.
    individuals
        By the name of each (empty where there are none) its joints, in their order.
    """

    scorer: str
    leading: int
    several: bool
    individuals: Mapping[str, Mapping[str, Joint]]


def read_header(rows: Mapping[str, Sequence[str]]) -> Header:
    """Return what the first lines say.

    Parameters
    ----------
    rows
        The cells of each line, by its first cell.

    Raises
    ------
    FormatError
        Naming the line.
    """
    for name in ("scorer", "bodyparts", "coords"):
        if name not in rows:
            raise FormatError("is missing among the first lines.", where=name)
    coords, parts = rows["coords"], rows["bodyparts"]
    several = "individuals" in rows
    owners = rows["individuals"] if several else [""] * len(coords)
    if len(coords) > MAX_COLUMNS:
        raise FormatError(f"has more than {MAX_COLUMNS} columns.", where="coords")
    for name, row in rows.items():
        if len(row) != len(coords):
            raise FormatError(f"has {len(row)} columns, coords has {len(coords)}.", where=name)
    index = next((at for at, cell in enumerate(coords) if at and cell), len(coords))
    places: dict[str, dict[str, dict[str, int]]] = {}
    for at in range(index, len(coords)):
        kind = coords[at]
        if kind not in ("x", "y", "likelihood"):
            raise FormatError(
                f"must be x, y or likelihood, not {kind[:40]!r}.", where=f"coords, column {at + 1}"
            )
        own = places.setdefault(owners[at], {}).setdefault(parts[at], {})
        if kind in own:
            raise FormatError(
                f"has {kind} of {parts[at][:40]!r} twice.", where=f"bodyparts, column {at + 1}"
            )
        own[kind] = at
    individuals: dict[str, dict[str, Joint]] = {}
    for owner, joints in places.items():
        for part, own in joints.items():
            if "x" not in own or "y" not in own:
                raise FormatError(f"has no x and y of {part[:40]!r}.", where="coords")
            made = Joint(own["x"], own["y"], own.get("likelihood"))
            individuals.setdefault(owner, {})[part] = made
    if not individuals:
        raise FormatError("has no body parts.", where="bodyparts")
    scorer = rows["scorer"][index] if index < len(rows["scorer"]) else ""
    return Header(scorer, index, several, individuals)
