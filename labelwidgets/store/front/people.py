"""People of a project, and what they saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.store.access import put_access
from labelwidgets.store.database import Database
from labelwidgets.store.leaving import change_team
from labelwidgets.store.moves import Decide
from labelwidgets.store.people import (
    ChangePeople,
    Person,
    Standing,
    read_maker,
    read_people,
    read_standing,
)


class Team(Database):
    """Who belongs to the project, and what is on record of them."""

    def standing(self, name: str) -> Standing:
        """Return what somebody is to the project: cheap enough to ask before every edit."""
        with self.glancing() as connection:
            return read_standing(connection, name)

    def made_by(self) -> str:
        """Return who made the project."""
        with self.reading() as connection:
            return read_maker(connection)

    def read_people(self) -> dict[str, Person]:
        """Return all people by name, also those who were removed."""
        with self.reading() as connection:
            return read_people(connection)

    def change_people(
        self,
        change: ChangePeople,
        actor: str,
        leave: Decide,
        passwords: Mapping[str, str] | None = None,
    ) -> list[Person]:
        """Add, change or remove people in one transaction, and return those who differ then.

        Parameters
        ----------
        change
            From all that is held of people, by name, to those who are to be held otherwise; may
            raise, and then nothing is done.
        actor
            Who does it.
        leave
            What becomes of each task that is assigned to somebody who is removed; see `move`.
        passwords
            Of login roles that are made with it, by their names; see `logins.make_login`.
        """
        try:
            with self.writing() as connection:
                return change_team(connection, change, actor, leave, passwords or {})
        finally:
            self.forget_prepared()

    def record(self, person: str, action: str, task: str | None = None, **detail: Any) -> None:
        """Put on record what somebody saw or was refused: what is no event."""
        with self.adding() as connection:
            put_access(connection, person, action, task, detail)
