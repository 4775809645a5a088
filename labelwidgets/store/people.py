"""The people of a project: what is held of them, changing them, and their replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Select, bindparam, exists, insert, select, update

from labelwidgets.schema.ids import new_id
from labelwidgets.store import log
from labelwidgets.store.records import from_text, to_text
from labelwidgets.store.statements import Statement, read
from labelwidgets.store.tables import events, people

PERSON = "person"
"""The kind of the event by which a person is added, changed or removed."""


class Person(NamedTuple):
    """Somebody who works on a project, or did.

    Parameters
    ----------
    name
        What they are known by.
    role
        ``admin``, ``qc``, ``reviewer`` or ``annotator``.
    groups
        Those that they are in, without ``@``.
    login
        The role that they log in with, on a server; None where that is not said.
    added_by, added_at
        By whom and when, in microseconds.
    removed_at
        Since when they are none of the project; None for those who are.
    """

    name: str
    role: str
    groups: tuple[str, ...] = ()
    login: str | None = None
    added_by: str = ""
    added_at: int = 0
    removed_at: int | None = None


class Standing(NamedTuple):
    """What somebody is to a project at a moment.

    Parameters
    ----------
    team
        Whether the project has people at all.
    person
        What is held of them; None if nothing is.
    """

    team: bool
    person: Person | None


# From all that is held, by name, to those who are to be held otherwise.
ChangePeople: TypeAlias = Callable[[Mapping[str, Person]], Iterable[Person]]

_FIELDS = ("role", "groups", "login", "added_by", "added_at", "removed_at")


def read_standing(connection: Connection, name: str) -> Standing:
    """Return what somebody is to the project: one question, whatever the number of people."""
    ((row,),) = read(connection, (_STANDING, {"name": name}))
    return Standing(bool(row.pop("team")), None if row["name"] is None else _person(row))


def _standing(sqlite: bool) -> Select[Any]:
    anybody = select(exists(select(people.c.name)).label("team")).subquery()
    named = people.c.name == bindparam("name", type_=people.c.name.type)
    return select(anybody.c.team, people).select_from(anybody.outerjoin(people, named))


_STANDING = Statement(_standing)


def read_maker(connection: Connection) -> str:
    """Return who made the project."""
    first = select(events.c.actor).order_by(events.c.seq).limit(1)
    return str(connection.execute(first).scalar_one())


def read_people(connection: Connection) -> dict[str, Person]:
    """Return all people by name, also those who were removed, in the order they were added."""
    rows = connection.execute(select(people).order_by(people.c.added_at, people.c.name))
    return {row["name"]: _person(row) for row in rows.mappings()}


def change_people(connection: Connection, change: ChangePeople, actor: str) -> list[Person]:
    """Hold what `change` returns, each with its event, and return those that differ now."""
    head = log.take_head(connection)
    known = read_people(connection)
    differ = []
    for person in change(known):
        now = known.get(person.name)
        born = (actor, head.moment) if now is None else (now.added_by, now.added_at)
        gone = None if person.removed_at is None else head.moment
        if now is not None and now.removed_at is not None and gone is not None:
            gone = now.removed_at
        person = person._replace(added_by=born[0], added_at=born[1], removed_at=gone)
        if person != now:
            differ.append(person)
    _write(connection, head, known, differ, actor)
    return differ


def _write(
    connection: Connection,
    head: log.Head,
    known: Mapping[str, Person],
    differ: Sequence[Person],
    actor: str,
) -> None:
    said: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for seq, person in enumerate(differ, head.seq + 1):
        before = known.get(person.name)
        payload = {
            "name": person.name,
            "before": None if before is None else _fields(before),
            "after": _fields(person),
        }
        said.append(
            {
                "seq": seq,
                "id": new_id(),
                "time": head.moment,
                "actor": actor,
                "kind": PERSON,
                "payload": to_text(payload),
            }
        )
        row = {**_fields(person), "groups": to_text(list(person.groups)), "seq": seq}
        (new if before is None else old).append({"of_name": person.name, **row})
    if said:
        connection.execute(insert(events), said)
    if new:
        connection.execute(insert(people), [{**row, "name": row.pop("of_name")} for row in new])
    if old:
        columns: dict[str, Any] = {name: bindparam(name) for name in old[0] if name != "of_name"}
        connection.execute(
            update(people).where(people.c.name == bindparam("of_name")).values(columns), old
        )


def replay_people(events_of: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the frame of people as the events of a log, in their order, leave it."""
    made: dict[str, dict[str, Any]] = {}
    for event in events_of:
        if event["kind"] == PERSON:
            payload = from_text(event["payload"])
            made[payload["name"]] = {"name": payload["name"], **payload["after"]}
    rows = sorted(made.values(), key=lambda row: (row["added_at"], row["name"]))
    return [{**row, "groups": json.dumps(row["groups"])} for row in rows]


def people_rows(connection: Connection) -> list[dict[str, Any]]:
    """Return the rows of the frame of people."""
    found = select(*(people.c[name] for name in ("name", *_FIELDS)))
    rows = connection.execute(found.order_by(people.c.added_at, people.c.name)).mappings()
    return [dict(row) for row in rows]


def _fields(person: Person) -> dict[str, Any]:
    return {**{name: getattr(person, name) for name in _FIELDS}, "groups": list(person.groups)}


def _person(row: Mapping[Any, Any]) -> Person:
    return Person(
        row["name"],
        row["role"],
        tuple(from_text(row["groups"])),
        row["login"],
        row["added_by"],
        row["added_at"],
        row["removed_at"],
    )
