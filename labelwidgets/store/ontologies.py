"""The ontologies of a store: the newest is current, the older ones stay on record."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from labelwidgets.errors import OntologyError
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store import log
from labelwidgets.store.tables import ontologies


def read_hash(connection: Connection) -> str:
    """Return the hash of the current ontology."""
    query = select(ontologies.c.hash).order_by(ontologies.c.number.desc()).limit(1)
    return str(connection.execute(query).scalar_one())


def read_ontology(connection: Connection) -> Ontology:
    """Return the current ontology."""
    query = select(ontologies.c.json).order_by(ontologies.c.number.desc()).limit(1)
    return Ontology.from_json(connection.execute(query).scalar_one())


def put_ontology(
    connection: Connection, head: log.Head, ontology: Ontology, actor: str
) -> log.Head:
    """Make an ontology the current one, and return the new head of the log."""
    connection.execute(
        insert(ontologies).values(
            hash=ontology.hash, json=ontology.to_json(), created=head.moment, actor=actor
        )
    )
    return log.append(connection, head, "ontology", actor, {"after": {"hash": ontology.hash}})


def change_ontology(
    connection: Connection, change: Callable[[Ontology], Ontology], actor: str
) -> Ontology:
    """Replace the ontology by what `change` makes of the current one, and return it.

    Raises
    ------
    OntologyError
        If it lacks a class or an image attribute that there was: labels may be using it.
    """
    head = log.take_head(connection)
    before = read_ontology(connection)
    after = change(before)
    kept = {made.name for made in after.image_attributes}
    lost = [f"class {made.name!r}" for made in before.classes if made.name not in after]
    lost += [
        f"image attribute {made.name!r}"
        for made in before.image_attributes
        if made.name not in kept
    ]
    if lost:
        raise OntologyError(
            "is missing in the new ontology.", where=lost[0], hint="Add to the ontology instead."
        )
    if after.hash != before.hash:
        put_ontology(connection, head, after, actor)
    return after
