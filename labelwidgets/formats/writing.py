"""What is the same of all writers: what they are told, where it goes, and what is lost.

A format gives what is its own: a function that takes a `Writing` and its options, puts the files
into ``job.output``, and says how many of what are in them::

    @writer(HOLDS, ".txt", folder=True)
    def write(job: Writing, *, split: Mapping[str, str] | None = None) -> Counts:
        ...

What people call is `writer`'s: ``write(annotations, path, items=..., split=...)``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeVar,
    cast,
    overload,
)

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip, Clips
from labelwidgets.formats.drawing import Draw, drawers, drawn_into
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import Holds
from labelwidgets.formats.losses import kept
from labelwidgets.formats.matching import Item
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.picture_copies import copy_picture, copy_video, file_of
from labelwidgets.formats.pictures import Picture, Pictures
from labelwidgets.formats.progress import counted
from labelwidgets.formats.public_forms import public_form
from labelwidgets.formats.results import Exported
from labelwidgets.formats.scan_labels import ontology_of
from labelwidgets.formats.seen_frames import Frames, by_item, check_frames
from labelwidgets.formats.warned import warn
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.media.option_names import check_options
from labelwidgets.media.video.address import video_url
from labelwidgets.media.worker_pixels import Pixels
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

A = TypeVar("A")
P = ParamSpec("P")
Counts: TypeAlias = Mapping[str, int]
"""How many of what a file has, as `Exported.counts` says it."""

# What writers are told besides the labels and the place, by what the labels lie on.
_TOLD: Mapping[str, tuple[str, ...]] = {
    "pictures": ("items", "ontology", "strict", "size_of", "dataset", "frames"),
    "videos": ("items", "ontology", "strict", "dataset"),
    "scans": ("ontology", "strict", "dataset"),
}


class Writing:
    """One writing of a label file.

    Parameters
    ----------
    holds
        What the format can hold.
    output
        Where the files go; they are there once the writing has ended without an error.
    annotations, path, items, ontology, strict, size_of, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.
    pictures
        Copy the pictures, too, to where tools look for them beside the labels (see the page of
        the format): the path is that of a folder or a ``.zip`` then. Of frames and slices with
        labels it is a PNG.

    Attributes
    ----------
    ontology
        That which was given, else one of the classes that occur, sorted.
    copies
        Pictures are copied as they come.
    beside
        The folder that they are copied to, empty for that of the labels; None where the writer
        says of each where it goes.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) has no place.
    SourceError
        If the place cannot be written.
    """

    def __init__(
        self,
        holds: Holds,
        output: Output,
        annotations: Sequence[Annotation],
        *,
        items: pd.DataFrame | None = None,
        ontology: Ontology | None = None,
        strict: bool = False,
        size_of: Callable[[str], tuple[int, int]] | None = None,
        dataset: Dataset | None = None,
        frames: Frames = "all",
        pictures: bool = False,
    ) -> None:
        self.copies = pictures
        self.beside: str | None = None
        self.holds, self.output, self.annotations = holds, output, annotations
        self.items, self.dataset, self.size_of = items, dataset, size_of
        self.strict, self.frames = strict, frames
        output.strict = strict
        self.ontology = ontology or ontology_of(annotations)

    @cached_property
    def dropped(self) -> Dropped:
        """What the format has no place for."""
        return Dropped(self.output.shown, self.holds.title, self.strict, ours=self.holds.ours)

    def written(self, write: Callable[[], Counts]) -> Exported:
        """Have the files written, and return what is in them; warn of what is lost."""
        with self.output:
            counts = write()
        self.dropped.say()
        if renamed := self.output.renamed:
            name, plain = next(iter(renamed.items()))
            warn(
                f"{self.output.shown}: {numbered(len(renamed), 'name')} changed for files, such as "
                f"{name[:200]!r} to {plain[:200]!r}: not all file systems take it."
            )
            counts = {**counts, "renamed": len(renamed)}
        # What the format counts comes first, and is right where both count it.
        return Exported(self.output.shown, {**counts, **self.dropped.counts, **counts})

    @cached_property
    def pictures(self) -> Pictures:
        """The pictures of the dataset, with the labels on each."""
        return Pictures(
            self.annotations, self.items, self.holds, self.dropped,
            ontology=self.ontology, size_of=self.size_of, dataset=self.dataset, frames=self.frames,
            seen=self._seen if self.copies else None,
            named=self.output.plain if self.copies else str,
        )  # fmt: skip

    def _seen(self, picture: Picture) -> None:
        if self.beside is not None:
            self.copy(picture, self.beside)

    @cached_property
    def clips(self) -> Clips:
        """The videos of the dataset."""
        return Clips(self.items, self.dataset)

    def kept(self, labels: Iterable[Annotation], lost: Counter[str]) -> Iterator[Annotation]:
        """Return the labels that have a place, and count what is lost: see `losses`."""
        return kept(self.holds, labels, lost)

    def copy(self, picture: Picture, folder: str, *, name: str = "", png: bool = False) -> None:
        """Copy the file of a picture into a folder.

        Parameters
        ----------
        picture
            The picture.
        folder
            Empty for that of the labels.
        name
            What it is called there; by default as in the dataset.
        png
            It is to be a PNG, whatever it is.

        Raises
        ------
        FormatError
            If there is no dataset to read it from, or another picture has its name.
        SourceError
            If it cannot be read.
        """
        item = picture.item
        url = file_of(item.kind, list(item.urls), picture.frame)
        name = name or picture.name
        place = f"{folder}/{name}" if folder else name
        if png and not picture.name.lower().endswith(".png"):
            url = None
        copy_picture(self.output, self.dataset, place, item.id, picture.frame, url)

    def copy_film(self, item: Item, folder: str) -> None:
        """Copy the file of a video into a folder, as it is called in the dataset: see `copy`."""
        place = f"{folder}/{item.file_name}" if folder else item.file_name
        copy_video(self.output, self.dataset, place, item.id, video_url((*item.urls, "")[0]))

    def draw(self, draw: Draw[A], wanted: Iterable[A], together: int = 16) -> list[Any]:
        """Have files made one by one, and written; return the rest of what was made, in order.

        Parameters
        ----------
        draw
            Makes those of one picture or scan. Workers may call it: it can be sent to them.
        wanted
            What it is called with, the places of its files among it.
        together
            How many a worker does in one go.
        """
        return drawn_into(self.output, draw, wanted, self.dropped.add, together)

    @cached_property
    def reading(self) -> Pixels:
        """Opens the dataset wherever files are made."""
        doing = drawers()
        assert self.dataset is not None  # noqa: S101 - `Scans` has asked for it
        told = doing.storage_options if doing is not None else None
        return Pixels(self.dataset.items, self.dataset, told)

    def videos(self, kept: Mapping[str, Sized], together: bool = False) -> list[Clip]:
        """Return the videos that are written: see `Clips.written`.

        Parameters
        ----------
        kept
            The labels that have a place, by the id of their video; also where these are none.
        together
            One file has them all, not one each.

        Raises
        ------
        FormatError
            If there is a file of one video, and there are several.
        """
        one = self.output.single and not together
        ids = self.clips.written([id for id in kept if kept[id]], kept, one)
        if one:
            self.output.check(len(ids), "videos")
        return [self.clips.of(id) for id in ids]

    def by_item(self, told: str) -> Iterator[tuple[Clip, list[Annotation]]]:
        """Go through the items with their labels, each with what is known of its frames and size.

        Parameters
        ----------
        told
            What the file says of items, for which they are needed.

        Raises
        ------
        FormatError
            If there are no items, or a label is on none of them.
        """
        check_frames(self.frames)
        if self.clips.frame is None:
            raise FormatError(
                f"has {told}, and needs the items.",
                where=self.output.shown,
                hint="Call project.export, or pass items=dataset.items.",
            )
        labels = by_item(self.annotations)
        for id, some in labels.items():
            if id not in self.clips.items:
                raise FormatError(
                    f"{id!r} is no item of the dataset.",
                    where=f"annotation {some[0].id!r}, item_id",
                )
        items = self.clips.items.values()
        for item in counted(items, f"Writing {self.holds.title}", "item", len(items)):
            id = item.id
            some = labels.get(id, [])
            moves = item.kind in IN_TIME
            clip = self.clips.of(id) if moves else Clip(item, None, item.size, None)
            if clip.size is None and self.size_of is not None and some:
                clip = clip._replace(size=self.size_of(id))
            yield clip, some


class Writer(Protocol[P]):
    """What people call to write a format."""

    @overload
    def __call__(
        self,
        annotations: Sequence[Annotation],
        path: str | os.PathLike[str],
        *args: P.args,
        **options: P.kwargs,
    ) -> Exported: ...

    @overload
    def __call__(
        self,
        annotations: Sequence[Annotation],
        path: str | os.PathLike[str],
        *,
        items: pd.DataFrame | None = None,
        ontology: Ontology | None = None,
        strict: bool = False,
        dataset: Dataset | None = None,
        **options: Any,
    ) -> Exported: ...


def writer(
    holds: Holds,
    *suffixes: str,
    folder: bool = False,
    told: Sequence[str] = (),
    beside: str | None = None,
) -> Callable[[Callable[Concatenate[Writing, P], Counts]], Writer[P]]:
    """Make the writer of a format of a function that does what is its own.

    What people call takes what all writers of the kind do before the options of the function, and
    its docstring has them all. It returns an `Exported`.

    Parameters
    ----------
    holds
        What the format can hold.
    *suffixes
        Of its files, as `Output` takes them; without any, each name is that of one file.
    folder
        It is never one file: that is refused.
    told
        Of what writers are told, what this one asks for; empty for all of its kind.
    beside
        The folder in which tools look for the pictures, empty for that of the labels: they can
        be copied to there. None where they are not looked for beside the labels.
    """
    told = (*(told or _TOLD[holds.on]), *(() if beside is None else ("pictures",)))

    def made(own: Callable[Concatenate[Writing, P], Counts]) -> Writer[P]:
        body: Callable[..., Counts] = own

        def write(
            annotations: Sequence[Annotation],
            path: str | os.PathLike[str],
            **storage_options: Any,
        ) -> Exported:
            # What is left of them once each has had its own.
            rest = storage_options
            asked = {name: rest.pop(name) for name in options if name in rest}
            known = {name: rest.pop(name) for name in told if name in rest}
            check_options(path, rest, ("path", *told, *options))
            copies = bool(known.get("pictures"))
            # What is one file under any name is a file in a folder then.
            some = suffixes or ((f".{holds.file.rpartition('.')[2]}",) if copies else ())
            job = Writing(holds, Output(path, some, **rest), annotations, **known)
            job.beside = beside
            if job.output.single and (folder or copies):
                told_so = " with pictures=True" if copies and not folder else ""
                raise FormatError(f"must be a folder or a .zip{told_so}.", where=job.output.shown)
            return job.written(lambda: body(job, **asked))

        options = public_form(write, own, Writing, told)
        return cast("Writer[P]", write)

    return made
