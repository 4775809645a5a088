"""Which pictures are to train and which to test with, and what their files are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from labelwidgets.errors import FormatError
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pictures import Picture, stem_of

if TYPE_CHECKING:
    import pandas as pd

_NAME = re.compile(r"\w[\w-]{0,40}")


def splits_of(items: pd.DataFrame | None, given: Mapping[str, str] | None) -> dict[str, str]:
    """Return the part that each item is in, by its id, as far as it is known.

    Parameters
    ----------
    items
        Their metadata may say it, as ``split``.
    given
        What the person says; where it is not None, metadata are not asked.

    Raises
    ------
    FormatError
        If a part has a name that no folder can have, an item is not there, or they are not by ids.
    """
    if given is not None:
        if not isinstance(given, Mapping):
            raise FormatError(
                f"must be a dict of the parts by the ids of items, not {given!r:.60}.",
                where="split",
                hint='Such as {"item": "train"}.',
            )
        for id, name in given.items():
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise FormatError(
                    f"must be the name of a part, such as train, not {name!r:.60}.",
                    where=f"split, {str(id)[:80]!r}",
                )
        known = None if items is None else set(items["id"].astype(str))
        unknown = next((id for id in given if known is not None and id not in known), None)
        if unknown is not None:
            raise FormatError(
                "is the id of no item.",
                where=f"split, {str(unknown)[:80]!r}",
                hint="See the column item_id of project.tasks; titles are no ids.",
            )
        return dict(given)
    if items is None or "metadata" not in items.columns:
        return {}
    found = {}
    for id, said in zip(items["id"].astype(str), items["metadata"], strict=True):
        part = said.get("split") if isinstance(said, dict) else None
        if isinstance(part, str) and _NAME.fullmatch(part):
            found[id] = part
    return found


class ByStem:
    """Names of files that are found by the name of a picture, without its suffix.

    Parameters
    ----------
    output
        Where they go; it notes those that are called otherwise.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._taken: set[str] = set()

    def name(self, picture: Picture, folder: str = "") -> str:
        """Return what the file of a picture is called, without its own suffix.

        Raises
        ------
        FormatError
            If another picture has that name.
        """
        name = stem_of(self._output.plain(f"{folder}/{picture.name}", of=picture.name))
        if name.lower() in self._taken:
            raise FormatError(
                f"{picture.name!r} and another picture would have the same file, {name}.",
                where=f"item {picture.item.id!r}",
                hint="Pictures are told apart without their suffix here: rename one of them.",
            )
        self._taken.add(name.lower())
        return name
