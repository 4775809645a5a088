"""Scans that a server holds for a while, so that a click does not send them anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from labelwidgets.assist.context import Context
from labelwidgets.errors import AssistantError
from labelwidgets.media.scan import Scan
from labelwidgets.model_servers.reply import Reply

MOST = 2
"""Scans that are held at once; the one that was looked at longest ago goes first."""


class Sessions:
    """Which scans a server holds.

    Parameters
    ----------
    send
        Sends a scan, and returns the id of its session.
    end
        Ends a session.
    """

    def __init__(self, send: Callable[[Scan, Context], str], end: Callable[[str], object]) -> None:
        self._send, self._end = send, end
        # The volume is kept, so that no other one gets its id.
        self._held: OrderedDict[int, tuple[object, str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, scan: Scan, context: Context) -> str:
        """Return the session of a scan, which is sent where there is none."""
        with self._lock:
            key = id(scan.volume)
            if key not in self._held:
                self._held[key] = scan.volume, self._send(scan, context)
            self._held.move_to_end(key)
            made = self._held[key][1]
            while len(self._held) > MOST:
                _, (_, old) = self._held.popitem(last=False)
                self._ended(old)
        return made

    def ask(
        self,
        scan: Scan,
        context: Context,
        ask: Callable[[str], Reply],
        expired: Callable[[Reply, str], bool],
    ) -> Reply:
        """Return the answer to a question about a scan, sent anew once if its session is over.

        Parameters
        ----------
        scan, context
            What is asked about.
        ask
            Asks within a session.
        expired
            Says of an answer whether the session is over.
        """
        session = self.of(scan, context)
        reply = ask(session)
        if not expired(reply, session):
            return reply
        with self._lock:
            self._held.pop(id(scan.volume), None)
        return ask(self.of(scan, context))

    def close(self) -> None:
        """End all sessions."""
        with self._lock:
            for _, session in self._held.values():
                self._ended(session)
            self._held.clear()

    def _ended(self, session: str) -> None:
        try:
            self._end(session)
        except AssistantError:
            # It expires by itself.
            return
