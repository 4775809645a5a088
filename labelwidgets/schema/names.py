"""What classes, questions, options and joints may be called."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec

from labelwidgets.errors import OntologyError

MAX_NAME = 200
MAX_DESCRIPTION = 2_000
MAX_PARAMETERS = 100_000
"""Most bytes, as JSON, of what a file says of a class beside what it is."""
MAX_CODE = (16, 16, 64)
"""Most characters of the scheme, the value and the meaning of a code (PS3.3, table 8.8-1)."""


def check_name(text: Any, where: str) -> str:
    """Return a name in Unicode's form NFC.

    Raises
    ------
    OntologyError
        If it is empty, longer than 200 characters, or holds control characters.
    """
    if not isinstance(text, str) or not text.strip():
        raise OntologyError("must not be empty.", where=where)
    name = unicodedata.normalize("NFC", text)
    if len(name) > MAX_NAME:
        raise OntologyError(
            f"is {len(name)} characters long, at most {MAX_NAME} are allowed.", where=where
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise OntologyError("must not hold control characters or half characters.", where=where)
    return name


def check_description(text: Any, where: str) -> str | None:
    """Return a description, None for an empty one; lines may be broken in it."""
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise OntologyError("must be text.", where=where)
    if len(text) > MAX_DESCRIPTION:
        raise OntologyError(
            f"is {len(text)} characters long, at most {MAX_DESCRIPTION} are allowed.", where=where
        )
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in text):
        raise OntologyError("must not hold control characters or half characters.", where=where)
    return text


def check_parameters(given: Any, where: str) -> None:
    """Raise unless something is an object of JSON that is not too long.

    Raises
    ------
    OntologyError
        If it is none.
    """
    try:
        if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
            raise TypeError
        size = len(msgspec.json.encode(given))
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise OntologyError(
            f"must be a dict of what JSON can hold, by names, not {given!r:.60}.", where=where
        ) from None
    if size > MAX_PARAMETERS:
        raise OntologyError(
            f"are {size} bytes of JSON, at most {MAX_PARAMETERS} are allowed.", where=where
        )


def check_code(code: Any, where: str) -> tuple[str, str, str] | None:
    """Return the scheme, the value and the meaning of a code, as long as DICOM allows them.

    Raises
    ------
    OntologyError
        If it is not three texts, or one is empty, too long or holds a backslash.
    """
    if code is None:
        return None
    if isinstance(code, str) or not isinstance(code, Sequence) or len(code) != 3:
        raise OntologyError(
            f"must be a scheme, a value and a meaning, not {code!r:.80}.",
            where=where,
            hint='Such as ("SCT", "10200004", "Liver").',
        )
    for text, longest in zip(code, MAX_CODE, strict=True):
        if (
            not isinstance(text, str)
            or not 0 < len(text.strip()) <= len(text) <= longest
            or "\\" in text
            or any(unicodedata.category(one) in ("Cc", "Cs") for one in text)
        ):
            raise OntologyError(
                f"must be texts of 1 to {', '.join(map(str, MAX_CODE))} characters "
                f"without backslashes, not {text!r:.80}.",
                where=where,
            )
    return code[0], code[1], code[2]


def check_former(names: Any, current: str, where: str) -> list[str]:
    """Return former names without the current one and doubles."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise OntologyError("must be a list of names.", where=f"{where}, formerly")
    checked = [check_name(name, f"{where}, formerly") for name in names]
    return [name for name in dict.fromkeys(checked) if name != current]


def check_former_apart(things: Sequence[tuple[str, Sequence[str]]], where: str) -> None:
    """Raise where a former name of one thing is a name, or a former name, of another.

    Labels that still come in under a former name would belong to both.

    Parameters
    ----------
    things
        Pairs of a name and the former names of the same thing.

    Raises
    ------
    OntologyError
        Naming both.
    """
    owners = {name: name for name, _ in things}
    for name, former in things:
        for old in former:
            other = owners.setdefault(old, name)
            if other != name:
                raise OntologyError(
                    f"was the name of {name!r}, and labels may still come in under it, "
                    f"so that {other!r} cannot have it too.",
                    where=f"{where} {old!r}",
                    hint=f"Choose another name, or rename {name!r} back.",
                )


def first_double(names: Sequence[str]) -> str | None:
    """Return the first name that is there twice, None if all differ."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
