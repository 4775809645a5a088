"""A function over the pictures of a dataset, wherever there are processors."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from labelwidgets.errors import LabelwidgetsError, WorkflowError
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.worker_pixels import OptionsOf, Pixels
from labelwidgets.scale.parts import Parts, fingerprint, part_name
from labelwidgets.scale.returned import Row, check_function, rows_of
from labelwidgets.workers import KILLED, Where, Workers, count_of, given_up, run

Function: TypeAlias = Callable[..., Any]


class Piece(NamedTuple):
    """Items that a worker does in one go."""

    number: int
    items: tuple[Mapping[str, Any], ...]

    def __repr__(self) -> str:
        return f"items {self.items[0]['id']!r} to {self.items[-1]['id']!r}"


class Work:
    """What a worker does with a piece.

    Parameters
    ----------
    function, pixels, collect, parts
        As `map_items` has them; without `parts`, rows come back.
    """

    def __init__(
        self, function: Function, pixels: Pixels, collect: bool, parts: Parts | None
    ) -> None:
        self.function, self.pixels = function, pixels
        self.collect, self.parts = collect, parts

    def __call__(self, piece: Piece) -> tuple[list[Row], str | None]:
        """Return the rows (none where they are written), and how the function is wrong.

        That is said where all items failed for one and the same reason that lies in the function.
        """
        rows: list[Row] = []
        wrong: set[str | None] = set()
        for item in piece.items:
            if given_up():
                raise WorkflowError("was given up on.", where=repr(piece))
            try:
                made = rows_of(self.function(self.pixels.dataset.pixels(item["id"]), item))
            except Exception as error:
                if not self.collect:
                    raise _named(error, item["id"]) from error
                reason = f"{type(error).__name__}: {error}"
                wrong.add(reason if isinstance(error, TypeError | WorkflowError) else None)
                rows.append({"item_id": item["id"], "error": reason})
                continue
            wrong.add(None)
            rows += [{"item_id": item["id"], **row, "error": None} for row in made]
        return self._kept(piece, rows), wrong.pop() if len(wrong) == 1 else None

    def lost(self, piece: Piece) -> tuple[list[Row], str | None]:
        """Return the rows of a piece with which one worker after the other died."""
        if not self.collect:
            kept = "What is done stays: call it again."
            raise WorkflowError(
                KILLED,
                where=repr(piece),
                hint="They may have too little memory. "
                + (
                    kept
                    if self.parts is not None
                    else 'Pass out= to keep what is done, or errors="collect".'
                ),
            )
        rows = [
            {"item_id": item["id"], "error": f"WorkflowError: {KILLED}"} for item in piece.items
        ]
        return self._kept(piece, rows), None

    def _kept(self, piece: Piece, rows: list[Row]) -> list[Row]:
        if self.parts is None:
            return rows
        self.parts.write(piece.number, rows)
        return []


def map_items(
    function: Function,
    dataset: Dataset,
    items: Sequence[str] | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    client: Any = None,
    workers: int | None = None,
    where: Where = "threads",
    batch: int = 32,
    errors: str = "collect",
    storage_options: OptionsOf | None = None,
    version: str | None = None,
) -> pd.DataFrame | Parts:
    """Do something with each picture of a dataset.

    Ctrl-C ends it: processes at once, threads after the picture that they are at, for which the
    interpreter does not wait.

    Parameters
    ----------
    function
        Takes the pixels, (H, W) or (H, W, C) as `Dataset.pixels` has them (grey, transparency and
        values of more than 8 bits stay), and the item (a dict with ``id``, ``kind``, ``title``,
        ``folder`` and ``metadata``). Returns a dict of numbers, texts or one-dimensional arrays,
        a list of such dicts, an array (in the column ``value``), or None for nothing. The names
        ``item_id`` and ``error`` are taken.
    dataset
        The pictures.
    items
        The ids of those that are wanted; None for all that are not known to be broken.
    out
        A folder, here or in any bucket, that workers write their parts to. A job that was cut
        off goes on where it was: call it again.
    client
        A `distributed.Client` of a Dask cluster: its workers read the pictures.
    workers, where
        On this machine: how many, in ``threads`` or ``processes``.
    batch
        Items in a piece of work, and in a part, at most: fewer where workers had nothing to do.
    errors
        ``collect`` keeps the reason in the column ``error``, also of all items of a piece that
        killed one worker after the other; ``raise`` ends the job.
    storage_options
        A function that returns the storage options, for processes and clusters: it is called
        where pictures are read. Without, they read as their environment says, or anonymously.
    version
        Of the function, to tell jobs apart; else a hash of its source.

    Returns
    -------
    DataFrame or Parts
        One row for each dict: item_id (string), what the function returned, and error.

    Raises
    ------
    WorkflowError
        If the folder holds another job, a setting is impossible, or the function cannot take
        pixels and an item, or fails for every item with the same TypeError or for what it returns.
    FormatError
        If it returns values of several kinds under one name, which are no column of `out`.
    """
    check_function(function)
    if not isinstance(dataset, Dataset):
        raise WorkflowError(
            f"must be a dataset, not {type(dataset).__name__}.",
            where="dataset",
            hint='Open one: lw.Dataset.open("photos").',
        )
    if errors not in ("collect", "raise"):
        raise WorkflowError(f'must be "collect" or "raise", not {errors!r:.40}.', where="errors")
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise WorkflowError("must be a whole number from 1.", where="batch")
    every = dataset.items
    chosen = _chosen(every, items)
    workers_of = Workers(client, workers, where)
    # Each worker has something to do.
    size = max(1, min(batch, -(-len(chosen) // count_of(workers_of))))
    parts = None if out is None else Parts(out, storage_options)
    done: set[str] = set()
    if parts is not None:
        named = {
            "function": getattr(function, "__name__", type(function).__name__),
            "version": version or _version(function),
            "items": fingerprint([row["id"] for row in chosen]),
            "batch": batch,
        }
        done, size = parts.begin(named, size)
    listed = every[every["id"].isin([row["id"] for row in chosen])]
    work = Work(function, Pixels(listed, dataset, storage_options), errors == "collect", parts)
    pieces = [one for one in _pieces(chosen, size) if part_name(one.number) not in done]
    made: dict[int, list[Row]] = {}
    wrong: set[str | None] = set()
    with closing(run(work, pieces, workers_of, lost=work.lost)) as done_now:
        for piece, (rows, reason) in _shown(done_now, pieces, len(chosen)):
            made[piece.number] = rows
            wrong.add(reason)
    if len(wrong) == 1 and (reason := wrong.pop()) is not None:
        raise WorkflowError(f"failed for every item: {reason}", where="function")
    if parts is not None:
        return parts
    rows = [row for number in sorted(made) for row in made[number]]
    return pd.DataFrame(rows) if rows else pd.DataFrame({"item_id": [], "error": []}, dtype=object)


def _chosen(items: pd.DataFrame, ids: Sequence[str] | None) -> list[Row]:
    columns = [name for name in ("id", "kind", "title", "folder", "metadata") if name in items]
    if ids is None:
        wanted = items[items["status"] != "failed"] if "status" in items else items
    else:
        known = items.set_index("id", drop=False)
        unknown = next((one for one in ids if one not in known.index), None)
        if unknown is not None:
            raise WorkflowError(f"{str(unknown)[:80]!r} is no item.", where="items")
        wanted = known.loc[list(dict.fromkeys(ids))]
    rows: Any = wanted[columns].to_dict("records")
    return list(rows)


def _pieces(rows: Sequence[Row], batch: int) -> Iterator[Piece]:
    for number, start in enumerate(range(0, len(rows), batch)):
        yield Piece(number, tuple(rows[start : start + batch]))


def _shown(done: Iterator[tuple[Piece, Any]], pieces: Sequence[Piece], total: int) -> Iterator[Any]:
    """Return what is done, with a bar where that takes more than a second."""
    from tqdm.auto import tqdm

    left = sum(len(piece.items) for piece in pieces)
    with tqdm(total=total, initial=total - left, unit=" item", delay=1, leave=False) as bar:
        for piece, made in done:
            bar.update(len(piece.items))
            yield piece, made


def _named(error: Exception, item: str) -> LabelwidgetsError:
    if isinstance(error, LabelwidgetsError):
        return error.at(f"item {item!r}")
    words = " ".join(str(error).split())[:300]
    return WorkflowError(f"raised {type(error).__name__}: {words}", where=f"item {item!r}")


def _version(function: Function) -> str:
    try:
        return fingerprint([inspect.getsource(function)])
    except (OSError, TypeError):
        return "1"
