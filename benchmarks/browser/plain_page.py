"""A server for the plain page: the contenders' scripts, the picture, and our kernel's end."""

from __future__ import annotations

import json
import mimetypes
import struct
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks import scenes
from benchmarks.scenes import Kind
from tests.browser.host import STATIC, THEMES, Message
from tests.browser.kernel_end import KernelEnd

PAGES = Path(__file__).resolve().parents[1] / "pages"


class PlainServer:
    """Serves on a free loopback port while a `with` statement lasts.

    Parameters
    ----------
    picture
        The photograph.
    node_modules
        The peers' packages.

    Attributes
    ----------
    kernel
        Answers our annotator; one for each project.
    height
        Of our annotator in CSS pixels.
    """

    def __init__(self, picture: Path, node_modules: Path, height: int) -> None:
        self.kernel: KernelEnd | None = None
        self.height = height
        self._lock = threading.Lock()
        self._files = {
            "photo.jpg": picture,
            "theme.css": THEMES / "theme-light-extension" / "index.css",
            "image.js": STATIC / "image.js",
            "image.css": STATIC / "image.css",
        }
        self._modules = node_modules.resolve()

    def __enter__(self) -> PlainServer:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(*owner.find(self.path))

            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer("application/octet-stream", owner.ask(content))

            def _answer(self, kind: str, body: bytes | None) -> None:
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body or b"")))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *args: Any) -> None:
                if args and str(args[1]) not in ("200", "404"):
                    print(format % args, file=sys.stderr)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://localhost:{self._server.server_port}/page.html"

    def find(self, address: str) -> tuple[str, bytes | None]:
        """Return the media type and the bytes of what is asked for; None if there is no such."""
        parts = urlsplit(address)
        name = parts.path.lstrip("/")
        if name == "shapes.json":
            asked = parse_qs(parts.query)
            kind: Kind = "polygon" if asked["kind"] == ["polygon"] else "box"
            found = scenes.rings(kind, int(asked["count"][0]))
            return "application/json", json.dumps(found).encode()
        if name == "state.json" and self.kernel is not None:
            state = self.kernel.traits(height=self.height)
            return "application/json", json.dumps(state).encode()
        path = self._files.get(name)
        if name.startswith("node_modules/"):
            below = (self._modules / name.removeprefix("node_modules/")).resolve()
            path = below if below.is_relative_to(self._modules) else None
        elif path is None and (PAGES / name).resolve().parent == PAGES:
            path = PAGES / name
        if path is None or not path.is_file():
            return "text/plain", None
        return mimetypes.guess_type(path.name)[0] or "text/plain", path.read_bytes()

    def ask(self, content: Any) -> bytes:
        """Return the kernel's answers to a message: JSON with its length before it, buffers."""
        with self._lock:
            answers = [] if self.kernel is None else self.kernel(Message(content))
            return _packed(answers)


def _packed(answers: Iterable[Message]) -> bytes:
    messages = list(answers)
    head = json.dumps(
        [
            {"content": made.content, "sizes": [len(buffer) for buffer in made.buffers]}
            for made in messages
        ]
    ).encode()
    buffers = [buffer for made in messages for buffer in made.buffers]
    return b"".join([struct.pack("<I", len(head)), head, *buffers])
