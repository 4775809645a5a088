"""How long a server is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for, and how often it is asked again.

    Parameters
    ----------
    connect
        Seconds until a connection stands.
    silence
        Seconds until an answer begins, and in which at least `least` bytes of it come.
    least
        Bytes; a body that trickles is given up.
    tries
        How often a server that is too busy is asked in all.
    wait
        Longest pause in seconds between two of them; who asks for more is not asked again.
    """

    connect: float = 10.0
    silence: float = 20.0
    least: int = 1 << 14
    tries: int = 4
    wait: float = 10.0

    def pause(self, headers: Mapping[str, str], number: int) -> float | None:
        """Return the seconds to wait before trying again, None for not at all.

        Parameters
        ----------
        headers
            Of the answer: ``Retry-After`` is in seconds or an HTTP date (RFC 9110, 10.2.3).
        number
            How often it was tried already.
        """
        if number >= self.tries:
            return None
        asked = _seconds(headers.get("Retry-After", ""))
        seconds = min(self.wait, 0.5 * 2 ** (number - 1)) if asked is None else max(0.0, asked)
        return seconds if seconds <= self.wait else None


def _seconds(text: str) -> float | None:
    if text.strip().isdecimal():
        return float(text.strip()[:9])
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if until.tzinfo is None:
        return None
    return (until - datetime.now(UTC)).total_seconds()
