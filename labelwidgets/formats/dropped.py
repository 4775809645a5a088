"""What a format cannot express of the labels that are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from labelwidgets.errors import FormatError
from labelwidgets.formats.numbered import listed
from labelwidgets.formats.warned import warn

# What is written as something else says so in the words of its kind.
_CHANGED = " (as "


@dataclass
class Dropped:
    """What a format cannot express, counted by kind.

    Parameters
    ----------
    file
        Its name as it is shown.
    format
        What people call it.
    strict
        Raise instead of counting.
    ours
        It is in fields that only labelwidgets reads, not left out.
    """

    file: str
    format: str
    strict: bool
    ours: bool = False
    _counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many there are."""
        return self._counts.total()

    @property
    def counts(self) -> dict[str, int]:
        """How many are ``changed``, in the file as something else, and how many ``left_out``.

        Of those in fields of ours, how many are ``extension_only``.
        """
        if self.ours:
            return {"extension_only": self.total}
        changed = sum(number for kind, number in self._counts.items() if _CHANGED in kind)
        return {"changed": changed, "left_out": self.total - changed}

    def add(self, counts: Mapping[str, int]) -> None:
        """Count what has been left out; raise FormatError if that must not be."""
        self._counts.update({kind: number for kind, number in counts.items() if number})
        if self.strict and self._counts:
            raise FormatError(
                f"{self.format} has no place for at least {self._listed()}.",
                where=self.file,
                hint="Leave it out, or write with strict=False, which counts all of it.",
            )

    def say(self) -> None:
        """Warn of what is missing in the file."""
        if self._counts:
            warn(
                f"{self.file}: {self.format} has no place for {self._listed()}{self._fate()}",
            )

    def _fate(self) -> str:
        if self.ours:
            return ". labelwidgets reads them back, other tools do not see them."
        counts = self.counts
        if not counts["changed"]:
            return ", left out."
        if not counts["left_out"]:
            return ", written so."
        return ": written so, and what names no such way is left out."

    def _listed(self) -> str:
        return listed(dict(sorted(self._counts.items())))
