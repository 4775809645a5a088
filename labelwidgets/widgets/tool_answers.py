"""Answers to what pages ask of tools that compute in the kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from labelwidgets.assist import registry
from labelwidgets.assist.context import Context
from labelwidgets.assist.cropping import propose_nearby, sees_whole
from labelwidgets.assist.late_labels import LateLabels
from labelwidgets.assist.results import Proposal
from labelwidgets.errors import ToolError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.widgets import messages
from labelwidgets.widgets.computing import Computer
from labelwidgets.widgets.pages import Pages
from labelwidgets.widgets.proposal_info import proposal_info
from labelwidgets.widgets.reading import FindLoop
from labelwidgets.widgets.volume_edits import operate_on
from labelwidgets.workflow.session import Session

About: TypeAlias = messages.Compute | messages.Operate | messages.Prepare


class ToolAnswers:
    """Runs tools on what a page shows, and tells what they propose.

    Parameters
    ----------
    session
        Whose items and labels the tools are given.
    pages
        Who is told.
    find_loop
        Returns the event loop; where there is none, a tool is run at once.
    labels_of
        Returns the labels that are there of an item, which models are told of.
    """

    def __init__(
        self,
        session: Session,
        pages: Pages,
        find_loop: FindLoop,
        labels_of: Callable[[str], Sequence[Annotation]],
    ) -> None:
        self._session = session
        self._pages = pages
        self._labels_of = labels_of
        self._computer = Computer(find_loop)
        # A number that no page has.
        self._ahead = -(2**53)

    def answer(self, message: About) -> None:
        """Begin what a page asks for; it is told once that is done."""
        match message:
            case messages.Compute():
                self._compute(message)
            case messages.Operate():
                self._operate(message)
            case messages.Prepare():
                self._prepare(message)

    def cancel(self, request: int) -> None:
        """Give up on a request; nobody hears of what it comes to."""
        self._computer.cancel(request)

    def close(self) -> None:
        """Give up on everything."""
        self._computer.close()

    def _compute(self, message: messages.Compute) -> None:
        """Run a tool on an item."""
        tool = registry.find(message.tool).told(lambda: self._context(message))
        request = message.request

        def work() -> Proposal:
            item, frame = message.item, message.frame or 0
            given = (message.prompt, message.parameters, message.as_)
            if tool.takes_volume:
                return tool.propose(self._session.scan(item), *given)
            if tool.takes_video:
                return tool.propose(self._session.film(item, frame), *given)
            pyramid = self._session.pyramid(item, frame)
            spacing = self._session.spacing(item)
            if pyramid is not None and not sees_whole(pyramid):
                return propose_nearby(tool, pyramid, *given, spacing)
            pixels = self._session.pixels(item, frame)
            return tool.propose(pixels, *given, spacing=spacing)

        self._computer.run(
            request,
            tool.name,
            work,
            lambda proposal: self._propose(request, proposal),
            lambda error: self._pages.fail(request, error),
            lambda share: self._pages.tell({"type": "progress", "request": request, "done": share}),
        )

    def _operate(self, message: messages.Operate) -> None:
        """Do something with volume masks as a whole."""
        request = message.request

        def done(found: list[dict[str, Any]]) -> None:
            # As bytes: of many slices that is long.
            data = msgspec.json.encode(found)
            self._pages.tell({"type": "operated", "request": request}, [data])

        self._computer.run(
            request,
            "volume masks",
            lambda: operate_on(
                self._session,
                message.task,
                message.annotations,
                message.operation,
                message.numbers,
            ),
            done,
            lambda error: self._pages.fail(request, error),
        )

    def _prepare(self, message: messages.Prepare) -> None:
        """Read pixels ahead; what goes wrong is told when they are asked for."""

        def done(_: object) -> None:
            if message.request is not None:
                self._pages.tell({"type": "prepared", "request": message.request})

        try:
            tool = registry.find(message.tool)
        except ToolError as error:
            done(error)
            return

        def work() -> None:
            item, frame = message.item, message.frame or 0
            if tool.takes_volume:
                tool.prepare(self._session.scan(item))
                return
            if tool.takes_video:
                tool.prepare(self._session.film(item, frame))
                return
            # Of a larger one nobody knows yet what will be looked at.
            if sees_whole(self._session.pyramid(item, frame)):
                tool.prepare(self._session.pixels(item, frame))

        self._ahead -= 1
        name = f"{tool.name}, ahead"
        self._computer.run(self._ahead, name, work, done, done)

    def _context(self, message: messages.Compute) -> Context:
        """Return what a model is told of what is shown; there are no addresses in it."""
        item = self._session.item(message.item)
        return Context(
            item_id=item["id"],
            kind=item["kind"],
            title=item["title"],
            frame=message.frame,
            ontology=self._session.ontology,
            class_name=message.class_,
            labels=LateLabels(lambda: self._labels_of(message.item)),
        )

    def _propose(self, request: int, proposal: Proposal) -> None:
        try:
            content, buffers = proposal_info(proposal)
        except ToolError as error:
            self._pages.fail(request, error)
            return
        self._pages.tell({**content, "request": request}, buffers)
