"""pyarrow, when it is needed."""

from __future__ import annotations

from typing import Any

from labelwidgets.extras import library as extra


def library() -> Any:
    """Return pyarrow.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    extra("pyarrow.parquet", "parquet", "parquet")
    return extra("pyarrow", "parquet", "parquet")
