"""Applying edits within a transaction: read what they touch, run the ledger, write it down."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, Table, bindparam, insert, update

from labelwidgets.errors import StoreError
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.renames import Renames
from labelwidgets.store import log
from labelwidgets.store.clock import from_datetime
from labelwidgets.store.edits import Applied, Check, Edit, Outcome
from labelwidgets.store.leases import LEASE, renew
from labelwidgets.store.ledger import Ledger
from labelwidgets.store.ontologies import ASKED_RULES, Rules, rules_of
from labelwidgets.store.records import Held, to_row
from labelwidgets.store.statements import Statement, read, write
from labelwidgets.store.tables import events, labels
from labelwidgets.store.task_rows import asked_tasks, tasks_of


class RulesMovedError(StoreError):
    """Edits were judged by rules that are no longer the current ones; nothing was done."""


class Before(NamedTuple):
    """All that edits touch and depend on, as it is before them."""

    head: log.Head
    rules: Rules
    known: Mapping[str, Outcome]
    held: Mapping[str, Held]
    tasks: Mapping[str, Mapping[str, Any]]


def read_before(connection: Connection, edits: Sequence[Edit]) -> Before:
    """Return what edits touch and depend on, read in one trip to the database."""
    named = [name for edit in edits for name in (edit.id, edit.parent)]
    heads, rules, known, held, tasks = read(
        connection,
        log.asked_head(connection),
        ASKED_RULES,
        log.asked_known(connection, _identifiers(named)),
        log.asked_held(connection, _identifiers(edit.annotation for edit in edits)),
        asked_tasks(connection, _identifiers(edit.task for edit in edits)),
    )
    return Before(
        log.head_of(heads[0]),
        rules_of(rules),
        log.known_of(connection, known),
        log.held_of(held),
        tasks_of(tasks),
    )


def apply_edits(
    connection: Connection,
    edits: Sequence[Edit],
    before: Before,
    actor: str,
    client: str | None = None,
    check: Check | None = None,
    authors: Mapping[str, str] | None = None,
    within: Container[str] | None = None,
    renames: Renames | None = None,
    *,
    last: bool = False,
) -> tuple[list[Outcome], list[Applied]]:
    """Return an outcome for each edit, and the edits that were applied for the first time.

    With `last` the transaction ends with it.
    """
    head, _, known, held, tasks = before
    ledger = Ledger(
        tasks=tasks,
        held=held,
        known=known,
        actor=actor,
        client=client,
        seq=head.seq,
        moment=head.moment,
        check=check,
        authors=authors,
        within=within,
        renames=renames,
    )
    outcomes = ledger.apply(edits)
    new = [to_row(now) for name, now in ledger.touched.items() if name not in held]
    old = [to_row(now) for name, now in ledger.touched.items() if name in held]
    for row in old:
        row["of_id"] = row.pop("id")
    for task in {made.task: tasks[made.task] for made in ledger.applied}.values():
        # An edit is a sign of life; it is noted now and then.
        until = task["lease_until"]
        if task["assignee"] == actor and until and from_datetime(until) < head.moment + LEASE // 2:
            renew(connection, task["id"], actor, None)
    write(connection, (_EVENT, ledger.events), (_CREATED, new), (_CHANGED, old), last=last)
    return outcomes, ledger.applied


def _every(table: Table) -> dict[str, BindParameter[Any]]:
    return {column.name: bindparam(column.name, type_=column.type) for column in table.c}


_EVENT = Statement(lambda sqlite: insert(events).values(_every(events)))
_CREATED = Statement(lambda sqlite: insert(labels).values(_every(labels)))
# The parameter of the condition has a name of its own: that of a column is a new value's.
_CHANGED = Statement(
    lambda sqlite: (
        update(labels)
        .where(labels.c.id == bindparam("of_id"))
        .values({name: value for name, value in _every(labels).items() if name != "id"})
    )
)


def _identifiers(named: Iterable[str | None]) -> set[str]:
    """Return the well-formed ones: a database cannot be asked for just any text."""
    return {name for name in named if isinstance(name, str) and is_id(name)}
