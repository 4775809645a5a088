"""Labels of files of ours, which have every field of the records, on their way to an `Imported`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.file_labels import FileLabels
from labelwidgets.formats.item_records import ItemRecord, item_of
from labelwidgets.formats.matching import Item, ItemIndex, items_of
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import ObjectClass, Ontology

if TYPE_CHECKING:
    import pandas as pd


class WholeRecords(FileLabels):
    """Collects labels as they were, ids, authors and origins among it.

    Parameters
    ----------
    file, format, items, ontology, collect
        As for `FileLabels`.
    """

    what = "item"

    def __init__(
        self,
        file: str,
        format: str,
        items: pd.DataFrame | None,
        ontology: Ontology | None,
        collect: bool,
    ) -> None:
        super().__init__(file, format, items, ontology, collect)
        self._index = None if items is None else ItemIndex(items_of(items))
        self._places: dict[str, Item | None] = {}
        # By the id of the file: place, name, number of labels, reason.
        self._missed: dict[str, tuple[str, str, int, str]] = {}
        self._theirs: Ontology | None = None

    def read_ontology(self, given: Ontology) -> None:
        """Take in the ontology of the file."""
        self._theirs = given
        for made in given.classes:
            self.tell(made)

    def item(self, place: str, record: ItemRecord) -> None:
        """Find the item of the dataset that an item of the file is.

        Raises
        ------
        FormatError
            If it is there twice, or has another size.
        """
        if record.id in self._places:
            raise FormatError("is the id of an item before it.", where="id")
        theirs = item_of(record)
        if self._index is None:
            self._places[record.id] = theirs
            self.make(theirs, None)
            self._made[record.id]["metadata"] = dict(record.metadata)
            self.match(record.id)
            return
        try:
            mine = self._index.get(record.id) or self._found([*record.urls, theirs.file_name])
        except FormatError as error:
            name = theirs.title or record.id
            self._places[record.id] = None
            self._missed[record.id] = (place, name, 0, error.message)
            return
        if mine.size and theirs.size and mine.size != theirs.size:
            raise FormatError(
                f"is {theirs.size[0]} x {theirs.size[1]} pixels, the item {mine.id!r} is "
                f"{mine.size[0]} x {mine.size[1]}.",
                where="metadata.width, metadata.height",
                hint="Were the labels made on a resized copy?",
            )
        self._places[record.id] = mine
        self.match(mine.id)

    def tell_once(self, made: ObjectClass) -> None:
        """Note what a file says of a class, unless it is known already."""
        if made.name not in self._told:
            self.tell(made)

    def _found(self, names: list[str]) -> Item:
        assert self._index is not None  # noqa: S101 - asked for before
        try:
            return self._index.find(names, names[-1])
        except FormatError:
            # Files that go with a picture lack its suffix.
            return self._index.find_stem(names[-1])

    def label(self, place: str, given: Annotation) -> None:
        """Take in a label: see `FileLabels.take`."""
        if given.item_id not in self._places:
            self.item(place, ItemRecord(given.item_id))
        item = self._places[given.item_id]
        if item is None:
            record, name, count, reason = self._missed[given.item_id]
            self._missed[given.item_id] = (record, name, count + 1, reason)
            return
        size = item.size
        if item.kind == "image_group" and item.sizes:
            at = given.frame or 0
            size = item.sizes[at] if at < len(item.sizes) else None
        self.take(msgspec.structs.replace(given, item_id=item.id), size, place)

    def result(self) -> Imported:
        """Return what was read: see `FileLabels.result`."""
        for id, (record, name, count, reason) in self._missed.items():
            self.unmatched(record, id, name, count, reason)
        found = super().result()
        return found if self._theirs is None else dataclasses.replace(found, ontology=self._theirs)
