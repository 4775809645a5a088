"""Running pieces of work: here, in threads or processes, or on a cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from typing import Any, NamedTuple, TypeVar

from labelwidgets.errors import WorkflowError
from labelwidgets.workers.cluster import on_cluster, threads_of
from labelwidgets.workers.pool import Pool, Where

A = TypeVar("A")
R = TypeVar("R")

# Pieces on their way for each worker: one at work, one that waits.
_AHEAD = 2
# A worker that was killed takes the piece it had with it: it is tried again elsewhere.
_TRIES = 3
_PATIENCE = 1.0
KILLED = "killed the workers that it was on."


class Workers(NamedTuple):
    """Which workers do a job.

    Parameters
    ----------
    client
        A `distributed.Client` of a Dask cluster; None for this machine.
    number
        How many, on this machine; None for as many as it has processors.
    where
        On this machine: ``threads`` or ``processes``.
    """

    client: Any = None
    number: int | None = None
    where: Where = "threads"


def run(
    work: Callable[[A], R],
    pieces: Iterable[A],
    workers: Workers,
    *,
    lost: Callable[[A], R] | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Generator[tuple[A, R], None, None]:
    """Return each piece with what became of it, as they are done.

    No more pieces are under way than workers have at hand, so that neither they nor what comes of
    them fill the memory. What a worker had that was killed is done again by another one.

    By Ctrl-C, an error, or where what is returned is closed (`contextlib.closing`), what is under
    way is given up: processes are ended, and threads end where `given_up` is asked, or with the
    piece that they are at. The interpreter waits for neither.

    Parameters
    ----------
    work
        What is done. It goes to each worker once: for processes it can be pickled, Dask takes any
        function.
    pieces
        What it is done to.
    workers
        Who does it.
    lost
        What becomes of a piece with which one worker after the other died; without, that is an
        error.
    meanwhile
        Called each second while nothing is done; what it raises ends the job.

    Raises
    ------
    WorkflowError
        If a choice is impossible, `work` cannot be sent, or a piece is lost.
    Exception
        Whatever `work` raises.
    """
    count = count_of(workers)
    if workers.client is not None:
        return on_cluster(work, pieces, workers.client, lost or _raise_lost, meanwhile)
    return _here(work, pieces, workers._replace(number=count), lost or _raise_lost, meanwhile)


def count_of(workers: Workers) -> int:
    """Return how many pieces are done at once; of a cluster to which nobody has come yet, 1.

    Raises
    ------
    WorkflowError
        If a choice is impossible.
    """
    if workers.client is not None:
        return threads_of(workers.client)
    if workers.where not in ("threads", "processes"):
        raise WorkflowError(
            f'must be "threads" or "processes", not {workers.where!r:.40}.', where="where"
        )
    count = workers.number if workers.number is not None else os.cpu_count() or 1
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise WorkflowError("must be a whole number from 1.", where="workers")
    return count


def _here(
    work: Callable[[A], R],
    pieces: Iterable[A],
    workers: Workers,
    lost: Callable[[A], R],
    meanwhile: Callable[[], object] | None,
) -> Generator[tuple[A, R], None, None]:
    count = workers.number or 1
    pool = Pool(work, count, workers.where)
    waiting = iter(pieces)
    under_way: dict[Any, A] = {}
    # One of them killed its process: by itself each shows whether it was the one.
    suspects: deque[A] = deque()
    deaths = 1
    try:
        while True:
            alone = bool(suspects)
            if alone:
                under_way[pool.submit(suspects[0])] = suspects[0]
            else:
                for piece in waiting:
                    under_way[pool.submit(piece)] = piece
                    if len(under_way) >= _AHEAD * count:
                        break
            if not under_way:
                return
            for future in _done(under_way, meanwhile):
                piece = under_way.pop(future)
                try:
                    made = future.result()
                except BrokenExecutor:
                    if not alone:
                        suspects.extend((piece, *under_way.values()))
                        under_way.clear()
                        break
                    deaths += 1
                    if deaths < _TRIES:
                        break
                    made = lost(piece)
                if alone:
                    suspects.popleft()
                    deaths = 1
                yield piece, made
    finally:
        pool.close()


def _done(under_way: Iterable[Any], meanwhile: Callable[[], object] | None) -> set[Any]:
    """Return futures that are done, as soon as one is."""
    while True:
        done, _ = wait(under_way, None if meanwhile is None else _PATIENCE, FIRST_COMPLETED)
        if done:
            return done
        if meanwhile is not None:
            meanwhile()


def _raise_lost(piece: Any) -> Any:
    raise WorkflowError(
        f"killed {_TRIES} workers, one after the other.",
        where=f"{piece!r:.80}",
        hint="They may have too little memory.",
    )
