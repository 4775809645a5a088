"""The ontologies of a store: the newest is current, the older ones stay on record."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from labelwidgets.errors import OntologyError
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store import log
from labelwidgets.store.faults import DamagedRecordError
from labelwidgets.store.tables import ontologies


def read_hash(connection: Connection) -> str:
    """Return the hash of the current ontology."""
    query = select(ontologies.c.hash).order_by(ontologies.c.number.desc()).limit(1)
    return str(connection.execute(query).scalar_one())


def read_ontology(connection: Connection) -> Ontology:
    """Return the current ontology."""
    query = select(ontologies.c.json).order_by(ontologies.c.number.desc()).limit(1)
    try:
        return Ontology.from_json(connection.execute(query).scalar_one())
    except OntologyError as error:
        raise DamagedRecordError(f"the ontology cannot be read ({error}).") from error


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


def wider(old: Ontology, new: Ontology) -> Ontology:
    """Return the one of two ontologies that has all the names of the other in it.

    If they have the same names, that is the new one: with other colours, say.

    Raises
    ------
    OntologyError
        If each lacks something of the other.
    """
    before, after = _names(old), _names(new)
    if before <= after:
        return new
    if after <= before:
        return old
    raise OntologyError(
        f"lacks {min(before - after)}, which the project has.",
        where="ontology",
        hint="Open the project with Project.open, and add to it with Project.extend.",
    )


def joined(old: Ontology, new: Ontology) -> Ontology:
    """Return an ontology with what `new` has and `old` lacks at its end."""
    asked = {made.name for made in old.image_attributes}
    return old.extend(
        [made for made in new.classes if made.name not in old],
        [made for made in new.image_attributes if made.name not in asked],
    )


def _names(ontology: Ontology) -> set[str]:
    names = {f"the image attribute {made.name!r}" for made in ontology.image_attributes}
    for made in ontology.classes:
        names.add(f"the class {made.name!r}")
        names |= {f"the attribute {asked.name!r} of {made.name!r}" for asked in made.attributes}
    return names
