"""From files that lie together to items that are scans, by what their headers say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from labelwidgets.errors import ImageError, LabelwidgetsError, SourceError
from labelwidgets.media.dicom.grouping import Part, largest, parts_of, title_of
from labelwidgets.media.dicom.objects import object_kind, role_of
from labelwidgets.media.dicom.scan_facts import scan_facts
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.items import Item, OnError, item_id
from labelwidgets.media.kinds import most_files
from labelwidgets.media.listing import Found, natural
from labelwidgets.media.urls import masked

Said: TypeAlias = SliceHeader | LabelwidgetsError
"""The header of a file, or why there is none."""


class DicomObject(NamedTuple):
    """A file that is no picture: a segmentation, contours, a plan, a report.

    Parameters
    ----------
    kind
        ``SEG``, ``RTSTRUCT``, ``RTPLAN``, ``SR`` or what else its modality is.
    url
        Where it lies.
    study, series
        Its own UIDs; those of the pictures that it is about are within the file.
    """

    kind: str
    url: str
    study: str
    series: str


class _File(NamedTuple):
    place: int
    item: Item
    url: str
    header: SliceHeader


class ScanItems:
    """Makes items of scans, and keeps account of the files that are no pictures.

    Parameters
    ----------
    on_error
        Called for each file that cannot be read, and each item without a picture.
    """

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self.objects: list[DicomObject] = []

    def check(self, item: Item, said: Sequence[Said]) -> None:
        """Check an item whose files somebody put together: they stay so.

        Its metadata are those of the scan with the most slices, if it is several.
        """
        headers = [file.header for file in self._pictures(0, item, said)]
        item.status = "ok" if headers else "failed"
        if headers:
            item.metadata |= scan_facts(headers, largest(parts_of(headers)))
        self._report(item, said, [item])

    def regroup(self, items: Sequence[tuple[Item, Sequence[Said]]]) -> list[list[Item]]:
        """Return the scans that the files of items make, by the item of their first file.

        Files of one series make one scan, also where they lie in several folders, unless they
        are copies there. A file that cannot be read stays with its neighbour in the folder.

        Parameters
        ----------
        items
            Put together by the names of their files only, with what is said of each file.
        """
        files = [
            file
            for place, (item, said) in enumerate(items)
            for file in self._pictures(place, item, said)
        ]
        made: list[list[Item]] = [[] for _ in items]
        for group in _series(files):
            headers = [file.header for file in group]
            for part in parts_of(headers):
                made[group[part.files[0]].place].append(_scan(group, headers, part))
        scans = [scan for some in made for scan in some]
        owners = {url: scan for scan in scans for url in scan.urls}
        for place, (item, said) in enumerate(items):
            if not _adopt(item, said, owners):
                broken = any(isinstance(one, LabelwidgetsError) for one in said)
                item.status = "failed" if broken else item.status
                made[place] += [item] if broken else []
        for scan in scans:
            scan.id = item_id(scan.kind, scan.urls)
        for item, said in items:
            self._report(item, said, [owners.get(url, item) for url in item.urls])
        return [[scan for scan in some if self._is_bounded(scan)] for some in made]

    def _pictures(self, place: int, item: Item, said: Sequence[Said]) -> list[_File]:
        """Return the files that are pictures; those that are objects are kept."""
        found = []
        for url, one in zip(item.urls, said, strict=True):
            if isinstance(one, LabelwidgetsError):
                continue
            if role_of(one) == "object":
                self.objects.append(DicomObject(object_kind(one), url, one.study, one.series))
            else:
                found.append(_File(place, item, url, one))
        return found

    def _report(self, item: Item, said: Sequence[Said], owners: Sequence[Item]) -> None:
        for number, (url, one) in enumerate(zip(item.urls, said, strict=True)):
            if isinstance(one, LabelwidgetsError):
                owner = owners[min(number, len(owners) - 1)]
                self._on_error(item.row, item.place, owner.id, masked(url), one)
        if item.status == "failed" and not any(isinstance(one, LabelwidgetsError) for one in said):
            where = masked(item.urls[0])
            error = ImageError("is a DICOM file, but no picture.", where=where)
            self._on_error(item.row, item.place, item.id, where, error)

    def bounded(self, items: Sequence[Item]) -> list[Item]:
        """Return items without those that have more files than make a series: they are errors."""
        return [item for item in items if not item.by_name or self._is_bounded(item)]

    def _is_bounded(self, scan: Item) -> bool:
        count, most = len(scan.urls), most_files(scan.kind)
        if count > most:
            where = scan.folder or scan.title
            error = SourceError(
                f"holds {count} DICOM files, at most {most} make a series.", where=where
            )
            self._on_error(scan.row, scan.place, None, where, error)
        return count <= most


def _scan(group: Sequence[_File], headers: Sequence[SliceHeader], part: Part) -> Item:
    first = group[part.files[0]]
    item, header = first.item, first.header
    named = header.series_description or header.modality
    return Item(
        item.row,
        item.id,
        item.kind,
        [group[at].url for at in part.files],
        title_of(header, part.label) if named else item.title,
        item.folder,
        {**item.metadata, **scan_facts(headers, part)},
        "ok",
        item.trusted,
        item.place,
    )


def _adopt(item: Item, said: Sequence[Said], owners: dict[str, Item]) -> bool:
    """Put files that cannot be read behind their neighbours; say whether these are scans.

    Of several scans, a file that is broken for good may belong to none; one that could not be
    fetched now belongs to one of them, whose id shall be the same when it can.
    """
    pictures = [at for at, url in enumerate(item.urls) if url in owners]
    if not pictures:
        return False
    several = len({id(owners[item.urls[at]]) for at in pictures}) > 1
    for at, one in enumerate(said):
        if isinstance(one, LabelwidgetsError) and not (several and isinstance(one, ImageError)):
            before = [other for other in pictures if other < at]
            scan = owners[item.urls[before[-1] if before else pictures[0]]]
            behind = scan.urls.index(item.urls[before[-1]]) + 1 if before else 0
            scan.urls.insert(behind, item.urls[at])
            owners[item.urls[at]] = scan
            pictures = sorted([*pictures, at])
    return True


def _series(files: Sequence[_File]) -> list[list[_File]]:
    """Return files by series; copies of one that lie in another folder are one more."""
    folders: dict[tuple[str, str, int], list[_File]] = {}
    for file in files:
        key = file.header.study, file.header.series, file.place
        folders.setdefault(key, []).append(file)
    found: dict[tuple[str, str], list[list[_File]]] = {}
    for (study, series, _), members in folders.items():
        own = {file.header.sop_instance for file in members}
        others = found.setdefault((study, series), [])
        for other in others:
            apart = own.isdisjoint(file.header.sop_instance for file in other)
            if series and apart and "" not in own:
                other += members
                break
        else:
            others.append(members)
    return [sorted(members, key=_natural) for others in found.values() for members in others]


def _natural(file: _File) -> tuple[Any, ...]:
    # Whatever the order of a list, the scan is the same one.
    return natural(Found(file.url, file.item.folder))
