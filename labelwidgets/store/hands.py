"""Who has made what is in a task: the log knows, whoever worked on it later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from labelwidgets.store.clock import to_datetime
from labelwidgets.store.log import chunks
from labelwidgets.store.tables import events


class Hand(NamedTuple):
    """Who submitted a task.

    Parameters
    ----------
    maker
        Who did so last.
    first
        When it was submitted for the first time: what others add later is a reviewer's.
    """

    maker: str
    first: datetime


def read_hands(connection: Connection, task_ids: Iterable[str]) -> dict[str, Hand]:
    """Return who submitted which of these tasks, by task; those that nobody did are not in it."""
    found: dict[str, Hand] = {}
    for some in chunks(task_ids):
        submits = (
            select(events.c.task, events.c.actor, events.c.time)
            .where(events.c.task.in_(some), events.c.kind == "submit")
            .order_by(events.c.seq)
        )
        for task, actor, time in connection.execute(submits):
            first = found[task].first if task in found else to_datetime(time)
            found[task] = Hand(actor, first)
    return found
