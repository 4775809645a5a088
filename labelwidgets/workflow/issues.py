"""What one person says about the work: issues pinned to objects, and the threads about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labelwidgets.schema.ids import new_id
from labelwidgets.schema.issue import Issue, NewIssue, box_on, pin_to
from labelwidgets.store.issues import COMMENT, REOPEN, RESOLVE

if TYPE_CHECKING:
    from labelwidgets.store.store import Store


class Issues:
    """One person's way to the issues of the tasks that the person may see.

    Parameters
    ----------
    store
        The project's.
    user
        Who speaks.
    check_task
        Raises `WorkflowError` for a task that the person may not see.
    """

    def __init__(self, store: Store, user: str, check_task: Callable[[str], None]) -> None:
        self._store = store
        self._user = user
        self._check_task = check_task

    def of(self, task_id: str) -> list[Issue]:
        """Return the issues of a task with their threads, in the order they were raised."""
        self._check_task(task_id)
        return self._store.issues_of(task_id)

    def since(self, after_seq: int) -> tuple[list[Issue], int]:
        """Return issues of which anybody said something since, and the last sequence number.

        Cheap enough to ask every second. They are of all tasks: who tells them to somebody has to
        look whether that person sees the task.
        """
        return self._store.issues_since(after_seq)

    def raise_issue(
        self,
        task_id: str,
        text: str,
        annotation: str | None = None,
        frame: int | None = None,
        at: tuple[float, float] | None = None,
    ) -> Issue:
        """Raise an issue at a place in pixels; on an object, it moves with the object from now on.

        See `Project.raise_issue` for parameters and errors.
        """
        pin = at
        if annotation is not None:
            held = self._store.held([annotation]).get(annotation)
            if held is not None:
                frame = held.annotation.frame if frame is None else frame
                box = box_on(held.annotation.geometry, frame)
                if box is None:
                    pin = None
                elif at is None:
                    pin = 0.5, 0.5
                else:
                    pin = pin_to(box, *at)
        x, y = (None, None) if pin is None else pin
        made = NewIssue(task_id=task_id, text=text, annotation_id=annotation, frame=frame, x=x, y=y)
        return self.put(made)

    def put(self, made: NewIssue) -> Issue:
        """Raise an issue whose place is known already, relative to its object."""
        self._check_task(made.task_id)
        return self._store.raise_issue(made, self._user)

    def comment(self, issue_id: str, text: str, comment_id: str | None = None) -> Issue:
        """Say something in the thread of an issue."""
        return self._say(issue_id, COMMENT, text, comment_id)

    def resolve(
        self, issue_id: str, text: str | None = None, comment_id: str | None = None
    ) -> Issue:
        """Close an issue, with a last word or without."""
        return self._say(issue_id, RESOLVE, text, comment_id)

    def reopen(
        self, issue_id: str, text: str | None = None, comment_id: str | None = None
    ) -> Issue:
        """Open an issue again that was resolved."""
        return self._say(issue_id, REOPEN, text, comment_id)

    def _say(self, issue_id: str, kind: str, text: str | None, comment_id: str | None) -> Issue:
        self._check_task(self._store.issue(issue_id).task_id)
        return self._store.say(issue_id, self._user, kind, text, comment_id or new_id())
