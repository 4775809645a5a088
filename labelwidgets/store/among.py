"""Which tasks are in a queue, and which a person may see, as conditions for the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select

from labelwidgets.store.golden import is_golden, is_probed
from labelwidgets.store.tables import PROBES, tasks


class Among(NamedTuple):
    """The tasks that a queue is of.

    Parameters
    ----------
    stages
        Those in these stages; None for all.
    judging
        Whether the queue is one of others' work: then nobody gets what is their own.
    groups
        Names of groups that the person is in: a task may be assigned to one of them.
    parts
        Stages of parts of the work: nobody judges a whole of which they made a part.
    """

    stages: Sequence[str] | None = None
    judging: bool = False
    groups: Sequence[str] = ()
    parts: Sequence[str] = ()

    def conditions(self, actor: str) -> list[ColumnElement[bool]]:
        """Return what a task in the queue of a person satisfies, whosever it is now."""
        # A golden answer is nobody's work.
        found: list[ColumnElement[bool]] = [tasks.c.copy >= 0]
        if self.stages is not None:
            found.append(tasks.c.stage.in_(list(self.stages)))
        if self.judging:
            found.append(tasks.c.copy == 0)
            found.append(or_(tasks.c.maker.is_(None), tasks.c.maker != actor))
            if self.parts:
                found.append(~made_part(actor, self.parts))
        else:
            own = tasks.c.assignee == actor
            # Nobody gets an item twice, but for parts that are theirs.
            found.append(
                or_(
                    and_(tasks.c.copy == 0, ~is_probed(actor)),
                    and_(tasks.c.copy > 0, or_(own, ~has_opinion(actor))),
                )
            )
        return found

    def free(self) -> ColumnElement[bool]:
        """Return what a task satisfies that anybody of the queue may take."""
        if not self.groups:
            return tasks.c.assignee.is_(None)
        return or_(tasks.c.assignee.is_(None), tasks.c.assignee.in_([f"@{g}" for g in self.groups]))


def has_opinion(actor: str) -> ColumnElement[bool]:
    """Return whether a person has another opinion on the item of a task: one is all they give."""
    other = tasks.alias("other")
    return exists(
        select(other.c.id).where(
            other.c.item_id == tasks.c.item_id,
            other.c.id != tasks.c.id,
            other.c.copy > 0,
            or_(other.c.assignee == actor, other.c.maker == actor),
        )
    )


def made_part(actor: str, stages: Sequence[str]) -> ColumnElement[bool]:
    """Return whether a person made a part of the item of a task."""
    other = tasks.alias("part")
    return exists(
        select(other.c.id).where(
            other.c.item_id == tasks.c.item_id,
            other.c.copy > 0,
            other.c.stage.in_(list(stages)),
            other.c.maker == actor,
        )
    )


def awaited() -> ColumnElement[bool]:
    """Return whether somebody is still at work on the item of a task, in a task beside it."""
    other = tasks.alias("awaited")
    return exists(
        select(other.c.id).where(
            other.c.item_id == tasks.c.item_id,
            other.c.copy > 0,
            other.c.copy < PROBES,
            other.c.state.in_(["queued", "in_progress"]),
        )
    )


class Sight(NamedTuple):
    """Who must not see what others think of an item before they have said it themselves.

    Parameters
    ----------
    actor
        The person.
    hidden
        Stages of tasks that hold what comes of opinions.
    judges
        Whether the person sees others' work, and of all there is golden answers alone are hidden.
    shown
        Stages of parts of the work that those who do other parts of the same item see.
    """

    actor: str
    hidden: Sequence[str] = ()
    judges: bool = False
    shown: Sequence[str] = ()


def seen_by(sight: Sight | None) -> list[ColumnElement[bool]]:
    """Return what a task satisfies that a person may see; None sees all."""
    if sight is None:
        return []
    if sight.judges:
        return [tasks.c.copy >= 0]
    own = or_(tasks.c.assignee == sight.actor, tasks.c.maker == sight.actor)
    main = and_(tasks.c.copy == 0, tasks.c.stage.not_in(list(sight.hidden)))
    # What others have made of a golden item may be its golden answer.
    untouched = and_(tasks.c.assignee.is_(None), tasks.c.maker.is_(None), ~is_probed(sight.actor))
    free = and_(or_(untouched, ~is_golden()), ~awaited())
    others = [and_(tasks.c.copy > 0, own)]
    if sight.shown:
        mine = has_opinion(sight.actor)
        others.append(and_(tasks.c.copy > 0, tasks.c.stage.in_(list(sight.shown)), mine))
    return [or_(and_(main, or_(own, free)), *others)]
