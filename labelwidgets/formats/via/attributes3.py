"""Attributes as VIA 3 defines them: questions with ids, about what their anchor says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError, SchemaError
from labelwidgets.formats.json_values import mapping_in
from labelwidgets.schema.attributes import Attribute, Checkbox, Dropdown, Radio, Text

# What attributes are about, by the end of their anchor: a shape, a segment of time, a file.
SHAPE, SEGMENT, FILE = "XY1", "Z2_XY0", "Z0_XY0"
# Anchors as they are written.
PICTURE_SHAPE, FRAME_SHAPE = "FILE1_Z0_XY1", "FILE1_Z1_XY1"
STRETCH, WHOLE_FILE = "FILE1_Z2_XY0", "FILE1_Z0_XY0"
_TEXT, _CHECKBOX, _RADIO, _SELECT = 1, 2, 3, 4
_CHOICES: dict[Any, type[Checkbox] | type[Radio] | type[Dropdown]] = {
    _CHECKBOX: Checkbox,
    _RADIO: Radio,
    _SELECT: Dropdown,
}


class Asked(NamedTuple):
    """An attribute: its name, what it is about, and its options by their ids."""

    name: str
    about: str
    kind: Any
    options: Mapping[str, Any]

    @property
    def question(self) -> Attribute | None:
        """The question that it is; None where it cannot be one, such as a choice of nothing."""
        try:
            if self.kind == _TEXT:
                return Text(self.name)
            made = _CHOICES.get(self.kind) if isinstance(self.kind, int) else None
            if made is not None:
                options = dict.fromkeys(map(str, self.options.values()))
                return made(self.name, list(options))
        except SchemaError:
            pass
        return None

    def answer(self, value: Any) -> Any:
        """Return what was answered, with the words of options."""
        if self.kind == _CHECKBOX:
            chosen = [one for one in str(value).split(",") if one]
            return [str(self.options.get(one, one)) for one in chosen]
        if self.kind in (_RADIO, _SELECT):
            return str(self.options.get(str(value), value))
        return value


def asked_in(document: Mapping[str, Any]) -> dict[str, Asked]:
    """Return the attributes of a project by their ids.

    Raises
    ------
    FormatError
        Naming the field.
    """
    return {str(id): _asked(one) for id, one in mapping_in(document, "attribute").items()}


def _asked(one: Any) -> Asked:
    if not isinstance(one, Mapping) or not isinstance(one.get("aname"), str):
        raise FormatError("must have a name.", where="attribute, aname")
    anchor = str(one.get("anchor_id"))
    about = next((end for end in (SEGMENT, FILE, SHAPE) if anchor.endswith(end)), "")
    return Asked(one["aname"], about, one.get("type"), mapping_in(one, "options"))


class Asking:
    """Attributes that are written, each made when something first answers it.

    Attributes
    ----------
    records
        As they are in the project, by their ids.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._options: dict[str, dict[str, str]] = {}

    def ask(self, anchor: str, name: str, kind: int, options: Iterable[str] = ()) -> str:
        """Return the id of an attribute, with these options, and others if it had any."""
        id = self._ids.setdefault((anchor, name), str(len(self._ids) + 1))
        if id not in self.records:
            self.records[id] = {
                "aname": name, "anchor_id": anchor, "type": kind, "desc": "",
                "options": {}, "default_option_id": "",
            }  # fmt: skip
            self._options[id] = {}
        for option in options:
            self._option(id, option)
        return id

    def question(self, anchor: str, asked: Attribute) -> str:
        """Return the id of the attribute that a question is."""
        kind = next((kind for kind, made in _CHOICES.items() if isinstance(asked, made)), _TEXT)
        options = () if isinstance(asked, Text) else asked.valid_options
        id = self.ask(anchor, asked.name, kind, options)
        self.records[id]["desc"] = asked.description or ""
        return id

    def choice(self, anchor: str, name: str, options: Iterable[str], several: bool = False) -> str:
        """Return the id of the attribute of a choice."""
        return self.ask(anchor, name, _CHECKBOX if several else _SELECT, options)

    def answer(self, anchor: str, name: str, value: Any) -> tuple[str, str]:
        """Return the id of an attribute, and an answer to it as VIA has it."""
        kind = _CHECKBOX if isinstance(value, list) else _TEXT
        id = self.ask(anchor, name, kind)
        if self.records[id]["type"] == _TEXT:
            return id, value if isinstance(value, str) else str(value)
        several = value if isinstance(value, list) else [value]
        return id, ",".join(self._option(id, str(one)) for one in several)

    def _option(self, id: str, option: str) -> str:
        known = self._options[id]
        if option not in known:
            known[option] = str(len(known) + 1)
            self.records[id]["options"][known[option]] = option
        return known[option]
