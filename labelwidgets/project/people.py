"""Who works on a project, and who saw what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labelwidgets.project.base import ProjectBase
from labelwidgets.workflow import team
from labelwidgets.workflow.team import People

if TYPE_CHECKING:
    import pandas as pd


class Peopled(ProjectBase):
    """People, their roles and groups, and the access log."""

    @property
    def people(self) -> pd.DataFrame:
        """One row a person, in the order they were added; who was removed stays.

        Columns: name, role (string), groups (list of str), login (the role that they log in with,
        on PostgreSQL), added_by (string), added_at and removed_at (datetime64[us, UTC]).
        """
        return self._store.people

    def add_person(
        self,
        name: str,
        role: str,
        groups: Iterable[str] = (),
        login: str | None = None,
        password: str | None = None,
    ) -> None:
        """Add somebody, or bring back who was removed.

        With the first, the project gets its admins: who made it, and who adds. From then on
        everybody may do what their role may, and nobody else anything.

        Parameters
        ----------
        name
            As the hub has it, else their login name.
        role
            ``annotator``, ``reviewer``, ``qc`` or ``admin``: each may do what those before it may.
        groups
            Such as ``["readers"]``: tasks may be assigned to one.
        login
            On PostgreSQL, the role that they log in with. From the first one on the database
            itself holds people to what their roles may do.
        password
            To make that login role now, which takes a role that may. It goes to the server alone,
            and not as it is; None for a login role that is there.

        Raises
        ------
        WorkflowError
            If somebody of the name is there, or a name, role, group or login is none.
        StoreForbiddenError
            If there is no such login role, or none may be made.
        """
        made = team.person_of(name, role, groups, login)
        passwords = team.passwords_of(login, password)
        team.add_people(self._store, self.user, [made], anew=True, passwords=passwords)

    def add_people(self, people: People) -> None:
        """Add people, or give those who are there what is said of them; in one step.

        Nobody is removed. One list serves all projects of a team: keep it in a file, such as
        ``pd.read_csv("team.csv")`` with the columns name, role and, where needed, groups, login.

        Parameters
        ----------
        people
            A dict from names to roles, records, or a frame as `people` of another project has it;
            of that, those who were removed are left out.
        """
        team.add_people(self._store, self.user, team.people_of(people), anew=False)

    def set_role(self, name: str, role: str) -> None:
        """Give somebody another role; `WorkflowError` where no admin would be left."""
        wanted = team.person_of(name, role).role
        team.change_person(self._store, self.user, name, lambda now: now._replace(role=wanted))

    def set_groups(self, name: str, groups: Iterable[str]) -> None:
        """Say in which groups somebody is."""
        wanted = team.groups_of(groups)
        team.change_person(self._store, self.user, name, lambda now: now._replace(groups=wanted))

    def remove_person(self, name: str) -> None:
        """Take somebody off the people of the project.

        What they have begun, and what waits for them, goes back to the queue; what they made
        stays theirs.

        Raises
        ------
        WorkflowError
            If nobody of the name is there, or they are the last admin.
        """
        team.remove(self._store, self.user, name)

    @property
    def access(self) -> pd.DataFrame:
        """One row a thing that somebody saw, did or was refused, in the order of time.

        Columns: time, until (datetime64[us, UTC]), person, action, task_id (string), n (int64:
        how many edits it was) and detail (dict); see `Store.access`. Nothing is ever taken out.
        """
        return self._store.access
