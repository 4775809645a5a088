"""What the colours and numbers of masks mean."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError, OntologyError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.inputs import as_text
from labelwidgets.media.manifests.documents import Repeated
from labelwidgets.schema.colors import parse_color

FILES = ("legend.json", "legend.csv", "class_dict.csv", "legend.txt", "label_colors.txt")
"""Names of legends that tell a folder of masks."""
LABELMAP = "labelmap.txt"
MAX_BYTES = 1 << 24
NONE = frozenset(
    ("background", "_background_", "__background__", "void", "unlabelled", "unlabeled", "none")
)
"""What a legend calls that of which 0 or black is."""
_INSTANCE = re.compile(r"(.*\S)\s*#\s*(\d{1,9})\s*", re.DOTALL)
_LINE = re.compile(r"\s*(\d{1,3})[\s,;]+(\d{1,3})[\s,;]+(\d{1,3})[\s,;]+(\S.*?)\s*")
_HEADS = {"r": "red", "g": "green", "b": "blue", "class": "name", "label": "name"}
_HEADS |= {"id": "number", "index": "number", "value": "number"}


class Part(NamedTuple):
    """What a number is of: a class, or an object of it."""

    name: str
    instance: int | None = None

    @property
    def text(self) -> str:
        """How a legend says it."""
        if self.instance is not None:
            return f"{self.name} # {self.instance}"
        # A class that is called like an object would be taken for one.
        return f"{self.name} # 1" if _INSTANCE.fullmatch(self.name) else self.name

    @classmethod
    def of(cls, text: str, known: Collection[str] = ()) -> Part:
        """Return what a text of a legend says; `known` classes are what they are called."""
        found = _INSTANCE.fullmatch(text)
        if found is None or text in known:
            return cls(text)
        return cls(found[1], int(found[2]))


class Legend(NamedTuple):
    """What each colour, as ``0xrrggbb``, and each number means, in the words of the legend."""

    colors: dict[int, str]
    numbers: dict[int, str]


def read_legend(data: bytes, name: str, where: str) -> Legend:
    """Return the legend of a file.

    Raises
    ------
    FormatError
        If it is none, or has two names for one colour or number.
    """
    if name.lower().endswith(".json"):
        return legend_of(as_json(data, where), where)
    return _collected(_rows(as_text(data, where), where))


def legend_of(document: Any, where: str) -> Legend:
    """Return the legend that a mapping is, such as ``{"#c76e2a": "car # 5", "7": "road"}``.

    Raises
    ------
    FormatError
        If it is none, or has two names for one colour or number.
    """
    if isinstance(document, Mapping) and isinstance(document.get("classes"), list):
        document = _classes(document["classes"], where)
    if not isinstance(document, Mapping):
        raise FormatError("must be an object with a name for each colour or number.", where=where)
    if isinstance(document, Repeated):
        twice = document.keys_twice[0]
        raise FormatError(f"{twice[:40]!r} is there twice.", where=where)
    return _collected((key, name, where) for key, name in document.items())


def is_file(name: str) -> bool:
    """Say whether a file is called like a legend."""
    return name.rsplit("/", 1)[-1].lower() in FILES


def is_legend(data: bytes) -> bool:
    """Say whether JSON is a legend."""
    try:
        found = legend_of(as_json(data, "legend"), "legend")
    except FormatError:
        return False
    return bool(found.colors or found.numbers)


def _collected(entries: Iterable[tuple[Any, Any, str]]) -> Legend:
    legend = Legend({}, {})
    for key, name, place in entries:
        at = f"{place}, {str(key)[:40]!r}"
        if not isinstance(name, str) or not name.strip():
            raise FormatError("must be the name of a class.", where=at)
        colored, code = code_of(key, at)
        names = legend.colors if colored else legend.numbers
        if names.setdefault(code, name.strip()) != name.strip():
            raise FormatError(
                f"is {names[code][:80]!r} and {name.strip()[:80]!r}.",
                where=at,
                hint="A colour or number must have one name.",
            )
    return legend


def code_of(key: Any, where: str) -> tuple[bool, int]:
    """Return whether a key is a colour, and what it is: ``#rrggbb``, or a number from 0.

    Raises
    ------
    FormatError
        If it is neither.
    """
    if isinstance(key, str) and key.strip().startswith("#"):
        try:
            return True, int(parse_color(key.strip(), where)[1:], 16)
        except OntologyError as error:
            raise FormatError(error.message, where=where) from None
    text = str(key).strip()
    whole = isinstance(key, int) and not isinstance(key, bool)
    if (
        (whole or isinstance(key, str))
        and re.fullmatch(r"[0-9]{1,5}", text)
        and int(text) < 1 << 16
    ):
        return False, int(text)
    raise FormatError("must be a colour like #c76e2a, or a number from 0 to 65535.", where=where)


def _classes(classes: list[Any], where: str) -> dict[str, Any]:
    """Return the legend of our pictures of slices."""
    found: dict[str, Any] = {}
    for index, one in enumerate(classes):
        if not isinstance(one, Mapping) or "number" not in one:
            raise FormatError("must have a number.", where=f"{where}, classes[{index}]")
        found[str(one["number"])] = one.get("name")
    return found


def _rows(text: str, where: str) -> Iterator[tuple[str, str, str]]:
    """Return the keys and names of a table, by lines."""
    columns: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{where}, line {number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (found := _LINE.fullmatch(line)) is not None:
            yield _hex(found.groups()[:3], place), found[4], place
            continue
        if re.fullmatch(r"[^:]+:\d+,\d+,\d+:.*", line):
            name, color, *_ = line.split(":")
            yield _hex(color.split(","), place), name, place
            continue
        fields = [field.strip() for field in next(csv.reader([line], strict=False))]
        heads = [_HEADS.get(field.lower(), field.lower()) for field in fields]
        if columns is None and "name" in heads:
            columns = heads
            continue
        row = dict(zip(columns or ("name", "red", "green", "blue"), fields, strict=False))
        if {"name", "red", "green", "blue"} <= row.keys():
            yield _hex([row["red"], row["green"], row["blue"]], place), row["name"], place
        elif {"name", "number"} <= row.keys():
            yield row["number"], row["name"], place
        else:
            raise FormatError("must be a name with red, green and blue, or a number.", where=place)


def _hex(values: Iterable[str], where: str) -> str:
    channels = [value.strip() for value in values]
    if not all(re.fullmatch(r"[0-9]{1,3}", one) and int(one) < 256 for one in channels):
        raise FormatError("must be three numbers from 0 to 255.", where=where)
    return "#" + "".join(f"{int(one):02x}" for one in channels)
