"""Work on the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from labelwidgets.errors import LabelwidgetsError, WorkflowError
from labelwidgets.workers.pool import unsent

A = TypeVar("A")
R = TypeVar("R")

# Pieces on their way for each thread of a worker: one at work, one that waits.
_AHEAD = 2
_RETRIES = 3
_PATIENCE = 1.0


def threads_of(client: Any) -> int:
    """Return how many threads the workers of a cluster have now, and no less than 1.

    Raises
    ------
    WorkflowError
        If the client is none.
    """
    if not all(hasattr(client, name) for name in ("submit", "scatter", "cancel", "nthreads")):
        raise WorkflowError(
            f"must be a distributed.Client, not {type(client).__name__}.",
            where="client",
            hint="from dask.distributed import Client; client = Client(...)",
        )
    count: int = sum(client.nthreads().values())
    return max(1, count)


def on_cluster(
    work: Callable[[A], R],
    pieces: Iterable[A],
    client: Any,
    lost: Callable[[A], R],
    meanwhile: Callable[[], object] | None,
) -> Generator[tuple[A, R], None, None]:
    """Return each piece with what became of it: see `labelwidgets.workers.run`."""
    from distributed import KilledWorker

    # Once for the whole job, not with each piece.
    sent = _sent(client, work)
    waiting = iter(pieces)
    under_way: dict[Any, A] = {}
    try:
        while True:
            # Workers may come and go.
            room = _AHEAD * threads_of(client)
            while len(under_way) < room:
                piece = next(waiting, None)
                if piece is None:
                    break
                future = client.submit(_called, sent, piece, pure=False, retries=_RETRIES)
                under_way[future] = piece
            if not under_way:
                return
            for future in _done(under_way, meanwhile):
                piece = under_way.pop(future)
                try:
                    made = future.result()
                except KilledWorker:
                    made = lost(piece)
                except CancelledError:
                    raise WorkflowError(
                        "knows no more of what it was asked to do.",
                        where="client",
                        hint="Was it restarted? Then call it again.",
                    ) from None
                future.release()
                yield piece, made
    finally:
        if under_way:
            client.cancel(list(under_way))


def _sent(client: Any, work: Any) -> Any:
    tries = 0
    while True:
        tries += 1
        try:
            return client.scatter(work, broadcast=True, hash=False)
        except LabelwidgetsError:
            raise
        except TypeError as error:
            raise _why(error) from None
        except OSError as error:
            # A worker died as it was sent there.
            if tries == _RETRIES:
                raise WorkflowError(
                    f"could not be sent what to do ({type(error).__name__}).", where="client"
                ) from None


def _why(error: TypeError) -> LabelwidgetsError:
    """Return why something cannot be sent: Dask says which object it was, and what is below it."""
    first: BaseException = error
    while below := first.__cause__ or first.__context__:
        first = below
        if isinstance(first, LabelwidgetsError):
            return first
    return unsent(first)


def _done(under_way: Iterable[Any], meanwhile: Callable[[], object] | None) -> set[Any]:
    """Return futures that are done, as soon as one is."""
    import distributed

    wait: Callable[..., Any] = distributed.wait
    while True:
        try:
            found = wait(list(under_way), _PATIENCE, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            if meanwhile is not None:
                meanwhile()
            continue
        return set(found)


def _called(work: Callable[[A], R], piece: A) -> R:
    return work(piece)
