"""Views of VIA 3, each of which shows a file or several, and the items that these are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.formats.folders import in_folder
from labelwidgets.formats.json_values import mapping_in
from labelwidgets.formats.picture_labels import PictureLabels, Spot

# Kinds of files.
IMAGE, VIDEO = 2, 4
# Places of files: an address, here that of a file beside the page; and within the project.
BESIDE, INLINE = 3, 4


class Shown(NamedTuple):
    """A file of a view: where its labels go, and whether it is a video."""

    spot: Spot
    video: bool


class Group(NamedTuple):
    """What a view shows, None in place of what is no item; and the names of its files."""

    files: list[Shown | None]
    names: list[str]


class Views:
    """The views of a project by their ids.

    Parameters
    ----------
    document
        The project.
    found
        Where labels go.
    labelled
        The ids of the views that something is said of, once for each time.
    project
        Name of the project within a folder that is read; empty of a file by itself.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        found: PictureLabels,
        labelled: Iterable[str],
        project: str = "",
    ) -> None:
        self._found, self._folder = found, project.rpartition("/")[0]
        self._place = f"{project}, " if project else ""
        self._files = {str(id): one for id, one in document["file"].items()}
        self._views = {str(id): one for id, one in document["view"].items()}
        places = mapping_in(mapping_in(document, "config"), "file")
        self._prefixes = mapping_in(places, "loc_prefix")
        counts = Counter(file for view in labelled for file in self._ids(view))
        files: dict[str, Shown | FormatError | None] = {}
        self._groups: dict[str, Group | FormatError] = {}
        for view in self._views:
            try:
                self._groups[view] = self._group(view, files, counts)
            except FormatError as error:
                # Of one that nobody has labelled, nothing is lost.
                self._groups[view] = error

    def get(self, view: str) -> Group:
        """Return what a view shows.

        Raises
        ------
        FormatError
            If there is no such view, or it shows what is no file.
        """
        group = self._groups.get(view)
        if group is None:
            raise FormatError(f"{view[:40]!r} is no view.", where="vid")
        if isinstance(group, FormatError):
            raise group
        return group

    def _ids(self, view: str) -> list[str]:
        """Return the ids of the files of a view, none of what is none."""
        said = self._views.get(view)
        given = said.get("fid_list") if isinstance(said, Mapping) else None
        return list(dict.fromkeys(map(str, given))) if isinstance(given, list) else []

    def _group(
        self, view: str, files: dict[str, Shown | FormatError | None], counts: Mapping[str, int]
    ) -> Group:
        ids = self._ids(view)
        if not ids:
            raise FormatError("must be a list of files.", where="fid_list")
        group = Group([], [])
        for id in ids:
            if id not in files:
                try:
                    files[id] = self._file(id, counts.get(id, 0))
                except FormatError as error:
                    files[id] = error
            one = files[id]
            if isinstance(one, FormatError):
                raise one
            group.files.append(one)
            group.names.append(str(self._files[id].get("fname") or self._files[id].get("src")))
        return group

    def _file(self, id: str, labels: int) -> Shown | None:
        file, place = self._files.get(id), f"{self._place}file[{id[:40]!r}]"
        if not isinstance(file, Mapping):
            raise FormatError(f"names no file, {id[:40]!r}.", where="fid_list")
        kind = file.get("type")
        if kind not in (IMAGE, VIDEO):
            raise FormatError("is no picture and no video.", where=place)
        names = [one for one in (file.get("src"), file.get("fname")) if isinstance(one, str)]
        if file.get("loc") == INLINE:
            names = names[1:]
        elif names and isinstance(prefix := self._prefixes.get(str(file.get("loc"))), str):
            names = [prefix + names[0], *names]
        beside = [in_folder(self._folder, one) for one in names]
        names = list(dict.fromkeys([*beside, *names]))
        if not any(names):
            raise FormatError("must be the name of a file.", where="fname")
        what = "video" if kind == VIDEO else "image"
        spot = self._found.spot(place, names, id=id, labels=labels, kind=what)
        return None if spot is None else Shown(spot, kind == VIDEO)
