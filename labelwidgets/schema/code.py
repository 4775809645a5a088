"""An ontology as the Python that makes it."""

from __future__ import annotations

from typing import Any

import msgspec

from labelwidgets.schema.ontology import Ontology

_FIRST = {
    "ObjectClass": ("name",),
    "Ontology": (),
    "Skeleton": ("joints",),
    "Text": ("name",),
    "WindowPreset": ("name",),
}


def to_python(ontology: Ontology) -> str:
    """Return an expression that makes the ontology, for a cell with ``import labelwidgets as lw``.

    Names are written as literals, whatever is in them.
    """
    return _written(ontology, 0)


def _written(value: Any, depth: int) -> str:
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, msgspec.Struct):
        kind = type(value).__name__
        positional = _FIRST.get(kind, ("name", "options"))
        parts = []
        for field in msgspec.structs.fields(value):
            given = getattr(value, field.name)
            if given == _default(field):
                continue
            text = _written(given, depth + 1)
            parts.append(text if field.name in positional else f"{field.name}={text}")
        line = f"lw.{kind}({', '.join(parts)})"
        if len(line) + len(outer) <= 88 and "\n" not in line:
            return line
        body = "".join(f"{inner}{part},\n" for part in parts)
        return f"lw.{kind}(\n{body}{outer})"
    if isinstance(value, list) and any(isinstance(one, msgspec.Struct) for one in value):
        body = "".join(f"{inner}{_written(one, depth + 1)},\n" for one in value)
        return f"[\n{body}{outer}]"
    return repr(value)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default
