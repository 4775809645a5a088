"""Work that goes to other processes of this machine, once to each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from multiprocessing.reduction import ForkingPickler
from typing import Any, Literal, TypeAlias

from labelwidgets.errors import LabelwidgetsError, WorkflowError
from labelwidgets.workers.processes import Processes
from labelwidgets.workers.threads import Threads

Where: TypeAlias = Literal["threads", "processes"]

HINT = (
    "Define functions in a module, open what cannot travel where it is used "
    "(labelwidgets.scale.made_on_workers), or pass client=: Dask takes any function."
)

# What this process, a child of another one, was sent to do: once read, no longer bytes.
_work: Any = None


class Pool:
    """Threads or processes that do one kind of work; those that died have others in their place.

    Parameters
    ----------
    work
        What they do.
    count
        How many there are.
    where
        ``threads`` or ``processes``.

    Raises
    ------
    WorkflowError
        If the work cannot be sent to processes.
    """

    def __init__(self, work: Callable[[Any], Any], count: int, where: Where) -> None:
        self._count = count
        self._call, self._data = work, b""
        if where == "processes":
            self._call, self._data = _do, _packed(work)
        self._executor = self._new()

    def submit(self, piece: Any) -> Future[Any]:
        """Return what will become of a piece."""
        try:
            return self._executor.submit(self._call, piece)
        except BrokenExecutor:
            self._executor.close()
            self._executor = self._new()
            return self._executor.submit(self._call, piece)

    def close(self) -> None:
        """Give up what is not done; nobody waits for it, nor does the end of the interpreter."""
        self._executor.close()

    def _new(self) -> Threads | Processes:
        if not self._data:
            return Threads(self._count)
        return Processes(self._count, _take, self._data)


def _packed(work: Any) -> bytes:
    try:
        return bytes(ForkingPickler.dumps(work))
    except LabelwidgetsError:
        raise
    except Exception as error:
        raise unsent(error) from error


def unsent(error: BaseException) -> WorkflowError:
    """Return the error that says why work cannot be sent to workers."""
    words = " ".join(str(error).split())[:200]
    return WorkflowError(
        f"cannot be sent to other processes: {type(error).__name__}: {words}",
        where="what workers are to do",
        hint=HINT,
    )


def _take(data: bytes) -> None:
    global _work
    _work = data


def _do(piece: Any) -> Any:
    global _work
    if isinstance(_work, bytes):
        try:
            _work = ForkingPickler.loads(_work)
        except LabelwidgetsError:
            raise
        except Exception as error:
            # A function of a notebook, of which this process has nothing.
            raise unsent(error) from None
    return _work(piece)
