"""What a report is broken down by."""

from __future__ import annotations

from collections.abc import Sequence

from labelwidgets.errors import WorkflowError


def dimensions_of(by: str | Sequence[str], known: Sequence[str]) -> list[str]:
    """Return one name or several as a list.

    Raises
    ------
    WorkflowError
        If a name is not among the known ones, is there twice, or there is none.
    """
    names = [by] if isinstance(by, str) else list(by)
    for name in names:
        if name not in known:
            raise WorkflowError(
                f"is {name!r:.60}, by which nothing can be broken down.",
                where="by",
                hint=f"Use one or several of: {', '.join(known)}.",
            )
    if not names or len(set(names)) < len(names):
        raise WorkflowError("must name each at most once, and at least one.", where="by")
    return names
