"""The wire between a widget's page and its session: the one place that knows it.

The messages are described in the architecture page of the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from labelwidgets.errors import LabelwidgetsError, LinkError
from labelwidgets.widgets import (
    adjudicating,
    edit_answers,
    incoming,
    messages,
    picture_answers,
    reviewing,
    task_answers,
    tool_answers,
)
from labelwidgets.widgets.edit_answers import EditAnswers
from labelwidgets.widgets.elsewhere import Elsewhere
from labelwidgets.widgets.ontology_watch import OntologyWatch
from labelwidgets.widgets.pages import Pages, Send
from labelwidgets.widgets.picture_answers import PictureAnswers
from labelwidgets.widgets.reading import FindLoop, running_loop
from labelwidgets.widgets.task_answers import TaskAnswers
from labelwidgets.widgets.tool_answers import ToolAnswers
from labelwidgets.workflow.session import Session


class Link:
    """Answers one widget's messages from its session, and tells its pages of edits.

    Parameters
    ----------
    session
        Who works, and on what. Nothing that a page sends can change who that is.
    send
        Sends content and binary buffers to every page that shows the widget.
    find_loop
        Returns the event loop to read and to look for others' edits in; without one,
        pixels are read at once and others' edits are seen when a task is opened.
    on_open
        Told the item of each task that is opened.
    on_ontology
        Told when the ontology or the instructions have changed.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        find_loop: FindLoop = running_loop,
        on_open: Callable[[str], None] | None = None,
        on_ontology: Callable[[], None] | None = None,
    ) -> None:
        self.session = session
        self._pages = pages = Pages(send)
        ontology = OntologyWatch(session, on_ontology)
        self._tasks = TaskAnswers(session, pages, find_loop, on_open)
        self._edits = EditAnswers(session, pages, self._tasks, ontology)
        self._pictures = PictureAnswers(session, pages, find_loop)
        self._tools = ToolAnswers(session, pages, find_loop, self._tasks.labels_of)
        self._elsewhere = Elsewhere(
            session, pages, find_loop, tasks=self._tasks, edits=self._edits, ontology=ontology
        )
        self._closed = False

    def close(self) -> None:
        """Stop telling and reading; tasks that were opened ahead go back to the queue."""
        if not self._closed:
            self._tasks.close()
        self._closed = True
        self._edits.close()
        self._pictures.close()
        self._tools.close()
        self._elsewhere.close()

    def receive(self, content: Any, buffers: Sequence[Any] = ()) -> None:
        """Do what a page asks.

        Raises
        ------
        LinkError
            If the message is malformed; nothing is done, and the page is told why. So it is of
            a malformed edit among others, which are made durable.
        """
        request = incoming.request_of(content)
        try:
            message = incoming.read_message(content)
        except LinkError as error:
            self._pages.fail(request, error)
            raise
        try:
            self._answer(message, buffers)
        except LinkError:
            # For the log: the page was told of it already.
            raise
        except LabelwidgetsError as error:
            self._pages.fail(request, error)
        except Exception as error:
            self._pages.fail(request, error)
            raise

    def _answer(self, message: messages.AnyMessage, buffers: Sequence[Any]) -> None:
        if isinstance(message, messages.Open):
            self._elsewhere.watch()
            self._tasks.open(message, self._elsewhere.seq)
        elif isinstance(message, task_answers.About):
            self._tasks.answer(message)
        elif isinstance(message, edit_answers.About):
            self._edits.answer(message, buffers)
        elif isinstance(message, picture_answers.About):
            self._pictures.answer(message)
        elif isinstance(message, tool_answers.About):
            self._tools.answer(message)
        elif isinstance(message, reviewing.About):
            reviewing.answer(self.session, message, self._pages)
        elif isinstance(message, adjudicating.About):
            adjudicating.answer(self.session, message, self._pages)
        else:
            self._pictures.cancel(message.cancels)
            self._tools.cancel(message.cancels)
