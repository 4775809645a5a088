"""The kinds of rows that YOLO has, and what each can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from labelwidgets.errors import FormatError
from labelwidgets.formats.holds import KEPT, Fate, Holds, changed

Kind: TypeAlias = Literal["detect", "segment", "pose", "obb"]
"""As Ultralytics calls its tasks."""
KINDS: tuple[Kind, ...] = get_args(Kind)


def check_kind(kind: str) -> None:
    """Raise FormatError unless a kind is one."""
    if kind not in KINDS:
        raise FormatError(f"must be one of {', '.join(KINDS)}, not {kind!r}.", where="task")


def _holds(name: str, fates: Mapping[str, Fate]) -> Holds:
    return Holds(f"YOLO {name}", "pictures", {**fates, "empty pictures": KEPT})


def _areas(into: str, words: str) -> dict[str, Fate]:
    """Return the fates of areas where all become one shape."""
    areas = ("rectangle", "turned rectangle", "ellipse", "polygon", "holes", "parts", "mask")
    fates = {area: changed(into, words) for area in (*areas, "volume mask")}
    return fates | {"track": changed(into, f"{words} on each frame")}


_BOX = _areas("rectangle", "its box") | {"rectangle": KEPT}
_RING = dict.fromkeys(("polygon", "holes", "parts"), KEPT)
HOLDS: Mapping[Kind, Holds] = {
    "detect": _holds("detect", _BOX),
    "segment": _holds("segment", _areas("polygon", "its outline") | _RING),
    "pose": _holds("pose", {**_BOX, "keypoints": KEPT, "hidden joints": KEPT}),
    "obb": _holds(
        "oriented boxes",
        _areas("rectangle", "the smallest box around it")
        | {"rectangle": KEPT, "turned rectangle": KEPT},
    ),
}
