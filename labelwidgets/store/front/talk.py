"""Issues and verdicts: what people say of labels."""

from __future__ import annotations

from collections.abc import Collection

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.issue import Issue, NewIssue
from labelwidgets.schema.verdict import Opinion, Verdict
from labelwidgets.store import issues as talk
from labelwidgets.store.database import Database
from labelwidgets.store.hands import Hand, read_hands
from labelwidgets.store.verdicts import read_handed_in, read_opinions, read_verdicts


class Talking(Database):
    """What is said of the labels of a task."""

    def issues_of(self, task_id: str) -> list[Issue]:
        """Return the issues of a task with their threads, in the order they were raised."""
        with self.reading() as connection:
            return talk.read_issues(connection, task_id)

    def issue(self, issue_id: str) -> Issue:
        """Return one issue; `WorkflowError` if there is no such."""
        with self.reading() as connection:
            return talk.find_issue(connection, issue_id)

    def raise_issue(self, made: NewIssue, actor: str) -> Issue:
        """Put an issue on record; see `labelwidgets.store.issues.raise_issue`."""
        with self.writing() as connection:
            return talk.raise_issue(connection, made, actor)

    def say(self, issue_id: str, actor: str, kind: str, text: str | None, comment_id: str) -> Issue:
        """Comment on an issue, resolve or reopen it; see `labelwidgets.store.issues.say`."""
        with self.writing() as connection:
            return talk.say(connection, issue_id, actor, kind, text, comment_id)

    def verdicts(self, task_id: str) -> list[Verdict]:
        """Return the verdicts on a task, the first one first."""
        with self.reading() as connection:
            return read_verdicts(connection, task_id)

    def handed_in(self, task_id: str) -> list[Annotation] | None:
        """Return the labels of a task as its maker, or a consensus, last handed them in."""
        with self.reading() as connection:
            return read_handed_in(connection, task_id)

    def hands(self, task_ids: Collection[str]) -> dict[str, Hand]:
        """Return who submitted which of these tasks, by task, and when at first."""
        with self.reading() as connection:
            return read_hands(connection, task_ids)

    def opinions(self, task_id: str) -> list[Opinion]:
        """Return what several people labelled on the item of a task, once all of them have."""
        with self.reading() as connection:
            return read_opinions(connection, task_id)
