"""What every kind of storage gives a test: places to put objects, options, and a log."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote


class Request(NamedTuple):
    """One line of a server's log: `range` is the header as it came, `sent` the body's bytes."""

    method: str
    path: str
    status: int
    range: str
    sent: int


class Storage(Protocol):
    """Storage that is there for the whole run of the tests."""

    name: str
    options: dict[str, Any]
    """For `Dataset.open` and for fsspec alike."""

    def bucket(self) -> Bucket:
        """Return an empty bucket of the test's own."""
        ...

    def requests(self) -> list[Request] | None:
        """Return all that was asked so far, as the server's own log has it; None: it has none."""
        ...


@dataclass(frozen=True)
class Bucket:
    """A bucket, a container or a folder.

    Parameters
    ----------
    url
        Its own URL, without a slash at its end.
    options
        Storage options that reach it.
    write
        Puts an object: key and content.
    web
        Where plain HTTP finds it; empty where it does not.
    escaped
        Whether keys stand percent-encoded in a URL.
    """

    url: str
    options: Mapping[str, Any]
    write: Callable[[str, bytes], None] = field(repr=False)
    web: str = ""
    escaped: bool = False

    def put(self, key: str, data: bytes) -> str:
        """Put an object and return its URL."""
        self.write(key, data)
        return self.at(key)

    def at(self, key: str) -> str:
        """Return the URL of a key."""
        return f"{self.url}/{quote(key)}" if self.escaped else f"{self.url}/{key}"


_numbers = itertools.count(1)


def new_name() -> str:
    """Return a name for a bucket that no test of this run has had."""
    return f"bucket{next(_numbers):04d}"
