"""What a model calls a class, and what the ontology calls it."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from labelwidgets.errors import AssistantError

# From what a model says (a number or a word) to a class; None leaves it out, "*" is all others.
Classes: TypeAlias = Mapping[Any, str | None] | Sequence[str | None]
ALL_OTHERS = "*"
# What models call the number that stands for nothing.
BACKGROUND = frozenset({"background", "__background__", "_background_", "N/A"})


class ClassNames:
    """Turns what a model calls a class into a class of the ontology.

    Parameters
    ----------
    classes
        A list, number k being the k-th of it, or a mapping from numbers or words. None stands
        for what is left out, the key ``"*"`` for all that is not named.
    own
        What the numbers mean to the model itself, where it says so.

    Raises
    ------
    AssistantError
        If they are neither.
    """

    def __init__(self, classes: Classes | None = None, own: Classes | None = None) -> None:
        self._given = _mapping(classes, "classes")
        self._own = _mapping(own, "names")
        # A list says all that there is; so words of it may be said, too.
        self._said = {name for name in (self._given or {}).values() if name is not None}

    @property
    def given(self) -> bool:
        """Whether numbers have a meaning here."""
        return self._given is not None or self._own is not None

    @property
    def only(self) -> str | None:
        """The class of the ontology that all it finds is of, None where it tells several apart."""
        return next(iter(self._said)) if len(self._said) == 1 else None

    @property
    def count(self) -> int | None:
        """How many classes there are, where they are numbered from 0; None if not known."""
        for known in (self._given, self._own):
            numbers = [key for key in known or {} if isinstance(key, int)]
            if numbers and sorted(numbers) == list(range(len(numbers))):
                return len(numbers)
        return None

    def find(self, said: Any, known: Sequence[str] | None) -> str | None:
        """Return the class that is meant, None for what is to be left out.

        Parameters
        ----------
        said
            A number or a word of the model's.
        known
            Classes of the ontology; None where any will do.

        Raises
        ------
        AssistantError
            If it is no class, naming it.
        """
        key = _key(said)
        given = self._given
        if given is not None:
            if key in given:
                return self._checked(given[key], known)
            word = self._own.get(key) if self._own is not None else None
            if word is not None and word in given:
                return self._checked(given[word], known)
            if isinstance(key, str) and key in self._said:
                return self._checked(key, known)
            if ALL_OTHERS in given:
                return self._checked(given[ALL_OTHERS], known)
            if key == 0 or key in BACKGROUND or word in BACKGROUND:
                return None
        if self._own is not None and key in self._own:
            key = self._own[key]
        if isinstance(key, str) and key:
            if key in BACKGROUND and key not in (known or ()):
                return None
            return self._checked(key, known)
        raise AssistantError(
            f"answered with the class {str(said)[:60]!r}, and nothing says what that is.",
            hint="Say it with classes={number: name} or a list of names.",
        )

    def _checked(self, name: str | None, known: Sequence[str] | None) -> str | None:
        if name is None or known is None or name in known:
            return name
        raise AssistantError(
            f"answered with the class {name[:60]!r}, which is none of the ontology's.",
            hint=f"Say what it is with classes={{{name[:60]!r}: ...}}, None leaves it out. "
            f"Classes: {', '.join(known)[:300] or 'none'}.",
        )


def _mapping(classes: Any, where: str) -> dict[Any, str | None] | None:
    if classes is None:
        return None
    if isinstance(classes, Mapping):
        pairs = list(classes.items())
    elif isinstance(classes, Sequence) and not isinstance(classes, str | bytes):
        pairs = list(enumerate(classes))
    else:
        raise AssistantError(
            f"must be a list of names or a mapping to names, not {type(classes).__name__}.",
            where=where,
        )
    for key, name in pairs:
        if name is not None and (not isinstance(name, str) or not name):
            raise AssistantError(
                f"must be a name or None, not {name!r:.60}.", where=f"{where}[{key!r:.60}]"
            )
    return {_key(key): name for key, name in pairs}


def _key(said: Any) -> Any:
    """Return a number of any kind as an int, a word as it is, all else as None."""
    if isinstance(said, str):
        return str(said)
    try:
        return operator.index(said)
    except TypeError:
        pass
    try:
        number = float(said)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else None


def named_after(thing: Any) -> str:
    """Return a name for a thing: its own or that of its class, in lower case with _ between."""
    given = thing if isinstance(thing, str) else getattr(thing, "__name__", type(thing).__name__)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(given)).lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")[:40] or "model"
