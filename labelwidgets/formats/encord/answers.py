"""Answers to questions, as Encord has them: text, or a list of options."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.file_labels import FileLabels
from labelwidgets.schema.attributes import Attribute, AttributeValue, Text

WHO = ("createdBy", "createdAt", "lastEditedBy", "lastEditedAt", "featureHash")
"""Who has made what, and when."""


def feature_hash(*names: str) -> str:
    """Return eight letters that stand for a class, a question or an option, always the same."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
    return base64.b64encode(digest)[:8].decode()


def value_of(name: str) -> str:
    """Return a name as Encord spells it in ``value``."""
    return "_".join(name.lower().split())


def said_of(
    owner: str, name: str, answer: AttributeValue, attributes: Sequence[Attribute]
) -> dict[str, Any]:
    """Return an answer: options as a list, text as it is."""
    made = next((one for one in attributes if one.name == name), None)
    text = isinstance(answer, str) and (made is None or isinstance(made, Text))
    options = [answer] if isinstance(answer, str) else list(answer)
    listed = [
        {"name": one, "value": value_of(one), "featureHash": feature_hash(owner, name, one)}
        for one in options
    ]
    return {
        "name": name,
        "value": value_of(name),
        "answers": answer if text else listed,
        "featureHash": feature_hash(owner, name),
        "manualAnnotation": True,
    }


def read_answers(given: Any, where: str) -> dict[str, Any]:
    """Return answers by the names of their questions; options as a list of names.

    Raises
    ------
    FormatError
        Naming the field that is wrong.
    """
    if not isinstance(given, list):
        raise FormatError("must be a list.", where=where)
    found: dict[str, Any] = {}
    for at, one in enumerate(given):
        name, answer = read_answer(one, f"{where}[{at}]")
        found[name] = answer
    return found


def read_answer(one: Any, where: str) -> tuple[str, Any]:
    """Return the name of a question and its answer."""
    name = one.get("name") if isinstance(one, Mapping) else None
    if not isinstance(name, str) or not name:
        raise FormatError("must have the name of a question.", where=where)
    answers = one.get("answers")
    if isinstance(answers, list):
        options = [part.get("name") if isinstance(part, Mapping) else None for part in answers]
        if not all(isinstance(part, str) for part in options):
            raise FormatError("must have names.", where=f"{where}.answers")
        return name, options
    if not isinstance(answers, str | int | float) and answers is not None:
        raise FormatError("must be text, a number or a list of options.", where=f"{where}.answers")
    return name, answers


def ranges(given: Any, where: str) -> Iterator[int]:
    """Return the frames of ranges, both ends included.

    Raises
    ------
    FormatError
        If they are no ranges, or of more than a million frames.
    """
    if not isinstance(given, list):
        raise FormatError("must be a list of ranges.", where=where)
    count = 0
    for pair in given:
        sound = isinstance(pair, list) and len(pair) == 2
        if not sound or not all(isinstance(end, int) and end >= 0 for end in pair):
            raise FormatError("must be a list of ranges.", where=where)
        count += max(0, pair[1] - pair[0] + 1)
        if count > 1_000_000:
            raise FormatError("has more than a million frames.", where=where)
        yield from range(pair[0], pair[1] + 1)


def sorted_answers(
    found: FileLabels, name: str, given: Mapping[str, Any]
) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
    """Return answers that the project has questions for, and the others."""
    answers, others = found.answers(name, given)
    for key, value in list(others.items()):
        # Whether one of several may be chosen, or several, only the question says.
        if isinstance(value, list) and len(value) == 1:
            mine, _ = found.answers(name, {key: value[0]})
            if mine:
                answers |= mine
                del others[key]
    return answers, others
