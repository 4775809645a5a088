"""The DICOM files at hand: those that pydicom carries, and those of the shared data."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

_OTHER = {".py", ".pyc", ".json", ".txt", ".zip", ".md", ".gz", ".dump", ".icc"}
CARRIED = Path(pydicom.__file__).parent / "data"


def carried(name: str) -> str:
    """Return the path of a file that pydicom carries."""
    found = next(CARRIED.rglob(name), None)
    if found is None:
        pytest.skip(f"this pydicom carries no {name}")
    return str(found)


def dicom_files(*folders: Path) -> list[Path]:
    """Return what may be DICOM files below some folders."""
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in _OTHER and path.name != "README"
    ]
