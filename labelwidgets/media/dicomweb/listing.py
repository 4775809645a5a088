"""The series of a DICOMweb server as items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.dicomweb.address import DicomAddress, is_uid
from labelwidgets.media.dicomweb.server import DicomwebServer, Json
from labelwidgets.media.items import Item, item_id
from labelwidgets.media.kinds import most_files

OnError = Callable[[str, LabelwidgetsError], None]

MOST_SERIES = 1_000_000
_AT_ONCE = 8
# What is asked of a series, by its name in the metadata (DICOM PS3.6).
_FACTS = {
    "modality": "00080060",
    "study_date": "00080020",
    "study_description": "00081030",
    "series_description": "0008103E",
    "series_number": "00200011",
    "study_uid": "0020000D",
    "series_uid": "0020000E",
}
_INSTANCE = "00080018"
_NUMBER = "00200013"
# An integer string (DICOM PS3.5, section 6.2).
_WHOLE = re.compile(r"[+-]?\d{1,12}", re.ASCII)


def list_series(
    address: DicomAddress, server: DicomwebServer, on_error: OnError
) -> Iterator[list[Item]]:
    """Yield the series of a server, a study, or the one that is named, page by page.

    Each is an item of the kind ``dicom_series`` with the URLs of its instances, in the order of
    their numbers. Its title is what the series and its modality are called, and nothing about the
    patient, which nobody asks the server for. The metadata have modality, study_date,
    study_description, series_description, series_number, study_uid, series_uid, where the server
    says them, and ``instances``, how many there are. Nothing of the instances is read.

    Parameters
    ----------
    address
        A server, a study or a series.
    server
        Answers.
    on_error
        Called with the URL and the error of each series that cannot be listed; it may raise.

    Raises
    ------
    SourceError
        If the server cannot be asked, or there is no series.
    """
    if address.instance:
        raise SourceError(
            "names one instance, not a series.", where=address.url, hint="Put it into a list."
        )
    filters = address._replace(series="")
    row = 0
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="labelwidgets-dicomweb")
    try:
        for page in server.search(filters, list(_FACTS.values()), MOST_SERIES):
            wanted = [one for one in page if address.series in ("", _value(one, "0020000E"))]

            def item(series: Json) -> Item | LabelwidgetsError:
                try:
                    return _item(series, address, server)
                except LabelwidgetsError as error:
                    return error

            items: list[Item] = []
            for made in pool.map(item, wanted):
                if isinstance(made, LabelwidgetsError):
                    on_error(made.where or address.url, made)
                else:
                    made.row, row = row, row + 1
                    items.append(made)
            yield items
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    if row == 0:
        raise SourceError(
            "holds no series.", where=address.url, hint="Check the path and the UIDs."
        )


def _item(series: Json, address: DicomAddress, server: DicomwebServer) -> Item:
    facts = {name: _value(series, tag) for name, tag in _FACTS.items()}
    study, uid = facts["study_uid"] or address.study, facts["series_uid"]
    if not is_uid(study) or not is_uid(uid):
        raise SourceError("has a series without a proper UID.", where=address.url)
    own = DicomAddress(address.root, study, uid)
    found: list[tuple[int, str]] = []
    for page in server.search(own, [_NUMBER], most_files("dicom_series")):
        for instance in page:
            name, number = _value(instance, _INSTANCE), _value(instance, _NUMBER)
            if not is_uid(name):
                raise SourceError("has an instance without a proper UID.", where=own.url)
            found.append((int(number) if _WHOLE.fullmatch(number) else 0, name))
    if not found:
        raise SourceError("has no instances.", where=own.url)
    urls = [own._replace(instance=name).url for _, name in sorted(found)]
    metadata: dict[str, Any] = {name: value for name, value in facts.items() if value}
    folder = f"{facts['study_date']} {facts['study_description']}".strip() or study
    return Item(
        0,
        # Of the series: more of its instances may come later.
        item_id("dicom_series", [own.url]),
        "dicom_series",
        urls,
        _title(facts),
        folder.replace("/", "-"),
        {**metadata, "instances": len(urls)},
    )


def _title(facts: dict[str, str]) -> str:
    name = facts["series_description"]
    if not name:
        name = f"series {facts['series_number']}" if facts["series_number"] else "series"
    return f"{facts['modality']} {name}".strip()


def _value(entry: Json, tag: str) -> str:
    """Return the first value of an attribute as text, empty where there is none."""
    values = entry.get(tag)
    values = values.get("Value") if isinstance(values, dict) else None
    first = values[0] if isinstance(values, list) and values else ""
    if not isinstance(first, str | int | float):
        return ""
    text = "".join(letter if letter.isprintable() else " " for letter in str(first))
    return text.encode("utf-8", "replace").decode("utf-8").strip()[:200]
