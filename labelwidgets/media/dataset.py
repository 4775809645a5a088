"""The pictures that are to be labelled, wherever they lie."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.checked import Checked
from labelwidgets.media.dataset_summary import object_frame, page_of, problem_frame, summary_of
from labelwidgets.media.delivery import Delivery, check_delivery
from labelwidgets.media.failures import Failures
from labelwidgets.media.following import follow
from labelwidgets.media.gathering import Source
from labelwidgets.media.item_list import ItemList, frame_of
from labelwidgets.media.item_parts import ItemParts
from labelwidgets.media.kinds import suffix_of
from labelwidgets.media.limits import Limits
from labelwidgets.media.manifests.writing import manifest_text, write_text
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.opening import Opening, keep_signatures
from labelwidgets.media.option_names import check_names
from labelwidgets.media.progress import Listing
from labelwidgets.media.records import items_of
from labelwidgets.media.urls import canonical_url, is_local

if TYPE_CHECKING:
    import pandas as pd


class Dataset(ItemParts):
    """A list of pictures that stay where they are.

    Made by `open` or `from_items`. Reading is safe from several threads.
    Storage options, such as credentials, are kept in memory only.
    """

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

    def __getitem__(self, item_id: str) -> pd.Series[Any]:
        return frame_of([self._item(item_id)]).iloc[0]

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
