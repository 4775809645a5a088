"""A plain page that mounts one widget, with the kernel's end in the hands of the test.

The page is served from memory at a loopback address, so that it is a secure context with storage
of its own, and needs neither a server nor a kernel.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import ConsoleMessage, Locator, Page, Route

from tests.browser.chromium import REMARK

ADDRESS = "http://localhost:8000/"
STATIC = Path(__file__).resolve().parents[2] / "labelwidgets" / "static"
THEMES = Path(sys.prefix, "share/jupyter/lab/themes/@jupyterlab")
HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>labelwidgets</title>
<link rel="stylesheet" href="theme.css">{styles}</head>
<body data-jp-theme-light="{light}" style="margin: 0; background: var(--jp-layout-color0)">
<div id="root" class="jupyter-widgets"></div></body></html>"""


@dataclass(frozen=True)
class Message:
    """A custom message: JSON content and binary buffers."""

    content: Any
    buffers: tuple[bytes, ...] = ()


Kernel = Callable[[Message], Iterable[Message]]


def silent(message: Message) -> Iterable[Message]:
    """Answer nothing, as a dead kernel does."""
    return ()


class HostPage:
    """The page, and the kernel's end of the widget on it.

    Parameters
    ----------
    page
        A page of the browser.
    kernel
        Answers each message of the widget; it may be replaced at any time.
    """

    def __init__(self, page: Page, kernel: Kernel = silent) -> None:
        self.page = page
        self.kernel = kernel
        self.console: list[str] = []
        self._files: dict[str, tuple[str, bytes]] = {}
        self._mounted: tuple[str, dict[str, Any]] | None = None
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))
        page.expose_function("lwKernel", self._answer)
        page.route(f"{ADDRESS}**", self._serve)

    @property
    def root(self) -> Locator:
        """The element that the widget was mounted in."""
        return self.page.locator("#root")

    @property
    def sent(self) -> list[Message]:
        """All messages that the widget has sent since it was mounted."""
        return [
            _decode(message)
            for message in self.page.evaluate("() => structuredClone(lw.model.sent)")
        ]

    @property
    def saved(self) -> list[dict[str, Any]]:
        """Each set of traits that the widget has saved since it was mounted."""
        saved: list[dict[str, Any]] = self.page.evaluate("() => lw.model.saved")
        return saved

    def mount(
        self,
        module: str | Path,
        state: Mapping[str, Any] | None = None,
        styles: Sequence[Path] | None = None,
        theme: Literal["light", "dark"] = "light",
    ) -> HostPage:
        """Load the page and mount a widget on it.

        Parameters
        ----------
        module
            JavaScript text of the module, or its file. `"image"` is the built `image.js`, with
            the built `image.css`.
        state
            The traits that the widget finds.
        styles
            Style sheets; by default the one beside the module's file.
        theme
            Which of JupyterLab's own themes the page has.
        """
        if isinstance(module, str) and module.isidentifier():
            module = STATIC / f"{module}.js"
        if isinstance(module, Path):
            beside = module.with_suffix(".css")
            styles = [beside] if styles is None and beside.is_file() else styles
            module = module.read_text(encoding="utf-8")
        sheets = {f"{number}.css": path for number, path in enumerate(styles or ())}
        links = "".join(f'<link rel="stylesheet" href="{name}">' for name in sheets)
        html = HTML.format(styles=links, light="true" if theme == "light" else "false")
        self._put("", html, "text/html")
        self._put("theme.css", (THEMES / f"theme-{theme}-extension" / "index.css").read_text())
        self._put("host.js", Path(__file__).with_name("host.js").read_text(encoding="utf-8"))
        self._put("widget.js", module)
        for name, path in sheets.items():
            self._put(name, path.read_text(encoding="utf-8"))
        self._mounted = ("./widget.js", dict(state or {}))
        self.page.goto(ADDRESS)
        self._mount()
        return self

    def reload(self, state: Mapping[str, Any] | None = None) -> None:
        """Load the page anew, as after F5; what the browser has stored is still there."""
        if self._mounted is None:
            raise AssertionError("Nothing was mounted yet.")
        if state is not None:
            self._mounted = (self._mounted[0], dict(state))
        self.page.reload()
        self._mount()

    def unmount(self) -> None:
        """Take the view away, as when its cell's output is cleared."""
        self.page.evaluate("() => lw.remove()")

    def show_again(self) -> None:
        """Show the same model in a new view."""
        self.page.evaluate("() => lw.show()")

    def deliver(self, content: Any, buffers: Iterable[bytes] = ()) -> None:
        """Send the widget a message from the kernel."""
        message = _encode(Message(content, tuple(buffers)))
        self.page.evaluate("it => lw.model.deliver(it.content, it.buffers)", message)

    def set_state(self, name: str, value: Any) -> None:
        """Change a trait from the kernel's side."""
        self.page.evaluate("([name, value]) => lw.model.setFromKernel(name, value)", [name, value])

    def state(self, name: str) -> Any:
        """Return a trait as the browser has it."""
        return self.page.evaluate("name => lw.model.get(name)", name)

    def listeners(self) -> int:
        """Return how many listeners the widget has on its model now."""
        return int(self.page.evaluate("() => lw.model.listenerCount()"))

    def wait_for(self, wanted: Callable[[Message], bool], seconds: float = 10.0) -> Message:
        """Wait until the widget has sent a message that is wanted, and return the first such."""
        deadline = time.monotonic() + seconds
        while True:
            sent = self.sent
            found = next((message for message in sent if wanted(message)), None)
            if found is not None:
                return found
            if time.monotonic() > deadline:
                contents = "\n".join(json.dumps(message.content)[:300] for message in sent)
                raise AssertionError(f"No such message was sent; these were:\n{contents}")
            self.page.wait_for_timeout(20)

    def _hear(self, message: ConsoleMessage) -> None:
        if REMARK not in message.text:
            self.console.append(f"{message.type}: {message.text}")

    def _mount(self) -> None:
        self.page.evaluate(
            """async ([address, state]) => {
              const { mount } = await import("./host.js");
              await mount(address, state);
            }""",
            self._mounted,
        )

    def _answer(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        return [_encode(answer) for answer in self.kernel(_decode(message))]

    def _put(self, name: str, text: str, kind: str | None = None) -> None:
        kind = kind or mimetypes.guess_type(name)[0] or "text/plain"
        self._files[name] = (kind, text.encode())

    def _serve(self, route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name in self._files:
            kind, body = self._files[name]
            route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")
        else:
            route.fulfill(status=404, body=f"no {name}")


def _decode(message: Mapping[str, Any]) -> Message:
    buffers = tuple(base64.b64decode(buffer) for buffer in message["buffers"])
    return Message(message["content"], buffers)


def _encode(message: Message) -> dict[str, Any]:
    buffers = [base64.b64encode(buffer).decode() for buffer in message.buffers]
    return {"content": message.content, "buffers": buffers}
