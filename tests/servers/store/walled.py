"""A project on a server that holds its people: one login a person, and connections of theirs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import psycopg
import pytest

from labelwidgets.schema.ids import new_id
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.store import walls
from labelwidgets.store.edits import Applied
from labelwidgets.store.store import Store
from labelwidgets.workflow.overlap import opinions_of_items
from labelwidgets.workflow.session import Session
from labelwidgets.workflow.stages import Workflow
from tests.servers.postgres import Postgres
from tests.store.making import create, items

PEOPLE = {
    "ana": "annotator",
    "ben": "annotator",
    "cy": "annotator",
    "rea": "reviewer",
    "rob": "reviewer",
    "quin": "qc",
    "ada": "admin",
}


class Walled:
    """A project with people, each with a login of their own; `lead` owns the tables."""

    def __init__(
        self,
        server: Postgres,
        workflow: Workflow,
        count: int = 4,
        people: Mapping[str, str] = PEOPLE,
    ) -> None:
        self.server = server
        self.workflow = workflow
        tail = uuid.uuid4().hex[:8]
        self.logins = {name: f"{name}_{tail}" for name in ("lead", *people)}
        for name, login in self.logins.items():
            server.do(f"CREATE ROLE {login} LOGIN {'CREATEROLE' if name == 'lead' else ''}")
        self.name = server.database().rsplit("/", 1)[1]
        server.do(f"ALTER DATABASE {self.name} OWNER TO {self.logins['lead']}")
        server.do(f"ALTER SCHEMA public OWNER TO {self.logins['lead']}", self.name)
        self.opened: list[Store] = []
        lead = Store.create(
            self.url("lead"),
            ontology=Ontology([ObjectClass("car")]),
            items=items(count),
            workflow=workflow.to_dict(),
            initial=workflow.initial,
            actor="lead",
            opinions=opinions_of_items(workflow),
        )
        self.opened.append(lead)
        self.lead = lead
        with lead.writing() as connection:
            walls.put_up(connection)
        for name, role in people.items():
            self.admit(name, role)

    def admit(self, name: str, role: str, login: str | None = None) -> None:
        self.server.do(
            "INSERT INTO people (name, role, groups, login, added_by, added_at, seq) "
            f"VALUES ('{name}', '{role}', '[]', '{login or self.logins[name]}', 'lead', 1, 1)",
            self.url("lead"),
        )

    def url(self, name: str) -> str:
        return self.server.url(self.name, user=self.logins[name])

    def store(self, name: str) -> Store:
        """The store, as this person's own kernel has it."""
        made = Store.open(self.url(name), wait=3)
        self.opened.append(made)
        return made

    def session(self, name: str, role: str | None = None, **more: Any) -> Session:
        """A session; with no role it is the kernel that says nothing of what it may do."""
        return Session(self.store(name), None, name, role=role, **more)

    def raw(self, name: str) -> psycopg.Connection[Any]:
        """A connection of this person's without any of our code."""
        return psycopg.connect(self.url(name), autocommit=True)

    def close(self) -> None:
        for store in self.opened:
            store.close()
        self.server.drop(self.url("lead"))
        for login in self.logins.values():
            self.server.do(f"DROP ROLE IF EXISTS {login}")


Make: TypeAlias = Callable[..., Walled]


def labelled(session: Session) -> str:
    """Open the next task, label it, submit it, and return it."""
    task = session.open().task["id"]
    (made,) = session.apply([create(task)], "page")
    assert isinstance(made, Applied), made
    session.submit(task)
    return str(task)


REFUSALS = ("42501", "LW001")
"""What a login has no right to, and what the walls refuse."""


def refused(connection: psycopg.Connection[Any], statement: str, *values: Any) -> str:
    """Execute what must be refused, and return what was said."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        connection.execute(statement.encode(), values or None)
    assert caught.value.sqlstate in REFUSALS, caught.value
    return str(caught.value)


def forge(
    connection: psycopg.Connection[Any],
    actor: str,
    kind: str,
    task: str,
    changes: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Move a task as our own code does, event and all, but by whatever rule one likes."""
    with connection.transaction():
        head = connection.execute("SELECT seq, time FROM lw_head()").fetchone()
        assert head is not None
        clock = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
        found = connection.execute(
            f"SELECT to_jsonb(t), greatest({clock}, %s) FROM tasks t WHERE id = %s", (head[1], task)
        ).fetchone()
        now, moment = found or ({"revision": 0}, head[1])
        payload = {
            "before": before or {name: now.get(name) for name in changes},
            "after": dict(changes),
            "revision": now["revision"] + 1,
        }
        connection.execute(
            "INSERT INTO events (seq, id, time, actor, task, kind, payload) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (head[0] + 1, new_id(), moment, actor, task, kind, json.dumps(payload)),
        )
        values = {**changes, **columns, "revision": now["revision"] + 1, "updated_at": moment}
        sets = ", ".join(f"{name} = %s" for name in values)
        connection.execute(
            f"UPDATE tasks SET {sets} WHERE id = %s".encode(), (*values.values(), task)
        )


def not_forged(connection: psycopg.Connection[Any], *given: Any, **more: Any) -> str:
    """Forge what must be refused, and return what was said."""
    with pytest.raises(psycopg.Error) as caught:
        forge(connection, *given, **more)
    assert caught.value.sqlstate in REFUSALS, caught.value
    return str(caught.value)
