"""Rows of KITTI."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.formats.file_labels import FileLabels
from labelwidgets.formats.inputs import Input, as_text
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.numbers import number_in
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Bounds, Rectangle
from labelwidgets.schema.ontology import Ontology

MAX_BYTES = 1 << 30
COLUMNS = (
    "truncated",
    "occluded",
    "alpha",
    "left",
    "top",
    "right",
    "bottom",
    "height",
    "width",
    "length",
    "x",
    "y",
    "z",
    "rotation_y",
    "score",
)
ASKED = ("truncated", "occluded")
"""What may be an answer."""
_NUMBER = r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
# A word with a letter in it: where that is sought, no other place is tried for it.
_KIND = r"(?:(?![^\W\d])\S)*+[^\W\d]\S*+"
OBJECT = re.compile(rf"{_KIND}(?: {_NUMBER}){{14,15}}\s*+")
TRACK = re.compile(rf"\d+ -?\d+ {_KIND}(?: {_NUMBER}){{14,15}}\s*+")
# What stands for what nobody knows.
_UNKNOWN = {"alpha": -10.0, "rotation_y": -10.0}
_NOWHERE = [-1000.0, -1000.0, -1000.0]
_NO_SIZE = [-1.0, -1.0, -1.0]
_YES = frozenset(("yes", "true"))


class Row(NamedTuple):
    """What a row says of an object.

    Parameters
    ----------
    kind
        Its class, as it stands there.
    box
        In pixels.
    said
        ``truncated`` and ``occluded`` as they stand there.
    space
        ``alpha``, ``dimensions``, ``location`` and ``rotation_y``, as far as they are known.
    confidence
        None without one.
    """

    kind: str
    box: Rectangle
    said: dict[str, str]
    space: dict[str, Any]
    confidence: float | None


def lines_of(source: Input, name: str, most: int) -> Iterator[tuple[str, list[str]]]:
    """Return what a line is called and its fields, of those that have any."""
    text = as_text(source.read(name, most), source.where(name))
    for number, line in enumerate(text.split("\n"), 1):
        fields = line.split()
        if fields:
            yield (f"line {number}" if source.single else f"{name}, line {number}"), fields


def row_of(fields: Sequence[str]) -> Row:
    """Return what the 15 or 16 fields of an object say.

    Raises
    ------
    FormatError
        Naming the column.
    """
    if len(fields) not in (15, 16):
        raise FormatError(
            f"has {numbered(len(fields), 'column')} for an object, must have 15 or 16."
        )
    values = [number_in(text, COLUMNS[at]) for at, text in enumerate(fields[1:])]
    left, top, right, bottom = values[3:7]
    if right <= left or bottom <= top:
        raise FormatError(
            f"is a box from {left:g}, {top:g} to {right:g}, {bottom:g}, which has no area.",
            where="left, top, right, bottom",
        )
    space: dict[str, Any] = {}
    if values[2] != _UNKNOWN["alpha"]:
        space["alpha"] = values[2]
    if values[7:10] != _NO_SIZE:
        space["dimensions"] = values[7:10]
    if values[10:13] != _NOWHERE:
        space["location"] = values[10:13]
    if values[13] != _UNKNOWN["rotation_y"]:
        space["rotation_y"] = values[13]
    score = values[14] if len(values) > 14 else None
    if score is not None and not 0 <= score <= 1:
        space["score"] = score
        score = None
    said = dict(zip(ASKED, fields[1:3], strict=True))
    return Row(fields[0], Rectangle(left, top, right - left, bottom - top), said, space, score)


def row_text(
    kind: str,
    bounds: Bounds,
    answers: Mapping[str, AttributeValue],
    said: Mapping[str, Any],
    hidden: bool,
    confidence: float | None,
) -> str:
    """Return the row of an object.

    Parameters
    ----------
    kind
        What its class is called in rows.
    bounds
        (x, y, width, height) in pixels.
    answers, said
        Answers and parameters of the label, the former before the latter.
    hidden
        Whether it is covered, where neither says how far.
    confidence
        None without one.
    """
    x, y, width, height = bounds
    truncated = _said("truncated", answers, said, 1.0)
    occluded = _said("occluded", answers, said, 3.0)
    values = [
        truncated if truncated is not None else 0.0,
        occluded if occluded is not None else float(hidden),
        _finite(said.get("alpha"), _UNKNOWN["alpha"]),
        *(x, y, x + width, y + height),
        *_triple(said.get("dimensions"), _NO_SIZE),
        *_triple(said.get("location"), _NOWHERE),
        _finite(said.get("rotation_y"), _UNKNOWN["rotation_y"]),
    ]
    score = confidence if confidence is not None else said.get("score")
    if isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score):
        values.append(float(score))
    return f"{kind} {' '.join(map(_text, values))}\n"


def type_of(name: str) -> str:
    """Return what a class is called in rows, which have blanks between columns."""
    made = "_".join(name.split())
    # What begins a row must not be taken for a number of a frame.
    return made if re.search(r"[^\W\d]", made) else f"class_{made}"


def types_of(ontology: Ontology) -> dict[str, str]:
    """Return what classes are called in rows, by their names.

    Raises
    ------
    FormatError
        If two would be called the same.
    """
    types: dict[str, str] = {}
    taken: dict[str, str] = {}
    for made in ontology.classes:
        kind = types[made.name] = type_of(made.name)
        if kind in taken:
            raise FormatError(
                f"{taken[kind]!r} and {made.name!r} would both be called {kind!r} in rows.",
                where="ontology",
                hint="Rename one of them.",
            )
        taken[kind] = made.name
    return types


class Names:
    """The classes that rows mean: those of the project by what it calls them in rows."""

    def __init__(self, found: FileLabels) -> None:
        self._found = found
        classes = found.ontology.classes if found.ontology is not None else []
        self._ours = {type_of(made.name): made.name for made in classes}

    def of(self, kind: str) -> str:
        """Return the name of a class; raise FormatError where it cannot be one."""
        return self._found.name_of(self._ours.get(kind, kind), "type")


def known_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers of what is no answer, without those that say nothing."""
    values = {key: number_in(str(text), key) for key, text in said.items()}
    return {
        key: int(value) if value == int(value) else value for key, value in values.items() if value
    }


def _said(
    name: str, answers: Mapping[str, AttributeValue], said: Mapping[str, Any], most: float
) -> float | None:
    for given in (answers.get(name), said.get(name)):
        if given is True or (isinstance(given, str) and given.lower() in _YES):
            return 1.0
        try:
            value = float(given) if isinstance(given, str | int | float) else math.nan
        except ValueError:
            value = math.nan
        if -1 <= value <= most:
            return value
    return None


def _finite(value: Any, unknown: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return unknown
    return float(value)


def _triple(given: Any, unknown: list[float]) -> list[float]:
    if not isinstance(given, list | tuple) or len(given) != 3:
        return unknown
    made = [_finite(one, math.nan) for one in given]
    return unknown if any(map(math.isnan, made)) else made


def _text(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
