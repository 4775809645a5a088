"""What goes over a page's websockets."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from benchmarks.browser.cdp import Page


@dataclass
class Wire:
    """Counts and keeps the messages while a `with` statement lasts."""

    page: Page
    sent: list[bytes] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Wire:
        self.page.on("Network.webSocketFrameSent", lambda it: self._keep(it, sent=True))
        self.page.on("Network.webSocketFrameReceived", lambda it: self._keep(it, sent=False))
        self.page.call("Network.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.page.call("Network.disable")
        self.page.on("Network.webSocketFrameSent", None)
        self.page.on("Network.webSocketFrameReceived", None)

    @property
    def sent_bytes(self) -> int:
        """Bytes that the page sent."""
        return sum(len(message) for message in self.sent)

    @property
    def received_bytes(self) -> int:
        """Bytes that the page received."""
        return sum(self.received)

    def clear(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self.sent.clear()
            self.received.clear()

    def edits(self) -> list[dict[str, Any]]:
        """Return the edits among what was sent."""
        found: list[dict[str, Any]] = []
        for message in self.sent:
            content = _content(message).get("data", {}).get("content", {})
            if isinstance(content, dict) and content.get("type") == "edits":
                found += content["edits"]
        return found

    def _keep(self, given: dict[str, Any], sent: bool) -> None:
        frame = given["response"]
        text = frame["payloadData"]
        data = base64.b64decode(text) if frame["opcode"] == 2 else text.encode()
        with self._lock:
            if sent:
                self.sent.append(data)
            else:
                self.received.append(len(data))


def size(edit: dict[str, Any]) -> int:
    """Return the bytes of an edit as it travels."""
    return len(json.dumps(edit, separators=(",", ":"), ensure_ascii=False).encode())


def _content(message: bytes) -> dict[str, Any]:
    """Return the content of a message in the protocol ``v1.kernel.websocket.jupyter.org``."""
    count = int.from_bytes(message[:8], "little")
    if not 6 <= count < 100:
        return {}
    offsets = [int.from_bytes(message[8 * k : 8 * k + 8], "little") for k in range(1, count + 1)]
    # Channel, header, parent header, metadata, content, buffers.
    found: dict[str, Any] = json.loads(message[offsets[4] : offsets[5]])
    return found
