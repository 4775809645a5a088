"""A web server on loopback that knows ranges, is slow where it shall be, and keeps a log."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class RangeServer:
    """Serves bytes by name, each answer after `latency` seconds and no faster than `rate`."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.latency = 0.0
        # Bytes a second; 0 for as many as there are.
        self.rate = 0
        self.log: list[dict[str, Any]] = []
        self.running = self.most_at_once = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                outer._answer(self, body=False)

            def do_GET(self) -> None:
                outer._answer(self, body=True)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def sent(self) -> int:
        """Bytes of bodies that were written."""
        return sum(entry["sent"] for entry in self.log)

    def settled(self) -> tuple[int, int]:
        """Wait until nothing is on its way; return the bytes and requests so far."""
        while self.running:
            time.sleep(0.005)
        return self.sent, len(self.log)

    @contextmanager
    def serving(self) -> Iterator[RangeServer]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler, body: bool) -> None:
        name = handler.path.lstrip("/")
        entry = {
            "method": handler.command,
            "name": name,
            "range": handler.headers.get("Range"),
            "sent": 0,
        }
        with self._lock:
            self.log.append(entry)
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
        try:
            time.sleep(self.latency)
            self._send(handler, self.files.get(name), entry, body)
        except ConnectionError:
            handler.close_connection = True
        finally:
            with self._lock:
                self.running -= 1

    def _send(
        self, handler: BaseHTTPRequestHandler, data: bytes | None, entry: dict[str, Any], body: bool
    ) -> None:
        if data is None:
            handler.send_response(404)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        size, start, stop = len(data), 0, len(data)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", entry["range"] or "")
        if asked:
            start, stop = int(asked[1]), min(int(asked[2] or size) + 1, size)
        if asked and start >= size:
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{size}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206 if asked else 200)
        if asked:
            handler.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        handler.send_header("Accept-Ranges", "bytes")
        handler.send_header("Content-Length", str(stop - start))
        handler.end_headers()
        piece = 1 << 14 if self.rate else stop - start
        while body and start < stop:
            part = data[start : min(stop, start + piece)]
            handler.wfile.write(part)
            entry["sent"] += len(part)
            start += len(part)
            if self.rate:
                time.sleep(len(part) / self.rate)
