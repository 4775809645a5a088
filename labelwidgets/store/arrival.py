"""Edits that arrive: by the rules in force, those to a task that was lost as an opinion."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from sqlalchemy import Connection

from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames
from labelwidgets.store import late
from labelwidgets.store.application import RulesMovedError, apply_edits, read_before
from labelwidgets.store.edits import Applied, Check, Edit, Outcome
from labelwidgets.store.ontologies import Rules, change_ontology


def take_in(
    connection: Connection,
    edits: Sequence[Edit],
    actor: str,
    client: str | None = None,
    check: Check | None = None,
    authors: Mapping[str, str] | None = None,
    within: Container[str] | None = None,
    renames: Renames | None = None,
    rules: Rules | None = None,
    growth: Callable[[Ontology], Ontology] | None = None,
) -> tuple[list[Outcome], list[Applied]]:
    """Apply edits, which may end the transaction; see `Store.apply` for what is given.

    Returns
    -------
    outcomes
        One for each edit, in their order.
    applied
        Those that were applied for the first time, as they were: also those to opinions.

    Raises
    ------
    RulesMovedError
        If `rules` are no longer the current ones; nothing was applied.
    """
    before = read_before(connection, edits)
    if rules is not None and before.rules != rules:
        raise RulesMovedError("The rules have changed at this moment.", hint="Try again.")
    if growth is not None:
        change_ontology(connection, growth, actor, gesture=edits[0].gesture)
        before = read_before(connection, edits)
    sent, opinions = late.divert(connection, edits, before, actor)
    if opinions:
        before = read_before(connection, sent)
        if within is not None:
            within = late.Also(within, [opinion.id for opinion in opinions.values()])
    # Where nothing may come of it, the transaction is not ended yet.
    last = growth is None
    outcomes, applied = apply_edits(
        connection, sent, before, actor, client, check, authors, within, renames, last=last
    )
    outcomes = late.outcomes(edits, sent, outcomes, opinions)
    if growth is not None and not applied:
        connection.rollback()
    return outcomes, applied
