"""The pictures that are to be labelled, wherever they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from inspect import signature
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.checked import Checked
from labelwidgets.media.dataset_summary import (
    object_frame,
    page_of,
    problem_frame,
    summary_of,
)
from labelwidgets.media.delivery import Delivery, Direct, check_delivery
from labelwidgets.media.encoded import Encoded
from labelwidgets.media.failures import Failures
from labelwidgets.media.film import Film
from labelwidgets.media.following import follow
from labelwidgets.media.gathering import Source
from labelwidgets.media.item_list import ItemList, frame_of
from labelwidgets.media.items import Item
from labelwidgets.media.kinds import IN_TIME, VOLUMES, suffix_of
from labelwidgets.media.limits import Limits
from labelwidgets.media.manifests.writing import manifest_text, write_text
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.opening import Opening, keep_signatures
from labelwidgets.media.option_names import check_names
from labelwidgets.media.picture_reader import PictureReader
from labelwidgets.media.progress import Listing
from labelwidgets.media.records import items_of
from labelwidgets.media.reformats import Across, Reformat
from labelwidgets.media.scan import Scan
from labelwidgets.media.scan_items import DicomObject
from labelwidgets.media.splitting import Moment, Parts, Split, clip_items, frame_items, split_videos
from labelwidgets.media.stamps import Stamp, stamps
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.urls import canonical_url, is_local
from labelwidgets.media.video_pictures import is_frame
from labelwidgets.media.videos import Video
from labelwidgets.media.volumes import Volume
from labelwidgets.media.written_frames import ImageFormat, write_pictures

if TYPE_CHECKING:
    import pandas as pd


class Dataset:
    """A list of pictures that stay where they are.

    Made by `open` or `from_items`. Reading is safe from several threads.
    Storage options, such as credentials, are kept in memory only.
    """

    def __init__(
        self,
        items: ItemList,
        failures: Failures,
        access: Access,
        delivery: Delivery = "kernel",
        listing: Listing | None = None,
        objects: list[DicomObject] | None = None,
    ) -> None:
        self._items = items
        self._objects = objects if objects is not None else []
        self._listing = listing or Listing()
        if listing is None:
            self._listing.count, self._listing.done = len(items), True
        self._failures = failures
        self._access = access
        self._delivery = delivery
        self._reader = PictureReader(access, delivery)

    @classmethod
    def open(
        cls,
        source: Source,
        validate: bool = True,
        errors: Literal["raise", "collect"] = "raise",
        skip_duplicates: bool | None = None,
        reverse: bool = False,
        known: Dataset | pd.DataFrame | None = None,
        journal: str | PathLike[str] | None = None,
        lazy: bool | None = None,
        limits: Limits | None = None,
        progress: bool | None = None,
        policy: UrlPolicy | None = None,
        delivery: Delivery = "kernel",
        **storage_options: Any,
    ) -> Dataset:
        """Open what lies in a folder, behind a pattern, or in a list.

        Parameters
        ----------
        source
            A folder (searched through), a pattern such as ``photos/**/*.jpg``, a
            file, each as a path or as any URL of fsspec; a list of paths and URLs,
            where a list in the list is a group: pictures, of any sizes, that are one
            task; or a frame with the column ``url``, or ``urls`` with lists, and, as
            you like, ``kind``, ``title``, ``folder``, ``metadata`` (a dict) and ``id``,
            the rest of whose columns goes into the metadata. A file ``.json``, ``.jsonl``
            or ``.csv`` names others: manifests of Encord, jobs of GT Studio, tables of
            folders and URLs (see `labelwidgets.media.manifests`); so does a dict of that
            shape.
        validate
            Read the header of every file: what fails is known now, and width,
            height, mime and bits are put into the metadata; of a group into those of
            each picture, as the list ``frames``.
        errors
            ``raise`` raises the first error; ``collect`` lists all in `errors`:
            files that cannot be read stay in `items` as ``failed``, rows without a
            sound URL and rows that repeat one are left out.
        skip_duplicates
            Pass over what names the same URL, or the same files as the same kind, once more;
            else each is an error. None is for what a manifest says in ``skip_duplicate_urls``.
        reverse
            Take the files of groups in Encord's JSON in the reverse order of their numbers.
        known
            A dataset, such as ``project.dataset``, or a frame like `items`: what is ``ok``
            there is not checked again.
        journal
            A local file in which each check is written down, so that the same call goes on
            where it was interrupted. To check anew, delete it.
        lazy
            Return as soon as the first thousand files of a folder, pattern or bucket are
            listed (and, with `validate`, checked), and go on in a thread: `listing` says how
            far it is, and a project made of the dataset takes in what comes. Files come in
            the order of their keys then. None: if `validate` is off and the files are not on
            this machine.
        limits
            Bounds on the size of a file; the default ones where None.
        progress
            Show a bar: True at once, None if it takes longer than a second, False never.
        policy
            What the URLs in a data file, such as a manifest, may name; the default one where
            None. What is named here is trusted.
        delivery
            ``kernel`` sends pictures to the browser through the kernel; ``direct`` gives it
            short-lived signed URLs, by which it fetches what it can show as it is from where
            it lies; where that fails, the kernel sends them after all.
        **storage_options
            Options of the fsspec file system, such as credentials.

        Raises
        ------
        SourceError
            If the source is empty or cannot be listed, or (with ``raise``) a file cannot be read.
        ImageError, LimitError
            With ``raise``, if a file is not a picture or too large.
        """
        check_delivery(delivery)
        check_names(storage_options, signature(cls.open).parameters)
        failures, access = Failures(errors), Access(storage_options, limits, policy=policy)
        facts, objects = _known(known)
        opening = Opening(
            failures,
            access,
            Checked(facts, journal, objects),
            validate=validate,
            lazy=not validate and _is_remote(source) if lazy is None else lazy,
            progress=progress,
        )
        opening.take_all(source, skip_duplicates=skip_duplicates, reverse=reverse)
        return cls(opening.items, failures, access, delivery, opening.listing, opening.objects)

    @classmethod
    def from_items(
        cls,
        frame: pd.DataFrame,
        limits: Limits | None = None,
        policy: UrlPolicy | None = None,
        delivery: Delivery = "kernel",
        **storage_options: Any,
    ) -> Dataset:
        """Make a dataset of a frame such as `items`, or of some of its rows; nothing is read.

        Parameters
        ----------
        frame
            With the columns ``id`` and ``urls`` (a list of one URL, or of several for a
            group); ``kind``, ``title``, ``folder``, ``metadata``, ``status`` and ``trusted``
            may be left out.
        limits
            Bounds on the size of a file; the default ones where None.
        policy
            What URLs may name that are not ``trusted``; the default one where None.
        delivery
            How pictures reach the browser (see `open`).
        **storage_options
            Options of the fsspec file system, such as credentials.

        Raises
        ------
        SourceError
            Naming the row and the column that is wrong.
        """
        items = items_of(frame)
        access = Access(storage_options, limits, policy=policy)
        keep_signatures(items, access)
        return cls(ItemList(items), Failures(), access, delivery)

    def again(self) -> Dataset:
        """Return the same items with nothing opened: no file, no connection, nothing in memory.

        What is open is of one process: a process that was forked from this one takes such a
        dataset, which knows the same credentials.
        """
        return Dataset(ItemList(self._items), Failures(), self._access.again(), self._delivery)

    @property
    def limits(self) -> Limits:
        """Bounds on the size of a file."""
        return self._access.limits

    @property
    def policy(self) -> UrlPolicy:
        """What URLs may name that data files gave."""
        return self._access.policy

    @property
    def items(self) -> pd.DataFrame:
        """One row an item, a copy.

        Columns: id, kind (one of `KINDS`), title, folder (slashes between
        its parts, from where the listing began), urls (list of str, without signatures and
        tokens, which are kept in memory), metadata (dict),
        status (``ok``, ``failed``, ``unchecked``), trusted (bool: whether the author named
        the URLs; those that a data file named are held to the policy).
        """
        return self._items.frame().copy()

    @property
    def listing(self) -> Listing:
        """How far the listing is: `count`, `done`, `error`, and `wait()` and `stop()`."""
        return self._listing

    def follow(self, take: Callable[[pd.DataFrame], None], after: int) -> Callable[[], None]:
        """Call back with the items that come after the first ones, as long as they come.

        Parameters
        ----------
        take
            Called with frames like `items`, from this thread at once if there are any, then
            from the thread of the listing. If it raises, the listing ends with that error.
        after
            How many are known.

        Returns
        -------
        callable
            Ends it.
        """
        return follow(self._items, self._listing, take, after)

    @property
    def errors(self) -> pd.DataFrame:
        """One row a failed file: row, place, id, url, reason.

        The row counts from 0 in the source; the place is where it stands there, in words, such
        as ``row 3``. What is in no row, such as a folder that cannot be listed, has neither.
        """
        return self._failures.frame()

    @property
    def problems(self) -> pd.DataFrame:
        """One row a remark on a video: id, title, kind, message.

        Of those that were validated: a frame rate that is not constant (``frame rate``), missing
        frames (``gap``), two frames at one time (``duplicate``), and what else their index tells.
        Such videos can be labelled: frames are counted, never computed from times.
        """
        return problem_frame(self._items)

    @property
    def dicom_objects(self) -> pd.DataFrame:
        """One row a DICOM file that is no picture: kind, url, study_uid, series_uid.

        The kind is ``SEG``, ``RTSTRUCT``, ``RTPLAN``, ``SR`` or what else its modality is; the
        UIDs are its own. Such files are in no item; they are found where files are validated.
        """
        return object_frame(self._objects)

    @property
    def traffic(self) -> pd.DataFrame:
        """What reading has cost so far, one row an item: item_id, requests, bytes.

        Requests and bytes of the files; those of listings are not counted. What was read
        for no item in particular, such as the index of an archive, has None as its item_id.
        """
        return self._access.traffic.frame()

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return (item.id for item in self._items)

    def __contains__(self, item_id: object) -> bool:
        return self._items.get(item_id) is not None

    def __getitem__(self, item_id: str) -> pd.Series[Any]:
        return frame_of([self._item(item_id)]).iloc[0]

    def read(self, item_id: str, frame: int = 0) -> bytes:
        """Return the content of an item's file, as it is.

        Parameters
        ----------
        item_id
            Which item.
        frame
            Which picture of a group, from 0.

        Raises
        ------
        SourceError
            If there is no such item or picture, or its file cannot be read.
        LimitError
            If the file is larger than the limits allow.
        """
        return self._reader.read(self._item(item_id), frame)

    def stamps(self, item_ids: Iterable[str]) -> dict[str, list[Stamp]]:
        """Return what tells the files of items from others of the same names, by item.

        That is `url`, `size` in bytes, and `version` (the ETag of S3, the generation of Google's
        store) where there is one. No file is read.

        Raises
        ------
        SourceError
            If there is no such item, or one of its files is not there.
        """
        chosen = [self._item(item_id) for item_id in item_ids]
        return {item.id: found for item, found in stamps(chosen, self._access)}

    def prefetch(self, item_ids: Iterable[str]) -> None:
        """Read pictures ahead that are likely to be wanted next, beside all else.

        They are kept in memory, up to 192 MiB of them, and `read`, `pixels` and `encoded` take
        them from there. Pictures of this machine are not read ahead, nor are those that
        are read by tiles, and of a group only the first four.

        Parameters
        ----------
        item_ids
            The first one first, instead of those of an earlier call: what is being read
            and not among them is cancelled, and costs no further bytes.
        """
        self._reader.prefetch([self._item(item_id) for item_id in item_ids])

    def pixels(self, item_id: str, frame: int = 0) -> npt.NDArray[Any]:
        """Return a picture as an array (see `open_image` and, for `frame`, `read`).

        Those of an image sequence have the size of its first one, to which the others are resized.
        """
        return self._reader.pixels(self._item(item_id), frame)

    def encoded(self, item_id: str, frame: int = 0, raw: bool = True) -> Encoded:
        """Return a picture for the browser (see `encoded.encode` and, for `frame`, `read`).

        Those of an image sequence are shown at the size of its first one.
        """
        return self._reader.encoded(self._item(item_id), frame, raw)

    def volume(self, item_id: str) -> Volume:
        """Return a scan of slices, opened: its headers are read once, its values when asked for.

        Raises
        ------
        SourceError
            If there is no such item, or none of its files can be read.
        ImageError
            If the item is no scan.
        """
        return self._reader.volume(self._item(item_id))

    def video(self, item_id: str) -> Video:
        """Return a video, opened: its frames are counted, and decoded when they are asked for.

        Raises
        ------
        SourceError
            If there is no such item, or it cannot be read.
        ImageError
            If the item is neither a video nor an image sequence, nor a part of one.

        Returns
        -------
        Video
            The whole file, also of an item that is a part of it. The pictures of a sequence are
            frames whose timestamps are their indices.
        """
        return self._reader.video(self._item(item_id))

    def film(self, item_id: str, frame: int = 0) -> Film:
        """Return a video, or an image sequence, as tools see it, with a frame that is shown.

        For errors see `video`; ImageError too if it has no such frame.
        """
        return self._reader.film(self._item(item_id), frame)

    def is_near(self, item_id: str) -> bool:
        """Say whether all files of an item lie on this machine: reading them ahead is cheap."""
        return self._reader.is_near(self._item(item_id))

    def opens_first(self, item_id: str) -> bool:
        """Say whether only opening an item, with `volume` or `video`, tells what it shows first."""
        kind = self._item(item_id).kind
        return kind in VOLUMES or kind == "video"

    def coarse(self, item_id: str, frame: int) -> Encoded | None:
        """Return every fourth row and column of a slice, for a hand that scrolls past it.

        None where that would take reading anything from afar. For errors see `volume`.
        """
        return self._reader.coarse(self._item(item_id), frame)

    def glimpse(self, item_id: str, frame: int, edge: int) -> Encoded:
        """Return a frame of a video as JPEG, at most `edge` pixels wide and high.

        So it is shown while one goes past it; for errors see `video`.
        """
        return self._reader.glimpse(self._item(item_id), frame, edge)

    def scan(self, item_id: str) -> Scan:
        """Return a scan as tools see it: values by slices and boxes, read as they are asked for.

        For errors see `volume`.
        """
        return self._reader.scan(self._item(item_id))

    def reformat(
        self,
        item_id: str,
        plane: Across,
        index: int,
        *,
        projected: bool = False,
        patience: float | None = None,
    ) -> Reformat:
        """Return a cut across the slices of a scan, in true proportions, for the browser.

        Its values are read once and held in memory, up to 2 GiB of all scans.

        Parameters
        ----------
        item_id
            Which scan.
        plane
            ``row`` for a cut of constant row (coronal where slices are axial), ``column`` for
            one of constant column (sagittal).
        index
            Which row or column, from 0.
        projected
            Whether the picture has the largest values of all rows, or columns, instead.
        patience
            Seconds after which a coarse picture will do, of the slices that have been read by
            then; None to wait for the whole one.

        Raises
        ------
        SourceError, ImageError
            If the item is no scan, its slices are not parallel, or none can be read.
        LimitError
            If it has too many values to be held.
        """
        return self._reader.reformat(
            self._item(item_id), plane, index, projected=projected, patience=patience
        )

    def pyramid(self, item_id: str, frame: int = 0) -> Pyramid | None:
        """Return a large picture to be read by tiles; None where it is better read whole.

        By tiles go tiled TIFF files (with the smaller copies that they hold, as OME-TIFF and
        cloud-optimised GeoTIFF do) and whatever one canvas of a browser does not take well.

        Parameters
        ----------
        item_id
            Which item.
        frame
            Which picture of a group, from 0.

        Raises
        ------
        SourceError, ImageError
            If there is no such item or picture, or its file cannot be read.
        LimitError
            If it, or where it is stored in tiles one of these, is larger than the limits allow.
        """
        return self._reader.pyramid(self._item(item_id), frame)

    def direct(self, item_id: str, frame: int = 0) -> Direct | None:
        """Return how a page fetches a picture by itself, None where the kernel has to send it.

        It has to unless the dataset was opened with ``delivery="direct"``; for pictures that a
        browser cannot show as they are, of this machine or in an archive; for web addresses
        that a data file named; and where the credentials cannot sign.
        """
        return self._reader.direct(self._item(item_id), frame)

    def thumbnail(self, item_id: str, edge: int = 96) -> Encoded:
        """Return a small picture of an item, at most `edge` pixels long (see `encoded.thumbnail`).

        Of a group it is the first. Those that were used last are kept in memory.
        """
        return self._reader.thumbnail(self._item(item_id), edge)

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
    ) -> Dataset:
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
    ) -> Dataset:
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
    ) -> Dataset:
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
        return Dataset(ItemList(made), Failures(), self._access)

    def _split(
        self,
        split: Split,
        items: str | Iterable[str] | None,
        progress: bool | None,
        parts: Parts,
    ) -> Dataset:
        split.check()
        self._listing.wait()
        if items is None:
            chosen = [one for one in self._items if one.kind in IN_TIME and one.status != "failed"]
        else:
            chosen = [self._item(one) for one in ([items] if isinstance(items, str) else items)]
        found = split_videos(chosen, split, parts, self._reader.video, self._access, progress)
        return Dataset(ItemList(found), Failures(), self._access, self._delivery)

    def write_manifest(self, path: str | PathLike[str], **storage_options: Any) -> None:
        """Write a file that names the items, in Encord's JSON or, by its name, CSV.

        `open` makes the same items of it, and so do other readers of such files. URLs are
        written without signatures. In CSV there is no room for metadata, folders and ids,
        and none for DICOM.

        Parameters
        ----------
        path
            ``.json`` or ``.csv``: a local path, or any fsspec URL. A file that is there is
            replaced once the new one is complete.
        **storage_options
            For fsspec, for this file.

        Raises
        ------
        SourceError
            If an item cannot be named in such a file, or it cannot be written.
        """
        url = canonical_url(path)
        self._listing.wait()
        write_text(url, manifest_text(self._items, suffix_of(url)), Access(storage_options))

    def __repr__(self) -> str:
        return summary_of(self._items, self._listing)

    def _repr_html_(self) -> str:
        return page_of(self._items, self._listing)

    def _item(self, item_id: str) -> Item:
        item = self._items.get(item_id)
        if item is None:
            raise SourceError(
                f"has no item {str(item_id)[:80]!r}.",
                where="dataset",
                hint="The column id of .items lists those that there are.",
            )
        return item


def _is_remote(source: Source) -> bool:
    return isinstance(source, str | PathLike) and not is_local(canonical_url(source))


def _known(known: Dataset | pd.DataFrame | None) -> tuple[pd.DataFrame | None, list[str]]:
    """Return what is known already: items, and URLs of DICOM files that are no picture."""
    if known is None:
        return None, []
    objects = [one.url for one in known._objects] if isinstance(known, Dataset) else []
    frame = known.items if isinstance(known, Dataset) else known
    for name in ("kind", "urls", "metadata", "status"):
        if name not in getattr(frame, "columns", ()):
            raise SourceError(f"has no column {name!r}.", where="known")
    return frame, objects


def write_manifest(
    source: Source | Dataset, path: str | PathLike[str], **storage_options: Any
) -> None:
    """Write a manifest of whatever a dataset can be made of, such as a bucket; nothing is read.

    Parameters
    ----------
    source
        As for `Dataset.open`, or a dataset.
    path
        See `Dataset.write_manifest`.
    **storage_options
        Options of the fsspec file system, for the listing and for the file.
    """
    dataset = source
    if not isinstance(dataset, Dataset):
        dataset = Dataset.open(dataset, validate=False, lazy=False, **storage_options)
    dataset.write_manifest(path, **storage_options)
