"""Labels of pictures that a file has, on their way to an `Imported`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from labelwidgets.errors import FormatError
from labelwidgets.formats.file_labels import FileLabels, Told
from labelwidgets.formats.file_names import safe_name
from labelwidgets.formats.matching import Item, ItemIndex, items_of, path_parts, plain_parts
from labelwidgets.formats.picture_names import split_name
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

MAX_SIDE = 10**6


class Spot(NamedTuple):
    """Where the labels of a picture go.

    Parameters
    ----------
    item
        The item.
    frame
        Which of its pictures, None where it has one.
    size
        (width, height) in pixels, None where neither the file nor the item knows them.
    """

    item: Item
    frame: int | None
    size: tuple[int, int] | None

    @property
    def pixels(self) -> tuple[int, int]:
        """The size; raises FormatError where it is not known, of formats that count in parts."""
        if self.size is None:
            raise FormatError(
                "is on a picture whose size is not known, and has coordinates from 0 to 1.",
                hint="Open the dataset with validate=True, and pass items=dataset.items.",
            )
        return self.size


class PictureLabels(FileLabels):
    """Collects labels of pictures.

    Parameters
    ----------
    file, format, items, ontology, collect, unnamed
        As for `FileLabels`.
    """

    def __init__(
        self,
        file: str,
        format: str,
        items: pd.DataFrame | None,
        ontology: Ontology | None,
        collect: bool,
        unnamed: str | None = "",
    ) -> None:
        super().__init__(file, format, items, ontology, collect, unnamed)
        self._index = None if items is None else ItemIndex(items_of(items))
        self._taken: dict[tuple[str, int | None], str] = {}

    def spot(
        self,
        record: str,
        names: Sequence[str | None],
        *,
        id: str | int = "",
        size: tuple[Any, Any] | None = None,
        labels: int = 0,
        stem: bool = False,
        kind: str = "image",
        facts: Mapping[str, Any] | None = None,
        stems: Sequence[str] = (),
    ) -> Spot | None:
        """Return where the labels of a picture go; None, and note why, if that is nowhere.

        Parameters
        ----------
        record
            The place of the picture in the file, for errors.
        names
            URLs, paths and file names that the file calls it, the surest first.
        id
            The id that the file gives it.
        size
            (width, height) that the file says it has, checked here.
        labels
            How many labels there are on it, for the report of what did not match.
        stem
            The names lack the suffix of the picture.
        kind, facts
            What the item is and its metadata, where the file makes the items.
        stems
            Names without suffix that are tried where none of the names is known.

        Raises
        ------
        FormatError
            If a size is wrong, unless problems are collected.
        """
        given = [name for name in names if name]
        called = given[0] if given else str(id)
        if size is not None:
            try:
                size = _checked(size)
            except FormatError as wrong:
                self.wrong(record, id or called, wrong)
                return None
        try:
            spot = self._spot(given, id, size, stem, kind, facts or {}, stems)
            other = self._taken.get((spot.item.id, spot.frame))
            if other is not None:
                raise FormatError(
                    f"is item {spot.item.id!r} of the dataset, as {other} is already."
                )
        except FormatError as error:
            reason = f"{error.message} {error.hint or ''}".strip()
            self.unmatched(record, str(id), called, labels, reason)
            return None
        if size and spot.size and size != spot.size:
            differs = FormatError(
                f"is {size[0]} x {size[1]} pixels, the item {spot.item.id!r} is "
                f"{spot.size[0]} x {spot.size[1]}.",
                where="width, height",
                hint="Were the labels made on a resized copy?",
            )
            self.wrong(record, id or called, differs)
            return None
        self._taken[spot.item.id, spot.frame] = record
        self.match(spot.item.id)
        return spot if spot.size else spot._replace(size=size)

    def keep(
        self,
        name: str | None,
        geometry: AnyGeometry,
        spot: Spot,
        **told: Unpack[Told],
    ) -> Annotation:
        """Take in a label of a picture: see `FileLabels.put`."""
        told.setdefault("record", self._taken.get((spot.item.id, spot.frame), ""))
        return self.put(name, geometry, spot.item.id, spot.size, frame=spot.frame, **told)

    def _spot(
        self,
        names: list[str],
        id: str | int,
        size: tuple[int, int] | None,
        stem: bool,
        kind: str,
        facts: Mapping[str, Any],
        stems: Sequence[str],
    ) -> Spot:
        if self._index is None:
            name = names[0] if names else str(id)
            *folders, title = path_parts(name) or [name]
            urls = tuple(one for one in names if "://" in one)[:1]
            item = Item(name, kind, title, "/".join(folders), urls, size, "unchecked")
            self.make(item, size, **facts)
            return Spot(item, None, size)
        try:
            item = self._found(names, id, stem)
        except FormatError:
            part = next((it for name in names if (it := split_name(name))), None)
            if part is None:
                if not stems:
                    raise
                return self._spot(list(stems), id, size, True, kind, facts, ())
            whole, frame = part
            item = self._whole(whole)
            if item.kind not in (*IN_TIME, *VOLUMES, "image_group"):
                raise
            return Spot(item, frame, _size_at(item, frame))
        if item.kind in ("image_group", "image_sequence"):
            frame = _frame_of(item, names, stem)
            return Spot(item, frame, _size_at(item, frame))
        return Spot(item, None, item.size)

    def _whole(self, name: str) -> Item:
        """Return the video or scan whose name a folder has, perhaps as some tool spelt it."""
        assert self._index is not None  # noqa: S101 - asked for before
        wrong: FormatError | None = None
        index = self._index
        for find in (lambda one: index.find([one], one), index.find_safe, index.find_stem):
            try:
                return find(name)
            except FormatError as error:
                wrong = wrong or error
        raise wrong or FormatError("has no name.")

    def _found(self, names: list[str], id: str | int, stem: bool) -> Item:
        assert self._index is not None  # noqa: S101 - asked for before
        if not stem:
            return self._index.find(names, id)
        wrong: FormatError | None = None
        for name in names:
            # Of pictures that differ only in the suffix, files have it in their names.
            for find in (self._index.find_stem, lambda one: self._index.find([one], "")):
                try:
                    return find(name)
                except FormatError as error:
                    wrong = wrong or error
        raise wrong or FormatError("has no name.")


def _checked(size: tuple[Any, Any]) -> tuple[int, int]:
    for field, side in zip(("width", "height"), size, strict=True):
        whole = isinstance(side, int) and not isinstance(side, bool)
        if not whole or not 0 < side <= MAX_SIDE:
            raise FormatError(f"must be from 1 to 1,000,000, not {str(side)[:40]}.", where=field)
    return size


def _size_at(item: Item, frame: int) -> tuple[int, int] | None:
    own = item.sizes[frame] if frame < len(item.sizes) else None
    if item.kind == "image_group":
        return own
    # Pictures of a sequence are labelled at the size of the first.
    return item.size or next((one for one in item.sizes if one), None)


def _frame_of(item: Item, names: list[str], stem: bool) -> int:
    """Return which of the pictures of an item has one of the names; the first where none has."""
    for name in names:
        parts = path_parts(name)
        for length in range(len(parts), 0, -1):
            tail = parts[-length:]
            for frame, url in enumerate(item.urls):
                own = path_parts(url)[-length:]
                if stem:
                    own[-1] = own[-1].rsplit(".", 1)[0]
                # As it is, or as the name of a file that was written for it.
                if tail in (own, list(plain_parts(tuple(own))), [safe_name(one) for one in own]):
                    return frame
    return 0
