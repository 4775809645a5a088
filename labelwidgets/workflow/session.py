"""One person's hold on the work: all that a widget needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec
import numpy.typing as npt

from labelwidgets.errors import ImageError, OntologyError, WorkflowError
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.mode import Mode, check_mode, implied_mode
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames
from labelwidgets.schema.revival import revived
from labelwidgets.store.application import OntologyMovedError
from labelwidgets.store.edits import Applied, Edit, Outcome, Proposal, Refused
from labelwidgets.store.moves import Decide, Move
from labelwidgets.store.queue import size_of, spacing_of
from labelwidgets.store.store import Store
from labelwidgets.store.watch import Observer
from labelwidgets.workflow.frame_times import FrameTimes
from labelwidgets.workflow.issues import Issues
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.pixels import PixelCache
from labelwidgets.workflow.rules import check_complete, check_edit
from labelwidgets.workflow.scan_shapes import ScanShapes
from labelwidgets.workflow.stages import IN_PROGRESS, QUEUED, Workflow

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.delivery import Direct
    from labelwidgets.media.film import Film
    from labelwidgets.media.grey import GreyValues
    from labelwidgets.media.reformats import Across, Reformat
    from labelwidgets.media.scan import Scan
    from labelwidgets.media.tiles import Pyramid
    from labelwidgets.media.videos import Video
from labelwidgets.media.volumes import Volume

MAX_REASON = 1000


class Picture(Protocol):
    """Bytes that a browser can show; `labelwidgets.media.Encoded` is one."""

    @property
    def mime(self) -> str:
        """Media type, such as ``image/jpeg``."""

    @property
    def data(self) -> bytes:
        """The bytes."""

    @property
    def width(self) -> int:
        """In pixels, upright."""

    @property
    def height(self) -> int:
        """In pixels, upright."""

    @property
    def values(self) -> GreyValues | None:
        """What the numbers of a raw grey picture mean, None for all others."""

    @property
    def overlay(self) -> dict[str, Any] | None:
        """Pixels that are shown white above a raw grey picture, as COCO RLE."""


class Pictures(Protocol):
    """Where pixels come from; `labelwidgets.media.Dataset` is one."""

    def pixels(self, item_id: str, /, frame: int = ...) -> npt.NDArray[Any]:
        """Return a picture as an array, in full resolution."""

    def encoded(self, item_id: str, /, frame: int = ..., raw: bool = ...) -> Picture:
        """Return a picture as the browser can show it, in full resolution."""

    def pyramid(self, item_id: str, /, frame: int = ...) -> Pyramid | None:
        """Return a picture to be read by tiles, None where it is better read whole."""

    def scan(self, item_id: str, /) -> Scan:
        """Return a scan as tools see it."""

    def volume(self, item_id: str, /) -> Volume:
        """Return a scan of slices, opened."""

    def video(self, item_id: str, /) -> Video:
        """Return a video, opened."""

    def film(self, item_id: str, /, frame: int = ...) -> Film:
        """Return a video as tools see it."""

    def is_near(self, item_id: str, /) -> bool:
        """Say whether all files of an item lie on this machine."""

    def opens_first(self, item_id: str, /) -> bool:
        """Say whether only opening an item tells which of its pictures is shown first."""

    def glimpse(self, item_id: str, /, frame: int, edge: int) -> Picture:
        """Return a frame of a video as JPEG of at most `edge` pixels."""

    def coarse(self, item_id: str, /, frame: int) -> Picture | None:
        """Return a small copy of a slice, None where that would read anything from afar."""

    def reformat(
        self,
        item_id: str,
        /,
        plane: Across,
        index: int,
        *,
        projected: bool = ...,
        patience: float | None = ...,
    ) -> Reformat:
        """Return a cut across the slices of a scan."""

    def direct(self, item_id: str, /, frame: int = ...) -> Direct | None:
        """Return how a page fetches a picture by itself, None where it is sent to it."""

    def thumbnail(self, item_id: str, /, edge: int = ...) -> Picture:
        """Return an item at most `edge` pixels wide and high."""

    def prefetch(self, item_ids: Sequence[str], /) -> None:
        """Read pictures ahead, and give up on those of an earlier call that are not among them."""


class OpenTask(msgspec.Struct, frozen=True):
    """A task as a widget shows it.

    Parameters
    ----------
    task
        Row of the task: id, item_id, position, title, stage, state, assignee, priority,
        batch, score, updated_at, revision.
    item
        Row of its item: id, kind, title, folder, urls, metadata, status.
    annotations
        In the order they were made.
    deleted
        Revisions of the deleted ones by id, to bring them back on.
    undo, redo
        Ids of the gestures that this person can undo and redo here, the next one last.
    seq
        Place in the event log; ask `Session.changes` from here on.
    """

    task: dict[str, Any]
    item: dict[str, Any]
    annotations: list[Annotation]
    deleted: dict[str, int]
    undo: list[str]
    redo: list[str]
    seq: int


class Session:
    """One person's hold on a project's tasks, or on some of them.

    Who the person is is fixed here, by the kernel; nothing a page sends can change it.

    Parameters
    ----------
    store
        The project's.
    dataset
        Where pixels come from.
    user
        Who works.
    work
        Ids of the only tasks that this session may see; None for all.
    mode
        What is asked for: ``segmentation`` (shapes, no questions about the image),
        ``classification`` (those questions and tags alone) or ``both``; None for what the
        ontology implies.
    """

    def __init__(
        self,
        store: Store,
        dataset: Pictures,
        user: str,
        work: Iterable[str] | None = None,
        mode: Mode | None = None,
    ) -> None:
        if not isinstance(user, str) or not user.strip():
            raise WorkflowError("A session needs the name of a person.", where="user")
        current_user(user)
        self.store = store
        self.dataset = dataset
        self.workflow = Workflow.from_dict(store.workflow)
        self._user = user
        self._work = None if work is None else frozenset(work)
        self._mode = check_mode(mode)
        self._ontology: tuple[str, Ontology] | None = None
        self._items: frozenset[str] | None = None
        self._pixels = PixelCache()
        self._scans = ScanShapes(store, dataset)
        self._times = FrameTimes(store, dataset)
        self.issues = Issues(store, user, self._check_within)

    def __repr__(self) -> str:
        some = "all tasks" if self._work is None else f"{len(self._work)} tasks"
        return f"Session(project={self.project_name!r}, user={self._user!r}, {some})"

    @property
    def user(self) -> str:
        """Who works."""
        return self._user

    @property
    def work(self) -> frozenset[str] | None:
        """Ids of the only tasks that this session may see; None for all."""
        return self._work

    @property
    def project_uid(self) -> str:
        """What the project is known by, wherever its file is moved to."""
        return self.store.uid

    @property
    def project_name(self) -> str:
        """What people call the project."""
        return self.store.name

    @property
    def ontology(self) -> Ontology:
        """The ontology as it is now, whoever extended it."""
        current = self.store.ontology_hash()
        if self._ontology is None or self._ontology[0] != current:
            found = self.store.ontology()
            self._ontology = (found.hash, found)
        return self._ontology[1]

    @property
    def mode(self) -> Mode:
        """What is asked for: ``segmentation``, ``classification`` or ``both``."""
        return self._mode or implied_mode(self.ontology)

    def in_mode(self, mode: Mode) -> Session:
        """Return the same hold on the work, with another mode."""
        return Session(self.store, self.dataset, self._user, self._work, mode)

    @property
    def instructions(self) -> str:
        """What the person is told about the project, as Markdown; empty for nothing."""
        return self.store.instructions()

    # A task

    def open(self, task_id: str | None = None) -> OpenTask:
        """Open a task. The next of the queue becomes this person's, in progress.

        A task that is named is only looked at; it becomes this person's with the first
        edit.

        Parameters
        ----------
        task_id
            Which; None for the one this person has in progress, else the next in the queue,
            else the first of the work list, if the session has one.

        Raises
        ------
        WorkflowError
            If there is no such task, or none is left in the queue.
        """
        if task_id is None:
            claimed = self.store.claim(
                self._user, [IN_PROGRESS], [QUEUED], self._begin, within=self._work
            )
            found = str(claimed["id"]) if claimed else self._first()
            if found is None:
                raise WorkflowError(
                    "No task is left in the queue.",
                    where=f"project {self.project_name!r}",
                    hint="Name a task to look at it again.",
                )
            task_id = found
        else:
            self._check_within(task_id)
        return self._opened(task_id)

    def _opened(self, task_id: str) -> OpenTask:
        opened = self.store.opened(task_id, self._user)
        undo, redo = opened.stacks
        return OpenTask(
            opened.task, opened.item, opened.annotations, opened.deleted, undo, redo, opened.seq
        )

    def ahead(self, known: Sequence[str]) -> OpenTask | None:
        """Open the task of the queue that comes after those that are known; None if none does.

        It becomes this person's, so that nobody else labels it meanwhile; see `release`.

        Parameters
        ----------
        known
            Ids of tasks that are open, or were opened ahead before.
        """
        claimed = self.store.claim(
            self._user, [IN_PROGRESS], [QUEUED], self._begin, within=self._work, but=known
        )
        return None if claimed is None else self._opened(str(claimed["id"]))

    def release(self, task_ids: Iterable[str]) -> None:
        """Give tasks that were opened ahead, and never shown, back to the queue."""

        def decide(
            task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]
        ) -> Move | None:
            if task["state"] != IN_PROGRESS or task["assignee"] != self._user or annotations():
                return None
            return Move("release", {"state": QUEUED, "assignee": None}, {})

        for task_id in task_ids:
            self.store.move(task_id, self._user, decide)

    def renew(self, task_id: str, lease_seq: int | None = None) -> bool:
        """Show a sign of life, so that a task stays this person's; see `Store.renew`."""
        self._check_within(task_id)
        return self.store.renew(task_id, self._user, lease_seq)

    def task(self, task_id: str) -> dict[str, Any]:
        """Return the row of a task as it is now."""
        self._check_within(task_id)
        return self.store.task(task_id)

    def look(self, task_id: str) -> tuple[dict[str, Any], list[Annotation]]:
        """Return the item and the annotations of a task, without opening it."""
        self._check_within(task_id)
        opened = self.store.opened(task_id, self._user)
        return opened.item, opened.annotations

    def largest(self, task_id: str, most: int) -> tuple[list[Annotation], int]:
        """Return the largest shapes of a task and its tags, and how many shapes it has."""
        self._check_within(task_id)
        return self.store.largest(task_id, most)

    def _begin(
        self, task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]
    ) -> Move | None:
        if task["state"] != QUEUED:
            return None
        state = self.workflow.target(task, "open")
        return Move("open", {"state": state, "assignee": self._user}, {})

    def submit(self, task_id: str) -> dict[str, Any]:
        """Submit a task, and return it.

        Raises
        ------
        WorkflowError
            If required answers are missing (it lists them), or the task is not open.
        """
        ontology, mode = self.ontology, self.mode

        def decide(task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]) -> Move:
            state = self.workflow.target(task, "submit")
            check_complete(task, annotations(), ontology, mode)
            note = {"ontology": ontology.hash}
            return Move("submit", {"state": state, "assignee": self._user}, note)

        return self._move(task_id, decide)

    def skip(self, task_id: str, reason: str) -> dict[str, Any]:
        """Skip a task, saying why, and return it.

        Raises
        ------
        WorkflowError
            If there is no reason, or the task is not open.
        """
        if not isinstance(reason, str) or not reason.strip():
            raise WorkflowError("needs a reason.", where=f"skip of task {task_id}")
        if len(reason) > MAX_REASON:
            raise WorkflowError(
                f"is {len(reason)} characters long, at most {MAX_REASON} are allowed.",
                where=f"reason to skip task {task_id}",
            )

        def decide(task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]) -> Move:
            state = self.workflow.target(task, "skip")
            return Move("skip", {"state": state, "assignee": self._user}, {"reason": reason})

        return self._move(task_id, decide)

    def reopen(self, task_id: str) -> dict[str, Any]:
        """Reopen a task that was submitted or skipped, and return it.

        Raises
        ------
        WorkflowError
            If it is open.
        """

        def decide(task: Mapping[str, Any], annotations: Callable[[], list[Annotation]]) -> Move:
            state = self.workflow.target(task, "reopen")
            return Move("reopen", {"state": state, "assignee": self._user}, {})

        return self._move(task_id, decide)

    def _move(self, task_id: str, decide: Decide) -> dict[str, Any]:
        self._check_within(task_id)
        return self.store.move(task_id, self._user, decide)

    def _check_within(self, task_id: str) -> None:
        if self._work is not None and task_id not in self._work:
            raise WorkflowError(
                "is not in the work list of this session.", where=f"task {str(task_id)[:80]!r}"
            )

    def item_of(self, task_id: str) -> str:
        """Return the item that a task is about."""
        self._check_within(task_id)
        return str(self.store.task(task_id)["item_id"])

    def labels_of(self, task_id: str, ids: Sequence[str]) -> dict[str, Annotation]:
        """Return those of a task's annotations that are named and there, by id."""
        self._check_within(task_id)
        found = self.store.read(ids=[name for name in ids if is_id(name)])
        return {made.id: made for made in found if made.task_id == task_id}

    # Edits

    def apply(
        self,
        edits: Sequence[Edit],
        client: str | None = None,
        authors: Mapping[str, str] | None = None,
    ) -> list[Outcome]:
        """Apply edits of this person; see `Store.apply`.

        An edit is ``invalid`` if what it changes does not fit the ontology or the image, and
        ``forbidden`` if its task is closed or not in the work list.

        Parameters
        ----------
        edits
            As the browser sends them.
        client
            Which view sends them; the tasks that it edits become this person's.
        authors
            Authors of created annotations by id, for an import only.
        """
        outcomes, queued = self._apply(edits, client, authors)
        strange = [one for one in outcomes if isinstance(one, Refused) and one.reason == "invalid"]
        if any(one.error == "OntologyError" for one in strange):
            # A label of what was taken out at this moment is kept, and so is its class.
            gone = {one.id for one in strange}
            again = [edit for edit in edits if edit.id in gone]
            if self._revive(again):
                retried, more = self._apply(again, client, authors)
                queued |= more
                settled = {made.id: made for made in retried}
                outcomes = [settled.get(made.id, made) for made in outcomes]
        if client is not None and queued:
            for task_id in queued & {made.task for made in outcomes if isinstance(made, Applied)}:
                self.store.move(task_id, self._user, self._begin)
        return outcomes

    def _apply(
        self, edits: Sequence[Edit], client: str | None, authors: Mapping[str, str] | None
    ) -> tuple[list[Outcome], set[str]]:
        """Return the outcomes of edits, and the tasks among theirs that were queued."""
        shape_of = self._scans.of(edits)
        edits = self._times.stamped(edits)
        timing_of = self._times.of(edits)
        while True:
            ontology = self.ontology
            queued: set[str] = set()

            def check(
                proposal: Proposal, ontology: Ontology = ontology, queued: set[str] = queued
            ) -> None:
                check_edit(proposal, ontology, shape_of, timing_of)
                if proposal.task["state"] == QUEUED:
                    queued.add(proposal.edit.task)

            renames = Renames.of(ontology)
            try:
                outcomes = self.store.apply(
                    edits, self._user, client, check, authors, self._work, renames, ontology.hash
                )
            except OntologyMovedError:
                continue
            return outcomes, queued

    def _revive(self, edits: Sequence[Edit]) -> bool:
        """Bring back, retired, what refused edits have of earlier ontologies; say whether any."""
        held = self.store.held([edit.annotation for edit in edits])
        labels = []
        for edit in edits:
            after = edit.after or {}
            now = held.get(edit.annotation)
            name = after.get("class_name", now.annotation.class_name if now else None)
            answers = after.get("attributes") or {}
            labels.append((name, answers if isinstance(answers, Mapping) else {}))
        _, *earlier = self.store.ontologies()
        if not earlier:
            return False
        try:
            changed = self.store.change_ontology(
                lambda now: revived(now, earlier, labels), self._user
            )
        except OntologyError:
            return False
        return changed.after.hash != changed.before.hash

    def undo(self, task_id: str | None = None, gesture: str | None = None) -> list[Outcome]:
        """Take this person's last gesture back, on one task or whole; [] if there is none.

        Parameters
        ----------
        task_id
            None for the last gesture on any task.
        gesture
            The gesture that is meant; None for whichever is the last.

        Raises
        ------
        WorkflowError
            If another gesture is the last.
        """
        if task_id is not None:
            self._check_within(task_id)
        return self.apply(self._expected(self.store.taking_back(self._user, task_id), gesture))

    def redo(self, task_id: str | None = None, gesture: str | None = None) -> list[Outcome]:
        """Bring again what this person undid last; see `undo`."""
        if task_id is not None:
            self._check_within(task_id)
        return self.apply(self._expected(self.store.bringing_again(self._user, task_id), gesture))

    def _expected(self, edits: list[Edit], gesture: str | None) -> list[Edit]:
        """Return the edits, if they take back or bring again the gesture that was meant."""
        if gesture is not None and not any(gesture in (e.undoes, e.redoes) for e in edits):
            raise WorkflowError(
                "is no longer the last one.",
                where=f"gesture {gesture[:80]}",
                hint="Look at the labels as they are now.",
            )
        return edits

    def annotations(self) -> pd.DataFrame:
        """Return the annotations of the session's tasks; columns as in `Store.annotations`."""
        frame = self.store.annotations
        if self._work is None:
            return frame
        return frame[frame["task_id"].isin(list(self._work))].reset_index(drop=True)

    def last_seq(self) -> int:
        """Return the place in the event log where it ends."""
        return self.store.last_seq()

    def changes(self, after_seq: int) -> list[Applied]:
        """Return the edits of any process since; cheap enough to ask every second."""
        return [
            made
            for made in self.store.changes(after_seq)
            if self._work is None or made.task in self._work
        ]

    def subscribe(self, callback: Observer) -> Callable[[], None]:
        """Call back with the edits of this process, after each commit; returns its end."""

        def within(applied: Sequence[Applied]) -> None:
            mine = [made for made in applied if self._work is None or made.task in self._work]
            if mine:
                callback(mine)

        return self.store.subscribe(within)

    # Pixels

    def picture(
        self,
        item_id: str,
        frame: int = 0,
        raw: bool = True,
        plane: Literal["slice", "row", "column"] = "slice",
    ) -> Picture:
        """Return the picture of an item in full resolution.

        Parameters
        ----------
        item_id
            Which item.
        frame
            Which picture of a group, from 0; of a scan which slice, row or column.
        raw
            Whether grey of more than 8 bits comes with its values (see `media.encoded.encode`).
        plane
            Of a scan, ``row`` or ``column`` for a cut across its slices (see `reformat`).

        Raises
        ------
        WorkflowError
            If the session has a work list, and no task in it is about the item.
        SourceError, ImageError, LimitError
            If it cannot be read, or has another size than the one that its labels are for.
        """
        if plane != "slice":
            return self.reformat(item_id, plane, frame).picture
        self._check_item(item_id)
        picture = self.dataset.encoded(item_id, frame=frame, raw=raw)
        self._check_size(item_id, frame, picture.width, picture.height)
        return picture

    def pyramid(self, item_id: str, frame: int = 0) -> Pyramid | None:
        """Return a large picture to be read by tiles; None where it is better read whole.

        For parameters and errors see `picture`.
        """
        self._check_item(item_id)
        found = self.dataset.pyramid(item_id, frame=frame)
        if found is not None:
            self._check_size(item_id, frame, found.width, found.height)
        return found

    def volume(self, item_id: str) -> Volume:
        """Return the scan of an item, opened: where its slices are, and their values.

        For errors see `picture`.
        """
        self._check_item(item_id)
        return self.dataset.volume(item_id)

    def video(self, item_id: str) -> Video:
        """Return the video of an item, opened: its frames are counted.

        For errors see `picture`.
        """
        self._check_item(item_id)
        video = self.dataset.video(item_id)
        # Told at once, and not frame by frame.
        self._check_size(item_id, 0, video.facts.width, video.facts.height)
        return video

    def item(self, item_id: str) -> dict[str, Any]:
        """Return an item of my tasks: its kind, title, folder, urls, metadata and status."""
        self._check_item(item_id)
        found = self.store.item(item_id)
        if found is None:
            raise WorkflowError(f"has no item {item_id!r:.80}.", where="project")
        return found

    def glimpse(self, item_id: str, frame: int, edge: int) -> Picture:
        """Return a frame of a video as JPEG of at most `edge` pixels.

        For errors see `picture`.
        """
        self._check_item(item_id)
        return self.dataset.glimpse(item_id, frame, edge)

    def film(self, item_id: str, frame: int = 0) -> Film:
        """Return the video of an item as tools see it, with the frame that is shown.

        For errors see `picture`.
        """
        self._check_item(item_id)
        return self.dataset.film(item_id, frame)

    def is_near(self, item_id: str) -> bool:
        """Say whether all files of an item lie on this machine."""
        self._check_item(item_id)
        return self.dataset.is_near(item_id)

    def opens_first(self, item_id: str) -> bool:
        """Say whether only opening an item tells which of its pictures is shown first."""
        return self.dataset.opens_first(item_id)

    def coarse(self, item_id: str, frame: int) -> Picture | None:
        """Return a small copy of a slice, None where that would read anything from afar."""
        self._check_item(item_id)
        return self.dataset.coarse(item_id, frame)

    def reformat(
        self,
        item_id: str,
        plane: Across,
        index: int,
        *,
        projected: bool = False,
        patience: float | None = None,
    ) -> Reformat:
        """Return a cut across the slices of a scan (see `Dataset.reformat`).

        For errors see `picture`.
        """
        self._check_item(item_id)
        return self.dataset.reformat(item_id, plane, index, projected=projected, patience=patience)

    def scan(self, item_id: str) -> Scan:
        """Return the scan of an item as tools see it.

        For errors see `picture`.
        """
        self._check_item(item_id)
        return self.dataset.scan(item_id)

    def spacing(self, item_id: str) -> tuple[float, float] | None:
        """Return millimetres from row to row and column to column of an item, None for unknown.

        For errors see `picture`.
        """
        self._check_item(item_id)
        item = self.store.item(item_id)
        if item is None:
            return None
        if item["kind"] in VOLUMES:
            steps = self.dataset.volume(item_id).grid.spacing
            return steps and (steps[1], steps[2])
        pair = spacing_of(item["metadata"])
        return pair and (pair[1], pair[0])

    def direct(self, item_id: str, frame: int = 0) -> Direct | None:
        """Return how a page fetches a picture by itself, None where it is sent to it.

        For parameters and errors see `picture`.
        """
        self._check_item(item_id)
        made = self.dataset.direct(item_id, frame=frame)
        if made is not None:
            self._check_size(item_id, frame, made.width, made.height)
        return made

    def pixels(self, item_id: str, frame: int = 0) -> npt.NDArray[Any]:
        """Return the pixels of an item, as its file has them; see `picture`.

        Those that were used last are kept in memory.

        Returns
        -------
        ndarray
            (H, W) or (H, W, C), see `media.open_image`; it cannot be written to.
        """
        self._check_item(item_id)

        def decode() -> npt.NDArray[Any]:
            made = self.dataset.pixels(item_id, frame=frame)
            self._check_size(item_id, frame, made.shape[1], made.shape[0])
            return made

        return self._pixels.get(f"{item_id}#{frame}", decode)

    def _check_size(self, item_id: str, frame: int, width: int, height: int) -> None:
        item = self.store.item(item_id)
        size = size_of(item["metadata"], frame) if item else None
        if item and size and size != (width, height):
            raise ImageError(
                f"is {width} x {height} pixels now and was {size[0]} x {size[1]}: "
                "labels would not lie where they belong.",
                where=f"item {item['title']}",
                hint="Put the picture back, or go on with the new one by Project.create with "
                "exist_ok=True.",
            )

    def upcoming(self, task_id: str, limit: int = 8) -> list[str]:
        """Return items whose pictures are likely to be wanted after a task; none is claimed.

        Those of the queue, and of the neighbours of the task in the order of the dataset.
        """
        return self.store.upcoming(
            self._user, [IN_PROGRESS], [QUEUED], self._work, task=task_id, limit=limit
        )

    def prefetch(self, item_ids: Sequence[str]) -> None:
        """Let pictures be read ahead, the first one first, instead of those of an earlier call."""
        for item_id in item_ids:
            self._check_item(item_id)
        self.dataset.prefetch(item_ids)

    def thumbnail(self, item_id: str, edge: int) -> Picture:
        """Return the picture of an item at most `edge` pixels wide and high; see `picture`."""
        self._check_item(item_id)
        return self.dataset.thumbnail(item_id, edge=edge)

    def _check_item(self, item_id: str) -> None:
        if self._work is None:
            return
        if self._items is None:
            self._items = frozenset(self.store.items_of_tasks(self._work))
        if item_id not in self._items:
            raise WorkflowError(
                "is not in the work list of this session.", where=f"item {str(item_id)[:80]!r}"
            )

    def said(self) -> tuple[str, int]:
        """Return the versions of the ontology and of the instructions: cheap to ask often."""
        return self.store.said()

    # The navigator

    def next_task(self) -> str | None:
        """Return the task that `open` would open, without opening it; None if none is left."""
        found = self.store.next_task(self._user, [IN_PROGRESS], [QUEUED], self._work)
        return found or self._first()

    def _first(self) -> str | None:
        # A list that was asked for is shown, though nothing in it may be left to do.
        rows = [] if self._work is None else self.tasks(limit=1)[0]
        return str(rows[0]["id"]) if rows else None

    def place(self, task_id: str, folder: str | None = None) -> tuple[int | None, int]:
        """Return the index of a task among those of `tasks`, and how many there are in all."""
        return self.store.index(task_id, folder, self._work)

    def tasks(
        self, folder: str | None = None, offset: int = 0, limit: int = 200
    ) -> tuple[list[dict[str, Any]], int]:
        """Return rows of tasks in the order of the dataset, and how many there are in all.

        Parameters
        ----------
        folder
            Only tasks of this folder; None for all.
        offset, limit
            Which page; at most 1000 rows.
        """
        return self.store.page(folder, self._work, max(0, offset), min(max(0, limit), 1000))

    def folders(self) -> list[dict[str, Any]]:
        """Return the folders, each with `folder`, `total`, and counts by state in `states`."""
        return self.store.folders(self._work)

    def neighbour(self, task_id: str, step: int) -> str | None:
        """Return the task `step` places on in the order of the dataset, None beyond the ends."""
        return self.store.neighbour(task_id, step, self._work)
