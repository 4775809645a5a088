"""What others do in other processes while pages are open here."""

from __future__ import annotations

import asyncio
import logging
import time

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.widgets import reviewing
from labelwidgets.widgets.edit_answers import EditAnswers
from labelwidgets.widgets.ontology_watch import OntologyWatch
from labelwidgets.widgets.pages import Pages
from labelwidgets.widgets.reading import FindLoop
from labelwidgets.widgets.task_answers import TaskAnswers
from labelwidgets.workflow.session import Session

logger = logging.getLogger("labelwidgets")

# How often other processes' edits are looked for while a page is open, in seconds.
POLL = 1.0
# How often a page that shows a task says that it still does, in seconds: a lease lasts minutes.
BEAT = 60.0


class Elsewhere:
    """Looks for edits, issues and ontologies of other processes, and tells pages of them.

    Meanwhile it gives a sign of life of the tasks that the pages have.

    Parameters
    ----------
    session
        Whose work it is.
    pages
        Who is told.
    find_loop
        Returns the event loop to look in; without one, nothing is looked for.
    tasks, edits, ontology
        What the pages have open, how they hear of edits, and which ontology they show.
    """

    def __init__(
        self,
        session: Session,
        pages: Pages,
        find_loop: FindLoop,
        *,
        tasks: TaskAnswers,
        edits: EditAnswers,
        ontology: OntologyWatch,
    ) -> None:
        self._session = session
        self._pages = pages
        self._find_loop = find_loop
        self._tasks = tasks
        self._edits = edits
        self._ontology = ontology
        # Up to which event edits were looked for, and up to which issues.
        self._seq = 0
        self._heard = 0
        self._closed = False
        self._poll: asyncio.Task[None] | None = None

    @property
    def seq(self) -> int:
        """Up to which event others' edits have been looked for."""
        return self._seq

    def watch(self) -> None:
        """Look from now on, while there is an event loop to do it in."""
        if self._closed or (self._poll is not None and not self._poll.done()):
            return
        loop = self._find_loop()
        if loop is None:
            return
        self._seq = self._heard = self._session.last_seq()
        self._poll = loop.create_task(self._watching())

    def close(self) -> None:
        """Look no more."""
        self._closed = True
        if self._poll is not None:
            self._poll.cancel()

    async def _watching(self) -> None:
        trouble = ""
        beaten = time.monotonic()
        while True:
            await asyncio.sleep(POLL)
            try:
                if time.monotonic() - beaten >= BEAT:
                    self._tasks.beat()
                    beaten = time.monotonic()
                changes = self._session.changes(self._seq)
                issues, heard = self._session.issues.since(self._heard)
                self._ontology.look()
            except LabelwidgetsError as error:
                # Once for each trouble, however long it lasts.
                if str(error) != trouble:
                    logger.warning("Looking for others' edits failed: %s", error)
                trouble = str(error)
                continue
            trouble = ""
            if changes:
                self._seq = max(made.seq for made in changes)
            self._edits.tell(self._edits.shown(changes))
            # After the edits: what an issue is pinned to is there.
            self._heard = max(heard, self._heard)
            for issue in issues:
                if self._tasks.has(issue.task_id):
                    reviewing.tell_issue(None, issue, self._pages)
