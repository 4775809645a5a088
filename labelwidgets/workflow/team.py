"""The people of a project: added, given roles and groups, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from labelwidgets.errors import RightsError, WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.store.moves import Move
from labelwidgets.store.people import Person
from labelwidgets.store.store import Store
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.stages import (
    IN_PROGRESS,
    IN_REVIEW,
    JUDGING,
    QUEUED,
    ROLES,
    SUBMITTED,
    Workflow,
    check_role,
)

if TYPE_CHECKING:
    import pandas as pd

# A frame like `Project.people`, a dict from names to roles, or records with name and role.
People: TypeAlias = "pd.DataFrame | Mapping[str, str] | Iterable[Mapping[str, Any]]"

MAX_LOGIN = 63
MAX_GROUPS = 100
ADMIN = "admin"
Known: TypeAlias = Mapping[str, Person]
Annotations = Callable[[], list[Annotation]]


def person_of(name: Any, role: Any, groups: Any = (), login: Any = None) -> Person:
    """Return somebody as they are to be held.

    Raises
    ------
    WorkflowError
        If a name, role, group or login is none, naming the field.
    """
    check_name(name)
    if role is None:
        raise WorkflowError(
            "needs a role.", where=f"person {name!r}", hint=f"Roles: {', '.join(ROLES)}."
        )
    return Person(name, str(check_role(role)), groups_of(groups), _login(login))


def check_name(name: Any) -> str:
    """Return the name of a person.

    Raises
    ------
    WorkflowError
        If it is empty, too long, not printable, begins with ``@`` or has blanks around it.
    """
    if not isinstance(name, str):
        raise WorkflowError(f"must be text, not {type(name).__name__}.", where="name of a person")
    current_user(name)
    if name != name.strip() or name.startswith("@"):
        raise WorkflowError(
            "must not begin with @, nor have blanks around it.", where=f"name {name!r}"
        )
    return name


def groups_of(groups: Any) -> tuple[str, ...]:
    """Return names of groups without ``@``, each once; `WorkflowError` where one is none."""
    if isinstance(groups, str) or not isinstance(groups, Iterable):
        raise WorkflowError("must be a list of names.", where="groups")
    names = [name.removeprefix("@") if isinstance(name, str) else name for name in groups]
    if len(names) > MAX_GROUPS:
        raise WorkflowError(f"are {len(names)}, at most {MAX_GROUPS} are allowed.", where="groups")
    return tuple(dict.fromkeys(check_name(name) for name in names))


def _login(login: Any) -> str | None:
    if login is None:
        return None
    if not isinstance(login, str) or not 0 < len(login) <= MAX_LOGIN or not login.isprintable():
        raise WorkflowError(
            f"must be the name of a login role: printable, of 1 to {MAX_LOGIN} characters.",
            where="login",
        )
    return login


def people_of(wanted: People) -> list[Person]:
    """Return people as they are to be held, of a frame, a dict or records."""
    if isinstance(wanted, Mapping):
        return [person_of(name, role) for name, role in wanted.items()]
    rows: Iterable[Any] = wanted
    if hasattr(wanted, "to_dict"):
        rows = wanted.to_dict("records")
    made = {}
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping) or not {"name", "role"} <= set(row):
            raise WorkflowError("needs a name and a role.", where=f"people[{number}]")
        if not _missing(row.get("removed_at")):
            continue
        groups, login = row.get("groups", ()), row.get("login")
        if isinstance(groups, str):
            # Of a CSV file: names with blanks or commas between them.
            groups = groups.replace(",", " ").split()
        groups = () if _missing(groups) else groups
        made[row["name"]] = person_of(
            row["name"], row["role"], groups, None if _missing(login) else login
        )
    return list(made.values())


def _missing(value: Any) -> bool:
    # NaN and NaT are not equal to themselves; pandas.NA says neither.
    return value is None or type(value).__name__ == "NAType" or value != value


def person_of_login(store: Store, user: str | None) -> str | None:
    """Return who works: on a server with walls, the person of the login and nobody else.

    Raises
    ------
    RightsError
        If another is named.
    """
    if store.me is not None and user not in (None, store.me):
        raise RightsError(
            f"works with the login of {store.me}.",
            where=f"user {user!r}",
            hint="Leave user out, or log in as yourself.",
        )
    return user if store.me is None else store.me


def passwords_of(login: str | None, password: str | None) -> dict[str, str]:
    """Return the passwords of login roles that are to be made, by login.

    Raises
    ------
    WorkflowError
        If it is no text, or of no login; it is not repeated.
    """
    if password is None:
        return {}
    if login is None:
        raise WorkflowError("is that of a login.", where="password", hint="Pass login= too.")
    if not isinstance(password, str) or not password or "\0" in password:
        raise WorkflowError("must be text.", where="password")
    return {login: password}


def add_people(
    store: Store,
    actor: str,
    wanted: list[Person],
    *,
    anew: bool,
    passwords: Mapping[str, str] | None = None,
) -> list[Person]:
    """Add people, or give those who are there what is said of them.

    With the first people the project gets its admins: who made it, and who adds them.

    Parameters
    ----------
    anew
        Whether it is an error that somebody is there already.
    passwords
        Of login roles to make, by login.
    """
    _check_logins(store, wanted)

    def change(known: Known) -> list[Person]:
        made: dict[str, Person] = {}
        if known:
            check_admin(known, actor)
        else:
            made = {name: Person(name, ADMIN) for name in (store.made_by(), actor)}
        for person in wanted:
            now = known.get(person.name)
            if anew and now is not None and now.removed_at is None:
                raise WorkflowError(
                    f"is {now.role} already.",
                    where=f"person {person.name!r}",
                    hint="Use project.set_role, or project.set_groups.",
                )
            made[person.name] = person
        return _sound(known, made)

    return store.change_people(change, actor, _leave(_workflow(store)), passwords)


def change_person(
    store: Store, actor: str, name: str, change: Callable[[Person], Person]
) -> list[Person]:
    """Hold somebody otherwise, who is there."""

    def decide(known: Known) -> list[Person]:
        check_admin(known, actor)
        return _sound(known, {name: change(find(known, name))})

    return store.change_people(decide, actor, _leave(_workflow(store)))


def remove(store: Store, actor: str, name: str) -> list[Person]:
    """Take somebody off the people: what they have waiting or begun goes back to the queue."""
    # Any moment: the store takes that of the event.
    return change_person(store, actor, name, lambda now: now._replace(removed_at=1))


def _workflow(store: Store) -> Workflow:
    return Workflow.from_dict(msgspec.json.decode(store.workflow_text()))


def check_admin(known: Known, actor: str) -> None:
    """Raise unless somebody is an admin at this very moment."""
    now = known.get(actor)
    if known and (now is None or now.removed_at is not None or now.role != ADMIN):
        raise RightsError(
            "is no admin of the project (any more).",
            where=f"user {actor!r}",
            hint="Ask one; project.people says who is.",
        )


def find(known: Known, name: Any) -> Person:
    """Return somebody who is there.

    Raises
    ------
    WorkflowError
        If nobody of the name is.
    """
    found = known.get(name) if isinstance(name, str) else None
    if found is None or found.removed_at is not None:
        raise WorkflowError(
            "is none of the people of the project.",
            where=f"person {str(name)[:80]!r}",
            hint="project.people says who is; project.add_person adds somebody.",
        )
    return found


def check_assignable(known: Known, name: str) -> None:
    """Raise unless a person, or a group (``@readers``), is there; without people anybody is.

    Raises
    ------
    WorkflowError
        Naming who is not.
    """
    if not known:
        return
    if not name.startswith("@"):
        find(known, name)
        return
    there = [person for person in known.values() if person.removed_at is None]
    if not any(name[1:] in person.groups for person in there):
        raise WorkflowError(
            "has nobody in it.",
            where=f"group {name!r}",
            hint="project.people says who is in which; project.set_groups changes it.",
        )


def _sound(known: Known, made: Mapping[str, Person]) -> list[Person]:
    after = {**known, **made}
    there = [person for person in after.values() if person.removed_at is None]
    if not any(person.role == ADMIN for person in there):
        raise WorkflowError(
            "is the last admin, and a project needs one.",
            where=f"person {', '.join(made)[:200]!r}",
            hint="Make somebody else an admin first: project.set_role(name, 'admin').",
        )
    logins: dict[str, str] = {}
    for person in after.values():
        if person.login is None:
            continue
        if person.login in logins:
            raise WorkflowError(
                f"is that of {logins[person.login]} already.",
                where=f"person {person.name!r}, login {person.login!r}",
            )
        logins[person.login] = person.name
    return list(made.values())


def _check_logins(store: Store, people: Iterable[Person]) -> None:
    if store.location.path is None:
        return
    for person in people:
        if person.login is not None:
            raise WorkflowError(
                "is for projects on PostgreSQL: nobody logs in to a file.",
                where=f"person {person.name!r}, login",
                hint="Leave it out.",
            )


def _leave(workflow: Workflow) -> Callable[[Mapping[str, Any], Annotations], Move | None]:
    """Return what becomes of a task of somebody who is removed."""

    def decide(task: Mapping[str, Any], annotations: Annotations) -> Move | None:
        judged = workflow.kind_of(task) in JUDGING
        note = {"reason": f"{task['assignee']} was removed.", "stage": task["stage"]}
        if task["state"] in (IN_PROGRESS, IN_REVIEW):
            state = SUBMITTED if task["state"] == IN_REVIEW else QUEUED
            return Move("release", {"state": state, "assignee": None}, note)
        if task["state"] == QUEUED or (task["state"] == SUBMITTED and judged):
            return Move("assign", {"assignee": None}, note)
        return None  # What they made stays theirs.

    return decide
