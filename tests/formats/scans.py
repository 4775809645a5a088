"""Small scans that are made for tests, and labels on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from labelwidgets.algorithms.runs import runs_from_mask
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask

SHAPE = (4, 11, 13)
# Oblique, so that no axis can be taken for another, and finer along rows than along columns.
COSINES = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)
SPACING = (2.5, 0.75, 0.5)
PATIENT = "Zebrowski^Quirina"


def slice_of(
    index: int,
    series: str,
    study: str,
    space: str,
    shape: tuple[int, int, int] = SHAPE,
    cosines: tuple[float, ...] = COSINES,
    spacing: tuple[float, float, float] = SPACING,
) -> pydicom.Dataset:
    """Return a slice of a CT."""
    made = pydicom.Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = CTImageStorage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid(prefix=None)
    made.SeriesInstanceUID, made.StudyInstanceUID, made.FrameOfReferenceUID = series, study, space
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName, made.PatientID = PATIENT, "QZ-4711-QZ"
    made.PatientBirthDate, made.PatientSex = "19510203", "F"
    made.StudyDate, made.StudyTime, made.StudyID = "20240102", "030405", "S1"
    made.AccessionNumber, made.ReferringPhysicianName = "ACC-90210", "Oberarzt^Xaver"
    made.InstitutionName = "Spital Zum Seltenen Namen"
    made.Modality, made.SeriesNumber, made.InstanceNumber = "CT", 3, index + 1
    made.Rows, made.Columns = shape[1:]
    made.PixelSpacing, made.SliceThickness = list(spacing[1:]), spacing[0]
    normal = np.cross(cosines[:3], cosines[3:])
    made.ImageOrientationPatient = list(cosines)
    made.ImagePositionPatient = [
        float(f"{value:.6f}")
        for value in np.array([-20.0, 5.0, 30.0]) + index * spacing[0] * normal
    ]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 1
    made.RescaleSlope, made.RescaleIntercept = 1, -1000
    values = np.arange(shape[1] * shape[2]).reshape(shape[1:]) % 999 + index
    made.PixelData = values.astype("<i2").tobytes()
    return made


def make_ct(
    folder: Path,
    shape: tuple[int, int, int] = SHAPE,
    cosines: tuple[float, ...] = COSINES,
    space: str | None = None,
    spacing: tuple[float, float, float] = SPACING,
) -> list[pydicom.Dataset]:
    """Write a CT into a folder, its files in no order; return its slices in that of space."""
    folder.mkdir(parents=True, exist_ok=True)
    uids = [str(generate_uid(prefix=None)) for _ in range(3)]
    if space is not None:
        uids[2] = space
    slices = [slice_of(index, *uids, shape, cosines, spacing) for index in range(shape[0])]
    for index, made in enumerate(slices):
        made.save_as(folder / f"{(index * 7 + 3) % 97:02d}.dcm", enforce_file_format=True)
    return slices


def open_scan(folder: Path, **options: Any) -> tuple[Dataset, str]:
    """Return the dataset of a folder, and the id of the only scan in it."""
    dataset = Dataset.open(str(folder), **options)
    assert len(dataset) == 1
    return dataset, str(dataset.items["id"][0])


def label(item: str, class_name: str, voxels: npt.NDArray[np.bool_], **fields: Any) -> Annotation:
    """Return the volume mask of voxels, (slices, rows, columns)."""
    slices = {index: runs_from_mask(mask) for index, mask in enumerate(voxels)}
    return Annotation(item_id=item, class_name=class_name, geometry=volume_mask(slices), **fields)


def voxels_of(annotation: Annotation, shape: tuple[int, int, int] = SHAPE) -> npt.NDArray[Any]:
    """Return what a volume mask covers, (slices, rows, columns), decoded by pycocotools."""
    from pycocotools import mask as coco

    assert isinstance(annotation.geometry, VolumeMask)
    made = np.zeros(shape, bool)
    for index, rle in annotation.geometry.slices.items():
        made[index] = coco.decode(rle.to_coco())
    return made


def voxels(shape: tuple[int, int, int] = SHAPE) -> st.SearchStrategy[npt.NDArray[np.bool_]]:
    """Return arbitrary sets of voxels, with at least one, blocks among them."""
    noise = arrays(np.bool_, shape, elements=st.booleans(), fill=st.booleans())
    corner = st.tuples(*(st.integers(0, side - 1) for side in shape))

    def block(ends: tuple[tuple[int, ...], tuple[int, ...]]) -> npt.NDArray[np.bool_]:
        made = np.zeros(shape, bool)
        low = [min(pair) for pair in zip(*ends, strict=True)]
        high = [max(pair) + 1 for pair in zip(*ends, strict=True)]
        made[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = True
        return made

    blocks = st.tuples(corner, corner).map(block)
    rings = st.tuples(blocks, blocks).map(lambda pair: pair[0] ^ pair[1])
    return st.one_of(noise, blocks, rings).filter(lambda made: bool(made.any()))
