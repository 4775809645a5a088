"""Hotkeys: one spelling for each, and no two things on one key.

The table of the keys that the widgets themselves use is `keys.json`; the
browser code is built with the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from labelwidgets.errors import OntologyError

_MODIFIERS = ("Ctrl", "Alt", "Shift")
_ALIASES = {"control": "Ctrl", "cmd": "Ctrl", "meta": "Ctrl", "option": "Alt"}
_NAMED = (
    *("Space", "Tab", "Enter", "Escape", "Delete", "Backspace"),
    *("PageUp", "PageDown", "Home", "End"),
)


@cache
def taken() -> dict[str, str]:
    """Return the keys that the widgets use, each with what it does."""
    table = json.loads(files(__package__).joinpath("keys.json").read_text(encoding="utf-8"))
    keys = {str(key): "a drawing tool" for key in table["reserved"]}
    for command in table["commands"]:
        for key in [command["key"], *command.get("also", [])]:
            keys[key] = command["label"]
    keys |= {str(digit): "a class by its number" for digit in range(1, 10)}
    return keys


def normalise(hotkey: str) -> str:
    """Return the one spelling of a hotkey, such as ``Ctrl+Shift+C``.

    Raises
    ------
    OntologyError
        If it is not modifiers (Ctrl, Alt, Shift) followed by one key.
    """
    *modifiers, key = hotkey.split("+") if hotkey != "+" else ["+"]
    names = {_ALIASES.get(m.strip().lower(), m.strip().capitalize()) for m in modifiers}
    key = key.strip()
    named = {name.lower(): name for name in _NAMED}
    if key.lower() in named:
        key = named[key.lower()]
    elif len(key) == 1 and key.isprintable() and not key.isspace():
        key = key.upper()
    elif not (key[:1] in "Ff" and key[1:].isdecimal() and 1 <= int(key[1:]) <= 12):
        raise OntologyError(
            f"{hotkey!r} is not a hotkey.", hint="Write it like C, Shift+C or Ctrl+Alt+F2."
        )
    else:
        key = key.upper()
    if not names <= set(_MODIFIERS):
        raise OntologyError(
            f"{hotkey!r} is not a hotkey.", hint="The modifiers are Ctrl, Alt and Shift."
        )
    return "+".join([m for m in _MODIFIERS if m in names] + [key])


def check_clashes(owners: Iterable[tuple[str, str]]) -> None:
    """Raise if a hotkey is given twice or is one of the widgets' own.

    Parameters
    ----------
    owners
        Pairs of a normalised hotkey and the name of what it is for.

    Raises
    ------
    OntologyError
        Naming both sides of the clash.
    """
    seen: dict[str, str] = {}
    for hotkey, owner in owners:
        other = seen.get(hotkey) or taken().get(hotkey)
        if other:
            raise OntologyError(
                f"{hotkey} is already taken by {other!r}.",
                where=f"hotkey of {owner!r}",
                hint="Choose another key, such as Shift with a letter.",
            )
        seen[hotkey] = owner
