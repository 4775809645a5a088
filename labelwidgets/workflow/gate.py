"""The gate of a project: every public door is checked here, and nowhere else.

On a file this is a policy, which holds for all that goes by projects and sessions: whoever can
write the file can write anything into it. On PostgreSQL the database holds it too.
"""

from __future__ import annotations

import functools
import inspect
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from labelwidgets.errors import RightsError, StoreError, StoreFullError, StoreReadOnlyError
from labelwidgets.store.people import Standing
from labelwidgets.store.store import Store
from labelwidgets.workflow.permissions import FREE, Right, right_of
from labelwidgets.workflow.stages import ROLES, check_role, may

# An attempt that is repeated within so many seconds is one row of the access log.
_AGAIN = 60.0


class Passage:
    """Somebody on the way through a door, and what the access log is to say of it."""

    def __init__(self, key: tuple[str, str], right: Right, outer: Passage | None) -> None:
        self.key, self.right = key, right
        self.outer = outer
        self.task: str | None = None
        self.detail: dict[str, Any] = {}


# What a function has that goes through the gate already: it is that of a class above.
_MARK = "goes_through"

_PASSAGE: ContextVar[Passage | None] = ContextVar("labelwidgets_passage", default=None)


class Gate:
    """Who somebody is in a project, and whether they may do what they ask for.

    Parameters
    ----------
    store
        The project's.
    user
        Who asks.
    narrowed
        A role to be no more than; in a project without people, the role.
    groups
        The groups to be in, of those that the person is in; in a project without people, all that
        are said.

    Raises
    ------
    RightsError
        If the person is none of the project, or is less than the role, or in none of the groups.
    """

    def __init__(
        self, store: Store, user: str, narrowed: str | None = None, groups: tuple[str, ...] = ()
    ) -> None:
        self._store = store
        self.user = user
        self._narrowed = check_role(narrowed)
        self._groups = groups
        self._known: tuple[float, Standing] | None = None
        self._denied: dict[tuple[str, str], float] = {}

    def open(self) -> None:
        """Raise unless the person is one of the project, and all that they say they are."""
        try:
            standing = self.standing()
            self._check_person(standing)
            self._check_narrowing(standing)
        except RightsError as error:
            self._deny("open", error)
            raise

    @property
    def role(self) -> str | None:
        """What the person may do; None for everything, in a project without people."""
        team, person = self.standing(float("inf"))
        if not team:
            return self._narrowed
        held = ROLES[0] if person is None else person.role
        if self._narrowed is None:
            return held
        return min(held, self._narrowed, key=ROLES.index)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that the person is in."""
        team, person = self.standing(float("inf"))
        if not team:
            return self._groups
        held = () if person is None else person.groups
        return tuple(name for name in held if not self._groups or name in self._groups)

    def standing(self, age: float = 0.0) -> Standing:
        """Return what the person is to the project, as it was at most so many seconds ago."""
        now = time.monotonic()
        if self._known is None or now - self._known[0] >= age:
            self._known = (now, self._store.standing(self.user))
        return self._known[1]

    @contextmanager
    def through(self, door: str) -> Iterator[Passage | None]:
        """Go through a door, checked and put on record; what is asked inside is part of it.

        Raises
        ------
        RightsError
            Saying who may.
        """
        right = right_of(door)
        key = (self._store.uid, self.user)
        outer = _PASSAGE.get()
        if outer is not None and outer.key == key and may(outer.right.role, right.role):
            yield None
            return
        try:
            team = self._check(door, right)
        except RightsError as error:
            self._deny(door, error)
            raise
        passage = Passage(key, right, outer)
        token = _PASSAGE.set(passage)
        try:
            yield passage
        except RightsError as error:
            if team:
                self._deny(door, error, passage.task)
            raise
        finally:
            _PASSAGE.reset(token)
        if team and right.record is not None and outer is None:
            # Where nothing can be written, it can still be read.
            with suppress(StoreReadOnlyError, StoreFullError):
                self._store.record(
                    self.user, right.record, passage.task, door=door, **passage.detail
                )

    def _check(self, door: str, right: Right) -> bool:
        known = self.standing(right.age)
        refused = known.person is None or known.person.removed_at is not None
        # Who was none of the people a moment ago may be one now.
        standing = self.standing() if refused and known.team and right.age else known
        if not standing.team:
            return False
        self._check_person(standing)
        role = self.role
        if role is not None and not may(role, right.role):
            raise RightsError(
                f"is for the role {right.role}"
                + (" and those above it" if right.role != ROLES[-1] else "")
                + f", and {self.user} is {role} here.",
                where=door,
                hint="Ask an admin of the project; project.people says who is one.",
            )
        return True

    def _check_person(self, standing: Standing) -> None:
        if not standing.team:
            return
        hub = os.environ.get("JUPYTERHUB_USER")
        if hub and hub != self.user:
            raise RightsError(
                f"is not who the hub says you are, which is {hub}.",
                where=f"user {self.user!r}",
                hint="Leave `user` out.",
            )
        person = standing.person
        if person is None or person.removed_at is not None:
            gone = "is none of the people" if person is None else "was removed from the people"
            raise RightsError(
                f"{gone} of the project.",
                where=f"user {self.user!r}",
                hint="Ask an admin of the project for project.add_person"
                f"({self.user!r}, 'annotator').",
            )

    def _check_narrowing(self, standing: Standing) -> None:
        if not standing.team or standing.person is None:
            return
        held = standing.person
        if self._narrowed is not None and not may(held.role, self._narrowed):
            raise RightsError(
                f"is {held.role} here, and can be no more than that.",
                where=f"user {self.user!r}, role {self._narrowed!r}",
                hint="Leave `role` out, or ask an admin of the project for project.set_role.",
            )
        for group in self._groups:
            if group not in held.groups:
                raise RightsError(
                    f"is not in the group {group[:80]!r}.",
                    where=f"user {self.user!r}",
                    hint="Leave `groups` out, or ask an admin for project.set_groups.",
                )

    def _deny(self, door: str, error: RightsError, task: str | None = None) -> None:
        """Put an attempt on record, once a minute."""
        now = time.monotonic()
        last = self._denied.get((door, error.message))
        if last is not None and now - last < _AGAIN:
            return
        self._denied[(door, error.message)] = now
        # That it was refused counts, not whether that could be written down.
        with suppress(StoreError):
            self._store.record(self.user, "denied", task, door=door, reason=str(error)[:1000])


def note(**detail: Any) -> None:
    """Say something for the access log of what is being done."""
    passage = _PASSAGE.get()
    while passage is not None:
        passage.detail |= detail
        passage = passage.outer


Kind = TypeVar("Kind", bound=type)


def guarded(name: str) -> Callable[[Kind], Kind]:
    """Return a decorator that has every public door of a class go through the gate of its object.

    The object has it as `_gate`. Doors are methods, and of a project properties too; what an
    object *is* (`FREE`) is no door.

    Parameters
    ----------
    name
        What doors begin with in the table: ``Project`` or ``Session``.
    """

    def decorate(kind: Kind) -> Kind:
        for attribute in dir(kind):
            if attribute.startswith("_"):
                continue
            found = _static(kind, attribute)
            door = f"{name}.{attribute}"
            if isinstance(found, property) and name == "Project":
                get = (
                    found.fget if door in FREE or found.fget is None else _through(door, found.fget)
                )
                put = found.fset and _through(f"{door}=", found.fset)
                setattr(kind, attribute, property(get, put, None, found.__doc__))
            elif inspect.isfunction(found) and door not in FREE and not hasattr(found, _MARK):
                setattr(kind, attribute, _through(door, found))
        return kind

    return decorate


def _static(kind: type, attribute: str) -> Any:
    return next(vars(base)[attribute] for base in kind.__mro__ if attribute in vars(base))


def _through(door: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def guard(self: Any, *args: Any, **options: Any) -> Any:
        with self._gate.through(door) as passage:
            if passage is not None and door.startswith("Session.") and args:
                passage.task = args[0] if isinstance(args[0], str) else None
            made = function(self, *args, **options)
            if passage is not None:
                opened = getattr(made, "task", None)
                if isinstance(opened, Mapping):
                    passage.task = opened["id"]
            return made

    setattr(guard, _MARK, door)
    return guard
