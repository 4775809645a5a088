"""Answers to what pages ask to see: pictures and their tiles, scans, videos and thumbnails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from labelwidgets.errors import LinkError
from labelwidgets.widgets import messages
from labelwidgets.widgets.header_info import header_info
from labelwidgets.widgets.item_info import mark_of
from labelwidgets.widgets.pages import Pages, words_of
from labelwidgets.widgets.picture_info import direct_info, picture_info, pyramid_info, reformat_info
from labelwidgets.widgets.reading import (
    AHEAD,
    REFORMATS,
    TILES,
    URGENT,
    FindLoop,
    Haste,
    Reader,
)
from labelwidgets.widgets.video_info import packets_info, video_info
from labelwidgets.widgets.volume_info import volume_info
from labelwidgets.workflow.session import Picture, Session

THUMBNAIL_EDGE = 128
# A cut across the slices of a scan is shown as it is after so many seconds of reading.
_PATIENCE = 0.25

About: TypeAlias = (
    messages.Pixels
    | messages.Tile
    | messages.Coarse
    | messages.Header
    | messages.Volume
    | messages.Video
    | messages.Packets
    | messages.Glimpse
    | messages.Thumbnails
)
# The content of an answer, and its buffers.
Answer: TypeAlias = tuple[dict[str, Any], list[bytes]]


class PictureAnswers:
    """Reads what pages ask to see, beside the kernel's own work, and tells them.

    Parameters
    ----------
    session
        Whose items are looked at.
    pages
        Who is told.
    find_loop
        Returns the event loop; where there is none, all is read at once.
    """

    def __init__(self, session: Session, pages: Pages, find_loop: FindLoop) -> None:
        self._session = session
        self._pages = pages
        self._reader = Reader(find_loop)
        # What is written on the thumbnails of items.
        self._marks: dict[str, str | None] = {}

    def answer(self, message: About) -> None:
        """Begin to read what a page asks for; it is told once that is there."""
        match message:
            case messages.Pixels():
                haste = REFORMATS if message.plane else AHEAD if message.ahead else URGENT
                self._tell(message, lambda: self._pixels(message), haste)
            case messages.Tile():
                self._tell(message, lambda: self._tile(message), TILES)
            case messages.Coarse():
                self._tell(message, lambda: self._coarse(message), URGENT)
            case messages.Header():
                self._tell(message, lambda: self._header(message), URGENT)
            case messages.Volume():
                self._tell(message, lambda: self._volume(message), URGENT)
            case messages.Video():
                self._tell(message, lambda: self._video(message), URGENT)
            case messages.Packets():
                haste = AHEAD if message.ahead else URGENT
                self._tell(message, lambda: self._packets(message), haste)
            case messages.Glimpse():
                self._tell(message, lambda: self._glimpse(message), AHEAD)
            case messages.Thumbnails():
                for item in message.items:
                    self._thumbnail(message.request, item)

    def cancel(self, request: int) -> None:
        """Give up on a request; nobody hears of what is read."""
        self._reader.cancel(request)

    def close(self) -> None:
        """Give up on everything."""
        self._reader.close()

    def _tell(self, message: About, read: Callable[[], Answer], haste: Haste) -> None:
        request = message.request

        def done(found: Answer) -> None:
            content, buffers = found
            self._pages.tell({**content, "request": request}, buffers)

        self._reader.read(
            request, read, done, lambda error: self._pages.fail(request, error), haste=haste
        )

    def _pixels(self, message: messages.Pixels) -> Answer:
        content, buffers = self._whole(message)
        return {**content, "item": message.item, "frame": message.frame}, buffers

    def _whole(self, message: messages.Pixels) -> Answer:
        session, item, frame = self._session, message.item, message.frame
        if message.plane is not None:
            found = session.reformat(
                item, message.plane, frame, projected=message.projected, patience=_PATIENCE
            )
            return reformat_info(found), [found.picture.data]
        pyramid = session.pyramid(item, frame)
        if pyramid is not None:
            return pyramid_info(pyramid), []
        direct = None if message.bytes else session.direct(item, frame)
        if direct is not None:
            return direct_info(direct), []
        picture = session.picture(item, frame)
        return picture_info("pixels", picture), [picture.data]

    def _tile(self, message: messages.Tile) -> Answer:
        pyramid = self._session.pyramid(message.item, message.frame)
        if pyramid is None:
            raise LinkError("is not shown by tiles.", where=f"item {message.item[:80]!r}")
        tile = pyramid.tile(message.level, message.column, message.row)
        return picture_info("tile", tile), [tile.data]

    def _coarse(self, message: messages.Coarse) -> Answer:
        picture = self._session.coarse(message.item, message.frame)
        if picture is None:
            return {"type": "coarse", "mime": "", "width": 0, "height": 0}, []
        return picture_info("coarse", picture), [picture.data]

    def _header(self, message: messages.Header) -> Answer:
        found = header_info(self._session.volume(message.item), message.slice_index)
        return {"type": "header", **found}, []

    def _volume(self, message: messages.Volume) -> Answer:
        session, item = self._session, message.item
        content = volume_info(session.volume(item))
        return {**content, "near": session.is_near(item), "item": item}, []

    def _video(self, message: messages.Video) -> Answer:
        session, item = self._session, message.item
        content, buffers = video_info(session.video(item), session.item(item)["metadata"])
        return {**content, "item": item}, buffers

    def _packets(self, message: messages.Packets) -> Answer:
        content, buffers = packets_info(self._session.video(message.item), message.frame)
        return {**content, "item": message.item, "frame": message.frame}, buffers

    def _glimpse(self, message: messages.Glimpse) -> Answer:
        picture = self._session.glimpse(message.item, message.frame, message.edge)
        return picture_info("glimpse", picture), [picture.data]

    def _thumbnail(self, request: int, item: str) -> None:
        content = {"type": "thumbnail", "request": request, "item": item}

        def read() -> tuple[Picture, str | None]:
            picture = self._session.thumbnail(item, THUMBNAIL_EDGE)
            if item not in self._marks:
                self._marks[item] = mark_of(self._session.item(item))
            return picture, self._marks[item]

        def done(found: tuple[Picture, str | None]) -> None:
            picture, mark = found
            marked = {"mark": mark} if mark else {}
            self._pages.tell({**content, "mime": picture.mime, **marked}, [picture.data])

        self._reader.read(
            request,
            read,
            done,
            lambda error: self._pages.tell({**content, "error": words_of(error)}),
        )
