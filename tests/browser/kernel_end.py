"""The kernel's end of the annotator on a host page: real link, session and store, with faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from labelwidgets.assist import registry
from labelwidgets.errors import LinkError
from labelwidgets.project import Project
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.reviewing import judges
from labelwidgets.workflow.session import Session
from tests.browser.host import Message

Fault = Literal["drop", "deaf", "duplicate"]


class KernelEnd:
    """Answers a host page as a notebook's kernel would.

    Parameters
    ----------
    project
        What is labelled.
    user
        Who sits before the page.
    session
        What is worked on there; None for what `Project.annotate` shows.

    Attributes
    ----------
    fault
        What happens to the next messages of a kind: asked with the message, it returns
        ``drop`` (it never arrives), ``deaf`` (it is done, but the answer is lost),
        ``duplicate`` (it arrives twice) or None.
    received
        Content of all messages that arrived.
    """

    def __init__(
        self, project: Project, user: str | None = None, session: Session | None = None
    ) -> None:
        self.session = session or project.session(user=user)
        self.fault: Callable[[dict[str, Any]], Fault | None] = lambda _: None
        self.received: list[dict[str, Any]] = []
        self.errors: list[LinkError] = []
        self._out: list[Message] = []
        self.link = Link(self.session, self._send, find_loop=lambda: None)

    def __call__(self, message: Message) -> Iterable[Message]:
        fault = self.fault(message.content)
        if fault == "drop":
            return []
        for _ in range(2 if fault == "duplicate" else 1):
            self.received.append(message.content)
            try:
                self.link.receive(message.content, message.buffers)
            except LinkError as error:
                self.errors.append(error)
        answers = self.unsent()
        return [] if fault == "deaf" else answers

    def unsent(self) -> list[Message]:
        """Return what the kernel has to say of its own accord, and forget it."""
        said, self._out = self._out, []
        return said

    def traits(self, **others: Any) -> dict[str, Any]:
        """Return the traits that the widget's model would have."""
        session = self.session
        first = session.next_task()
        place = {
            "project": session.project_uid,
            "name": session.project_name,
            "user": session.user,
            "judges": first is not None and judges(session, session.task(first)),
        }
        return {
            "ontology": session.ontology.to_dict(),
            "place": place,
            "tools": [tool.spec() for tool in registry.tools()],
            "task": None,
            "height": 640,
            "selection": [],
            **others,
        }

    def _send(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        # As on the wire: JSON, so that what cannot be sent fails here too.
        plain = json.loads(msgspec.json.encode(content))
        self._out.append(Message(plain, tuple(bytes(buffer) for buffer in buffers)))
