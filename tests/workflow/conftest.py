from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labelwidgets.store.store import Store
from labelwidgets.workflow.session import Session
from tests.store.making import make_store
from tests.workflow.pictures import BlankPictures


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path / "cars.db") as made:
        yield made


@pytest.fixture
def session(store: Store) -> Session:
    return Session(store, BlankPictures(), "ana")
