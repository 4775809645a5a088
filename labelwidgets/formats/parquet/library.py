"""pyarrow, when it is needed."""

from __future__ import annotations

from typing import Any

from labelwidgets.errors import MissingExtraError


def library() -> Any:
    """Return pyarrow.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError(
            "pyarrow is not installed, which reads and writes Parquet.",
            where="parquet",
            hint='Run: pip install "labelwidgets[parquet]"',
        ) from None
    return pyarrow
