"""A server on this machine that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from labelwidgets.model_servers.multipart import Part, read_parts


class Asked(NamedTuple):
    """A question."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def parts(self) -> dict[str, Part]:
        return {part.name: part for part in read_parts(self.headers["content-type"], self.body)}

    @property
    def params(self) -> Any:
        return json.loads(self.parts["params"].body)


class Answer(NamedTuple):
    """What is sent back; `cut` bytes of the body are announced and not sent."""

    status: int
    kind: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0


def as_json(said: Any, status: int = 200) -> Answer:
    return Answer(status, "application/json", json.dumps(said).encode())


def in_parts(*parts: tuple[str, str, str, bytes]) -> Answer:
    """Return parts of name, file name, content type and bytes, as requests-toolbelt makes them."""
    body = b""
    for name, filename, kind, data in parts:
        file = f'; filename="{filename}"' if filename else ""
        body += f'--b0a\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'.encode()
        body += f"Content-Type: {kind}\r\n\r\n".encode() + data + b"\r\n"
    return Answer(200, "multipart/form-data; boundary=b0a", body + b"--b0a--\r\n")


PAGE = Answer(500, "text/html", b"<html><body>Internal <script>alert(1)</script></body></html>")


class Loopback:
    """A server; `answer` is asked what to send, which subclasses know, or a test puts there."""

    def __init__(self, answer: Callable[[Asked], Answer] | None = None) -> None:
        self.asked: list[Asked] = []
        if answer is not None:
            self.answer = answer  # type: ignore[method-assign]
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    {key: values[0] for key, values in parse_qs(parts.query).items()},
                    {key.lower(): value for key, value in self.headers.items()},
                    self.rfile.read(length),
                )
                outer.asked.append(asked)
                made = outer.answer(asked)
                self.send_response(made.status)
                self.send_header("Content-Type", made.kind)
                self.send_header("Content-Length", str(len(made.body) + made.cut))
                for header in made.headers:
                    self.send_header(*header)
                self.end_headers()
                try:
                    self.wfile.write(made.body)
                except OSError:
                    return

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - as the library has it

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def never(self, asked: Asked) -> Answer:
        """Answer when the test is over."""
        self.stopping.wait(30)
        return as_json({})

    def paths(self, method: str | None = None) -> list[str]:
        return [one.path for one in self.asked if method in (None, one.method)]

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Go away: nothing is answered from now on."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
