"""Small DICOM files, made for a test."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

STUDY, SERIES, FRAME = "1.2.1", "1.2.1.1", "1.2.9"
AXIAL = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]
CORONAL = [1, 0, 0, 0, 0, -1]


def dataset(
    z: float | None = 0.0, number: int | None = 1, rows: int = 4, columns: int = 6, **changes: Any
) -> FileDataset:
    """Return a slice of a CT whose values are its instance number; None takes an element out."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[repr((z, number, changes))])
    made = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = STUDY, SERIES, FRAME
    made.Modality, made.SeriesDescription, made.SeriesNumber = "CT", "Chest", 3
    made.PatientName, made.PatientID = "Doe^Jane<b>", "ID-4711"
    made.PatientBirthDate = "19700102"
    made.InstanceNumber = number
    made.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    made.ImagePositionPatient = None if z is None else [-10, -20, z]
    made.ImageOrientationPatient, made.PixelSpacing = AXIAL, [0.5, 0.25]
    made.SliceThickness = 2
    made.Rows, made.Columns, made.SamplesPerPixel = rows, columns, 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.RescaleSlope, made.RescaleIntercept = 1, -1000
    made.WindowCenter, made.WindowWidth = 40, 400
    for name, value in changes.items():
        setattr(made, name, value)
    count = int(made.get("NumberOfFrames", 1))
    pixels = np.full((count, made.Rows or 0, made.Columns or 0), made.InstanceNumber or 0, "<u2")
    made.PixelData = (pixels + np.arange(count, dtype="<u2")[:, None, None]).tobytes()
    for name in [element.keyword for element in made if element.value is None]:
        delattr(made, name)
    return made


def content(made: Dataset) -> bytes:
    """Return a file."""
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, made, enforce_file_format=True)
    return buffer.getvalue()


def slice_bytes(z: float | None = 0.0, number: int | None = 1, **changes: Any) -> bytes:
    """Return a file with `dataset`."""
    return content(dataset(z, number, **changes))
