"""A PostgreSQL server, and a database of its own for whoever asks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.servers import installing
from tests.servers.process import HOST, START_SECONDS, TRIES, NoServerError, free_port, stop_family

# PostgreSQL refuses to run as root.
SERVANTS = ("postgres", "nobody")
OWNER = "keeper"
# What no test is about: how much the disk is worth in a power cut, and traces of a crash.
HASTY = ("fsync=off", "full_page_writes=off")


class Postgres:
    """A running server on loopback, that lets everybody in as whoever they say they are.

    Parameters
    ----------
    home
        A folder of its own, with a short path: a socket lies in it.
    durable
        Whether what is committed survives a power cut; tests do not need it.
    settings
        More of the server's settings, such as ``max_connections=200``.
    """

    def __init__(self, home: Path, durable: bool = False, settings: tuple[str, ...] = ()) -> None:
        try:
            import psycopg  # noqa: F401
        except ImportError as error:
            raise NoServerError(f"{error.name} is missing: pip install 'psycopg[binary]'") from None
        self._bin = installing.postgres()
        self._home, self._data = home, home / "data"
        self._settings = (*(() if durable else HASTY), "max_connections=200", *settings)
        self._as = _servant(home)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._run("initdb", "--pgdata", self._data, "--username", OWNER, "--auth", "trust", "-N")
        for _ in range(TRIES):
            self.port = free_port()
            try:
                self.start()
            except NoServerError as error:
                failed = error
            else:
                return
        raise failed

    def start(self) -> None:
        """Start it, on the port that it had before, and wait until it answers."""
        settings = (f"port={self.port}", f"listen_addresses={HOST}", *self._settings)
        settings += (f"unix_socket_directories={self._home}",)
        options = [word for setting in settings for word in ("-c", setting)]
        log = self._home / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *options],
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **self._as,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(Exception):
                self.do("SELECT 1")
                return
            time.sleep(0.05)
        self.stop()
        raise NoServerError(f"PostgreSQL does not start:\n{log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it as one stops a server: whoever is connected is sent away."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop it at once, in the middle of whatever it is doing."""
        if self._process is None:
            return
        # All of them: a child that outlives its parent would keep the next one from starting.
        family = [*psutil.Process(self._process.pid).children(recursive=True)]
        self._process.kill()
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(family, timeout=30)
        self._end(signal.SIGKILL)

    def database(self, encoding: str = "UTF8") -> str:
        """Return the URL of an empty database."""
        name = f"lw_{uuid.uuid4().hex}"
        self.do(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
        return self.url(name)

    def url(self, name: str, port: int | None = None, user: str = OWNER) -> str:
        """Return the URL of a database; `port` is that of whoever passes on to the server."""
        return f"postgresql://{user}@{HOST}:{port or self.port}/{name}"

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        self.do(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def do(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Execute a statement by itself, and return its rows."""
        import psycopg

        url = database if "://" in database else self.url(database)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            stop_family(self._process.pid)
            self._process.wait()
        self._process = None

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._as,
        )
        if done.returncode:
            raise NoServerError(f"{program} failed: {done.stdout.decode()[-1500:]}")


def _servant(home: Path) -> dict[str, Any]:
    """Return as whom the server runs, for `subprocess`, and give the folder to that user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = next((known[name] for name in SERVANTS if name in known), None)
    if found is None:
        raise NoServerError("PostgreSQL does not run as root, and there is nobody else.")
    shutil.chown(home, found.pw_uid, found.pw_gid)
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
