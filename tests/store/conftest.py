from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwidgets.store.store import Store
from tests.store.making import make_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path / "cars.db") as made:
        yield made


@pytest.fixture
def task(store: Store) -> str:
    return store.task_ids()[0]
