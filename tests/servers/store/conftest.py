"""The fixtures of tests/store, with databases of a PostgreSQL server in the place of files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labelwidgets.workflow.stages import Workflow
from tests.servers.postgres import Postgres
from tests.servers.store.walled import Make, Walled
from tests.store.conftest import store, task  # noqa: F401 fixtures
from tests.store.making import NewPlace


@pytest.fixture
def new_place(postgres: Postgres) -> Iterator[NewPlace]:
    """Where the stores of a test lie."""
    made: list[str] = []

    def new() -> str:
        made.append(postgres.database())
        return made[-1]

    yield new
    for url in made:
        postgres.drop(url)


@pytest.fixture(scope="module")
def make(postgres: Postgres) -> Iterator[Make]:
    """Makes projects whose people are held by the database."""
    made: list[Walled] = []

    def new(workflow: Workflow, **more: Any) -> Walled:
        made.append(Walled(postgres, workflow, **more))
        return made[-1]

    yield new
    for one in made:
        one.close()
