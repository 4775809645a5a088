from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwidgets.store.store import Store
from tests.store.making import NewPlace, make_store


@pytest.fixture
def new_place(tmp_path: Path) -> NewPlace:
    """Where the stores of a test lie: here in files, in tests/servers in databases."""
    numbers = itertools.count()
    return lambda: str(tmp_path / f"cars{next(numbers)}.db")


@pytest.fixture
def store(new_place: NewPlace) -> Iterator[Store]:
    with make_store(new_place()) as made:
        yield made


@pytest.fixture
def task(store: Store) -> str:
    return store.task_ids()[0]
