"""Lets dicomweb-client ask by the house's own careful client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    content_type: str
    body: bytes


Ask = Callable[[str, str], Answer]
"""Returns the answer to a URL, with what is accepted of media types."""


class Transport(BaseAdapter):
    """An adapter of a session of requests, so that addresses, redirects and sizes are checked.

    Parameters
    ----------
    ask
        Asks.
    """

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Return the answer to a request; nothing but GET is sent."""
        if request.method != "GET":
            raise ValueError(f"{request.method} is not sent: servers are only read")
        answer = self._ask(str(request.url), str(request.headers.get("Accept") or "*/*"))
        response = Response()
        response.status_code = answer.status
        response.url, response.request = str(request.url), request
        response.headers["Content-Type"] = answer.content_type
        response._content = answer.body
        response._content_consumed = True
        return response

    def close(self) -> None:
        """Hold nothing open."""
