"""The pixels of the items that a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from labelwidgets.errors import ImageError, WorkflowError
from labelwidgets.media.volumes import Volume
from labelwidgets.store.item_metadata import size_of
from labelwidgets.workflow.hold import Hold
from labelwidgets.workflow.pictures import Picture, spacing_in
from labelwidgets.workflow.pixels import PixelCache

if TYPE_CHECKING:
    from labelwidgets.media.delivery import Direct
    from labelwidgets.media.film import Film
    from labelwidgets.media.reformats import Across, Reformat
    from labelwidgets.media.scan import Scan
    from labelwidgets.media.tiles import Pyramid
    from labelwidgets.media.videos import Video


class Picturing(Hold):
    """Pictures, scans and videos of a session's items, in the size that their labels are for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._items: frozenset[str] | None = None
        self._pixels = PixelCache()

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
        return spacing_in(self.dataset, item)

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
