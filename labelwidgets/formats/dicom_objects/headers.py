"""The header of a DICOM object that is made of labels of a scan."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from labelwidgets.errors import FormatError

if TYPE_CHECKING:
    import pydicom

# What an object has of its patient and study (PS3.3, C.7.1.1, C.7.2.1, C.7.2.2): the standard asks
# for the same values in all objects of a study.
_PATIENT = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
)
_STUDY = (
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
    "StudyDescription",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
)
# There, though empty where the scan has no value (type 2).
_EMPTY = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
MANUFACTURER = "labelwidgets"


def derived(
    source: pydicom.Dataset, sop_class: str, modality: str, uid: str, series: str
) -> pydicom.Dataset:
    """Return a new object of the patient and the study of a scan.

    Parameters
    ----------
    source
        Header of a file of the scan.
    sop_class
        UID of what is made.
    modality
        As DICOM names it.
    uid, series
        UIDs of the object and of its series.

    Raises
    ------
    FormatError
        If the scan has no study that it could belong to.
    """
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    if not source.get("StudyInstanceUID"):
        raise FormatError("is missing in the scan.", where="StudyInstanceUID")
    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _EMPTY:
        setattr(made, keyword, "")
    for keyword in (*_PATIENT, *_STUDY):
        if keyword in source:
            value = source[keyword].value
            # As text, so that it is written in the character set of the new object.
            made.add_new(
                source[keyword].tag,
                source[keyword].VR,
                str(value) if source[keyword].VR == "PN" else deepcopy(value),
            )
    made.SOPClassUID, made.SOPInstanceUID = UID(sop_class), UID(uid)
    made.SeriesInstanceUID = UID(series)
    made.Modality = modality
    made.Manufacturer = MANUFACTURER
    made.ManufacturerModelName = MANUFACTURER
    made.DeviceSerialNumber = "1"
    made.SoftwareVersions = _version()
    now = datetime.now()
    made.SeriesNumber, made.InstanceNumber = _series_number(source), 1
    made.SeriesDate = made.ContentDate = made.InstanceCreationDate = now.strftime("%Y%m%d")
    made.SeriesTime = made.ContentTime = made.InstanceCreationTime = now.strftime("%H%M%S")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = UID(sop_class), UID(uid)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta = meta
    return made


def _version() -> str:
    try:
        return version("labelwidgets")
    except PackageNotFoundError:
        return "unknown"


def _series_number(source: pydicom.Dataset) -> int:
    """Return a number by which people find the series beside that of the scan."""
    try:
        return (int(source.SeriesNumber) * 100 + 99) % (1 << 31)
    except (AttributeError, TypeError, ValueError):
        return 99


def new_uid() -> str:
    """Return a UID that nothing else has (PS3.5, B.2)."""
    from pydicom.uid import generate_uid

    return str(generate_uid(prefix=None))


def uid_of(*parts: str) -> str:
    """Return a UID that is the same whenever it is made of the same parts (PS3.5, B.2)."""
    digest = bytearray(hashlib.sha256("\n".join(parts).encode()).digest()[:16])
    # A UUID that is made of a name has these bits (RFC 9562, version 8).
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return f"2.25.{int.from_bytes(digest, 'big')}"


def file_of(made: pydicom.Dataset) -> bytes:
    """Return the file of an object (PS3.10)."""
    import io

    buffer = io.BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
