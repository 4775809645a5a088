"""A kernel's end that answers when the test wants it to, in another order, or never."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from labelwidgets.project import Project
from labelwidgets.workflow.session import Session
from tests.browser.host import HostPage, Message
from tests.browser.kernel_end import KernelEnd

LATE = ("pixels", "coarse")


class LateKernelEnd(KernelEnd):
    """Holds some kinds of answers back, but for the first picture, until it is told otherwise."""

    def __init__(
        self,
        project: Project,
        seed: int = 0,
        late: tuple[str, ...] = LATE,
        session: Session | None = None,
    ) -> None:
        super().__init__(project, session=session)
        self.late = late
        self.holds = True
        self._begun = False
        self.held: list[Message] = []
        self.dropped: list[Message] = []
        self._random = random.Random(seed)

    def __call__(self, message: Message) -> Iterable[Message]:
        answers = list(super().__call__(message))
        first = message.content["type"] == "pixels" and not self._begun
        if first or not self.holds:
            self._begun = self._begun or first
            return answers
        self.held += [answer for answer in answers if answer.content["type"] in self.late]
        return [answer for answer in answers if answer.content["type"] not in self.late]

    def asked(self) -> list[dict[str, Any]]:
        """Return what was asked for that has pixels, and is still wanted."""
        given_up = {one["cancels"] for one in self.received if one["type"] == "cancel"}
        return [
            one
            for one in self.received
            if one["type"] in self.late and one["request"] not in given_up
        ]

    def let_go_of(self, kind: str, page: HostPage) -> None:
        """Deliver what is held back of one kind of answer."""
        for answer in [answer for answer in self.held if answer.content["type"] == kind]:
            self.held.remove(answer)
            page.deliver(answer.content, answer.buffers)

    def let_go(self, page: HostPage, share: float = 1.0, lost: float = 0.0) -> None:
        """Deliver a share of what is held back, in any order; some of it gets lost."""
        self._random.shuffle(self.held)
        count = round(share * len(self.held))
        for answer in self.held[:count]:
            if self._random.random() < lost:
                self.dropped.append(answer)
            else:
                page.deliver(answer.content, answer.buffers)
        del self.held[:count]
