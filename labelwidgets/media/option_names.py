"""Storage options that were meant as something else."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from labelwidgets.errors import SourceError

# As difflib measures it: one letter in five may be another.
_ALIKE = 0.8


def check_names(options: Iterable[str], parameters: Iterable[str]) -> None:
    """Raise SourceError for an option whose name is nearly that of a parameter.

    Any name may be an option of some file system, and those of this machine take all of them;
    so that ``erors="collect"`` would pass unheard.

    Parameters
    ----------
    options
        Names of the storage options.
    parameters
        Names of the parameters beside which they were given.
    """
    known = list(parameters)
    for name in set(options).difference(known):
        meant = get_close_matches(name, known, 1, _ALIKE)
        if meant:
            raise SourceError(
                "is not known.", where=str(name)[:80], hint=f"Did you mean {meant[0]!r}?"
            )
