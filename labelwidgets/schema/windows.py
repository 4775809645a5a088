"""Windows by name: which values are shown from black to white."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import OntologyError
from labelwidgets.schema.names import check_name


class WindowPreset(msgspec.Struct, frozen=True, omit_defaults=True):
    """A window with a name.

    Parameters
    ----------
    name
        What people call it.
    level, width
        The value in its middle and its extent, in the unit of the values (HU for CT): what lies
        at ``level - width / 2`` and below is black, at ``level + width / 2`` and above white.
    modality
        Of the scans that it is for, as DICOM names it (``CT``, ``MR``, ...); None for all.
    source
        Where its numbers come from.
    """

    name: str
    level: float
    width: float
    modality: str | None = None
    source: str = ""

    def __post_init__(self) -> None:
        name = check_name(self.name, "name of a window")
        where = f"window {name!r}"
        for field, value in (("level", self.level), ("width", self.width)):
            number: Any = value
            plain = isinstance(number, int | float) and not isinstance(number, bool)
            if not plain or not math.isfinite(number) or abs(number) > 1e9:
                raise OntologyError("must be a number.", where=f"{where}, {field}")
        if self.width <= 0:
            raise OntologyError(f"must be above 0, not {self.width:g}.", where=f"{where}, width")
        modality = None if self.modality is None else check_name(self.modality, where)
        if not isinstance(self.source, str):
            raise OntologyError("must be text.", where=f"{where}, source")
        force = msgspec.structs.force_setattr
        force(self, "name", name)
        force(self, "level", float(self.level))
        force(self, "width", float(self.width))
        force(self, "modality", modality)


_OHIF = "OHIF Viewer, defaultWindowLevelPresets.ts"

# The presets for CT, in the order of their keys.
CT_WINDOWS: tuple[WindowPreset, ...] = (
    WindowPreset("Abdominal soft tissue", 40, 400, "CT", f"{_OHIF} (Soft tissue)"),
    WindowPreset("Bone", 480, 2500, "CT", f"{_OHIF} (Bone)"),
    WindowPreset("Brain", 40, 80, "CT", f"{_OHIF} (Brain)"),
    WindowPreset(
        "Bone marrow",
        25,
        250,
        "CT",
        "No table of presets has one. From fatty marrow, about -100 HU, to above what is found "
        "in diffuse infiltration, up to 127 HU (AJR 2021; 216: 742-750), with the border at 0 HU "
        "(PMC4526783) near its middle",
    ),
    WindowPreset("Liver", 90, 150, "CT", f"{_OHIF} (Liver)"),
    WindowPreset("Lung", -600, 1500, "CT", f"{_OHIF} (Lung)"),
    WindowPreset(
        "Subdural Brain",
        75,
        215,
        "CT",
        "Radiopaedia, Windowing (CT): width 130 to 300, level 50 to 100; their middle",
    ),
)

# Other names that they are asked for by.
ALIASES = {"Brain Marrow": "Bone marrow"}


def check_windows(windows: Any) -> list[WindowPreset]:
    """Return the windows of an ontology, checked: no name is there twice.

    Raises
    ------
    OntologyError
        Naming the window.
    """
    if isinstance(windows, str) or not isinstance(windows, Sequence):
        raise OntologyError("must be a list of WindowPreset.", where="windows")
    seen: set[str] = set()
    for index, one in enumerate(windows):
        if not isinstance(one, WindowPreset):
            raise OntologyError("must be a WindowPreset.", where=f"windows[{index}]")
        if one.name.casefold() in seen:
            raise OntologyError("is there twice.", where=f"window {one.name!r}")
        seen.add(one.name.casefold())
    return list(windows)


def find_window(name: str, own: Iterable[WindowPreset] = ()) -> WindowPreset:
    """Return a window by its name or alias, upper or lower case; one's own come first.

    Raises
    ------
    OntologyError
        If there is none of that name.
    """
    known = [*own, *CT_WINDOWS]
    aliases = {alias.casefold(): real for alias, real in ALIASES.items()}
    for wanted in (name, aliases.get(name.casefold(), name)):
        for one in known:
            if one.name.casefold() == wanted.casefold():
                return one
    names = ", ".join(repr(one) for one in dict.fromkeys(one.name for one in known))
    raise OntologyError(f"{name[:80]!r} is not a window.", hint=f"There are: {names}.")
