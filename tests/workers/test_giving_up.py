"""Ctrl-C: nothing goes on behind it, and the interpreter waits for nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from labelwidgets.workers import Workers, given_up, run

JOB = """
import signal
import sys
import time
from pathlib import Path

from labelwidgets.workers import Workers, run


def slow(number):
    Path(sys.argv[2], str(number)).touch()
    time.sleep(60)
    return b"much" * 100_000


if __name__ == "__main__":
    # What runs in the background of a shell begins without.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    list(run(slow, range(8), Workers(None, 2, sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
@pytest.mark.parametrize("where", ["threads", "processes"])
def test_the_interpreter_ends_with_ctrl_c(tmp_path: Path, where: str) -> None:
    (tmp_path / "job.py").write_text(JOB)
    begun = tmp_path / "begun"
    begun.mkdir()
    job = subprocess.Popen(
        [sys.executable, "-W", "error::UserWarning", tmp_path / "job.py", where, begun],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 45
        while len(list(begun.iterdir())) < 2 and time.monotonic() < end:
            assert job.poll() is None
            time.sleep(0.05)
        # As a terminal does: to all of its processes.
        os.killpg(job.pid, signal.SIGINT)
        # To the end of the last one of them, as each could say something.
        _, said = job.communicate(timeout=30)
    finally:
        job.kill()
    assert len(list(begun.iterdir())) == 2
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert said.count("Traceback") == 1, said
    assert "leaked" not in said


def test_threads_end_between_the_items_of_a_piece() -> None:
    at_first, ended = threading.Event(), threading.Event()
    told: list[bool] = []

    def work(number: int) -> int:
        if number == 0:
            return number
        at_first.wait(20)
        told.append(given_up())
        ended.set()
        return number

    with closing(run(work, range(4), Workers(None, 2))) as done:
        assert next(done) == (0, 0)
    at_first.set()
    assert ended.wait(20)
    assert told[0]
    assert not given_up(), "this thread is of no pool"
