"""Data files of the tests, and what a dataset makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labelwidgets.media import Dataset


def write(folder: Path, name: str, content: Any, encoding: str = "utf-8") -> Path:
    """Write a file: text as it is, all else as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def opened(folder: Path, name: str, content: Any, **options: Any) -> Dataset:
    """Return the dataset of such a file, nothing validated."""
    return Dataset.open(write(folder, name, content), **{"validate": False, **options})


def listed(dataset: Dataset) -> list[tuple[str, str, list[str]]]:
    """Return kind, title and the names of the files of each item."""
    items = dataset.items
    return [
        (kind, title, [url.rpartition("/")[2] for url in urls])
        for kind, title, urls in zip(items.kind, items.title, items.urls, strict=True)
    ]
