"""Pieces of work: done once each, wherever that is, and also where a process dies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from labelwidgets.errors import WorkflowError
from labelwidgets.workers import Workers, run

PROCESSES = Workers(None, 2, "processes")


def double(number: int) -> int:
    return 2 * number


class Deadly:
    """Kills its process: over a number for good, or for the first time that it sees one."""

    def __init__(self, seen: Path | None = None) -> None:
        self.seen = seen

    def __call__(self, number: int) -> int:
        if number == 3 and (self.seen is None or not self.seen.exists()):
            if self.seen is not None:
                self.seen.touch()
            os._exit(1)
        return 2 * number


@pytest.mark.parametrize("workers", [Workers(None, 2), PROCESSES])
def test_each_piece_is_done_once(workers: Workers) -> None:
    assert sorted(run(double, range(9), workers)) == [(k, 2 * k) for k in range(9)]


def test_what_a_process_had_that_was_killed_is_done_by_another(tmp_path: Path) -> None:
    work = Deadly(tmp_path / "seen")
    assert sorted(run(work, range(8), PROCESSES)) == [(k, 2 * k) for k in range(8)]
    assert work.seen is not None
    assert work.seen.exists(), "no process was killed"


def test_a_piece_that_kills_every_process_is_lost_and_no_other() -> None:
    found = dict(run(Deadly(), range(6), PROCESSES, lost=lambda piece: -piece))
    assert found == {0: 0, 1: 2, 2: 4, 3: -3, 4: 8, 5: 10}
    with pytest.raises(WorkflowError, match="3: killed 3 workers"):
        list(run(Deadly(), [3], PROCESSES))


def test_what_cannot_travel_is_said_before_anything_is_done() -> None:
    with pytest.raises(WorkflowError, match="cannot be sent to other processes"):
        list(run(lambda number: number, [1], PROCESSES))


def test_whoever_waits_may_give_up() -> None:
    def given_up() -> None:
        raise KeyboardInterrupt

    def slow(number: int) -> Any:
        done.wait(5)

    import threading

    done = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        list(run(slow, [1, 2], Workers(None, 1), meanwhile=given_up))
    done.set()
