"""Answers to pages that edit: edits at once or in pieces, steps back, and what others made here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from labelwidgets.errors import LabelwidgetsError, LimitError, LinkError, WorkflowError
from labelwidgets.numbered import numbered
from labelwidgets.store.edits import Applied, Outcome, Refused
from labelwidgets.widgets import incoming, messages
from labelwidgets.widgets.edit_info import applied_info, refused_info
from labelwidgets.widgets.ontology_watch import OntologyWatch
from labelwidgets.widgets.pages import Pages, words_of
from labelwidgets.widgets.task_answers import TaskAnswers
from labelwidgets.widgets.uploads import Uploads
from labelwidgets.workflow.session import Session

About: TypeAlias = messages.Edits | messages.Offer | messages.Piece | messages.Undo | messages.Redo


class EditAnswers:
    """Makes edits durable, and tells pages of them and of those of other widgets here.

    Parameters
    ----------
    session
        Who edits: nothing in a message says so.
    pages
        Who is told.
    tasks
        Knows which tasks the pages have.
    ontology
        Which ontology the pages show: an edit may bring a class of another back.
    """

    def __init__(
        self, session: Session, pages: Pages, tasks: TaskAnswers, ontology: OntologyWatch
    ) -> None:
        self._session = session
        self._pages = pages
        self._tasks = tasks
        self._ontology = ontology
        self._uploads = Uploads()
        # While edits of a page are applied: those that it was told of meanwhile.
        self._announced: set[str] | None = None
        self._unsubscribe = session.subscribe(self._announce)

    def answer(self, message: About, buffers: Sequence[Any]) -> None:
        """Do what a page asks, and tell all of them."""
        match message:
            case messages.Edits():
                self._edit(message)
            case messages.Offer():
                self._offer(message)
            case messages.Piece():
                self._take(message, buffers)
            case messages.Undo():
                self._tell_step(message, self._session.undo(message.task, message.gesture))
            case messages.Redo():
                self._tell_step(message, self._session.redo(message.task, message.gesture))

    def close(self) -> None:
        """Hear of no edits any more."""
        self._unsubscribe()

    def shown(self, applied: Sequence[Applied]) -> list[Applied]:
        """Return the edits of tasks that a page has."""
        return [made for made in applied if self._tasks.has(made.task)]

    def tell(self, applied: Sequence[Applied]) -> None:
        """Tell of edits, where there are any."""
        if applied:
            self._pages.tell(*applied_info(applied))

    def _announce(self, applied: Sequence[Applied]) -> None:
        """Hear of edits of this process; those of tasks that no page shows are not sent."""
        shown = self.shown(applied)
        if self._announced is not None:
            self._announced.update(made.id for made in shown)
        self.tell(shown)

    def _edit(self, message: messages.Edits) -> None:
        try:
            edits, malformed = incoming.read_edits(message.edits)
        except LinkError as error:
            self._pages.fail(None, error)
            raise
        told: set[str] = set()
        self._announced = told
        try:
            outcomes = self._session.apply(edits, message.client)
        except LabelwidgetsError as error:
            # Nothing was decided about the edits: the page keeps them and tries again.
            self._pages.fail(None, error)
            return
        finally:
            self._announced = None
        # What was taken out may have come back with a label of it.
        self._ontology.look()
        applied = [made for made in outcomes if isinstance(made, Applied)]
        self.tell([made for made in applied if made.id not in told])
        self._tasks.tell_taken(made.task for made in applied)
        refused = [*malformed, *(made for made in outcomes if isinstance(made, Refused))]
        if refused:
            self._pages.tell(refused_info(refused))
        if malformed:
            raise LinkError(malformed[0].message, where=f"edit {malformed[0].id[:80]!r}")

    def _offer(self, message: messages.Offer) -> None:
        try:
            missing = self._uploads.offer(
                message.upload, message.size, message.checksum, message.client
            )
        except LimitError as error:
            # For good: the page must not try again.
            self._want(message.upload, [], error)
            return
        except LinkError as error:
            self._pages.fail(None, error)
            raise
        self._want(message.upload, missing)

    def _take(self, message: messages.Piece, buffers: Sequence[Any]) -> None:
        try:
            if len(buffers) != 1:
                where = f"upload {message.upload[:80]!r}, piece {message.number}"
                raise LinkError(f"has {numbered(len(buffers), 'buffer')}, not one.", where=where)
            missing = self._uploads.take(message.upload, message.number, bytes(buffers[0]))
            if missing:
                self._want(message.upload, missing)
                return
            if missing is None:
                self._want(message.upload, None)
                return
            edits = incoming.read_upload(*self._uploads.finish(message.upload))
        except LinkError as error:
            self._pages.fail(None, error)
            raise
        self._edit(edits)

    def _want(self, upload: str, numbers: list[int] | None, error: Exception | None = None) -> None:
        content: dict[str, Any] = {"type": "wanted", "upload": upload, "numbers": numbers}
        if error is not None:
            content["error"] = words_of(error)
        self._pages.tell(content)

    def _tell_step(self, message: messages.Undo | messages.Redo, outcomes: list[Outcome]) -> None:
        """Answer a step back or again; the pages have heard of its edits already."""
        for made in outcomes:
            if isinstance(made, Refused):
                raise WorkflowError(made.message, where=f"annotation {made.annotation}")
        annotations = list({made.annotation: None for made in outcomes})
        content = {"type": "stepped", "request": message.request, "annotations": annotations}
        self._pages.tell(content)
