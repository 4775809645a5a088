"""What was found out when files were checked before, so that they are not read again."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from typing import IO, TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import SourceError
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.items import Item, item_id
from labelwidgets.media.urls import url_id

if TYPE_CHECKING:
    import pandas as pd

_FACTS = (
    *("width", "height", "mime", "bits", "frames", "slices", "spacing", "modality"),
    *("series_description", "series_number", "study_uid", "series_uid"),
    *("fps", "duration", "codec", "rotation", "problems", "frame", "first_frame", "last_frame"),
)
# What tells scans apart, of which nothing is about the patient.
_HEADER_FACTS = (
    *("sop_class", "sop_instance", "study", "series", "frame_of_reference", "modality"),
    *("image_type", "series_description", "series_number", "acquisition_number"),
    *("instance_number", "temporal_position", "echo_number", "echo_time", "trigger_time"),
    *("b_value", "acquisition_time", "position", "orientation", "pixel_spacing"),
    *("spacing_source", "thickness", "spacing_between", "rows", "columns", "samples", "frames"),
    *("has_functional_groups",),
)
_HEADER = {"labelwidgets": "checked files", "version": 1}
# So many checks at most are made again after a kernel was killed.
_FLUSH = 50


class Checked:
    """Files that were checked, by item.

    A journal is a local file of JSON lines: for each item that was sound the hash of its kind
    and URLs, and what its files are; of DICOM the headers of the files, as far as they tell scans
    apart. No URL stands in it. What failed is tried again.

    Parameters
    ----------
    known
        Items as in `Dataset.items`, of which those that are ``ok`` count.
    objects
        URLs of DICOM files that are known to be no pictures.
    journal
        The file; it is made where it is not there, and written to with each check.

    Raises
    ------
    SourceError
        If the journal cannot be read or written, or is a file of another kind.
    """

    def __init__(
        self,
        known: pd.DataFrame | None = None,
        journal: str | PathLike[str] | None = None,
        objects: Collection[str] = (),
    ) -> None:
        self._scans: dict[str, tuple[list[str], str]] = {}
        self._objects = set(map(url_id, objects))
        self._facts: dict[str, dict[str, Any]] = {}
        self._headers: dict[str, SliceHeader] = {}
        self._file: IO[bytes] | None = None
        self._unflushed = 0
        if known is not None:
            self._learn(known)
        if journal is not None:
            self._open(os.fspath(journal))

    def close(self) -> None:
        """Write down what is not yet on disk."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def recall(self, item: Item) -> bool:
        """Say whether an item was sound; then its metadata have what its files are."""
        facts = self._facts.get(item_id(item.kind, item.urls)) if self._facts else None
        if facts is None:
            return False
        item.metadata |= facts
        item.status = "ok"
        return True

    def note(self, item: Item, facts: Mapping[str, Any]) -> None:
        """Write down that an item is sound."""
        if self._file is None:
            return
        self._note({"item": item_id(item.kind, item.urls), "facts": facts})

    def _note(self, entry: Mapping[str, Any]) -> None:
        self._write(entry)
        self._unflushed += 1
        if self._unflushed >= _FLUSH and self._file is not None:
            self._file.flush()
            self._unflushed = 0

    def recall_scans(self, item: Item) -> list[Item] | None:
        """Return the scans that the files of an item are known to make, None if they are not."""
        if not self._scans:
            return None
        own = set(map(url_id, item.urls))
        found: dict[str, Item] = {}
        for url in item.urls:
            if url_id(url) in self._objects:
                continue
            urls, title = self._scans.get(url_id(url), ([], ""))
            name = item_id(item.kind, urls) if urls else ""
            if not urls or not own.issuperset(map(url_id, urls)):
                return None
            if name not in found:
                facts = {**item.metadata, **self._facts[name]}
                scan = replace(item, id=name, urls=urls, title=title, metadata=facts, status="ok")
                found[name] = scan
        return list(found.values())

    def recall_header(self, url: str) -> SliceHeader | None:
        """Return the header of a DICOM file that was sound."""
        return self._headers.get(url_id(url)) if self._headers else None

    def note_header(self, url: str, header: SliceHeader) -> None:
        """Write down the header of a DICOM file, as far as it tells scans apart."""
        name = url_id(url)
        if self._file is None or name in self._headers:
            return
        said = {field: getattr(header, field) for field in _HEADER_FACTS}
        usual = SliceHeader()
        self._note(
            {
                "file": name,
                "header": {f: v for f, v in said.items() if v != getattr(usual, f)},
            }
        )

    def _learn(self, known: pd.DataFrame) -> None:
        titles = known["title"] if "title" in known else [""] * len(known)
        for kind, urls, metadata, status, title in zip(
            known["kind"], known["urls"], known["metadata"], known["status"], titles, strict=True
        ):
            if status == "ok" and kind == "dicom_series" and title:
                self._scans.update((url_id(url), (list(urls), title)) for url in urls)
            if status == "ok":
                facts = {name: metadata[name] for name in _FACTS if name in metadata}
                self._facts[item_id(kind, urls)] = facts

    def _open(self, path: str) -> None:
        try:
            self._file = open(path, "a+b")  # noqa: SIM115 - closed by close()
            self._file.seek(0)
            whole = self._read(path)
            # A line that was cut off by a killed kernel goes.
            self._file.truncate(whole)
            self._file.seek(0, os.SEEK_END)
            if whole == 0:
                self._write(_HEADER)
        except OSError as error:
            self.close()
            if isinstance(error, SourceError):
                raise
            raise SourceError(
                f"cannot be opened ({error.strerror}).", where=path, hint="Choose another journal."
            ) from None

    def _read(self, path: str) -> int:
        """Read what is there, and return up to which byte it is whole."""
        whole = 0
        for number, line in enumerate(self._file or ()):
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if number == 0 and entry != _HEADER:
                raise SourceError(
                    "is a file of another kind, and is left as it is.",
                    where=path,
                    hint="Choose a journal that is not there yet.",
                )
            if not line.endswith(b"\n") or not isinstance(entry, dict):
                break
            if isinstance(entry.get("item"), str) and isinstance(entry.get("facts"), dict):
                self._facts[entry["item"]] = entry["facts"]
            if isinstance(entry.get("file"), str) and isinstance(entry.get("header"), dict):
                self._learn_header(entry["file"], entry["header"])
            whole += len(line)
        return whole

    def _learn_header(self, name: str, said: dict[str, Any]) -> None:
        known = {field: said[field] for field in _HEADER_FACTS if field in said}
        with suppress(msgspec.ValidationError):
            self._headers[name] = msgspec.convert(known, SliceHeader)

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._file is not None:
            text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
            self._file.write(text.encode() + b"\n")
