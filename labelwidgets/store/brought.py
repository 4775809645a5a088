"""What an import brought into the ontology along with its labels."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from labelwidgets.schema.ontology import Ontology
from labelwidgets.store.records import from_text
from labelwidgets.store.tables import events, ontologies

# Ontologies are few: those of before are not what a person takes back.
_MOST = 500


class Brought(NamedTuple):
    """The ontology before and after a gesture that grew it."""

    before: Ontology
    after: Ontology


def read_brought(connection: Connection, actor: str, gesture: str) -> Brought | None:
    """Return what a gesture of a person made of the ontology; None if it let it be."""
    rows = connection.execute(
        select(ontologies.c.number, ontologies.c.created)
        .where(ontologies.c.actor == actor)
        .order_by(ontologies.c.number.desc())
        .limit(_MOST)
    ).all()
    numbers = {row.created: row.number for row in rows}
    if not numbers:
        return None
    # By their time, which has an index: what people did are many more.
    found = connection.execute(
        select(events.c.time, events.c.payload).where(
            events.c.time.in_(list(numbers)),
            events.c.kind == "ontology",
            events.c.actor == actor,
        )
    ).all()
    time = next((row.time for row in found if from_text(row.payload).get("gesture") == gesture), 0)
    if time not in numbers:
        return None
    two = connection.execute(
        select(ontologies.c.json)
        .where(ontologies.c.number <= numbers[time])
        .order_by(ontologies.c.number.desc())
        .limit(2)
    ).scalars()
    after, *before = map(Ontology.from_json, two)
    return Brought(before[0], after) if before else None
