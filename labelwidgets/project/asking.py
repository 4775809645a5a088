"""A model is asked about pictures: pixels are read ahead, and answers come in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from numbers import Integral, Real
from typing import Any, NamedTuple, TypeAlias, cast

import msgspec

from labelwidgets.assist.assistants import Assistant
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.context import Context
from labelwidgets.assist.late_labels import LateLabels
from labelwidgets.assist.results import Proposal
from labelwidgets.errors import AssistantError, LabelwidgetsError, SchemaError
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.answer_origins import of_model
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ontology import Ontology
from labelwidgets.workflow.pictures import Pictures, spacing_in

Frames: TypeAlias = int | Sequence[int] | None
# Threads that read pictures while the model thinks.
READERS = 4
MOST_BATCH = 1024


class Settings(msgspec.Struct, frozen=True):
    """How a model is asked: see `Project.predict`."""

    threshold: float = 0.5
    batch_size: int = 8
    frames: Frames = None
    timeout: float | None = 600.0

    def __post_init__(self) -> None:
        if not _is_number(self.threshold) or not 0 <= self.threshold <= 1:
            raise SchemaError(
                f"must be from 0 to 1, not {self.threshold!r:.40}.", where="threshold"
            )
        if not _is_whole(self.batch_size) or not 1 <= self.batch_size <= MOST_BATCH:
            raise SchemaError(
                f"must be from 1 to {MOST_BATCH}, not {self.batch_size!r:.40}.", where="batch_size"
            )
        self._check_frames()
        if self.timeout is not None and not (_is_number(self.timeout) and self.timeout > 0):
            raise SchemaError(
                f"must be more than 0 seconds, or None, not {self.timeout!r:.40}.", where="timeout"
            )

    def _check_frames(self) -> None:
        frames = self.frames
        if frames is None:
            return
        if _is_whole(frames):
            if cast("int", frames) < 1:
                raise SchemaError("must be 1 or more: each so many frames.", where="frames")
            return
        if isinstance(frames, str | bytes) or not isinstance(frames, Collection):
            raise SchemaError(
                f"must be a whole number or a list of them, not {frames!r:.40}.",
                where="frames",
                hint="frames=10 is every tenth, frames=1 all, frames=[0, 5] those two.",
            )
        if not all(_is_whole(one) and one >= 0 for one in frames):
            raise SchemaError("must be numbers of frames, from 0.", where="frames")


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


class Asked(NamedTuple):
    """A task that a model is asked about.

    Parameters
    ----------
    task
        Its id.
    item
        What it is about: id, kind, title, urls and metadata.
    scope
        The classes that its stage is about; None for all.
    labels
        Returns those that are there.
    """

    task: str
    item: dict[str, Any]
    scope: frozenset[str] | None
    labels: Callable[[], Sequence[Annotation]]


class Answered(NamedTuple):
    """What a model says of one task, or why it says nothing."""

    task: str
    labels: list[Annotation]
    error: str | None = None


class _Look(NamedTuple):
    """One picture of a task, being read."""

    asked: Asked
    frame: int | None
    pixels: Future[tuple[Any, Any]]

    @property
    def task(self) -> str:
        return self.asked.task


def asking(
    pictures: Pictures,
    ontology: Ontology,
    assistant: Assistant,
    settings: Settings,
    tasks: Iterable[Asked | Answered],
    turn: AbstractContextManager[Any] | None = None,
) -> Generator[list[Answered], None, None]:
    """Yield what a model says of tasks, a batch at a time: each task whole, in their order.

    Whoever stops early leaves nothing behind: what has not begun is cancelled.

    Parameters
    ----------
    pictures
        Where pixels are read from.
    ontology
        What may be labelled.
    assistant, settings
        The model, and how it is asked.
    tasks
        Which; those that are answered already come back in their place.
    turn
        Held while the model is at work.
    """
    pool = ThreadPoolExecutor(READERS, thread_name_prefix="labelwidgets-predict")
    try:
        run = _Run(pictures, ontology, assistant, settings, pool, turn or nullcontext())
        yield from run.answers(tasks)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Run:
    def __init__(
        self,
        pictures: Pictures,
        ontology: Ontology,
        assistant: Assistant,
        settings: Settings,
        pool: ThreadPoolExecutor,
        turn: AbstractContextManager[Any],
    ) -> None:
        self._pictures, self._ontology = pictures, ontology
        self._assistant, self._settings = assistant, settings
        self._pool, self._turn = pool, turn

    def answers(self, tasks: Iterable[Asked | Answered]) -> Iterator[list[Answered]]:
        looks = self._looks(tasks)
        ahead: deque[_Look | Answered] = deque()
        size = self._settings.batch_size
        open_tasks: dict[str, list[Annotation]] = {}
        ended = False
        while not ended or ahead:
            checkpoint()
            while not ended and len(ahead) < 2 * size:
                one = next(looks, None)
                if one is None:
                    ended = True
                else:
                    ahead.append(one)
            batch = [ahead.popleft() for _ in range(min(size, len(ahead)))]
            following = ahead[0].task if ahead else None
            yield self._batch(batch, open_tasks, following)

    def _looks(self, tasks: Iterable[Asked | Answered]) -> Iterator[_Look | Answered]:
        """Yield the pictures of tasks, which begin to be read."""
        for one in tasks:
            if isinstance(one, Answered):
                yield one
                continue
            try:
                frames = self._frames(one.item)
            except LabelwidgetsError as error:
                yield Answered(one.task, [], str(error))
                continue
            for frame in frames:
                yield _Look(one, frame, self._pool.submit(self._read, one.item, frame))

    def _frames(self, item: dict[str, Any]) -> Sequence[int | None]:
        """Return which pictures of an item are looked at; None stands for the whole of it."""
        kind, wanted = item["kind"], self._settings.frames
        if self._assistant.takes == "volume":
            if kind not in VOLUMES:
                raise AssistantError("looks at scans, and this is none.", where=item["title"])
            return [None]
        if kind == "image":
            return [None]
        if wanted is None:
            raise AssistantError(
                "has many pictures.",
                where=item["title"],
                hint="Say which: frames=10 is every tenth, frames=[0, 5] those two.",
            )
        if not isinstance(wanted, Integral):
            return [int(frame) for frame in cast("Sequence[int]", wanted)]
        if kind in VOLUMES:
            count = self._pictures.volume(item["id"]).grid.shape[0]
        elif kind == "image_group":
            count = len(item["urls"])
        else:
            count = len(self._pictures.film(item["id"]))
        return range(0, count, int(wanted))

    def _read(self, item: dict[str, Any], frame: int | None) -> tuple[Any, Any]:
        if self._assistant.takes == "volume":
            scan = self._pictures.scan(item["id"])
            return scan, scan.spacing
        # Kept by nobody: each is looked at once.
        pixels = self._pictures.pixels(item["id"], frame=frame or 0)
        return pixels, spacing_in(self._pictures, item)

    def _batch(
        self,
        batch: Sequence[_Look | Answered],
        open_tasks: dict[str, list[Annotation]],
        following: str | None,
    ) -> list[Answered]:
        """Ask about a batch; return the tasks of which all pictures have been looked at."""
        done: list[Answered] = [one for one in batch if isinstance(one, Answered)]
        failed: dict[str, str] = {}
        pixels: list[Any] = []
        contexts: list[Context] = []
        seen: list[_Look] = []
        looks = [one for one in batch if isinstance(one, _Look)]
        for look in looks:
            open_tasks.setdefault(look.task, [])
            try:
                values, spacing = look.pixels.result()
            except LabelwidgetsError as error:
                failed[look.task] = _said(look, error)
                continue
            pixels.append(values)
            contexts.append(self._context(look, spacing))
            seen.append(look)
        with self._turn:
            found = self._assistant.propose_batch(pixels, contexts, timeout=self._settings.timeout)
        for look, made in zip(seen, found, strict=True):
            if isinstance(made, Proposal):
                open_tasks[look.task] += _labels(look, made)
            else:
                failed[look.task] = _said(look, made)
        for task in dict.fromkeys(look.task for look in looks):
            if task in failed:
                # One picture of which nothing is known: then nothing is said of the whole.
                open_tasks.pop(task, None)
                done.append(Answered(task, [], failed[task]))
            elif task != following:
                done.append(Answered(task, open_tasks.pop(task)))
        return done

    def _context(self, look: _Look, spacing: Any) -> Context:
        return Context(
            item_id=look.asked.item["id"],
            kind=look.asked.item["kind"],
            title=look.asked.item["title"],
            frame=look.frame,
            ontology=self._ontology,
            labels=LateLabels(look.asked.labels),
            spacing=None if spacing is None else tuple(spacing),
            threshold=self._settings.threshold,
        )


def _said(look: _Look, error: LabelwidgetsError) -> str:
    return str(error) if look.frame is None else f"frame {look.frame}: {error}"


def _labels(look: _Look, made: Proposal) -> list[Annotation]:
    """Return what was proposed as labels, of the classes that the stage is about."""
    origin = Origin("model", made.tool, made.version)
    item, scope = look.asked.item, look.asked.scope
    frames = item["kind"] != "image"
    return [
        Annotation(
            item_id=item["id"],
            task_id=look.task,
            class_name=one.class_name,
            geometry=cast("AnyGeometry", one.geometry),
            attributes=one.attributes,
            confidence=one.confidence,
            frame=look.frame if frames and one.class_name is not None else None,
            origin=origin
            if one.class_name is not None
            else of_model(origin, one.attributes, one.confidence),
        )
        for one in made.shapes
        if scope is None or one.class_name in scope
    ]
