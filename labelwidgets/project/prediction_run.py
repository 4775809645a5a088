"""A model goes over the tasks of a project: in this kernel, or on workers."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, TypeAlias

import msgspec

from labelwidgets.assist.assistants import Assistant
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.worker_pixels import OptionsOf, Pixels
from labelwidgets.project.asking import Answered, Asked, Settings, asking
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.workers import KILLED, Workers, run
from labelwidgets.workflow.parts import scope_of
from labelwidgets.workflow.session import Session

Piece: TypeAlias = tuple[Asked | Answered, ...]
# Batches that a worker has at once, so that it reads the next one while the model thinks; where
# there are so many that all workers have several such pieces.
_BATCHES = 4
_MANY = 64

_packed = msgspec.msgpack.Encoder().encode
_unpacked = msgspec.msgpack.Decoder(list[Answered]).decode
_labels_of = msgspec.msgpack.Decoder(list[Annotation]).decode


def answers(
    session: Session, assistant: Assistant, tasks: Iterable[str], settings: Settings
) -> Generator[list[Answered], None, None]:
    """Yield what a model says of tasks, a batch at a time: each task whole, in their order."""
    asked = _asked(session, tasks)
    return asking(session.dataset, session.ontology, assistant, settings, asked)


def answers_of_workers(
    session: Session,
    dataset: Dataset,
    assistant: Assistant,
    tasks: Sequence[str],
    settings: Settings,
    workers: Workers,
    storage_options: OptionsOf | None,
) -> Generator[list[Answered], None, None]:
    """Yield what a model that was carried to workers says of tasks, as they are done.

    Parameters
    ----------
    session, assistant, tasks, settings
        As for `answers`: the batches are the same, but for those of films and scans.
    dataset
        That of the session.
    workers
        Who asks it.
    storage_options
        A function that returns what pictures are read with; see `Pixels`.
    """
    asked = list(_asked(session, tasks))
    wanted = {one.item["id"] for one in asked if isinstance(one, Asked)}
    items = dataset.items
    pixels = Pixels(items[items["id"].isin(wanted)], dataset, storage_options)
    work = Asking(pixels, session.ontology, assistant, settings)

    def lost(piece: Piece) -> bytes:
        return _packed([Answered(one.task, [], KILLED) for one in piece])

    pieces = _pieces(asked, settings.batch_size)
    with closing(run(work, pieces, workers, lost=lost, meanwhile=checkpoint)) as done:
        for _, found in done:
            checkpoint()
            yield _unpacked(found)


class SentLabels(msgspec.Struct, frozen=True):
    """The labels of a task, on their way to a worker."""

    data: bytes

    def __call__(self) -> list[Annotation]:
        """Return them."""
        return _labels_of(self.data)


class Asking:
    """What a worker does: it reads pictures, and asks the model about them.

    Parameters
    ----------
    pixels
        Where they are read from.
    ontology, assistant, settings
        What may be labelled, the model, and how it is asked.
    """

    def __init__(
        self, pixels: Pixels, ontology: Ontology, assistant: Assistant, settings: Settings
    ) -> None:
        self._pixels, self._ontology = pixels, ontology
        self._assistant, self._settings = assistant, settings
        # Of the threads of a worker one at a time: few models bear more.
        self._turn = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_turn"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._turn = threading.Lock()

    def __call__(self, piece: Piece) -> bytes:
        """Return what the model says of some tasks, as a store would have it.

        A pickle says a default that was left out: then labels had other ids than they have here.
        """
        found = asking(
            self._pixels.dataset,
            self._ontology,
            self._assistant,
            self._settings,
            piece,
            self._turn,
        )
        return _packed([one for batch in found for one in batch])


def _asked(session: Session, tasks: Iterable[str]) -> Iterator[Asked | Answered]:
    """Yield tasks with what a model has to know of them."""
    scopes: dict[str, frozenset[str] | None] = {}
    for task in tasks:
        try:
            item = session.item(session.item_of(task))
        except LabelwidgetsError as error:
            yield Answered(task, [], str(error))
            continue
        stage = session.workflow[session.store.task(task)["stage"]]
        if stage.name not in scopes:
            classes = scope_of(stage, session.ontology)
            scopes[stage.name] = None if classes is None else frozenset(classes)
        yield Asked(task, item, scopes[stage.name], partial(_labels, session, task))


def _labels(session: Session, task: str) -> list[Annotation]:
    return session.look(task)[1]


def _sent(one: Asked | Answered) -> Asked | Answered:
    """Return a task with its labels, which a worker cannot ask the store for."""
    if isinstance(one, Answered):
        return one
    return one._replace(labels=SentLabels(_packed(one.labels())))


def _pieces(asked: Sequence[Asked | Answered], batch: int) -> Iterator[Piece]:
    """Yield tasks for workers: whole batches of pictures, and each film or scan by itself."""
    most = batch * (_BATCHES if len(asked) >= _MANY * batch else 1)
    some: list[Asked | Answered] = []
    for one in map(_sent, asked):
        alone = isinstance(one, Asked) and one.item["kind"] != "image"
        if some and (alone or len(some) >= most):
            yield tuple(some)
            some = []
        some.append(one)
        if alone:
            yield tuple(some)
            some = []
    if some:
        yield tuple(some)
