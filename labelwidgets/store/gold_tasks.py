"""Making the tasks that hold golden answers, and those that compare people with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.ids import new_id
from labelwidgets.store import log
from labelwidgets.store.golden import by_item
from labelwidgets.store.intake import INITIAL
from labelwidgets.store.past import TASKS_ADDED
from labelwidgets.store.tables import PLACES, PROBES, items, tasks


class Probe(NamedTuple):
    """A task that compares a person with a golden answer.

    Parameters
    ----------
    item
        The golden item.
    person
        Who gets it.
    beside
        The task after which it comes up; None for its own place among the items.
    """

    item: str
    person: str
    beside: str | None


def place_gold(
    connection: Connection, item_ids: Sequence[str], start: Mapping[str, Any], actor: str
) -> dict[str, str]:
    """Return the tasks that hold golden answers of items, made now where there was none.

    Parameters
    ----------
    start
        `stage` and `state` of a new one.

    Raises
    ------
    WorkflowError
        If there is no such item.
    """
    held = select(tasks.c.item_id, tasks.c.id).where(tasks.c.copy < 0)
    known = by_item(connection, held, item_ids)
    lacking = [item for item in dict.fromkeys(item_ids) if item not in known]
    if not lacking:
        return known
    places = _places(connection, lacking)
    head = log.take_head(connection)
    after = {**INITIAL, **start}
    rows = []
    for item in lacking:
        if item not in places:
            raise WorkflowError(
                "There is no such item.",
                where=f"item {str(item)[:80]!r}",
                hint="See the column item_id of the tasks frame.",
            )
        position, title = places[item]
        last = position * PLACES + PLACES - 1
        rows.append(_row(head, item, title, after | {"copy": -1, "position": last}))
    connection.execute(insert(tasks), rows)
    log.append(connection, head, TASKS_ADDED, actor, {"count": len(rows), "after": after})
    return known | {row["item_id"]: row["id"] for row in rows}


def place_probes(
    connection: Connection, probes: Sequence[Probe], start: Mapping[str, Any], actor: str
) -> int:
    """Make probes, and return how many; who has one on an item gets no second.

    Each has priority and batch of the task that it comes up beside.

    Parameters
    ----------
    start
        `stage` and `state` of each.
    """
    places = _places(connection, [probe.item for probe in probes])
    beside = _rows(connection, [probe.beside for probe in probes if probe.beside is not None])
    there = select(tasks.c.item_id, tasks.c.copy, tasks.c.position, tasks.c.assignee, tasks.c.maker)
    taken: set[int] = set()
    copies: dict[str, int] = {}
    had: set[tuple[str, str | None]] = set()
    for row in connection.execute(there.where(tasks.c.copy >= PROBES)):
        taken.add(row.position)
        copies[row.item_id] = max(copies.get(row.item_id, 0), row.copy)
        had |= {(row.item_id, row.assignee), (row.item_id, row.maker)}
    head = log.take_head(connection)
    made = 0
    for probe in probes:
        copy = copies.get(probe.item, PROBES - 1) + 1
        own, title = places[probe.item]
        near = beside.get(probe.beside or "")
        first = (own if near is None else near["position"] // PLACES) * PLACES
        free = next(
            (at for at in range(first + PROBES, first + PLACES - 1) if at not in taken), None
        )
        if copy >= PLACES - 1 or free is None or (probe.item, probe.person) in had:
            continue
        taken.add(free)
        copies[probe.item] = copy
        had.add((probe.item, probe.person))
        order = {} if near is None else {name: near[name] for name in ("priority", "batch")}
        after = {**INITIAL, **start, **order, "assignee": probe.person}
        task = _row(head, probe.item, title, after | {"copy": copy, "position": free})
        connection.execute(insert(tasks), [task])
        head = log.append(connection, head, TASKS_ADDED, actor, {"count": 1, "after": after})
        made += 1
    return made


def _row(head: log.Head, item: str, title: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **values,
        "id": new_id(),
        "item_id": item,
        "title": title,
        "seq": head.seq + 1,
        "updated_at": head.moment,
        "revision": 0,
    }


def _places(connection: Connection, item_ids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return place and title of items."""
    return {
        row.id: (row.position, row.title)
        for some in log.chunks(item_ids)
        for row in connection.execute(
            select(items.c.id, items.c.position, items.c.title).where(items.c.id.in_(some))
        )
    }


def _rows(connection: Connection, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    return {
        row["id"]: dict(row)
        for some in log.chunks(ids)
        for row in connection.execute(select(tasks).where(tasks.c.id.in_(some))).mappings()
    }
