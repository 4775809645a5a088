"""A server of pages without a kernel prompt, and one of their kernels."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.servers.process import HOST, NoServerError, ServerProcess

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "labelwidgets.server", "page")


def variables(home: Path) -> dict[str, str | None]:
    """Return an environment in which nothing of the person who runs the tests is read."""
    foreign = [name for name in os.environ if name.startswith(("JUPYTER", "IPYTHON", "LABELW"))]
    kept = "LABELWIDGETS_SHARED_DATA"
    return {
        **dict.fromkeys(name for name in foreign if name != kept),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }


class PageServer:
    """`labelwidgets page`, running.

    Parameters
    ----------
    home
        A folder of its own.
    project
        Path of the project.
    options
        Of the command.
    """

    def __init__(self, home: Path, project: Path, options: Sequence[str] = ()) -> None:
        try:
            import voila  # noqa: F401
        except ImportError:
            raise NoServerError("Voila is missing: pip install voila") from None
        self._server = ServerProcess(
            "labelwidgets page",
            home,
            lambda port: [*COMMAND, str(project), f"--port={port}", f"--ip={HOST}", *options],
            variables(home),
        ).start()
        self.log = self._server.log

    @property
    def address(self) -> str:
        """Where a person finds it, without what opens it."""
        return self._server.url + "/"

    @property
    def url(self) -> str:
        """What a person opens, with the token."""
        found = re.search(r"http://\S+", self.log.read_text())
        if found is None:
            raise NoServerError(f"No address was said:\n{self.log.read_text()[-2000:]}")
        return found[0]

    def kernels(self) -> list[psutil.Process]:
        """Return the processes of the kernels of its pages."""
        found = []
        for one in psutil.Process(self._server.pid).children(recursive=True):
            # One may end while it is looked at.
            with suppress(psutil.NoSuchProcess):
                if any("ipykernel" in part for part in one.cmdline()):
                    found.append(one)
        return found

    def wait_for_kernels(self, count: int, seconds: float = 30) -> None:
        """Wait until so many are left."""
        deadline = time.monotonic() + seconds
        while len(self.kernels()) != count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.kernels())} kernels, not {count}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it and its kernels."""
        self._server.stop()
