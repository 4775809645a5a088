"""DICOM files made for a test."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

from labelwidgets.media.access import Access
from labelwidgets.media.dicom.pixel_file import PixelFile
from labelwidgets.media.dicom.reading import header_of
from labelwidgets.media.dicom.slice_stack import SliceStack
from labelwidgets.media.limits import Limits


def dataset_of(pixels: npt.NDArray[Any], **values: Any) -> Dataset:
    """Return a CT of one frame, (rows, columns[, 3]), or of several, (frames, rows, columns)."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = pydicom.uid.CTImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = "1.2.3"
    made.Modality, made.SeriesInstanceUID, made.StudyInstanceUID = "CT", "1.2", "1.1"
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        made.SamplesPerPixel, made.PhotometricInterpretation = 3, "RGB"
        made.PlanarConfiguration = 0
        made.Rows, made.Columns = pixels.shape[:2]
    else:
        made.Rows, made.Columns = pixels.shape[-2:]
        if pixels.ndim == 3:
            made.NumberOfFrames = len(pixels)
    bits = 8 * pixels.dtype.itemsize
    made.BitsAllocated = made.BitsStored = bits
    made.HighBit = bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    data = pixels.tobytes()
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OW" if bits > 8 else "OB"
    for name, value in values.items():
        setattr(made, name, value)
    return made


def bytes_of(dataset: Dataset) -> bytes:
    """Return the file of a data set."""
    made = io.BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    return made.getvalue()


def encapsulated(
    dataset: Dataset, frames: list[bytes], syntax: str, table: bool = False, parts: int = 1
) -> Dataset:
    """Put encoded frames into a data set."""
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.PixelData = encapsulate(frames, has_bot=table, fragments_per_frame=parts)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


def pixel_file(path: Path, limits: Limits | None = None) -> PixelFile:
    """Open a file."""
    access = Access(limits=limits)
    return PixelFile(str(path), header_of(str(path), access), access)


def opened(path: Path, dataset: Dataset | bytes, limits: Limits | None = None) -> PixelFile:
    """Write a file and open it."""
    path.write_bytes(dataset if isinstance(dataset, bytes) else bytes_of(dataset))
    return pixel_file(path, limits)


def stack(paths: list[Path], limits: Limits | None = None) -> SliceStack:
    """Open files as a scan."""
    return SliceStack([str(path) for path in paths], Access(limits=limits))


def ramp(rows: int = 6, columns: int = 5, kind: str = "i2", start: int = 0) -> npt.NDArray[Any]:
    """Return values that are all different."""
    return (np.arange(rows * columns).reshape(rows, columns) + start).astype(kind)
