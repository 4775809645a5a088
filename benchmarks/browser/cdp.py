"""One page of a Chromium of its own, driven by the browser's own protocol over one websocket.

Playwright gets a copy of every message of the page's websockets and so slows what is measured.
"""

from __future__ import annotations

import itertools
import json
import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import websocket
from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, find_or_install

START_SECONDS = 30
ANSWER_SECONDS = 120
SIZE = (1700, 1100)

Handler = Callable[[dict[str, Any]], None]


class PageError(RuntimeError):
    """The page raised, or did not come to the state that was waited for."""


class Chromium:
    """The process, and the connection to it; use it in a `with` statement."""

    def __init__(self) -> None:
        with sync_playwright() as playwright:
            self._path = find_or_install(playwright)
        self._folder = Path(tempfile.mkdtemp(prefix="labelwidgets-bench-chromium-"))
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Chromium:
        flags = [*FLAGS, "--remote-debugging-port=0", f"--user-data-dir={self._folder}"]
        self._process = subprocess.Popen(
            [str(self._path), *flags, f"--window-size={SIZE[0]},{SIZE[1]}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        facts = self._folder / "DevToolsActivePort"
        deadline = time.monotonic() + START_SECONDS
        while not (facts.is_file() and len(facts.read_text().split()) == 2):
            if time.monotonic() > deadline:
                raise PageError("Chromium did not start.")
            time.sleep(0.05)
        port, address = facts.read_text().split()
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}{address}", suppress_origin=True, enable_multithread=True
        )
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        self._socket.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        number = self._send(method, session, params, answer)
        try:
            found = answer.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            raise PageError(f"{method} was not answered in {ANSWER_SECONDS} s.") from None
        finally:
            self._waiting.pop(number, None)
        if "error" in found:
            raise PageError(f"{method}: {found['error']}")
        result: dict[str, Any] = found["result"]
        return result

    def post(
        self, method: str, session: str, done: queue.SimpleQueue[dict[str, Any]], **params: Any
    ) -> None:
        """Send a command; its answer goes to the queue."""
        self._send(method, session, params, done)

    def on(self, session: str, event: str, handler: Handler | None) -> None:
        """Have a function called, in the thread that reads, at each event of a kind."""
        if handler is None:
            self._handlers.pop((session, event), None)
        else:
            self._handlers[session, event] = handler

    def page(self) -> Page:
        """Open a page with storage of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        return Page(self, session["sessionId"], context)

    def _send(
        self,
        method: str,
        session: str | None,
        params: dict[str, Any],
        answer: queue.SimpleQueue[dict[str, Any]],
    ) -> int:
        number = next(self._numbers)
        self._waiting[number] = answer
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        with self._lock:
            self._socket.send(json.dumps(message))
        return number

    def _read(self) -> None:
        while True:
            try:
                message = json.loads(self._socket.recv())
            except (OSError, ValueError, websocket.WebSocketException):
                return
            if "id" in message:
                answer = self._waiting.pop(message["id"], None)
                if answer is not None:
                    answer.put(message)
                continue
            handler = self._handlers.get((message.get("sessionId", ""), message["method"]))
            if handler is not None:
                handler(message["params"])


class Page:
    """A page; use it in a `with` statement, which closes it."""

    def __init__(self, browser: Chromium, session: str, context: str) -> None:
        self.browser = browser
        self.session = session
        self._context = context
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Performance.enable")
        width, height = SIZE
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command of the page and wait for its answer."""
        return self.browser.call(method, self.session, **params)

    def post(self, method: str, done: queue.SimpleQueue[dict[str, Any]], **params: Any) -> None:
        """Send a command; its answer goes to the queue."""
        self.browser.post(method, self.session, done, **params)

    def on(self, event: str, handler: Handler | None) -> None:
        """Have a function called, in the thread that reads, at each event of a kind."""
        self.browser.on(self.session, event, handler)

    def goto(self, address: str) -> None:
        """Load a page; returns before it is there."""
        self.call("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            said = details.get("exception", {}).get("description", details.get("text"))
            raise PageError(f"{expression[:120]}: {said}")
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 90) -> None:
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self.evaluate(f"Boolean({expression})"):
                    return
            except PageError:  # between two documents
                if time.monotonic() > deadline:
                    raise
            if time.monotonic() > deadline:
                raise PageError(f"never true in {seconds:.0f} s: {expression}")
            time.sleep(0.02)
