"""Files that were read last, and those that are likely to be read next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Condition
from typing import NamedTuple

from labelwidgets.media.cancellation import Cancellation, cancelled_by, current

AT_ONCE = 3
"""Files that are read ahead at a time: what a person waits for shall not wait for many."""


class Wish(NamedTuple):
    """A file of an item, which its reading is counted to: its URL, its place, who named it."""

    item_id: str
    url: str
    frame: int
    trusted: bool


class _Coming:
    """A file that is being read, for whoever waits for it."""

    def __init__(self) -> None:
        self.cancellation = Cancellation()
        self.waiting = 0
        self.ahead = True
        self.data: bytes | None = None
        self.error: BaseException | None = None
        self.done = False


class ReadAhead:
    """Contents of files in memory, as many as fit. Safe from several threads.

    Parameters
    ----------
    read
        Reads a file.
    is_worth
        Says whether a file is to be read ahead, once it is about to be.
    capacity
        Most bytes that all of them may hold together; what is read ahead takes three quarters
        of it at most, and a file of more than a quarter is not kept.
    """

    def __init__(
        self,
        read: Callable[[Wish], bytes],
        is_worth: Callable[[Wish], bool] = lambda _: True,
        capacity: int = 256 << 20,
    ) -> None:
        self._read, self._is_worth = read, is_worth
        self.capacity = capacity
        self._changed = Condition()
        self._kept: OrderedDict[Wish, bytes] = OrderedDict()
        self._coming: dict[Wish, _Coming] = {}
        self._wishes: list[Wish] = []
        self._waiting: list[Wish] = []
        self._running = 0
        # Threads begin with the first job.
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="labelwidgets-ahead")

    def want(self, wishes: Iterable[Wish]) -> None:
        """Read files ahead, the first ones first, instead of what was wanted before.

        What is not in the new list, and that nobody waits for, is cancelled.
        """
        with self._changed:
            self._wishes = list(dict.fromkeys(wishes))
            self._waiting = [
                wish for wish in self._wishes if wish not in self._kept and wish not in self._coming
            ]
            dropped = [
                coming.cancellation
                for wish, coming in self._coming.items()
                if coming.ahead and not coming.waiting and wish not in self._wishes
            ]
            more = min(AT_ONCE - self._running, len(self._waiting))
            self._running += max(more, 0)
            for _ in range(more):
                self._pool.submit(self._work)
        for cancellation in dropped:
            cancellation.cancel()

    def get(self, wish: Wish, keep: bool = True) -> bytes:
        """Return a file from memory, or as it comes, or read it.

        Parameters
        ----------
        wish
            Which.
        keep
            Whether it is likely to be asked for again soon.
        """
        with self._changed:
            found = self._kept.get(wish)
            if found is not None:
                self._kept.move_to_end(wish)
                return found
            coming = self._coming.get(wish)
            mine = coming is None
            if coming is None:
                coming = self._begin(wish, ahead=False)
            coming.waiting += 1
        try:
            if mine:
                own = current()
                with own.calling(coming.cancellation.cancel) if own else nullcontext():
                    self._fetch(wish, coming, keep)
            else:
                self._wait(coming)
        finally:
            with self._changed:
                coming.waiting -= 1
                idle = not coming.waiting and wish not in self._wishes
            if idle and not coming.done:
                coming.cancellation.cancel()
        if coming.cancellation.cancelled and coming.data is None:
            own = current()
            if own is None or not own.cancelled:
                # Another one, that it was read for, gave it up.
                return self.get(wish, keep)
        if coming.error is not None:
            raise coming.error
        return coming.data or b""

    def _wait(self, coming: _Coming) -> None:
        own = current()

        def wake() -> None:
            with self._changed:
                self._changed.notify_all()

        with own.calling(wake) if own else nullcontext(), self._changed:
            self._changed.wait_for(lambda: coming.done or (own is not None and own.cancelled))
        if own is not None:
            own.check()

    def _begin(self, wish: Wish, ahead: bool) -> _Coming:
        coming = _Coming()
        coming.ahead = ahead
        self._coming[wish] = coming
        if wish in self._waiting:
            self._waiting.remove(wish)
        return coming

    def _fetch(self, wish: Wish, coming: _Coming, keep: bool) -> None:
        try:
            with cancelled_by(coming.cancellation):
                if coming.ahead and not self._is_worth(wish):
                    coming.cancellation.cancel()
                coming.cancellation.check()
                coming.data = self._read(wish)
        except BaseException as error:
            coming.error = error
        with self._changed:
            coming.done = True
            self._coming.pop(wish, None)
            if keep and coming.data is not None and len(coming.data) <= self.capacity // 4:
                self._keep(wish, coming.data)
            self._changed.notify_all()

    def _keep(self, wish: Wish, data: bytes) -> None:
        self._kept[wish] = data
        size = sum(map(len, self._kept.values()))
        # What nobody wishes for goes first.
        for old in [*(one for one in self._kept if one not in self._wishes), *self._kept]:
            if size <= self.capacity:
                return
            if old != wish:
                size -= len(self._kept.pop(old, b""))

    def _work(self) -> None:
        """Read what is wished for until there is nothing left, or no room."""
        while True:
            with self._changed:
                ready = sum(len(self._kept.get(wish, b"")) for wish in self._wishes)
                if not self._waiting or ready > self.capacity * 3 // 4:
                    self._waiting = []
                    self._running -= 1
                    return
                wish = self._waiting.pop(0)
                coming = self._begin(wish, ahead=True)
            self._fetch(wish, coming, keep=True)
