"""What does not fit a record, in words: msgspec's own are those of its types."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeVar

import msgspec

from labelwidgets.errors import LabelwidgetsError

E = TypeVar("E", bound=LabelwidgetsError)


class Misfit(NamedTuple):
    """What is wrong.

    Parameters
    ----------
    message
        A sentence.
    field
        The path of the value that it is about, such as ``bbox[1]``; empty for the record itself.
    hint
        What to do, None where that is not known.
    """

    message: str
    field: str
    hint: str | None = None

    def at(self, kind: type[E], *places: str) -> E:
        """Return an error of a kind, at places of which the field is the last."""
        where = ", ".join(one for one in (*places, self.field) if one)
        return kind(self.message, where=where or None, hint=self.hint)


_AT = re.compile(r"(.*?) - at (`key` in )?`\$\.?(.*)`$", re.DOTALL)
_EXPECTED = re.compile(r"Expected `([^`]*)`, got `(\w+)`")
_LENGTH = re.compile(r"Expected `(array|str|bytes|object)` of (at least |at most |)length (\d+)")
_GOT = re.compile(r"got (\d+)$")
_FIELD = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
_VALUE = re.compile(r"Invalid (?:enum )?value (.*)$", re.DOTALL)
_KINDS = {
    "array": "a list",
    "bool": "true or false",
    "bytes": "binary data",
    "datetime": "a time such as 2026-01-31T12:00:00Z",
    "float": "a number",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "text",
}
_GIVEN = {**_KINDS, "int": "a number"}


def in_words(error: msgspec.ValidationError) -> Misfit:
    """Return what a record does not fit in, as a person says it.

    Parameters
    ----------
    error
        As msgspec raised it; where it did so for an error of ours, that one counts.

    Examples
    --------
    >>> try:
    ...     msgspec.json.decode(b'{"bbox": "1 2 3 4"}', type=dict[str, list[float]])
    ... except msgspec.ValidationError as error:
    ...     in_words(error).message
    'is text, not a list.'
    """
    text, key, field = str(error), None, ""
    at = _AT.match(text)
    if at is not None:
        text, key, field = at.groups()
    cause = error.__cause__
    if isinstance(cause, LabelwidgetsError):
        return Misfit(cause.message, _joined(field, cause.where or ""), cause.hint)
    found = _FIELD.match(text)
    if found is not None:
        said = "is not there." if found[1].startswith("missing") else "is no field of it."
        return Misfit(said, _joined(field, found[2]))
    said = _sentence(text)
    return Misfit(f"has a name that {said}" if key else said, field.replace(".[", "["))


def _sentence(text: str) -> str:
    found = _EXPECTED.match(text)
    if found is not None:
        wanted = [one for one in found[1].split(" | ") if one != "null"] or ["null"]
        # Every whole number is a number.
        names = [_KINDS.get(one, one) for one in wanted if one != "int" or "float" not in wanted]
        given = "a fraction" if found[2] == "float" and "int" in wanted else _named(found[2])
        return f"is {given}, not {_listed(names)}."
    found, got = _LENGTH.match(text), _GOT.search(text)
    if found is not None and got is not None:
        of = "letters" if found[1] == "str" else "bytes" if found[1] == "bytes" else "entries"
        return f"has {got[1]} {of}, not {found[2]}{found[3]}."
    found = _VALUE.match(text)
    if found is not None:
        return f"is {found[1]}, which is none of its values."
    if text.startswith("Invalid RFC3339 encoded datetime"):
        return f"is not {_KINDS['datetime']}."
    text = text.replace("`", "")
    return text if text.endswith(".") else f"{text}."


def _named(kind: str) -> str:
    return _GIVEN.get(kind, kind)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _joined(field: str, inner: str) -> str:
    return f"{field}.{inner}" if field and inner else field or inner
