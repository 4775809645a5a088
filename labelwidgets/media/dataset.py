"""The pictures that are to be labelled, wherever they lie."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from html import escape
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from labelwidgets.errors import ImageError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.checked import Checked
from labelwidgets.media.delivery import Delivery, Direct, Signer, check_delivery
from labelwidgets.media.encoded import Encoded, encode, encode_pixels, small, thumbnail
from labelwidgets.media.failures import Failures
from labelwidgets.media.gathering import Source, gather
from labelwidgets.media.image import decode
from labelwidgets.media.item_list import ItemList, frame_of
from labelwidgets.media.items import Item
from labelwidgets.media.kinds import PICTURES, kind_of, suffix_of
from labelwidgets.media.limits import Limits
from labelwidgets.media.manifests.writing import manifest_text, write_text
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.progress import Listing
from labelwidgets.media.read_ahead import ReadAhead, Wish
from labelwidgets.media.rows import check_files
from labelwidgets.media.sequences import resized, shown_at
from labelwidgets.media.thumbnails import ThumbnailCache
from labelwidgets.media.tiles import Pyramid
from labelwidgets.media.tiles.opened import OpenedPyramids
from labelwidgets.media.tiles.zarr import is_zarr
from labelwidgets.media.urls import canonical_url, file_name, is_local, masked
from labelwidgets.media.validation import check, header_of, read_facts
from labelwidgets.schema.ids import is_id

if TYPE_CHECKING:
    import pandas as pd

_TEXT = ("id", "kind", "title", "folder", "status")
# So many pictures of a group are read ahead.
_FRAMES_AHEAD = 4
_STATUS = ("ok", "failed", "unchecked")


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
    ) -> None:
        self._items = items
        self._listing = listing or Listing()
        if listing is None:
            self._listing.count, self._listing.done = len(items), True
        self._failures = failures
        self._access = access
        self._signer = Signer(access) if check_delivery(delivery) == "direct" else None
        self._first: dict[str, tuple[int, int]] = {}
        self._thumbnails = ThumbnailCache()
        self._pyramids = OpenedPyramids(access)
        self._ahead = ReadAhead(self._fetch, self._is_whole)

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
        failures, access = Failures(errors), Access(storage_options, limits, policy=policy)
        found, listing = ItemList(), Listing()
        checked = Checked(None if known is None else _items_of(known), journal)
        lazy = not validate and _is_remote(source) if lazy is None else lazy
        pages = gather(
            source,
            access,
            failures.add,
            skip_duplicates=skip_duplicates,
            reverse=reverse,
            by_page=lazy,
            progress=progress,
        )

        def take(items: list[Item]) -> None:
            _keep_signatures(items, access)
            items_left = [item for item in items if not checked.recall(item)]
            if validate:
                _check(items_left, access, False if lazy else progress, failures, checked)
            found.add(items)

        (listing.start if lazy else listing.run)(pages, take, checked.close)
        return cls(found, failures, access, delivery, listing)

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
        for name in ("id", "urls"):
            if name not in frame.columns:
                raise SourceError(f"has no column {name!r}.", where="items")
        items: list[Item] = []
        seen: set[str] = set()
        for row, record in enumerate(frame.to_dict("records")):
            try:
                item = _of_record(row, {str(key): value for key, value in record.items()})
            except SourceError as error:
                raise error.at(f"row {row}") from None
            if item.id in seen:
                raise SourceError(f"repeats {item.id!r}.", where=f"row {row}, id")
            seen.add(item.id)
            items.append(item)
        access = Access(storage_options, limits, policy=policy)
        _keep_signatures(items, access)
        return cls(ItemList(items), Failures(), access, delivery)

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
        lock, position = threading.Lock(), after

        def more() -> None:
            nonlocal position
            with lock:
                frame = self._items.after(position)
                if len(frame):
                    take(frame)
                    position += len(frame)

        end = self._listing.follow(more)
        more()
        return end

    @property
    def errors(self) -> pd.DataFrame:
        """One row a failed file: row, place, id, url, reason.

        The row counts from 0 in the source; the place is where it stands there, in words, such
        as ``row 3``. What is in no row, such as a folder that cannot be listed, has neither.
        """
        return self._failures.frame()

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
        return self._content(item_id, frame, keep=False)

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
        wishes: list[Wish] = []
        for item_id in item_ids:
            item = self._item(item_id)
            if item.kind in PICTURES:
                wishes += [
                    Wish(item_id, url, frame, item.trusted)
                    for frame, url in enumerate(item.urls[:_FRAMES_AHEAD])
                    if not _is_near(url)
                ]
        self._ahead.want(wishes)

    def _content(self, item_id: str, frame: int, keep: bool) -> bytes:
        url = self._url(item_id, frame)
        wish = Wish(item_id, url, frame, self._item(item_id).trusted)
        return self._fetch(wish) if _is_near(wish.url) else self._ahead.get(wish, keep)

    def _is_whole(self, wish: Wish) -> bool:
        """Say whether the kernel reads a file whole: it goes neither by tiles nor directly."""
        if self._pyramids.get(self._item(wish.item_id), wish.url, wish.frame) is not None:
            return False
        return self.direct(wish.item_id, wish.frame) is None

    def _fetch(self, wish: Wish) -> bytes:
        with self._access.traffic.of(wish.item_id):
            return self._access.of(wish.trusted).read(wish.url)

    def pixels(self, item_id: str, frame: int = 0) -> npt.NDArray[Any]:
        """Return a picture as an array (see `open_image` and, for `frame`, `read`).

        Those of an image sequence have the size of its first one, to which the others are resized.
        """
        self._picture(item_id)
        url = self._url(item_id, frame)
        if is_zarr(url):
            made = self._pyramids.whole(self._item(item_id), url)
        else:
            made = decode(self.read(item_id, frame), masked(url), self._access.limits)
        size = self._size_of_first(item_id, frame)
        return made if size is None else resized(made, size)

    def encoded(self, item_id: str, frame: int = 0, raw: bool = True) -> Encoded:
        """Return a picture for the browser (see `encoded.encode` and, for `frame`, `read`).

        Those of an image sequence are shown at the size of its first one.
        """
        self._picture(item_id)
        if is_zarr(self._url(item_id, frame)):
            return encode_pixels(self.pixels(item_id, frame))
        name, limits = self._name(item_id, frame), self._access.limits
        # Kept, as a tool may want its pixels.
        data = self._content(item_id, frame, keep=True)
        picture = encode(data, name, limits, raw)
        size = self._size_of_first(item_id, frame)
        if size is None or size == (picture.width, picture.height):
            return picture
        return shown_at(picture, decode(data, name, limits) if picture.values else None, size)

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
        self._picture(item_id)
        url = self._url(item_id, frame)
        item = self._item(item_id)
        # Those of a sequence are shown at one size, for which they are decoded whole.
        return None if item.kind == "image_sequence" else self._pyramids.get(item, url, frame)

    def direct(self, item_id: str, frame: int = 0) -> Direct | None:
        """Return how a page fetches a picture by itself, None where the kernel has to send it.

        It has to unless the dataset was opened with ``delivery="direct"``; for pictures that a
        browser cannot show as they are, of this machine or in an archive; for web addresses
        that a data file named; and where the credentials cannot sign.
        """
        if self._signer is None:
            return None
        self._picture(item_id)
        with self._access.traffic.of(item_id):
            made = self._signer.direct(self._url(item_id, frame), self._item(item_id).trusted)
        if made is None:
            return None
        size = self._size_of_first(item_id, frame)
        return made if size is None or size == (made.width, made.height) else None

    def thumbnail(self, item_id: str, edge: int = 96) -> Encoded:
        """Return a small picture of an item, at most `edge` pixels long (see `encoded.thumbnail`).

        Of a group it is the first. Those that were used last are kept in memory.
        """
        self._picture(item_id)
        found = self._thumbnails.get(item_id, edge)
        if found is None:
            found = self._thumbnail(item_id, edge)
            self._thumbnails.put(item_id, edge, found)
        return found

    def _thumbnail(self, item_id: str, edge: int) -> Encoded:
        pyramid = self._pyramids.get(self._item(item_id), self._url(item_id))
        if pyramid is not None:
            return small(pyramid.smallest(), edge)
        return thumbnail(self.read(item_id), edge, self._name(item_id), self._access.limits)

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
        counts = Counter(item.status for item in self._items)
        states = ", ".join(f"{counts[name]} {name}" for name in _STATUS if name in counts)
        more = "" if self._listing.done else ", more are being listed"
        noun = "item" if len(self) == 1 else "items"
        return f"Dataset({len(self)} {noun}{f': {states}' if states else ''}{more})"

    def _repr_html_(self) -> str:
        shown = ("title", "folder", "status")
        head = "".join(f"<th>{name}</th>" for name in shown)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(getattr(item, name))}</td>" for name in shown) + "</tr>"
            for item in islice(self._items, 5)
        )
        more = f"<p>and {len(self) - 5} more</p>" if len(self) > 5 else ""
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<div><p>{escape(repr(self))}</p>{table}{more}</div>"

    def _size_of_first(self, item_id: str, frame: int) -> tuple[int, int] | None:
        """Return the size that a later picture of a sequence is shown at."""
        item = self._item(item_id)
        if frame == 0 or item.kind != "image_sequence":
            return None
        if item_id not in self._first:
            with self._access.traffic.of(item_id):
                header = header_of(item.urls[0], self._access.of(item.trusted))
            self._first[item_id] = header.width, header.height
        return self._first[item_id]

    def _item(self, item_id: str) -> Item:
        item = self._items.get(item_id)
        if item is None:
            raise SourceError(
                f"has no item {str(item_id)[:80]!r}.",
                where="dataset",
                hint="The column id of .items lists those that there are.",
            )
        return item

    def _picture(self, item_id: str) -> None:
        """Raise ImageError if an item has no pictures of its own."""
        item = self._item(item_id)
        if item.kind not in PICTURES:
            what = {"video": "a video", "dicom_series": "a DICOM series"}[item.kind]
            raise ImageError(
                f"is {what}, which the image annotator does not show.",
                where=f"item {item.title}",
                hint="Its task stays in the project, for the annotator of its kind.",
            )

    def _url(self, item_id: str, frame: int = 0) -> str:
        urls = self._item(item_id).urls
        if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < len(urls):
            raise SourceError(
                f"must be from 0 to {len(urls) - 1}, not {frame!r:.80}.",
                where=f"item {item_id}, frame",
            )
        return urls[frame]

    def _name(self, item_id: str, frame: int = 0) -> str:
        return masked(self._url(item_id, frame))


def _is_near(url: str) -> bool:
    """Say whether a file lies on this machine, where reading ahead gains nothing."""
    address = address_of(url)
    return is_local(url if address is None else address.archive)


def _is_remote(source: Source) -> bool:
    return isinstance(source, str | PathLike) and not is_local(canonical_url(source))


def _items_of(known: Dataset | pd.DataFrame) -> pd.DataFrame:
    frame = known.items if isinstance(known, Dataset) else known
    for name in ("kind", "urls", "metadata", "status"):
        if name not in getattr(frame, "columns", ()):
            raise SourceError(f"has no column {name!r}.", where="known")
    return frame


def _keep_signatures(items: list[Item], access: Access) -> None:
    for item in items:
        item.urls = [access.keep_signature(url) for url in item.urls]


def _check(
    items: list[Item],
    access: Access,
    progress: bool | None,
    failures: Failures,
    checked: Checked,
) -> None:
    # What is known already is trusted, and nothing is fetched.
    unknown = [item for item in items if item.status == "unchecked"]
    # Closed, so that an error stops the reading although its traceback lives on.
    with closing(read_facts(unknown, access, progress)) as facts:
        for item in unknown:
            found = check(item, [next(facts) for _ in item.urls], failures.add)
            if found is not None:
                checked.note(item, found)


def _of_record(row: int, record: dict[str, Any]) -> Item:
    for name in _TEXT:
        if name in record and not isinstance(record[name], str):
            raise SourceError(f"must be text, not {record[name]!r:.80}.", where=name)
    if not is_id(record["id"]):
        raise SourceError(f"{record['id'][:80]!r} is not an identifier.", where="id")
    status = record.get("status", "unchecked")
    if status not in _STATUS:
        raise SourceError(f"must be one of {', '.join(_STATUS)}, not {status!r}.", where="status")
    trusted = record.get("trusted", True)
    if not isinstance(trusted, bool):
        raise SourceError(f"must be True or False, not {trusted!r:.80}.", where="trusted")
    urls, metadata = record["urls"], record.get("metadata", {})
    if not isinstance(urls, list | tuple) or not urls:
        raise SourceError("must be a list of one URL or more.", where="urls")
    if not isinstance(metadata, Mapping):
        raise SourceError(f"must be a dict, not {type(metadata).__name__}.", where="metadata")
    places = [canonical_url(url) for url in urls]
    kind = record.get("kind", kind_of(places))
    check_files(kind, len(places))
    return Item(
        row,
        record["id"],
        kind,
        places,
        record.get("title", masked(file_name(places[0]))),
        record.get("folder", ""),
        dict(metadata),
        status,
        trusted,
    )


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
