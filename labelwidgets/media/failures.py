"""The log of files that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from labelwidgets.errors import LabelwidgetsError, SourceError

if TYPE_CHECKING:
    import pandas as pd

# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Failures:
    """What failed, and whether that is the end of it.

    Parameters
    ----------
    errors
        ``raise`` raises the first, ``collect`` keeps them.
    """

    def __init__(self, errors: Literal["raise", "collect"] = "collect") -> None:
        if errors not in ("raise", "collect"):
            raise SourceError(f"must be 'raise' or 'collect', not {errors!r}.", where="errors")
        self._raise = errors == "raise"
        self._rows: list[tuple[int | None, str | None, str | None, str, str]] = []

    @property
    def raises(self) -> bool:
        """Whether the first failure is raised."""
        return self._raise

    def __len__(self) -> int:
        return len(self._rows)

    def add(
        self, row: int, place: str, item_id: str | None, url: str, error: LabelwidgetsError
    ) -> None:
        """Keep a failure or raise it; a negative row means that the file is in no row."""
        if self._raise:
            raise error
        number = row if row >= 0 else None
        self._rows.append((number, place or None, item_id, url, str(error)))

    def frame(self) -> pd.DataFrame:
        """Return a frame with the columns row (Int64), place, id, url and reason, sorted by row.

        A text that a spreadsheet would take for a formula has an apostrophe put before it.
        """
        import pandas as pd

        rows = sorted(self._rows, key=lambda entry: -1 if entry[0] is None else entry[0])
        return pd.DataFrame(
            {
                "row": pd.array([row for row, *_ in rows], dtype="Int64"),
                "place": pd.Series([_defused(entry[1]) for entry in rows], dtype=object),
                "id": pd.Series([_defused(entry[2]) for entry in rows], dtype=object),
                "url": pd.Series([_defused(entry[3]) for entry in rows], dtype=object),
                "reason": pd.Series([_defused(entry[4]) for entry in rows], dtype=object),
            }
        )


def _defused(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text
