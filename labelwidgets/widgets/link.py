"""The wire between a widget's page and its session: the one place that knows it.

The messages are described in the architecture page of the documentation.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec
import numpy as np

from labelwidgets.assist import registry
from labelwidgets.assist.context import Context
from labelwidgets.assist.cropping import propose_nearby, sees_whole
from labelwidgets.assist.results import ARRAY_TYPES, Proposal
from labelwidgets.errors import (
    LabelwidgetsError,
    LimitError,
    LinkError,
    RightsError,
    ToolError,
    WorkflowError,
)
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.store.edits import FIELDS, Applied, Outcome, Refused
from labelwidgets.widgets import adjudicating, messages, reviewing
from labelwidgets.widgets.computing import Computer
from labelwidgets.widgets.header_info import header_info
from labelwidgets.widgets.item_info import item_info, mark_of
from labelwidgets.widgets.picture_info import direct_info, picture_info, pyramid_info, reformat_info
from labelwidgets.widgets.reading import (
    AHEAD,
    REFORMATS,
    TILES,
    URGENT,
    FindLoop,
    Reader,
    running_loop,
)
from labelwidgets.widgets.uploads import Uploads
from labelwidgets.widgets.video_info import packets_info, video_info
from labelwidgets.widgets.volume_edits import operate_on
from labelwidgets.widgets.volume_info import volume_info
from labelwidgets.workflow.session import OpenTask, Picture, Session
from labelwidgets.workflow.stages import QUEUED

Send: TypeAlias = Callable[[dict[str, Any], list[bytes]], None]

logger = logging.getLogger("labelwidgets")

# How often other processes' edits are looked for while a page is open, in seconds.
POLL = 1.0
# How often a page that shows a task says that it still does, in seconds: a lease lasts minutes.
BEAT = 60.0
THUMBNAIL_EDGE = 128
# So many of the pictures that are read ahead are decoded in the page too.
SHOWN_NEXT = 3
# A cut across the slices of a scan is shown as it is after so many seconds of reading.
_PATIENCE = 0.25
# Values of edits that are longer, as JSON, travel as bytes.
_LONG = 64 * 1024


class Link:
    """Answers one widget's messages from its session, and tells its pages of edits.

    Parameters
    ----------
    session
        Who works, and on what. Nothing that a page sends can change who that is.
    send
        Sends content and binary buffers to every page that shows the widget.
    find_loop
        Returns the event loop to read and to look for others' edits in; without one,
        pixels are read at once and others' edits are seen when a task is opened.
    on_open
        Told the item of each task that is opened.
    on_ontology
        Told when the ontology or the instructions have changed.
    """

    def __init__(
        self,
        session: Session,
        send: Send,
        find_loop: FindLoop = running_loop,
        on_open: Callable[[str], None] | None = None,
        on_ontology: Callable[[], None] | None = None,
    ) -> None:
        self.session = session
        self._send = send
        self._find_loop = find_loop
        self._on_open = on_open
        self._on_ontology = on_ontology
        self._said = session.said()
        self._marks: dict[str, str | None] = {}
        self._reader = Reader(find_loop)
        self._computer = Computer(find_loop)
        self._uploads = Uploads()
        self._ahead = -(2**53)
        self._opened: set[str] = set()
        # Opened ahead, and not shown yet.
        self._early: set[str] = set()
        self._waiting: set[str] = set()
        self._announced: set[str] | None = None
        # The task that is shown, and the claim that it is this person's by.
        self._held: tuple[str, int | None] | None = None
        self._closed = False
        self._seq = 0
        # Up to where issues were looked for.
        self._heard = 0
        # Items that are likely to be wanted after the one that is shown.
        self._next: list[str] = []
        self._poll: asyncio.Task[None] | None = None
        self._unsubscribe = session.subscribe(self._announce)

    def close(self) -> None:
        """Stop telling and reading; tasks that were opened ahead go back to the queue."""
        if not self._closed:
            # Of somebody who was removed, nothing is left to be given back.
            with suppress(RightsError):
                self.session.release(self._early)
            self.session.dataset.prefetch([])
        self._closed = True
        self._unsubscribe()
        self._reader.close()
        self._computer.close()
        if self._poll is not None:
            self._poll.cancel()

    def receive(self, content: Any, buffers: Sequence[Any] = ()) -> None:
        """Do what a page asks.

        Raises
        ------
        LinkError
            If the message is malformed; nothing is done, and the page is told why. So it is of
            a malformed edit among others, which are made durable.
        """
        request = messages.request_of(content)
        try:
            message = messages.read_message(content)
        except LinkError as error:
            self._fail(request, error)
            raise
        try:
            self._answer(message, buffers)
        except LinkError:
            # For the log: the page was told of it already.
            raise
        except LabelwidgetsError as error:
            self._fail(request, error)
        except Exception as error:
            self._fail(request, error)
            raise

    def _answer(self, message: messages.AnyMessage, buffers: Sequence[Any]) -> None:
        match message:
            case messages.Open():
                self._open(message)
            case messages.Showing():
                self._showing(message.task)
            case messages.Queue():
                waiting = self.session.waiting()
                self._send({"type": "queue", "request": message.request, "waiting": waiting}, [])
            case messages.Edits():
                self._edit(message)
            case messages.Offer():
                self._offer(message)
            case messages.Piece():
                self._take(message, buffers)
            case messages.Tasks():
                self._list(message)
            case messages.Pixels():
                self._pixels(message)
            case messages.Volume():
                self._volume(message)
            case messages.Video():
                self._video(message)
            case messages.Packets():
                self._packets(message)
            case messages.Glimpse():
                self._glimpse(message)
            case messages.Header():
                self._header(message)
            case messages.Coarse():
                self._coarse(message)
            case messages.Tile():
                self._tile(message)
            case messages.Thumbnails():
                self._thumbnails(message)
            case messages.Undo():
                self._stepped(message, self.session.undo(message.task, message.gesture))
            case messages.Redo():
                self._stepped(message, self.session.redo(message.task, message.gesture))
            case messages.Submit():
                self._moved(message.request, self.session.submit(message.task))
            case messages.Skip():
                self._moved(message.request, self.session.skip(message.task, message.reason))
            case messages.Reopen():
                self._moved(message.request, self.session.reopen(message.task))
            case (
                messages.Review()
                | messages.Judge()
                | messages.Pin()
                | messages.Say()
                | messages.AcceptAll()
            ):
                reviewing.answer(self.session, message, self._send, self._moved, _record)
            case messages.Adjudicate() | messages.Heat():
                adjudicating.answer(self.session, message, self._send, _record)
            case messages.Compute():
                self._compute(message)
            case messages.Operate():
                self._operate(message)
            case messages.Prepare():
                self._prepare(message)
            case messages.Cancel():
                self._reader.cancel(message.cancels)
                self._computer.cancel(message.cancels)

    def _open(self, message: messages.Open) -> None:
        session = self.session
        self._watch()
        if message.ahead and message.task is not None:
            self._peek(message.request, message.task, message.step)
            return
        if message.ahead:
            early = session.ahead(message.known)
            if early is not None:
                self._early.add(early.task["id"])
                self._say_opened(message.request, early)
                return
        wanted = message.task
        if wanted is not None and message.step:
            wanted = session.neighbour(wanted, message.step) or wanted
        if message.ahead or (wanted is None and session.next_task() is None):
            self._say_nothing(message.request)
            return
        opened = session.open(wanted)
        self._early.discard(opened.task["id"])
        self._hold(opened.task)
        self._prefetch(opened)
        if self._on_open is not None:
            self._on_open(opened.item["id"])
        self._say_opened(message.request, opened)

    def _peek(self, request: int, task: str, step: int) -> None:
        """Say what a task is that may be shown later; nothing else follows from it."""
        found = self.session.neighbour(task, step)
        if found is None:
            self._say_nothing(request)
        else:
            self._say_opened(request, self.session.open(found), ahead=True)

    def _say_nothing(self, request: int) -> None:
        _, total = self.session.tasks(limit=0)
        nothing = {"type": "opened", "request": request, "task": None, "item": None}
        self._send({**nothing, "total": total, "index": 0, "seq": self._seq}, [])

    def _prefetch(self, opened: OpenTask) -> None:
        """Read what is shown now, and what is likely to be next; all else is given up on.

        Without an event loop nothing is read beside the answers.
        """
        # Of a scan nobody knows which slice is looked at first: its headers say so.
        coming = self.session.upcoming(opened.task["id"])
        self._next = [item for item in coming if not self.session.opens_first(item)]
        if self._find_loop() is not None:
            self.session.prefetch([opened.item["id"], *self._next])

    def _showing(self, task: str) -> None:
        row = self.session.task(task)
        self._early.discard(task)
        self._hold(row)
        if self._on_open is not None:
            self._on_open(row["item_id"])

    def _say_opened(self, request: int, opened: OpenTask, ahead: bool = False) -> None:
        session = self.session
        self._opened.add(opened.task["id"])
        if opened.task["state"] == QUEUED:
            self._waiting.add(opened.task["id"])
        index, total = session.place(opened.task["id"])
        body = {
            "annotations": [_record(made) for made in opened.annotations],
            "undo": opened.undo,
            "redo": opened.redo,
            "deleted": opened.deleted,
        }
        self._send(
            {
                "type": "opened",
                "request": request,
                "task": {
                    **_row({**opened.task, "folder": opened.item["folder"]}),
                    "scope": session.scope_of(opened.task),
                },
                "item": item_info(opened.item),
                "index": index,
                "total": total,
                "seq": opened.seq,
                **({} if ahead else {"next": self._next[:SHOWN_NEXT]}),
            },
            [msgspec.json.encode(body)],
        )

    def _edit(self, message: messages.Edits) -> None:
        try:
            edits, malformed = messages.read_edits(message.edits)
        except LinkError as error:
            self._fail(None, error)
            raise
        told: set[str] = set()
        self._announced = told
        try:
            outcomes = self.session.apply(edits, message.client)
        except LabelwidgetsError as error:
            # Nothing was decided about the edits: the page keeps them and tries again.
            self._fail(None, error)
            return
        finally:
            self._announced = None
        # What was taken out may have come back with a label of it.
        self.look()
        again = [made for made in outcomes if isinstance(made, Applied) and made.id not in told]
        if again:
            self._tell(again)
        # A task that was only looked at has become this person's.
        for task in self._waiting & {made.task for made in outcomes if isinstance(made, Applied)}:
            self._waiting.discard(task)
            self._send({"type": "moved", "task": _row(self.session.task(task))}, [])
        refused = [*malformed, *(made for made in outcomes if isinstance(made, Refused))]
        if refused:
            self._send({"type": "refused", "edits": [_refusal(made) for made in refused]}, [])
        if malformed:
            raise LinkError(malformed[0].message, where=f"edit {malformed[0].id[:80]!r}")

    def _offer(self, message: messages.Offer) -> None:
        try:
            missing = self._uploads.offer(
                message.upload, message.size, message.checksum, message.client
            )
        except LimitError as error:
            # For good: the page must not try again.
            self._want(message.upload, [], error)
            return
        except LinkError as error:
            self._fail(None, error)
            raise
        self._want(message.upload, missing)

    def _take(self, message: messages.Piece, buffers: Sequence[Any]) -> None:
        try:
            if len(buffers) != 1:
                where = f"upload {message.upload[:80]!r}, piece {message.number}"
                raise LinkError(f"has {len(buffers)} buffers, not one.", where=where)
            missing = self._uploads.take(message.upload, message.number, bytes(buffers[0]))
            if missing:
                self._want(message.upload, missing)
                return
            if missing is None:
                self._want(message.upload, None)
                return
            edits = messages.read_upload(*self._uploads.finish(message.upload))
        except LinkError as error:
            self._fail(None, error)
            raise
        self._edit(edits)

    def _want(self, upload: str, numbers: list[int] | None, error: Exception | None = None) -> None:
        content: dict[str, Any] = {"type": "wanted", "upload": upload, "numbers": numbers}
        if error is not None:
            content["error"] = _say(error)
        self._send(content, [])

    def _stepped(self, message: messages.Undo | messages.Redo, outcomes: list[Outcome]) -> None:
        """Answer a step back or again; the pages have heard of its edits already."""
        for made in outcomes:
            if isinstance(made, Refused):
                raise WorkflowError(made.message, where=f"annotation {made.annotation}")
        annotations = list({made.annotation: None for made in outcomes})
        content = {"type": "stepped", "request": message.request, "annotations": annotations}
        self._send(content, [])

    def _list(self, message: messages.Tasks) -> None:
        session = self.session
        limit = min(max(1, message.limit), 500)
        offset, index = message.offset, None
        if message.around is not None:
            index, _ = session.place(message.around, message.folder)
            if index is not None:
                offset = index // limit * limit
        rows, total = session.tasks(message.folder, offset, limit)
        self._send(
            {
                "type": "tasks",
                "request": message.request,
                "rows": [_row(row) for row in rows],
                "total": total,
                "offset": offset,
                "folders": [found["folder"] for found in session.folders()],
                "index": index,
            },
            [],
        )

    def _pixels(self, message: messages.Pixels) -> None:
        request, item, frame = message.request, message.item, message.frame
        plane = message.plane

        def work() -> tuple[dict[str, Any], list[bytes]]:
            if plane is not None:
                found = self.session.reformat(
                    item, plane, frame, projected=message.projected, patience=_PATIENCE
                )
                return reformat_info(found), [found.picture.data]
            pyramid = self.session.pyramid(item, frame)
            if pyramid is not None:
                return pyramid_info(pyramid), []
            direct = None if message.bytes else self.session.direct(item, frame)
            if direct is not None:
                return direct_info(direct), []
            picture = self.session.picture(item, frame)
            return picture_info("pixels", picture), [picture.data]

        def done(found: tuple[dict[str, Any], list[bytes]]) -> None:
            content, buffers = found
            self._send({**content, "request": request, "item": item, "frame": frame}, buffers)

        self._reader.read(
            request,
            work,
            done,
            lambda error: self._fail(request, error),
            haste=REFORMATS if plane else AHEAD if message.ahead else URGENT,
        )

    def _volume(self, message: messages.Volume) -> None:
        request, item = message.request, message.item
        self._reader.read(
            request,
            lambda: {
                **volume_info(self.session.volume(item)),
                "near": self.session.is_near(item),
            },
            lambda content: self._send({**content, "request": request, "item": item}, []),
            lambda error: self._fail(request, error),
            haste=URGENT,
        )

    def _video(self, message: messages.Video) -> None:
        request, item = message.request, message.item

        def done(found: tuple[dict[str, Any], list[bytes]]) -> None:
            content, buffers = found
            self._send({**content, "request": request, "item": item}, buffers)

        self._reader.read(
            request,
            lambda: video_info(self.session.video(item), self.session.item(item)["metadata"]),
            done,
            lambda error: self._fail(request, error),
            haste=URGENT,
        )

    def _packets(self, message: messages.Packets) -> None:
        request, item, frame = message.request, message.item, message.frame

        def done(found: tuple[dict[str, Any], list[bytes]]) -> None:
            content, buffers = found
            self._send({**content, "request": request, "item": item, "frame": frame}, buffers)

        self._reader.read(
            request,
            lambda: packets_info(self.session.video(item), frame),
            done,
            lambda error: self._fail(request, error),
            haste=AHEAD if message.ahead else URGENT,
        )

    def _glimpse(self, message: messages.Glimpse) -> None:
        request = message.request

        def done(picture: Picture) -> None:
            self._send({**picture_info("glimpse", picture), "request": request}, [picture.data])

        self._reader.read(
            request,
            lambda: self.session.glimpse(message.item, message.frame, message.edge),
            done,
            lambda error: self._fail(request, error),
            haste=AHEAD,
        )

    def _header(self, message: messages.Header) -> None:
        request, item, at = message.request, message.item, message.slice_index
        content = {"type": "header", "request": request}
        self._reader.read(
            request,
            lambda: header_info(self.session.volume(item), at),
            lambda found: self._send({**content, **found}, []),
            lambda error: self._fail(request, error),
            haste=URGENT,
        )

    def _coarse(self, message: messages.Coarse) -> None:
        request = message.request
        nothing = {"type": "coarse", "mime": "", "width": 0, "height": 0}

        def done(picture: Picture | None) -> None:
            content = nothing if picture is None else picture_info("coarse", picture)
            buffers = [] if picture is None else [picture.data]
            self._send({**content, "request": request}, buffers)

        self._reader.read(
            request,
            lambda: self.session.coarse(message.item, message.frame),
            done,
            lambda error: self._fail(request, error),
            haste=URGENT,
        )

    def _tile(self, message: messages.Tile) -> None:
        request = message.request

        def work() -> Picture:
            pyramid = self.session.pyramid(message.item, message.frame)
            if pyramid is None:
                raise LinkError("is not shown by tiles.", where=f"item {message.item[:80]!r}")
            return pyramid.tile(message.level, message.column, message.row)

        def done(tile: Picture) -> None:
            self._send({**picture_info("tile", tile), "request": request}, [tile.data])

        self._reader.read(
            request,
            work,
            done,
            lambda error: self._fail(request, error),
            haste=TILES,
        )

    def _thumbnails(self, message: messages.Thumbnails) -> None:
        for item in message.items:
            self._thumbnail(message.request, item)

    def _thumbnail(self, request: int, item: str) -> None:
        content = {"type": "thumbnail", "request": request, "item": item}

        def read() -> tuple[Picture, str | None]:
            picture = self.session.thumbnail(item, THUMBNAIL_EDGE)
            if item not in self._marks:
                self._marks[item] = mark_of(self.session.item(item))
            return picture, self._marks[item]

        def done(found: tuple[Picture, str | None]) -> None:
            picture, mark = found
            marked = {"mark": mark} if mark else {}
            self._send({**content, "mime": picture.mime, **marked}, [picture.data])

        self._reader.read(
            request,
            read,
            done,
            lambda error: self._send({**content, "error": _say(error)}, []),
        )

    def _compute(self, message: messages.Compute) -> None:
        tool = registry.find(message.tool).told(lambda: self._context(message))
        request = message.request

        def work() -> Proposal:
            item, frame = message.item, message.frame or 0
            given = (message.prompt, message.parameters, message.as_)
            if tool.takes_volume:
                return tool.propose(self.session.scan(item), *given)
            if tool.takes_video:
                return tool.propose(self.session.film(item, frame), *given)
            pyramid = self.session.pyramid(item, frame)
            spacing = self.session.spacing(item)
            if pyramid is not None and not sees_whole(pyramid):
                return propose_nearby(tool, pyramid, *given, spacing)
            pixels = self.session.pixels(item, frame)
            return tool.propose(pixels, *given, spacing=spacing)

        self._computer.run(
            request,
            tool.name,
            work,
            lambda proposal: self._propose(request, proposal),
            lambda error: self._fail(request, error),
            lambda share: self._send({"type": "progress", "request": request, "done": share}, []),
        )

    def _context(self, message: messages.Compute) -> Context:
        """Return what a model is told of what is shown; there are no addresses in it."""
        item = self.session.item(message.item)
        return Context(
            item_id=item["id"],
            kind=item["kind"],
            title=item["title"],
            frame=message.frame,
            ontology=self.session.ontology,
            class_name=message.class_,
        )

    def _propose(self, request: int, proposal: Proposal) -> None:
        arrays = [(name, np.ascontiguousarray(made)) for name, made in proposal.arrays.items()]
        for name, made in arrays:
            if made.dtype.name not in ARRAY_TYPES:
                error = ToolError(f"has the type {made.dtype}.", where=f"array {name!r}")
                self._fail(request, error)
                return
        content = {
            "type": "computed",
            "request": request,
            "tool": proposal.tool,
            "version": proposal.version,
            "parameters": proposal.parameters,
            "shapes": [_plain(made) for made in proposal.shapes],
            "arrays": [
                {"name": name, "dtype": made.dtype.name, "shape": list(made.shape)}
                for name, made in arrays
            ],
            "note": proposal.note,
            "marks": [msgspec.to_builtins(mark) for mark in proposal.marks],
        }
        self._send(content, [made.tobytes() for _, made in arrays])

    def _operate(self, message: messages.Operate) -> None:
        request = message.request

        def done(found: list[dict[str, Any]]) -> None:
            # As bytes: of many slices that is long.
            data = msgspec.json.encode(found)
            self._send({"type": "operated", "request": request}, [data])

        self._computer.run(
            request,
            "volume masks",
            lambda: operate_on(
                self.session, message.task, message.annotations, message.operation, message.numbers
            ),
            done,
            lambda error: self._fail(request, error),
        )

    def _prepare(self, message: messages.Prepare) -> None:
        """Read pixels ahead; what goes wrong is told when they are asked for."""

        def done(_: object) -> None:
            if message.request is not None:
                self._send({"type": "prepared", "request": message.request}, [])

        try:
            tool = registry.find(message.tool)
        except ToolError as error:
            done(error)
            return

        def work() -> None:
            item, frame = message.item, message.frame or 0
            if tool.takes_volume:
                tool.prepare(self.session.scan(item))
                return
            if tool.takes_video:
                tool.prepare(self.session.film(item, frame))
                return
            # Of a larger one nobody knows yet what will be looked at.
            if sees_whole(self.session.pyramid(item, frame)):
                tool.prepare(self.session.pixels(item, frame))

        # A number that no page has.
        self._ahead -= 1
        name = f"{tool.name}, ahead"
        self._computer.run(self._ahead, name, work, done, done)

    def _moved(self, request: int, task: Mapping[str, Any]) -> None:
        self._send({"type": "moved", "request": request, "task": _row(task)}, [])

    def _announce(self, applied: Sequence[Applied]) -> None:
        """Hear of edits of this process; those of tasks that no page shows are not sent."""
        shown = [made for made in applied if made.task in self._opened]
        if self._announced is not None:
            self._announced.update(made.id for made in shown)
        if shown:
            self._tell(shown)

    def _tell(self, applied: Sequence[Applied]) -> None:
        edits = [_acknowledgement(made) for made in applied]
        values = [_fields(made.after) for made in applied]
        apart = msgspec.json.encode(values)
        if len(apart) > _LONG:
            # As bytes, which the page that made them need not even read.
            self._send({"type": "applied", "edits": edits}, [apart])
            return
        for edit, after in zip(edits, values, strict=True):
            edit["after"] = after
        self._send({"type": "applied", "edits": edits}, [])

    def _watch(self) -> None:
        """Look for edits of other processes while there is an event loop to do it in."""
        if self._closed or (self._poll is not None and not self._poll.done()):
            return
        loop = self._find_loop()
        if loop is None:
            return
        self._seq = self._heard = self.session.last_seq()
        self._poll = loop.create_task(self._watching())

    def _hold(self, task: Mapping[str, Any]) -> None:
        """Remember the task that is shown, which a sign of life is given of."""
        mine = task["assignee"] == self.session.user
        self._held = (task["id"], task["lease_seq"] if mine else None)

    def beat(self) -> None:
        """Give a sign of life: the task that is shown, and those opened ahead, stay theirs."""
        shown = [] if self._held is None else [self._held]
        for task, claim in [*shown, *((early, None) for early in self._early)]:
            self.session.renew(task, claim)

    async def _watching(self) -> None:
        trouble = ""
        beaten = time.monotonic()
        while True:
            await asyncio.sleep(POLL)
            try:
                if time.monotonic() - beaten >= BEAT:
                    self.beat()
                    beaten = time.monotonic()
                changes = self.session.changes(self._seq)
                issues, heard = self.session.issues.since(self._heard)
                self.look()
            except LabelwidgetsError as error:
                # Once for each trouble, however long it lasts.
                if str(error) != trouble:
                    logger.warning("Looking for others' edits failed: %s", error)
                trouble = str(error)
                continue
            trouble = ""
            if changes:
                self._seq = max(made.seq for made in changes)
            shown = [made for made in changes if made.task in self._opened]
            if shown:
                self._tell(shown)
            # After the edits: what an issue is pinned to is there.
            self._heard = max(heard, self._heard)
            for issue in issues:
                if issue.task_id in self._opened:
                    reviewing.tell_issue(None, issue, self._send)

    def look(self) -> None:
        """Tell of an ontology or instructions that have changed since."""
        said = self.session.said()
        if said != self._said:
            self._said = said
            if self._on_ontology is not None:
                self._on_ontology()

    def _fail(self, request: int | None, error: Exception) -> None:
        kind = type(error).__name__
        content = {"kind": kind, "message": _say(error)}
        self._send({"type": "failed", "request": request, "error": content}, [])


def _say(error: Exception) -> str:
    """Return what a person should read; surprises are named, not spelled out."""
    if isinstance(error, LabelwidgetsError):
        return str(error)
    return f"Something went wrong in the kernel ({type(error).__name__}); its log says more."


def _record(made: Annotation) -> dict[str, Any]:
    """Return what a page needs of an annotation: no task, item or times."""
    record: dict[str, Any] = {
        "id": made.id,
        "class_name": made.class_name,
        "geometry": made.geometry,
        "revision": made.revision,
    }
    if made.attributes:
        record["attributes"] = made.attributes
    for name in ("frame", "pts", "track_id", "confidence"):
        if getattr(made, name) is not None:
            record[name] = getattr(made, name)
    if made.state != "editable":
        record["state"] = made.state
    if made.origin != Origin():
        record["origin"] = made.origin
    return record


def _fields(after: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if after is None:
        return None
    return {name: _plain(after[name]) for name in FIELDS if name in after}


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _acknowledgement(made: Applied) -> dict[str, Any]:
    content = {
        "id": made.id,
        "task": made.task,
        "kind": made.kind,
        "annotation": made.annotation,
        "revision": made.revision,
        "actor": made.actor,
        "client": made.client,
    }
    if made.gesture != made.id:
        content["gesture"] = made.gesture
    if made.undoes:
        content["undoes"] = made.undoes
    if made.redoes:
        content["redoes"] = made.redoes
    return content


def _refusal(made: Refused) -> dict[str, Any]:
    current = None
    if made.current is not None:
        current = {
            "id": made.annotation,
            "revision": made.revision,
            **(_fields(made.current) or {}),
        }
    return {
        "id": made.id,
        "task": made.task,
        "annotation": made.annotation,
        "reason": made.reason,
        "message": made.message,
        "current": current,
        "revision": made.revision,
    }


def _row(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the navigator shows of a task: of the row of a task alone, what that knows."""
    row = {name: task[name] for name in ("id", "item_id", "title", "state", "position")}
    row |= {name: task[name] for name in ("folder", "kind", "n_annotations") if name in task}
    if "status" in task:
        row["error"] = task.get("error") if task["status"] == "failed" else None
    return row
