"""DICOMDIR: what a medium says of the series that it holds (PS3.3 annex F, PS3.10 section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

from labelwidgets.errors import ImageError, LimitError
from labelwidgets.media.dicom.inflating import is_deflated
from labelwidgets.media.limits import Limits

NAME = "DICOMDIR"
# A file of 32 bytes a record and more.
_MOST_BYTES = 1 << 28


class ListedSeries(NamedTuple):
    """A series of a directory.

    Parameters
    ----------
    study, uid, modality, description, number
        As the records have them; empty where they do not.
    files
        The parts of the paths of its pictures, from where the directory lies.
    """

    study: str
    uid: str
    modality: str
    description: str
    number: str
    files: list[tuple[str, ...]]


def read_directory(file: IO[bytes], where: str, limits: Limits) -> list[ListedSeries]:
    """Return the series of a directory; records of patients are passed over.

    Parameters
    ----------
    file
        A file named DICOMDIR, open for reading.
    where
        The name that errors give to it.
    limits
        Bounds on how many files it may list.

    Raises
    ------
    ImageError
        If it is no such directory, or damaged.
    LimitError
        If it is larger than the limits allow.
    """
    import pydicom

    size = file.seek(0, 2)
    if size > _MOST_BYTES:
        raise LimitError(f"has {size} bytes, at most {_MOST_BYTES} are allowed.", where=where)
    file.seek(0)
    if is_deflated(file.read(1 << 16)):
        # No directory is (PS3.10, 8.6), and pydicom inflates without a bound.
        raise ImageError("is deflated, and so no directory of DICOM files.", where=where)
    file.seek(0)
    try:
        read = pydicom.dcmread(file, force=True, specific_tags=["DirectoryRecordSequence"])
        records = list(read.DirectoryRecordSequence)
        limits.check_members(len(records), where)
        found = list(_series(records))
    except LimitError:
        raise
    except Exception as error:
        # pydicom raises whatever its parts do on damaged bytes.
        raise ImageError(
            f"is no directory of DICOM files, or damaged ({type(error).__name__}).", where=where
        ) from None
    return [series for series in found if series.files]


def _series(records: list[Any]) -> Iterator[ListedSeries]:
    """Yield the series in the order of the records, in which those below follow those above."""
    study = ""
    current: ListedSeries | None = None
    for record in records:
        kind = str(record.get("DirectoryRecordType", ""))
        if kind in ("PATIENT", "STUDY"):
            study = _text(record, "StudyInstanceUID")
        if kind in ("PATIENT", "STUDY", "SERIES") and current is not None:
            yield current
            current = None
        if kind == "SERIES":
            names = "SeriesInstanceUID", "Modality", "SeriesDescription", "SeriesNumber"
            uid, modality, description, number = (_text(record, name) for name in names)
            current = ListedSeries(study, uid, modality, description, number, [])
        elif current is not None and kind in ("IMAGE", "RT DOSE"):
            path = record.get("ReferencedFileID")
            parts = (path,) if isinstance(path, str) else tuple(map(str, path or ()))
            if parts and all(_is_name(part) for part in parts):
                current.files.append(parts)
    if current is not None:
        yield current


def _is_name(part: str) -> bool:
    """Say whether a part of a path names something below: nothing leads out of the medium."""
    return part not in ("", ".", "..") and not set(part) & set("/\\:\0")


def _text(record: Any, name: str) -> str:
    value = record.get(name)
    text = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:200]


def resolver(names: Iterator[str]) -> Callable[[tuple[str, ...]], str | None]:
    """Return what finds the file that a directory means among those that there are.

    Names of a medium are upper case, with a version behind; what copies of it are called depends
    on the system that made them.

    Parameters
    ----------
    names
        Paths of files, from where the directory lies.
    """
    known: dict[str, str] = {}
    exact: set[str] = set()
    for name in names:
        exact.add(name)
        known.setdefault(_plain(name), name)

    def find(parts: tuple[str, ...]) -> str | None:
        path = "/".join(parts)
        return path if path in exact else known.get(_plain(path))

    return find


def _plain(path: str) -> str:
    return path.casefold().partition(";")[0].removesuffix(".dcm").rstrip(".")
