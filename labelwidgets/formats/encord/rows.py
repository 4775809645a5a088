"""What a row of Encord has: files, and what is said of the labels on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.formats.addresses import parts_of
from labelwidgets.formats.picture_labels import Spot


class Unit(NamedTuple):
    """A file of a row: where its labels go, and those by frame."""

    place: str
    spot: Spot
    frames: dict[int | None, Mapping[str, Any]]

    def where(self, frame: int | None) -> str:
        """Return the place of the labels of a frame in the file."""
        return self.place if frame is None else f"{self.place}.labels.{frame}"


class Row(NamedTuple):
    """What a row says: its files by their hash, and the answers and changes of labels by theirs."""

    said: Mapping[str, Any]
    units: Mapping[str, Any]
    answers: Mapping[str, Any]
    actions: Mapping[str, Any]
    classes: Mapping[str, Any]

    @property
    def several(self) -> bool:
        """Whether it has more than one file."""
        return len(self.units) > 1


def row_of(row: Any) -> Row:
    """Return what a row says; raise FormatError where it is none."""
    if not isinstance(row, Mapping):
        raise FormatError("must be an object.")
    units = row.get("data_units")
    if not isinstance(units, Mapping):
        raise FormatError("must be an object with a file for each hash.", where="data_units")
    fields = ("object_answers", "object_actions", "classification_answers")
    for field in fields:
        if not isinstance(row.get(field) or {}, Mapping):
            raise FormatError("must be an object.", where=field)
    answers, actions, classes = (row.get(field) or {} for field in fields)
    return Row(row, units, answers, actions, classes)


def frames_of(unit: Any) -> dict[int | None, Mapping[str, Any]]:
    """Return the labels of a file by frame, None where it is one picture."""
    if not isinstance(unit, Mapping):
        raise FormatError("must be an object.")
    labels = unit.get("labels") or {}
    if not isinstance(labels, Mapping):
        raise FormatError("must be an object.", where="labels")
    if not labels or "objects" in labels or "classifications" in labels:
        return {None: labels}
    frames: dict[int | None, Mapping[str, Any]] = {}
    for frame, said in labels.items():
        if not frame.isdecimal() or not frame.isascii() or len(frame) > 9:
            raise FormatError("must be the number of a frame.", where=f"labels.{frame[:40]}")
        if not isinstance(said, Mapping):
            raise FormatError("must be an object.", where=f"labels.{frame}")
        frames[int(frame)] = said
    return frames


def names_of(unit: Mapping[str, Any], row: Row) -> list[str]:
    """Return what a file is called, the surest first."""
    names = [*_links(unit), _text(unit.get("data_title"))]
    return names if row.several else [*names, _text(row.said.get("data_title"))]


def facts_of(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rate and the number of frames of a video, as far as they are said."""
    rate, seconds = unit.get("data_fps"), unit.get("data_duration")
    if isinstance(rate, int | float) and isinstance(seconds, int | float):
        return {"fps": float(rate), "frames": round(rate * seconds)}
    return {}


def confidence_of(said: Mapping[str, Any]) -> float | None:
    """Return how sure a tool was; what people draw has 1."""
    given = said.get("confidence")
    if given is None or (given == 1 and said.get("manualAnnotation", True)):
        return None
    sound = isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 1
    if not sound:
        raise FormatError("must be a number from 0 to 1.", where="confidence")
    return float(given)


def _links(unit: Mapping[str, Any]) -> list[str]:
    """Return the addresses of a file without what signs them."""
    several = unit.get("data_links")
    given = [unit.get("data_link"), *(several if isinstance(several, list) else [])]
    links = [one for one in given if isinstance(one, str) and one]
    return [parts_of(one)._replace(query="", fragment="").geturl() for one in links]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
