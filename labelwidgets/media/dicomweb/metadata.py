"""Headers of the instances of a series, in one request (WADO-RS metadata, PS3.18 10.4.1.1.2)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.elements import FLAGS, WANTED
from labelwidgets.media.dicom.frames import TAGS
from labelwidgets.media.dicomweb.address import DICOMWEB, dicom_address
from labelwidgets.media.urls import masked

if TYPE_CHECKING:
    from pydicom import Dataset

_INSTANCE = "00080018"
_CHARSET = 0x00080005
# Texts of JSON are Unicode.
_UNICODE = "ISO_IR 192"
_TAGS = {f"{tag:08X}" for tag in (*WANTED, *FLAGS, *TAGS) if tag != _CHARSET}


def read_metadata(urls: Sequence[str], access: Access) -> dict[str, bytes]:
    """Return for instances of one series the headers that the server tells, as DICOM files.

    Without pixels: only what orders and places slices is in them. Those that are missing, and
    all of a server that tells none, have to be read by themselves.

    Parameters
    ----------
    urls
        Canonical URLs.
    access
        Reaches the server.
    """
    if len(urls) < 2 or not all(url.startswith(DICOMWEB) for url in urls):
        return {}
    addresses = [dicom_address(url) for url in urls]
    series = addresses[0]._replace(instance="", frame=0)
    same = all(one._replace(instance="") == series and one.instance for one in addresses)
    if not series.series or not same:
        return {}
    try:
        told = access.dicomweb(urls[0]).metadata(series)
    except LabelwidgetsError:
        # It may know no metadata, or say more than is taken; the instances say the same.
        return {}
    by_uid = {one.instance: url for one, url in zip(addresses, urls, strict=True)}
    found: dict[str, bytes] = {}
    for entry in told:
        url = by_uid.get(_uid(entry))
        if url is not None:
            try:
                found[url] = _file(entry, masked(url))
            except ImageError:
                continue
    return found


def _uid(entry: Mapping[str, Any]) -> str:
    values = entry.get(_INSTANCE)
    values = values.get("Value") if isinstance(values, Mapping) else None
    return str(values[0]) if isinstance(values, list) and values else ""


def _file(entry: Mapping[str, Any], where: str) -> bytes:
    """Return DICOM JSON as a file, of which headers are read like those of others."""
    import pydicom
    from pydicom.dataset import FileMetaDataset

    try:
        wanted = {tag: value for tag, value in entry.items() if tag.upper() in _TAGS}
        made: Dataset = pydicom.Dataset.from_json(wanted, lambda *_: b"")
        made.SpecificCharacterSet = _UNICODE
        made.preamble, made.file_meta = bytes(128), FileMetaDataset()
        made.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        buffer = io.BytesIO()
        pydicom.dcmwrite(buffer, made)
        return buffer.getvalue()
    except Exception as error:
        # Whatever pydicom raises on what is no DICOM JSON.
        raise ImageError(
            f"has metadata that cannot be read ({type(error).__name__}).", where=where
        ) from None
