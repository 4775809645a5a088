"""Copies of scans without their patients."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.dataset import Dataset
from labelwidgets.media.dicom.burnt_in import burnt_in_risk
from labelwidgets.media.dicom.deidentification import Deidentifier, DeidentifyOptions
from labelwidgets.media.dicom.inflating import check_inflated
from labelwidgets.media.dicom.slice_stack import SliceStack
from labelwidgets.media.gathering import Source
from labelwidgets.media.limits import Limits
from labelwidgets.media.whole_files import make_folder, shown, write_bytes
from labelwidgets.numbered import numbered

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 20


class PrivacyWarning(UserWarning):
    """What goes out may still say who the patient is."""


def deidentify(
    source: SliceStack | Dataset | Source,
    folder: str | os.PathLike[str],
    options: DeidentifyOptions | bool = True,
    **storage_options: Any,
) -> pd.DataFrame:
    """Write a copy of scans without their patients: the basic profile of PS3.15.

    Headers are cleaned and UIDs replaced, consistently: segmentations and structure sets that
    are exported with the same options (in one session, or with one secret) refer to the copies.
    Pixels are copied as they are; a `PrivacyWarning` lists the copies that may show text about
    the patient.

    Parameters
    ----------
    source
        A `DicomSeries`, a `Dataset`, or whatever one can be made of.
    folder
        A local path, or any fsspec URL; made if it is not there. Files that are there are
        replaced.
    options
        What of the patient stays; True is nothing.
    **storage_options
        For fsspec: keys, endpoints.

    Returns
    -------
    pandas.DataFrame
        One row a file, in the order of slices: scan (int64, from 1), path, sop_instance_uid (its
        new one), risk (why its pixels may carry text; empty for most).

    Raises
    ------
    ImageError
        If a file cannot be read; nothing of it is written.
    MissingExtraError
        If dicom-anonymizer is not installed.
    SourceError
        If the place cannot be written.
    """
    import pandas as pd

    clean = Deidentifier(options)
    target = os.fspath(folder).rstrip("/")
    rows: list[tuple[int, str, str, str]] = []
    for number, stack in enumerate(_stacks(source, storage_options), 1):
        place = f"{target}/scan_{number:03d}"
        make_folder(place, **storage_options)
        # Files are called by numbers: their names may be those of patients.
        for index, (name, data) in enumerate(stack.files(), 1):
            made, risk, uid = _cleaned(data, name, clean, stack.limits)
            path = f"{place}/{index:05d}.dcm"
            write_bytes(path, made, **storage_options)
            rows.append((number, shown(path), uid, risk))
    frame = pd.DataFrame(rows, columns=["scan", "path", "sop_instance_uid", "risk"])
    _warn(frame)
    return frame.astype({"scan": "int64"})


def _stacks(
    source: SliceStack | Dataset | Source, storage_options: dict[str, Any]
) -> Iterator[SliceStack]:
    if isinstance(source, SliceStack):
        yield source
        return
    dataset = source if isinstance(source, Dataset) else Dataset.open(source, **storage_options)
    items = dataset.items
    for id in items.loc[items["kind"] == "dicom_series", "id"]:
        volume = dataset.volume(id)
        if isinstance(volume, SliceStack):
            yield volume


def _cleaned(data: bytes, name: str, clean: Deidentifier, limits: Limits) -> tuple[bytes, str, str]:
    """Return a file without its patient, why its pixels may carry text, and its new UID."""
    import pydicom

    check_inflated(data, name, limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = pydicom.dcmread(io.BytesIO(data), force=True)
            risk = burnt_in_risk(read)
            clean(read)
            meta = read.file_meta
            kept = pydicom.dataset.FileMetaDataset()
            kept.TransferSyntaxUID = meta.TransferSyntaxUID
            read.file_meta = kept
            # Whatever stood before the header is not for others.
            read.preamble = b"\0" * 128
            kept.MediaStorageSOPClassUID = read.SOPClassUID
            kept.MediaStorageSOPInstanceUID = read.SOPInstanceUID
            buffer = io.BytesIO()
            read.save_as(buffer, enforce_file_format=True)
    except LabelwidgetsError:
        raise
    except RecursionError:
        raise ImageError("has sequences nested too deep.", where=name) from None
    except Exception as error:
        raise ImageError(
            f"cannot be read whole ({type(error).__name__}), and is not copied.", where=name
        ) from None
    return buffer.getvalue(), risk, str(read.SOPInstanceUID)


def _warn(frame: pd.DataFrame) -> None:
    risky = frame[frame["risk"] != ""]
    if not len(risky):
        return
    listed = "; ".join(
        f"{path} {risk}"
        for path, risk in zip(risky["path"][:_LISTED], risky["risk"][:_LISTED], strict=True)
    )
    more = f"; and {len(risky) - _LISTED} more" if len(risky) > _LISTED else ""
    warnings.warn(
        f"Pixels are copied as they are. Look at these {numbered(len(risky), 'file')} for "
        "text about the "
        f"patient: {listed}{more}.",
        PrivacyWarning,
        stacklevel=3,
    )
