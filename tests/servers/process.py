"""A server of a test's own: on a free loopback port, stopped by its process id."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

HOST = "127.0.0.1"
START_SECONDS = 90
TRIES = 3


class NoServerError(RuntimeError):
    """A server is not installed and could not be, or did not start; says why."""


class ServerProcess:
    """One running server.

    Parameters
    ----------
    name
        What messages call it.
    home
        A folder of its own; its output is kept there in `server.log`.
    command
        Returns the command for a port. It writes what configuration it needs.
    environment
        Variables on top of this process's own; None takes a variable away.
    ready
        A path that answers, with any status but 502 to 504, when the server is up.
    """

    def __init__(
        self,
        name: str,
        home: Path,
        command: Callable[[int], Sequence[str]],
        environment: Mapping[str, str | None] | None = None,
        ready: str = "/",
    ) -> None:
        self.name, self.home = name, home
        self.log = home / "server.log"
        self.port = 0
        self._command, self._ready = command, ready
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int:
        """The process, 0 where none runs."""
        return 0 if self._process is None else self._process.pid

    @property
    def url(self) -> str:
        """The URL of the server, without a slash at its end."""
        return f"http://{self.address}"

    def start(self) -> ServerProcess:
        """Start it and wait until it answers.

        Raises
        ------
        NoServerError
            If it does not.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        # Another process may take a port between its being found and its being used.
        for _ in range(TRIES):
            self.port = free_port()
            self._launch()
            if self._answers_in_time():
                return self
            self.stop()
        raise NoServerError(f"{self.name} does not start:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it and what it started, and wait for their end."""
        if self._process is None:
            return
        stop_family(self._process.pid)
        self._process.wait()
        self._process = None

    def _launch(self) -> None:
        variables = {**os.environ, **self._environment}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                list(self._command(self.port)),
                cwd=self.home,
                env={name: value for name, value in variables.items() if value is not None},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _answers_in_time(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            if answers(self.url + self._ready):
                return True
            time.sleep(0.05)
        return False


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether an HTTP server answers, whatever it says but that it (or one behind it) cannot."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code not in (502, 503, 504)
    except OSError:
        return False


def stop_family(pid: int) -> None:
    """End a process and its children, the stubborn ones by force."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.terminate()
        except psutil.NoSuchProcess:
            continue
    _, left = psutil.wait_procs(family, timeout=10)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=10)
