"""The questions about an object or an image: text, checkbox, dropdown, radio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from labelwidgets.errors import OntologyError
from labelwidgets.schema.names import (
    check_description,
    check_former,
    check_former_apart,
    check_name,
    first_double,
)

MAX_TEXT = 10_000

AttributeValue: TypeAlias = str | list[str]


class Growing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a class and a question have so that an ontology can change after work began.

    Parameters
    ----------
    description
        What it means, shown to the labeller.
    retired
        No longer offered. Labels that have it keep showing, can be reshaped and are exported.
    formerly
        Names that it had before. Whatever still comes in under one of them gets the current name.
    """

    description: str | None = None
    retired: bool = False
    formerly: list[str] = []


class _Attribute(Growing, frozen=True, tag_field="type", tag=str.lower, omit_defaults=True):
    """Base of the four kinds of questions.

    `shown_if` names another attribute and the answers to it for which this one
    is asked, such as ``{"occluded": ["partly", "fully"]}``. One that is
    `mutable` is asked of a track frame by frame: an answer is part of a
    keyframe, and holds until a later keyframe answers otherwise.
    """

    name: str

    def _set(self, **fields: Any) -> None:
        for key, value in fields.items():
            msgspec.structs.force_setattr(self, key, value)

    def __post_init__(self) -> None:
        name = check_name(self.name, "attribute name")
        where = f"attribute {name!r}"
        self._set(
            name=name,
            description=check_description(self.description, f"{where}, description"),
            formerly=check_former(self.formerly, name, where),
        )
        shown_if: Any = getattr(self, "shown_if", None)
        if shown_if is not None:
            self._set(
                shown_if={
                    key: [answers] if isinstance(answers, str) else list(answers)
                    for key, answers in shown_if.items()
                }
            )


class _Choice(_Attribute, frozen=True, omit_defaults=True):
    """A question with options.

    Parameters
    ----------
    options
        The answers to choose from.
    required
        Whether a task can be submitted without an answer.
    shown_if
        When it is asked.
    retired_options
        Options that are no longer offered; answers that have them stay valid.
    former_options
        What an option was called before, and what it is called now.
    mutable
        Whether the answer may change from frame to frame of a track.
    """

    options: list[str]
    required: bool = False
    shown_if: dict[str, list[str]] | None = None
    retired_options: list[str] = msgspec.field(default_factory=list)
    former_options: dict[str, str] = msgspec.field(default_factory=dict)
    mutable: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        where = f"attribute {self.name!r}"
        options = _options(self.options, where)
        if not options:
            raise OntologyError("needs a list of options.", where=where)
        retired = [one for one in _options(self.retired_options, where) if one not in options]
        known = {*options, *retired}
        former = {
            check_name(old, f"{where}, former_options"): new
            for old, new in self.former_options.items()
        }
        for old, new in former.items():
            if new not in known:
                raise OntologyError(
                    f"{new!r} is no option.", where=f"{where}, former_options, {old!r}"
                )
        former = {old: new for old, new in former.items() if old not in known}
        self._set(options=options, retired_options=retired, former_options=former)

    @property
    def valid_options(self) -> list[str]:
        """All options that an answer may have, those no longer offered at the end."""
        return [*self.options, *self.retired_options]


def _options(options: Any, where: str) -> list[str]:
    if isinstance(options, str) or not isinstance(options, Sequence):
        raise OntologyError("needs a list of options.", where=where)
    checked = [check_name(option, f"{where}, option") for option in options]
    double = first_double(checked)
    if double is not None:
        raise OntologyError(f"has the option {double!r} twice.", where=where)
    return checked


class Text(_Attribute, frozen=True):
    """A question answered by free text of up to 10,000 characters."""

    required: bool = False
    shown_if: dict[str, list[str]] | None = None
    mutable: bool = False


class Checkbox(_Choice, frozen=True):
    """A question with several answers at once."""


class Dropdown(_Choice, frozen=True):
    """A question with one answer, chosen from a list that folds."""


class Radio(_Choice, frozen=True):
    """A question with one answer, chosen from buttons."""


Attribute: TypeAlias = Text | Checkbox | Dropdown | Radio


def check_attributes(attributes: Sequence[Attribute], where: str) -> list[Attribute]:
    """Return questions whose names differ and that depend on earlier ones only.

    Raises
    ------
    OntologyError
        Naming the question.
    """
    seen: dict[str, Attribute] = {}
    for attribute in attributes:
        if not isinstance(attribute, Text | Checkbox | Dropdown | Radio):
            raise OntologyError(
                f"must be Text, Checkbox, Dropdown or Radio, not {type(attribute).__name__}.",
                where=f"{where}, attributes",
            )
        if attribute.name in seen:
            raise OntologyError(f"has the attribute {attribute.name!r} twice.", where=where)
        seen[attribute.name] = _with_condition(attribute, seen, where)
    made = list(seen.values())
    check_former_apart([(one.name, one.formerly) for one in made], f"{where}, attribute")
    return made


def _with_condition(attribute: Attribute, before: Mapping[str, Attribute], where: str) -> Attribute:
    """Check what a question depends on; a former name there becomes the current one."""
    if attribute.shown_if is None:
        return attribute
    place = f"{where}, attribute {attribute.name!r}, shown_if"
    condition: dict[str, list[str]] = {}
    for name, answers in attribute.shown_if.items():
        found = before.get(name) or next(
            (one for one in before.values() if name in one.formerly), None
        )
        if found is None:
            raise OntologyError(f"{name!r} is not an attribute before this one.", where=place)
        if not isinstance(found, Text):
            answers = [found.former_options.get(one, one) for one in answers]
            unknown = set(answers) - set(found.valid_options)
            if unknown:
                raise OntologyError(f"{unknown.pop()!r} is no answer to {name!r}.", where=place)
        condition[found.name] = answers
    if condition == attribute.shown_if:
        return attribute
    return msgspec.structs.replace(attribute, shown_if=condition)
