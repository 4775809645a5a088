"""A model goes over the tasks of a project: pixels are read ahead, and answers come in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, cast

import msgspec

from labelwidgets.assist.assistants import Assistant
from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.context import Context
from labelwidgets.assist.late_labels import LateLabels
from labelwidgets.assist.results import Proposal
from labelwidgets.errors import AssistantError, LabelwidgetsError, SchemaError
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.workflow.parts import scope_of
from labelwidgets.workflow.session import Session

Frames = int | Sequence[int] | None
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
        if not 0 <= self.threshold <= 1:
            raise SchemaError("must be from 0 to 1.", where="threshold")
        if isinstance(self.batch_size, bool) or not 1 <= self.batch_size <= MOST_BATCH:
            raise SchemaError(f"must be from 1 to {MOST_BATCH}.", where="batch_size")
        if isinstance(self.frames, int) and self.frames < 1:
            raise SchemaError("must be 1 or more: each so many frames.", where="frames")
        if self.timeout is not None and not self.timeout > 0:
            raise SchemaError("must be more than 0 seconds, or None.", where="timeout")


class Answered(NamedTuple):
    """What a model says of one task, or why it says nothing."""

    task: str
    labels: list[Annotation]
    error: str | None = None


class _Look(NamedTuple):
    """One picture of a task, being read."""

    task: str
    item: dict[str, Any]
    frame: int | None
    pixels: Future[tuple[Any, Any]]


def answers(
    session: Session, assistant: Assistant, tasks: Iterable[str], settings: Settings
) -> Iterator[list[Answered]]:
    """Yield what a model says of tasks, a batch at a time: each task whole, in their order.

    Whoever stops early leaves nothing behind: what has not begun is cancelled.
    """
    pool = ThreadPoolExecutor(READERS, thread_name_prefix="labelwidgets-predict")
    try:
        yield from _Run(session, assistant, settings, pool).answers(tasks)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Run:
    def __init__(
        self, session: Session, assistant: Assistant, settings: Settings, pool: ThreadPoolExecutor
    ) -> None:
        self._session = session
        self._assistant = assistant
        self._settings = settings
        self._pool = pool
        self._scopes: dict[str, frozenset[str] | None] = {}

    def answers(self, tasks: Iterable[str]) -> Iterator[list[Answered]]:
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

    def _looks(self, tasks: Iterable[str]) -> Iterator[_Look | Answered]:
        """Yield the pictures of tasks, which begin to be read."""
        for task in tasks:
            try:
                item = self._session.item(self._session.item_of(task))
                frames = self._frames(item)
            except LabelwidgetsError as error:
                yield Answered(task, [], str(error))
                continue
            for frame in frames:
                yield _Look(task, item, frame, self._pool.submit(self._read, item["id"], frame))

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
        if not isinstance(wanted, int):
            return [int(frame) for frame in wanted]
        if kind in VOLUMES:
            count = self._session.volume(item["id"]).grid.shape[0]
        elif kind == "image_group":
            count = len(item["urls"])
        else:
            count = len(self._session.film(item["id"]))
        return range(0, count, wanted)

    def _read(self, item_id: str, frame: int | None) -> tuple[Any, Any]:
        session = self._session
        if self._assistant.takes == "volume":
            scan = session.scan(item_id)
            return scan, scan.spacing
        # Kept by nobody: each is looked at once.
        return session.dataset.pixels(item_id, frame=frame or 0), session.spacing(item_id)

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
                failed[look.task] = str(error)
                continue
            pixels.append(values)
            contexts.append(self._context(look, spacing))
            seen.append(look)
        found = self._assistant.propose_batch(pixels, contexts, timeout=self._settings.timeout)
        for look, made in zip(seen, found, strict=True):
            if isinstance(made, Proposal):
                open_tasks[look.task] += self._labels(look, made)
            else:
                failed[look.task] = str(made)
        for task in dict.fromkeys(look.task for look in looks):
            if task in failed:
                # One picture of which nothing is known: then nothing is said of the whole.
                open_tasks.pop(task, None)
                done.append(Answered(task, [], failed[task]))
            elif task != following:
                done.append(Answered(task, open_tasks.pop(task)))
        return done

    def _context(self, look: _Look, spacing: Any) -> Context:
        session, task = self._session, look.task
        return Context(
            item_id=look.item["id"],
            kind=look.item["kind"],
            title=look.item["title"],
            frame=look.frame,
            ontology=session.ontology,
            labels=LateLabels(lambda: session.look(task)[1]),
            spacing=None if spacing is None else tuple(spacing),
            threshold=self._settings.threshold,
        )

    def _labels(self, look: _Look, made: Proposal) -> list[Annotation]:
        """Return what was proposed as labels, of the classes that the stage is about."""
        scope = self._scope(look.task)
        origin = Origin("model", made.tool, made.version)
        frames = look.item["kind"] != "image"
        return [
            Annotation(
                item_id=look.item["id"],
                task_id=look.task,
                class_name=one.class_name,
                geometry=cast("AnyGeometry", one.geometry),
                attributes=one.attributes,
                confidence=one.confidence,
                frame=look.frame if frames and one.class_name is not None else None,
                origin=origin,
            )
            for one in made.shapes
            if scope is None or one.class_name in scope
        ]

    def _scope(self, task: str) -> frozenset[str] | None:
        stage = self._session.workflow[self._session.store.task(task)["stage"]]
        if stage.name not in self._scopes:
            classes = scope_of(stage, self._session.ontology)
            self._scopes[stage.name] = None if classes is None else frozenset(classes)
        return self._scopes[stage.name]
