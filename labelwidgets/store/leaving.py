"""What comes with a change of people: logins and walls, and the tasks of who leaves."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from labelwidgets.store import walls
from labelwidgets.store.logins import make_login
from labelwidgets.store.moves import Decide, move_task
from labelwidgets.store.people import ChangePeople, Person, change_people
from labelwidgets.store.tables import tasks


def change_team(
    connection: Connection,
    change: ChangePeople,
    actor: str,
    leave: Decide,
    passwords: Mapping[str, str],
) -> list[Person]:
    """Add, change or remove people; see `Store.change_people`."""
    for login, password in passwords.items():
        make_login(connection, login, password)
    made = change_people(connection, change, actor)
    if any(one.login is not None and one.removed_at is None for one in made):
        walls.stand(connection)
    for name in [one.name for one in made if one.removed_at is not None]:
        query = select(tasks.c.id).where(tasks.c.assignee == name).order_by(tasks.c.position)
        for task_id in list(connection.execute(query).scalars()):
            move_task(connection, task_id, actor, leave)
    return made
