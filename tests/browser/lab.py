"""A real JupyterLab of its own, and a notebook in it that a test drives."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil
from playwright.sync_api import ConsoleMessage, Locator, Page

from tests.browser.chromium import REMARK

START_SECONDS = 90
READY_MILLISECONDS = 90_000


class LabError(AssertionError):
    """JupyterLab or a cell in it did not do what the test needs."""


class LabServer:
    """JupyterLab on a free loopback port, its files under one folder, stopped by process id.

    Parameters
    ----------
    home
        Folder for notebooks (`home/files`), settings, runtime files and the log.
    environment
        Variables for the server and its kernels, on top of this process's own.
    """

    def __init__(self, home: Path, environment: dict[str, str] | None = None) -> None:
        self.home = home
        self.files = home / "files"
        self.token = secrets.token_hex(16)
        self.log = home / "jupyterlab.log"
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = environment or {}

    def start(self) -> LabServer:
        """Start the server and wait until it answers."""
        self.files.mkdir(parents=True, exist_ok=True)
        self._turn_off_announcements()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(), env=self._variables(), stdout=log, stderr=subprocess.STDOUT
            )
        self._wait_until_it_answers(time.monotonic() + START_SECONDS)
        return self

    def stop(self) -> None:
        """Stop the server and the kernels that it started."""
        if self._process is None:
            return
        family = [psutil.Process(self._process.pid)] if self._process.poll() is None else []
        family += [child for parent in family for child in parent.children(recursive=True)]
        for process in family:
            _signal(process, signal.SIGTERM)
        _, left = psutil.wait_procs(family, timeout=10)
        for process in left:
            _signal(process, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def kernel_process(self, kernel: str) -> psutil.Process:
        """Return the process of the kernel with that id."""
        if self._process is None:
            raise LabError("The server is not running.")
        for child in psutil.Process(self._process.pid).children(recursive=True):
            if any(kernel in argument for argument in child.cmdline()):
                return child
        raise LabError(f"The server has no process for kernel {kernel}.")

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={_free_port()}",
            f"--ServerApp.root_dir={self.files}",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
        ]

    def _variables(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "IPYTHON", "PYTEST", "COV"))
        }
        return inherited | {
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "IPYTHONDIR": str(self.home / "ipython"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "XDG_DATA_HOME": str(self.home / "share"),
            **self._environment,
        }

    def _turn_off_announcements(self) -> None:
        settings = self.home / "config" / "labconfig"
        settings.mkdir(parents=True, exist_ok=True)
        disabled = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
        (settings / "page_config.json").write_text(json.dumps(disabled))

    def _wait_until_it_answers(self, deadline: float) -> None:
        if self._process is None:
            raise LabError("The server is not running.")
        facts = self.home / "runtime" / f"jpserver-{self._process.pid}.json"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise LabError(f"JupyterLab ended at once:\n{self.log.read_text()[-4000:]}")
            if facts.is_file() and (self.url or self._read_url(facts)) and self._answers():
                return
            time.sleep(0.1)
        self.stop()
        raise LabError(f"JupyterLab did not answer in time:\n{self.log.read_text()[-4000:]}")

    def _read_url(self, facts: Path) -> bool:
        try:
            self.url = str(json.loads(facts.read_text())["url"])
        except ValueError:  # still being written
            return False
        return True

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}api?token={self.token}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


class Notebook:
    """One notebook, open in a page of a running JupyterLab.

    Parameters
    ----------
    page
        A page of the browser; the notebook fills it.
    server
        The running server.
    name
        File name of the notebook, below the server's folder of files.
    """

    def __init__(self, page: Page, server: LabServer, name: str = "test.ipynb") -> None:
        self.page = page
        self.server = server
        self.name = name
        self.console: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.console.append(f"pageerror: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if REMARK not in message.text:
            self.console.append(f"{message.type}: {message.text}")

    @property
    def path(self) -> Path:
        """The file of the notebook."""
        return self.server.files / self.name

    def open(self, cells: Sequence[str] | None = None) -> Notebook:
        """Open the notebook with these code cells, or as the file is, and wait for its kernel."""
        if cells is not None:
            notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
                cells=[nbformat.v4.new_code_cell(source) for source in cells],  # type: ignore[no-untyped-call]
                metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            )
            nbformat.write(notebook, self.path)  # type: ignore[no-untyped-call]
        address = f"{self.server.url}lab/tree/{self.name}?reset&token={self.server.token}"
        self.page.goto(address, wait_until="domcontentloaded")
        self.wait_until_ready()
        return self

    def reload(self) -> None:
        """Reload the page, as a person would, and wait for the kernel that is still there."""
        self.page.reload(wait_until="domcontentloaded")
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until the notebook is shown and its kernel is idle."""
        self.page.wait_for_function(
            """name => {
              const panel = window.jupyterapp?.shell?.currentWidget;
              const session = panel?.sessionContext;
              return panel?.context?.path === name && panel.context.isReady && session.isReady
                && session.session?.kernel?.status === "idle";
            }""",
            arg=self.name,
            timeout=READY_MILLISECONDS,
        )

    def run_all(self, *, check: bool = True) -> None:
        """Run all cells and wait for them; raises when one of them raised, unless told not to."""
        self._command("notebook:run-all-cells")
        if check:
            self.check()

    def run_cell(self, index: int, *, check: bool = True) -> None:
        """Run one cell and wait for it."""
        self.page.evaluate(
            "index => { jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index
        )
        self._command("notebook:run-cell")
        if check:
            self.check(index)

    def execute(self, code: str) -> str:
        """Run code in the kernel, silently, beside the cells; return what it printed."""
        answer = self.page.evaluate(
            """async code => {
              const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              const future = kernel.requestExecute({ code, store_history: false });
              let printed = "";
              future.onIOPub = message => {
                if (message.header.msg_type === "stream") printed += message.content.text;
              };
              const reply = await future.done;
              return { printed, ...reply.content };
            }""",
            code,
        )
        if answer["status"] != "ok":
            raise LabError("\n".join(answer.get("traceback", [str(answer)])))
        return str(answer["printed"])

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells as they are in the page now, as in the notebook's file format."""
        cells: list[dict[str, Any]] = self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.content.model.toJSON().cells"
        )
        return cells

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return the outputs of one cell, as in the notebook's file format."""
        outputs: list[dict[str, Any]] = self.cells()[index]["outputs"]
        return outputs

    def text(self, index: int) -> str:
        """Return what one cell printed and the plain text of its results."""
        parts = []
        for output in self.outputs(index):
            given = output.get("text", output.get("data", {}).get("text/plain", ""))
            parts.append(given if isinstance(given, str) else "".join(given))
        return "".join(parts)

    def check(self, index: int | None = None) -> None:
        """Raise when a cell raised."""
        for place, cell in enumerate(self.cells()):
            if index is not None and place != index:
                continue
            for output in cell.get("outputs", []):
                if output["output_type"] == "error":
                    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output["traceback"]))
                    raise LabError(f"Cell {place} raised {output['ename']}:\n{trace}")

    def output(self, index: int) -> Locator:
        """Return the place in the page where the output of a cell is shown, scrolled to."""
        self.page.evaluate(
            "index => jupyterapp.shell.currentWidget.content.scrollToItem(index)", index
        )
        cell = f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']"
        return self.page.locator(f"{cell} .jp-Cell-outputArea")

    def save(self) -> None:
        """Save the notebook's file."""
        self._command("docmanager:save")

    def restart_kernel(self) -> None:
        """Restart the kernel in the ordinary way; its variables are gone."""
        self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )
        self.wait_until_ready()

    def kill_kernel(self) -> None:
        """Kill the kernel's process with no chance to say goodbye; the server starts another."""
        kernel = self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"
        )
        process = self.server.kernel_process(kernel)
        process.kill()
        process.wait(timeout=10)

    def close(self) -> None:
        """Shut the kernel down, where the notebook got as far as having one."""
        self.page.evaluate(
            """async () => {
              const panel = window.jupyterapp?.shell?.currentWidget;
              await panel?.sessionContext?.session?.shutdown();
            }"""
        )

    def screenshot(self, path: Path) -> Path:
        """Save a picture of the page."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        return path

    def _command(self, command: str) -> None:
        self.page.evaluate("command => jupyterapp.commands.execute(command)", command)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
