"""A process that claims tasks until none is left."""

from __future__ import annotations

from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from labelwidgets.store.moves import Move
from labelwidgets.store.store import Store


def claim_all(place: str, number: int, heard: Connection) -> None:
    """Say which tasks were got."""
    actor = f"person{number}"

    def begin(task: Mapping[str, Any], annotations: Any) -> Move:
        return Move("open", {"state": "in_progress", "assignee": actor}, {})

    got: list[str] = []
    with Store.open(place, wait=60) as store:
        heard.send("ready")
        heard.recv()
        while (task := store.claim(actor, [], ["queued"], begin)) is not None:
            got.append(task["id"])
    heard.send(got)
