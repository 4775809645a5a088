"""The program of the S3 server: moto behind a log, with objects made by the thousand.

`python s3_server.py PORT LOG CORS` serves until it is stopped. Each request becomes a line of JSON
in the file LOG. With CORS `off` no page of another origin may read. ``POST /_fill`` with
``{"bucket", "prefix", "count", "body"}`` (Latin-1 text) puts many objects in one request.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

Start = Callable[..., Any]


class Logged:
    """A WSGI application whose answers are counted as they are sent."""

    def __init__(self, inner: Any, log: IO[str], cors: bool) -> None:
        self._inner, self._log, self._cors = inner, log, cors
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterator[bytes]:
        status = 0

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = int(line.split()[0])
            if not self._cors:
                headers = [pair for pair in headers if not pair[0].lower().startswith("access-")]
            return start_response(line, headers, *rest)

        sent = 0
        answer: Iterable[bytes] = self._inner(environ, start)
        try:
            for piece in answer:
                sent += len(piece)
                yield piece
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
            method = environ["REQUEST_METHOD"]
            line = {
                "method": method,
                "path": environ.get("RAW_URI") or environ["PATH_INFO"],
                "status": status,
                "range": environ.get("HTTP_RANGE", ""),
                "sent": 0 if method == "HEAD" else sent,
            }
            with self._lock:
                self._log.write(json.dumps(line) + "\n")
                self._log.flush()


def filling(inner: Any) -> Any:
    """Return an application that makes objects on demand, and hands all else on."""

    def application(environ: dict[str, Any], start_response: Start) -> Any:
        if environ["PATH_INFO"] != "/_fill":
            return inner(environ, start_response)
        wish = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        body = wish["body"].encode("latin-1")
        for number in range(wish["count"]):
            backend.put_object(wish["bucket"], f"{wish['prefix']}{number:06d}.png", body)
        start_response("204 No Content", [])
        return []

    return application


class Quiet(WSGIRequestHandler):
    """Connections that stay open, as those of a store do."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Say nothing: `Logged` does."""


def main(port: int, log: str, cors: str) -> None:
    """Serve until the process is stopped."""
    moto = filling(DomainDispatcherApplication(create_backend_app))
    with open(log, "w", encoding="utf-8") as lines:
        application = Logged(moto, lines, cors == "on")
        run_simple("127.0.0.1", port, application, threaded=True, request_handler=Quiet)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
