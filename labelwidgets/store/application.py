"""Applying edits within a transaction: read what they touch, run the ledger, write it down."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, insert, update

from labelwidgets.errors import StoreError
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.renames import Renames
from labelwidgets.store import log
from labelwidgets.store.clock import from_datetime
from labelwidgets.store.edits import Applied, Check, Edit, Outcome
from labelwidgets.store.leases import LEASE, renew
from labelwidgets.store.ledger import Ledger
from labelwidgets.store.ontologies import read_hash
from labelwidgets.store.queue import read_tasks
from labelwidgets.store.records import to_row
from labelwidgets.store.tables import events, labels


class OntologyMovedError(StoreError):
    """Edits were judged by an ontology that is no longer the current one; nothing was done."""


def apply_edits(
    connection: Connection,
    edits: Sequence[Edit],
    actor: str,
    client: str | None,
    check: Check | None,
    authors: Mapping[str, str] | None,
    within: Container[str] | None,
    renames: Renames | None,
    version: str | None,
) -> tuple[list[Outcome], list[Applied]]:
    """Return an outcome for each edit, and the edits that were applied for the first time."""
    head = log.take_head(connection)
    if version is not None and read_hash(connection) != version:
        raise OntologyMovedError("The ontology has changed at this moment.", hint="Try again.")
    named = [name for edit in edits for name in (edit.id, edit.parent)]
    known = log.read_known(connection, _identifiers(named))
    fresh = [edit for edit in edits if edit.id not in known]
    held = log.read_held(connection, _identifiers(edit.annotation for edit in fresh))
    tasks = read_tasks(connection, _identifiers(edit.task for edit in fresh))
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
    for task in {made.task: tasks[made.task] for made in ledger.applied}.values():
        # An edit is a sign of life; it is noted now and then.
        until = task["lease_until"]
        if task["assignee"] == actor and until and from_datetime(until) < head.moment + LEASE // 2:
            renew(connection, task["id"], actor, None)
    if ledger.events:
        connection.execute(insert(events), ledger.events)
    if new:
        connection.execute(insert(labels), new)
    if old:
        columns = [name for name in old[0] if name != "id"]
        connection.execute(
            update(labels)
            .where(labels.c.id == bindparam("of_id"))
            .values({name: bindparam(name) for name in columns}),
            [{"of_id": row.pop("id"), **row} for row in old],
        )
    return outcomes, ledger.applied


def _identifiers(named: Iterable[str | None]) -> set[str]:
    """Return the well-formed ones: a database cannot be asked for just any text."""
    return {name for name in named if isinstance(name, str) and is_id(name)}
