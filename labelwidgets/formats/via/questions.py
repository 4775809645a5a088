"""Questions as VIA 2 defines them in ``_via_attributes``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import SchemaError
from labelwidgets.schema.attributes import Attribute, Checkbox, Dropdown, Radio, Text

_CHOICES: dict[str, type[Checkbox] | type[Radio] | type[Dropdown]] = {
    "checkbox": Checkbox,
    "radio": Radio,
    "dropdown": Dropdown,
}


def defined_questions(document: Any) -> dict[str, dict[str, Attribute]]:
    """Return the questions about a ``region`` and about a ``file``, by their names.

    What cannot be a question here, such as a choice without options, is left out: what is answered
    says what it is then.
    """
    given = document.get("_via_attributes") if isinstance(document, Mapping) else None
    found: dict[str, dict[str, Attribute]] = {"region": {}, "file": {}}
    for about, questions in found.items():
        several = given.get(about) if isinstance(given, Mapping) else None
        for name, one in several.items() if isinstance(several, Mapping) else ():
            made = _question(name, one) if isinstance(one, Mapping) else None
            if made is not None:
                questions[name] = made
    return found


def _question(name: str, one: Mapping[str, Any]) -> Attribute | None:
    kind, options = one.get("type"), one.get("options")
    try:
        if kind == "text":
            return Text(name)
        if kind in _CHOICES and isinstance(options, Mapping):
            return _CHOICES[kind](name, list(options))
    except SchemaError:
        pass
    return None
