"""What was found out when files were checked before, so that they are not read again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from os import PathLike
from typing import IO, TYPE_CHECKING, Any

from labelwidgets.errors import SourceError
from labelwidgets.media.items import Item, item_id

if TYPE_CHECKING:
    import pandas as pd

_FACTS = ("width", "height", "mime", "bits", "frames")
_HEADER = {"labelwidgets": "checked files", "version": 1}
# So many checks at most are made again after a kernel was killed.
_FLUSH = 50


class Checked:
    """Files that were checked, by item.

    A journal is a local file of JSON lines: for each item that was sound the hash of its kind
    and URLs, and what its files are. No URL stands in it. What failed is tried again.

    Parameters
    ----------
    known
        Items as in `Dataset.items`, of which those that are ``ok`` count.
    journal
        The file; it is made where it is not there, and written to with each check.

    Raises
    ------
    SourceError
        If the journal cannot be read or written, or is a file of another kind.
    """

    def __init__(
        self, known: pd.DataFrame | None = None, journal: str | PathLike[str] | None = None
    ) -> None:
        self._facts: dict[str, dict[str, Any]] = {}
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
        self._write({"item": item_id(item.kind, item.urls), "facts": facts})
        self._unflushed += 1
        if self._unflushed >= _FLUSH:
            self._file.flush()
            self._unflushed = 0

    def _learn(self, known: pd.DataFrame) -> None:
        for kind, urls, metadata, status in zip(
            known["kind"], known["urls"], known["metadata"], known["status"], strict=True
        ):
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
            whole += len(line)
        return whole

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._file is not None:
            text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
            self._file.write(text.encode() + b"\n")
