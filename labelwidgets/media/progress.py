"""How far the listing of a dataset has come, and the thread that goes on with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from labelwidgets.media.items import Item
from labelwidgets.media.pages import SIZE
from labelwidgets.numbered import numbered


class Listing:
    """The listing of a dataset: all done, or still going on in a thread of its own.

    Attributes
    ----------
    count : int
        How many items there are so far.
    done : bool
        Whether no more will come.
    error : Exception or None
        What it ended with before all was listed.
    """

    def __init__(self) -> None:
        self.count = 0
        self.done = False
        self.error: Exception | None = None
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._followers: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        state = "done" if self.done else "going on"
        if self.error is not None:
            state = f"ended by {type(self.error).__name__}: {self.error}"
        elif self._stopping.is_set():
            state = "stopped"
        return f"Listing({numbered(self.count, 'item')}, {state})"

    def run(
        self,
        pages: Iterator[list[Item]],
        take: Callable[[list[Item]], int],
        end: Callable[[], None],
    ) -> None:
        """Take all pages, here and now, and end; errors are raised."""
        try:
            for page in pages:
                self.count += take(page)
        finally:
            end()
        self.done = True

    def start(
        self,
        pages: Iterator[list[Item]],
        take: Callable[[list[Item]], int],
        end: Callable[[], None],
    ) -> None:
        """Take pages in a thread, and return once there is a whole one, or all there is.

        Parameters
        ----------
        pages
            The items as they are listed.
        take
            Called with each page, from the thread; returns how many items it has become.
        end
            Called behind the last one, also if that is an error.

        Raises
        ------
        LabelwidgetsError
            If that is the end of it before there is a whole page.
        """
        thread = threading.Thread(
            target=self._go, args=(pages, take, end), name="labelwidgets-listing", daemon=True
        )
        thread.start()
        try:
            with self._changed:
                self._changed.wait_for(lambda: self.done or self.count >= SIZE)
        except BaseException:
            self.stop()
            raise
        if self.error is not None and self.count < SIZE:
            raise self.error

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all is listed, and return whether it is; Ctrl-C stops the listing.

        Parameters
        ----------
        timeout
            The longest time to wait, in seconds; None for as long as it takes.

        Raises
        ------
        LabelwidgetsError
            If it ended before; also later, at each call.
        """
        try:
            with self._changed:
                self._changed.wait_for(lambda: self.done, timeout)
        except KeyboardInterrupt:
            self.stop()
            raise
        if self.error is not None:
            raise self.error
        return self.done

    def stop(self) -> None:
        """List no more after the page that is being listed; what is there stays."""
        if not self.done:
            self._stopping.set()

    def follow(self, follower: Callable[[], None]) -> Callable[[], None]:
        """Call back after each page, from the thread of the listing; returns the end of it."""
        with self._changed:
            self._followers.append(follower)

        def end() -> None:
            with self._changed:
                if follower in self._followers:
                    self._followers.remove(follower)

        return end

    def _go(
        self,
        pages: Iterator[list[Item]],
        take: Callable[[list[Item]], int],
        end: Callable[[], None],
    ) -> None:
        try:
            for page in pages:
                if self._stopping.is_set():
                    break
                count = take(page)
                with self._changed:
                    self.count += count
                    self._changed.notify_all()
                    followers = list(self._followers)
                for follower in followers:
                    follower()
        except Exception as error:
            # Told by repr and by each wait; a thread has nobody to raise it to.
            self.error = error
        finally:
            end()
            with self._changed:
                self.done = True
                self._changed.notify_all()
