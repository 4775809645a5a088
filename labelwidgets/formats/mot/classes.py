"""The numbers of classes in files of MOTChallenge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelwidgets.errors import FormatError
from labelwidgets.schema.ontology import Ontology

OFFICIAL = (
    "Pedestrian",
    "Person on vehicle",
    "Car",
    "Bicycle",
    "Motorbike",
    "Non motorized vehicle",
    "Static person",
    "Distractor",
    "Occluder",
    "Occluder on the ground",
    "Occluder full",
    "Reflection",
    "Crowd",
)
"""Those of MOT17 and MOT20, from 1."""
_BY_NAME = {name.casefold(): number for number, name in enumerate(OFFICIAL, 1)}

Classes = Mapping[int, str] | Sequence[str]


def names_by_number(given: Classes) -> dict[int, str]:
    """Return names by number, of a mapping, or of a list that counts from 1.

    Raises
    ------
    FormatError
        If they are neither.
    """
    if isinstance(given, str):
        raise FormatError("must be a list of names, or names by number.", where="classes")
    pairs = given.items() if isinstance(given, Mapping) else enumerate(given, 1)
    found = {}
    for number, name in pairs:
        if isinstance(number, bool) or not isinstance(number, int) or not isinstance(name, str):
            raise FormatError(
                "must be a list of names, or names by number.",
                where="classes",
                hint='Such as {1: "car", 2: "bus"}.',
            )
        found[number] = name
    return found


def labels_text(names: Mapping[int, str]) -> bytes:
    """Return the ``labels.txt`` of CVAT and Datumaro; nothing if numbers are not 1, 2, 3, ...."""
    lines = [names[number] for number in sorted(names)]
    if sorted(names) != list(range(1, len(names) + 1)) or any(map(_is_no_line, lines)):
        return b""
    return "".join(f"{line}\n" for line in lines).encode()


def _is_no_line(name: str) -> bool:
    return name.strip().splitlines() != [name]


def names_in(ontology: Ontology | None) -> dict[int, str]:
    """Return the names that numbers have in a project: see `labelwidgets.formats.mot`."""
    if ontology is None or not ontology.classes:
        return dict(enumerate(OFFICIAL, 1))
    names = [made.name for made in ontology.classes]
    official = {_BY_NAME[name.casefold()]: name for name in names if name.casefold() in _BY_NAME}
    # A project of cars and buses need not know of the challenge; one of pedestrians does.
    if 1 not in official:
        return dict(enumerate(names, 1))
    # What the challenge has no number for comes after all that it has one for.
    others = [name for name in names if name.casefold() not in _BY_NAME]
    return dict(enumerate(OFFICIAL, 1)) | official | dict(enumerate(others, len(OFFICIAL) + 1))


def numbers_in(names: Mapping[int, str]) -> dict[str, int]:
    """Return numbers by name."""
    return {name: number for number, name in names.items()}
