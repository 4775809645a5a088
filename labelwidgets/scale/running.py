"""Running pieces of work: here, in threads or processes, or on a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any, Literal, TypeAlias, TypeVar

from labelwidgets.errors import WorkflowError

A = TypeVar("A")
R = TypeVar("R")
Where: TypeAlias = Literal["threads", "processes"]

# Pieces on their way for each worker: one at work, one that waits.
_AHEAD = 2
# A worker that was killed takes the piece it had with it: it is tried again elsewhere.
_RETRIES = 3


def run(
    work: Callable[[A], R],
    pieces: Iterable[A],
    *,
    client: Any = None,
    workers: int | None = None,
    where: Where = "threads",
) -> Iterator[tuple[A, R]]:
    """Return each piece with what became of it, as they are done.

    No more pieces are under way than workers have at hand, so that neither they nor what comes of
    them fill the memory. What is under way is given up where nobody asks on, and by Ctrl-C.

    Parameters
    ----------
    work
        What is done; for processes and clusters it can be pickled (Dask takes any function).
    pieces
        What it is done to.
    client
        A `distributed.Client` of a Dask cluster; None for this machine.
    workers
        How many, on this machine; None for as many as it has processors.
    where
        On this machine.

    Raises
    ------
    WorkflowError
        If a choice is impossible.
    Exception
        Whatever `work` raises.
    """
    if client is not None:
        return _on_cluster(work, pieces, client)
    if where not in ("threads", "processes"):
        raise WorkflowError(f'must be "threads" or "processes", not {where!r:.40}.', where="where")
    count = workers if workers is not None else os.cpu_count() or 1
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise WorkflowError("must be a whole number from 1.", where="workers")
    return _here(work, pieces, count, where)


def _here(
    work: Callable[[A], R], pieces: Iterable[A], workers: int, where: Where
) -> Iterator[tuple[A, R]]:
    pool: Executor
    if where == "threads":
        pool = ThreadPoolExecutor(workers, "labelwidgets-scale")
    else:
        import multiprocessing

        # What a forked process knows of threads and connections is of no use to it.
        pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    waiting = iter(pieces)
    under_way: dict[Any, A] = {}
    try:
        while True:
            for piece in waiting:
                under_way[pool.submit(work, piece)] = piece
                if len(under_way) >= _AHEAD * workers:
                    break
            if not under_way:
                return
            done, _ = wait_for(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                piece = under_way.pop(future)
                yield piece, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _on_cluster(work: Callable[[A], R], pieces: Iterable[A], client: Any) -> Iterator[tuple[A, R]]:
    if not all(hasattr(client, name) for name in ("submit", "scatter", "cancel", "nthreads")):
        raise WorkflowError(
            f"must be a distributed.Client, not {type(client).__name__}.",
            where="client",
            hint="from dask.distributed import Client; client = Client(...)",
        )
    import distributed

    wait_on_cluster: Callable[..., Any] = distributed.wait

    # Once for the whole job, not with each piece.
    sent = client.scatter(work, broadcast=True, hash=False)
    waiting = iter(pieces)
    under_way: dict[Any, A] = {}
    try:
        while True:
            # Workers may come and go.
            room = _AHEAD * max(1, sum(client.nthreads().values()))
            while len(under_way) < room:
                piece = next(waiting, None)
                if piece is None:
                    break
                future = client.submit(_called, sent, piece, pure=False, retries=_RETRIES)
                under_way[future] = piece
            if not under_way:
                return
            done = wait_on_cluster(list(under_way), return_when=FIRST_COMPLETED).done
            for future in done:
                piece = under_way.pop(future)
                yield piece, future.result()
                future.release()
    finally:
        if under_way:
            client.cancel(list(under_way))


def _called(work: Callable[[A], R], piece: A) -> R:
    return work(piece)
