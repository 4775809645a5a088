"""Stretches and single frames of the videos of a dataset, as items of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from os import PathLike
from typing import Any, Self

from labelwidgets.errors import SourceError
from labelwidgets.media.failures import Failures
from labelwidgets.media.item_list import ItemList
from labelwidgets.media.item_pictures import ItemPictures
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.media.splitting import Moment, Parts, Split, clip_items, frame_items, split_videos
from labelwidgets.media.urls import canonical_url
from labelwidgets.media.video_pictures import is_frame
from labelwidgets.media.written_frames import ImageFormat, write_pictures


class ItemParts(ItemPictures):
    """Makes datasets of parts of videos, of which no file is written, and of written frames."""

    def clips(
        self,
        items: str | Iterable[str] | None = None,
        *,
        scenes: bool = False,
        every: int | None = None,
        seconds: float | None = None,
        at: Sequence[int] | None = None,
        start: Moment | None = None,
        stop: Moment | None = None,
        overlap: int = 0,
        progress: bool | None = None,
    ) -> Self:
        """Return a dataset of stretches of videos, each a task of its own; no file is written.

        Each shows its frames alone, yet they keep the number and timestamp that they have in the
        whole file: frame 120 is frame 120 in every clip and every export, so that what was
        labelled on clips goes together again. A clip's ``video_id`` in the metadata is the video
        that it is of, ``first_frame`` and ``last_frame`` are its ends. (Those of an image
        sequence are sequences of fewer files, counted from 0; ``pts`` is their first place in the
        whole.)

        Parameters
        ----------
        items
            Ids of videos, or of image sequences; all of them where None.
        scenes
            A clip begins at each cut and fade. For this each frame is decoded once.
        every, seconds
            A clip has so many frames, or is so long; with `scenes` within each of them.
        at
            A clip begins at each of these frames.
        start, stop
            Of what is split: from one frame and before another. As floats in seconds from the
            first frame on.
        overlap
            So many frames of the next clip belong to a clip, too.
        progress
            Show a bar: True at once, None if it takes longer than a second, False never.

        Raises
        ------
        SourceError
            If an option is wrong or leaves no frame, or there is no such item.
        ImageError
            If one is no video, or cannot be read.
        """
        if isinstance(overlap, bool) or not isinstance(overlap, int) or overlap < 0:
            raise SourceError(
                f"must be a whole number of frames from 0, not {overlap!r:.40}.", where="overlap"
            )
        split = Split(every, seconds, at, scenes, start, stop)
        parts = partial(clip_items, overlap=overlap)
        return self._split(split, items, progress, parts)

    def frames(
        self,
        items: str | Iterable[str] | None = None,
        *,
        every: int | None = None,
        seconds: float | None = None,
        at: Sequence[int] | None = None,
        scenes: bool = False,
        start: Moment | None = None,
        stop: Moment | None = None,
        progress: bool | None = None,
    ) -> Self:
        """Return a dataset of single frames of videos as pictures; no file is written.

        Each is a picture whose address names its place in the video (``frames://120::VIDEO``),
        from where it is decoded whenever it is shown or its pixels are asked for. Its metadata
        have ``video_id``, ``frame``, ``pts`` and ``seconds``.

        Parameters
        ----------
        items
            Ids of videos, or of image sequences; all of them where None.
        every, seconds
            Each so many frames, or seconds by timestamps, also where the rate is not constant.
        at
            These frames.
        scenes
            The middle frame of each scene; with `every` or `seconds`, these begin anew in each.
        start, stop, progress
            See `clips`.

        Raises
        ------
        SourceError
            If an option is wrong or leaves no frame, or there is no such item.
        ImageError
            If one is no video, or cannot be read.
        """
        return self._split(
            Split(every, seconds, at, scenes, start, stop), items, progress, frame_items
        )

    def write_frames(
        self, folder: str | PathLike[str], *, format: ImageFormat = "png", **options: Any
    ) -> Self:
        """Write single frames of videos as pictures, and return a dataset of these.

        Parameters
        ----------
        folder
            A local path, or any fsspec URL, with the credentials that this dataset was opened
            with. In it each video has a folder of its own, with pictures such as
            ``000120_pts61440.png``, and ``frames.json`` names all of them: a manifest that `open`
            takes, also in another place if the folder is local. What has these names is replaced.
            After an interruption the pictures that are there are whole.
        format
            ``png``, without loss, or ``jpg``.
        **options
            Of `frames`; the pictures of a dataset that `frames` returned are taken as they are.

        Raises
        ------
        SourceError, ImageError
            See `frames`; if something cannot be written.
        """
        given = [item for item in self._items if is_frame(item)]
        chosen = self if given and not options else self.frames(**options)
        made = write_pictures(
            [item for item in chosen._items if item.kind == "image"],
            lambda item: chosen._reader.encoded(item).data,
            canonical_url(folder),
            format,
            self._access,
            options.get("progress"),
        )
        return type(self)(ItemList(made), Failures(), self._access)

    def _split(
        self,
        split: Split,
        items: str | Iterable[str] | None,
        progress: bool | None,
        parts: Parts,
    ) -> Self:
        split.check()
        self._listing.wait()
        if items is None:
            chosen = [one for one in self._items if one.kind in IN_TIME and one.status != "failed"]
        else:
            chosen = [self._item(one) for one in ([items] if isinstance(items, str) else items)]
        found = split_videos(chosen, split, parts, self._reader.video, self._access, progress)
        return type(self)(ItemList(found), Failures(), self._access, self._delivery)
