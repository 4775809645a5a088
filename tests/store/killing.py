"""Processes that are killed at any moment, and what they had acknowledged by then."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection


def killed(
    work: Callable[[str, Connection], None],
    place: str,
    dice: random.Random,
    *,
    count: int,
    within: float,
    sure: int | None = None,
    patience: float = 30,
) -> set[str]:
    """Have processes compete, kill each wherever it is, and return what they acknowledged.

    Parameters
    ----------
    work
        What each does: it is told the place of a store, and a connection to say there that it is
        ready, and then what the store has acknowledged to it.
    place
        Of the store.
    dice
        When each is killed: `within` so many seconds of the one before.
    count
        How many there are.
    sure
        How many are waited for until they have got something done, for at most `patience`
        seconds each; all of them where None.
    """
    # A server that has everything imported and forks: hundreds of interpreters would take minutes.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.writer"])
    writers = []
    for _ in range(count):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(place, theirs), daemon=True)
        process.start()
        theirs.close()
        writers.append((process, ours))
    for _, ours in writers:
        assert ours.recv_bytes() == b"ready"
    assert all(ours.poll(patience) for _, ours in writers[:sure])
    # They compete until the last moment.
    for process, _ in writers:
        time.sleep(dice.random() * within)
        process.kill()
    acknowledged: set[str] = set()
    for process, ours in writers:
        acknowledged |= heard(ours)
        process.join()
        assert process.exitcode == -signal.SIGKILL
    return acknowledged


def heard(connection: Connection) -> set[str]:
    """Return everything that came through whole; what was cut off was acknowledged to nobody."""
    said = set()
    while True:
        try:
            said.add(connection.recv_bytes().decode())
        except (EOFError, OSError):
            return said - {"ready"}
