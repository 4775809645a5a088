"""A server whose disk is full: it says so, and goes on once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from labelwidgets.errors import StoreFullError, StoreUnreachableError
from labelwidgets.store.store import Store
from tests.servers.postgres import Postgres
from tests.servers.process import NoServerError
from tests.store.making import applied, create, make_store

# A new cluster takes about 40 MB.
MEGABYTES = 96


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own, of 96 MB."""
    home = Path(tempfile.mkdtemp(prefix="lw"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(home)]
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"):
        home.rmdir()
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        home.rmdir()
        pytest.skip(f"no small disk can be mounted here: {done.stderr.decode()[:200]}")
    home.chmod(0o755)
    try:
        yield home
    finally:
        subprocess.run(["umount", "-l", str(home)], check=False)  # noqa: S607
        home.rmdir()


def test_a_full_disk_of_a_server_is_named_and_nothing_acknowledged_is_lost(
    small_disk: Path,
) -> None:
    try:
        server = Postgres(small_disk, settings=("min_wal_size=32MB", "max_wal_size=32MB"))
    except NoServerError as error:
        pytest.skip(str(error))
    try:
        place = server.database()
        make_store(place, count=1).close()
        ballast = small_disk / "ballast"
        acknowledged: set[str] = set()
        with Store.open(place, wait=5) as store:
            task = store.task_ids()[0]
            with ballast.open("wb") as file, suppress(OSError):
                while True:
                    file.write(bytes(65536))
                    file.flush()
            # There is some room left in its pages and its log.
            for _ in range(2000):
                edits = [create(task) for _ in range(200)]
                try:
                    made = store.apply(edits, "ana")
                except (StoreFullError, StoreUnreachableError):
                    break
                acknowledged |= {applied(one).annotation for one in made}
            else:
                pytest.fail("the disk was never full")
            unsure = {edit.annotation for edit in edits}
            ballast.unlink()
            deadline = time.monotonic() + 60
            while True:
                try:
                    again = store.apply(edits, "ana")
                    break
                except (StoreFullError, StoreUnreachableError):
                    # Without room for its log PostgreSQL stops, and is started by whoever runs it.
                    assert time.monotonic() < deadline
                    server.stop()
                    server.start()
            assert {applied(made).annotation for made in again} == unsure
            names = store.annotations["id"].tolist()
            assert len(names) == len(set(names))
            assert acknowledged | unsure == set(names)
            log = store.events["seq"].tolist()
            assert log == sorted(set(log))
    finally:
        server.stop()
