"""What tests/store holds of a store in a file, held of one on PostgreSQL: the same tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.servers.postgres import Postgres
from tests.store import (
    test_apply,
    test_backup,
    test_frames,
    test_gold,
    test_history,
    test_leases,
    test_patches,
    test_people,
    test_stateful,
    test_watch,
)

CONTRACT = (
    test_apply,
    test_backup,
    test_frames,
    test_gold,
    test_history,
    test_leases,
    test_patches,
    test_people,
    test_watch,
)

for module in CONTRACT:
    for name, test in vars(module).items():
        # Tests that need no store are run once, there; random work is done below.
        needs = getattr(test, "__code__", None) and test.__code__.co_varnames
        if (
            name.startswith("test_")
            and not hasattr(test, "hypothesis")
            and needs
            and {"store", "new_place"} & set(needs)
        ):
            if name in globals():
                raise RuntimeError(f"Two tests have the name {name}.")
            globals()[name] = test


class WorkOnAServer(test_stateful.Work):
    server: Postgres

    def new_place(self) -> str:
        return self.server.database()

    def drop(self, place: str) -> None:
        self.server.drop(place)


TestWork = WorkOnAServer.TestCase
TestWork.settings = settings(test_stateful.SETTINGS, max_examples=5, stateful_step_count=20)


@pytest.fixture(scope="module", autouse=True)
def _server(postgres: Postgres) -> None:
    WorkOnAServer.server = postgres
