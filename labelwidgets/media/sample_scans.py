"""A made scan to try things on, of which every volume is known."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import SourceError

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

Values = npt.NDArray[np.int16]

# Of the voxels, as they are in the patient: across, down and from slice to slice, in millimetres.
_ACROSS = 1.75
_THIN, _THICK = 2.5, 7.5
_SIZE = 192
_HEIGHT = 150.0
# UIDs made from names, the same each time: UUIDs under the root 2.25 (PS3.5, B.2).
_NAMES = UUID("6c627764-6774-7377-8000-73616d706c65")


class Nodule(NamedTuple):
    """A ball in the made chest.

    Parameters
    ----------
    name
        What it is.
    centre
        In millimetres, (x, y, z): to the patient's left, to the back, to the head.
    radius
        In millimetres.
    value
        In Hounsfield units, before noise.
    """

    name: str
    centre: tuple[float, float, float]
    radius: float
    value: float


NODULES = (
    Nodule("solid nodule", (-75.0, 10.0, 80.0), 9.0, 60.0),
    Nodule("calcified nodule", (70.0, -15.0, 100.0), 6.0, 450.0),
    Nodule("ground glass nodule", (62.0, 30.0, 55.0), 12.0, -550.0),
)
"""The nodules in the lungs of `sample_scan`."""


def sample_scan(folder: str | PathLike[str]) -> list[str]:
    """Write a made CT of a chest: one study of two series, thin slices and thick ones.

    It is drawn from formulas, with noise that is the same each time: no patient was scanned.
    Both lungs hold vessels and `NODULES`; below them lies the liver.

    Parameters
    ----------
    folder
        Where the files go, in the folders ``thin`` (60 slices of 2.5 mm) and ``thick`` (20 of
        7.5 mm, smoother), each slice 192 x 192 pixels of 1.75 mm. What is there already is
        kept.

    Returns
    -------
    list of str
        The two folders.

    Raises
    ------
    SourceError
        If nothing can be written there.
    """
    root = Path(folder)
    made: Values | None = None
    try:
        for name, step in (("thin", _THIN), ("thick", _THICK)):
            series, count = root / name, int(_HEIGHT / step)
            series.mkdir(parents=True, exist_ok=True)
            missing = [at for at in range(count) if not (series / f"{at:03}.dcm").is_file()]
            if not missing:
                continue
            if made is None:
                made = _chest()
            several = int(step / _THIN)
            values = made if several == 1 else _averaged(made, several)
            for at in missing:
                _write(series / f"{at:03}.dcm", name, at, step, values[at])
    except OSError as error:
        raise SourceError(
            f"cannot be written ({error.strerror}).", where=str(root), hint="Choose another folder."
        ) from None
    return [str(root / "thin"), str(root / "thick")]


def _chest() -> Values:
    """Return (slices, rows, columns) Hounsfield units."""
    across = (np.arange(_SIZE) - (_SIZE - 1) / 2) * _ACROSS
    z = (np.arange(int(_HEIGHT / _THIN)) * _THIN)[:, None, None]
    y, x = across[None, :, None], across[None, None, :]
    values = np.full((z.size, _SIZE, _SIZE), -1000.0)
    body = (x / 150) ** 2 + (y / 105) ** 2 <= 1
    values[np.broadcast_to(body, values.shape)] = -90
    muscle = (x / 142) ** 2 + (y / 97) ** 2 <= 1
    values[np.broadcast_to(muscle, values.shape)] = 50
    lungs = np.zeros(values.shape, bool)
    # The lungs narrow towards the head; the liver's dome rises under the right one.
    narrow = 1 - 0.35 * (z / _HEIGHT) ** 2
    for side in (-1, 1):
        lung = ((x - side * 70) / (52 * narrow)) ** 2 + (y / (72 * narrow)) ** 2 <= 1
        lungs |= lung
    liver = ((x + 55) / 80) ** 2 + ((y + 5) / 80) ** 2 + ((z + 15) / 55) ** 2 <= 1
    lungs &= ~liver
    values[lungs] = -860
    values[liver & np.broadcast_to(muscle, values.shape)] = 60
    heart = ((x - 25) / 42) ** 2 + ((y + 22) / 38) ** 2 + ((z - 55) / 48) ** 2 <= 1
    values[heart] = 130
    _vessels(values, lungs, x, y, z)
    spine = (x / 20) ** 2 + ((y - 72) / 18) ** 2 <= 1
    values[np.broadcast_to(spine, values.shape)] = 350
    canal = (x / 8) ** 2 + ((y - 80) / 7) ** 2 <= 1
    values[np.broadcast_to(canal, values.shape)] = 30
    ring = ((x / 140) ** 2 + (y / 95) ** 2 <= 1) & ((x / 132) ** 2 + (y / 87) ** 2 > 1)
    ribs = ring & ((z + 0.12 * np.abs(x)) % 25 < 8) & (np.abs(x) > 18)
    values[ribs] = 600
    for nodule in NODULES:
        cx, cy, cz = nodule.centre
        values[(x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 <= nodule.radius**2] = nodule.value
    noise = np.random.default_rng(7).normal(0, 9, values.shape)
    made: Values = np.clip(np.round(values + noise), -1024, 3071).astype(np.int16)
    return made


def _vessels(
    values: npt.NDArray[np.float64],
    lungs: npt.NDArray[np.bool_],
    x: npt.NDArray[np.floating[Any]],
    y: npt.NDArray[np.floating[Any]],
    z: npt.NDArray[np.floating[Any]],
) -> None:
    """Draw tubes that run from the heart into the lungs, one of them through a nodule."""
    heart = np.array((25.0, -15.0, 70.0))
    ends: list[tuple[float, ...]] = [(side * a, b, c) for side in (-1, 1) for a, b, c in _TIPS]
    ends.append((-75.0, 10.0, 80.0))
    for number, end in enumerate(ends):
        way = np.array(end) - heart
        along = ((x - heart[0]) * way[0] + (y - heart[1]) * way[1] + (z - heart[2]) * way[2]) / (
            way @ way
        )
        along = np.clip(along, 0, 1)
        far = sum(
            (axis - at - along * step) ** 2
            for axis, at, step in zip((x, y, z), heart, way, strict=True)
        )
        radius = (4.5 - 0.2 * (number % 5)) * (1 - 0.55 * along)
        values[(far <= radius**2) & lungs] = 40


# Where vessels end: across, to the back, to the head, in millimetres.
_TIPS = ((95, 35, 110), (100, -20, 60), (85, -35, 125), (60, 45, 25), (110, 10, 85), (75, 0, 140))


def _averaged(values: Values, several: int) -> Values:
    """Return slices that are each the mean of several."""
    count = len(values) // several
    grouped = values[: count * several].reshape(count, several, *values.shape[1:])
    made: Values = np.round(grouped.mean(axis=1)).astype(np.int16)
    return made


def _write(path: Path, series: str, at: int, step: float, values: Values) -> None:
    read = _header(series, at, step)
    read.PixelData = (values.astype(np.int32) + 1024).astype("<u2").tobytes()
    # Whole or not at all, as it may be read while it is written.
    part = path.with_suffix(f".{os.getpid()}.part")
    read.save_as(part, enforce_file_format=True)
    part.replace(path)


def _header(series: str, at: int, step: float) -> FileDataset:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

    def uid(*names: str) -> UID:
        return UID(f"2.25.{uuid5(_NAMES, ' '.join(names)).int}")

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = uid(series, str(at))
    read = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    read.SOPClassUID, read.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    read.StudyInstanceUID, read.SeriesInstanceUID = uid("study"), uid(series)
    read.FrameOfReferenceUID = uid("frame of reference")
    read.Modality, read.Manufacturer = "CT", "labelwidgets"
    read.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    read.PatientName, read.PatientID = "Sample^Chest", "SAMPLE"
    read.PatientBirthDate, read.PatientSex = "", "O"
    read.StudyDate, read.StudyTime, read.StudyID = "20200101", "120000", "1"
    read.AccessionNumber, read.ReferringPhysicianName = "", ""
    read.StudyDescription = "Made chest"
    read.SeriesDescription = f"Chest, {series} slices"
    read.SeriesNumber = 1 if series == "thin" else 2
    read.PatientIdentityRemoved, read.DeidentificationMethod = "YES", "Drawn from formulas"
    read.BurnedInAnnotation = "NO"
    read.InstanceNumber = at + 1
    read.PatientPosition = "HFS"
    corner = -(_SIZE - 1) / 2 * _ACROSS
    # The middle of a thick slice is that of the thin ones that it is the mean of.
    read.ImagePositionPatient = [corner, corner, at * step + (step - _THIN) / 2]
    read.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    read.PixelSpacing, read.SliceThickness = [_ACROSS, _ACROSS], step
    read.KVP = 120
    read.Rows = read.Columns = _SIZE
    read.SamplesPerPixel, read.PhotometricInterpretation = 1, "MONOCHROME2"
    read.BitsAllocated, read.BitsStored, read.HighBit = 16, 12, 11
    read.PixelRepresentation = 0
    read.RescaleIntercept, read.RescaleSlope, read.RescaleType = -1024, 1, "HU"
    read.WindowCenter, read.WindowWidth = [-600, 40], [1500, 400]
    read.WindowCenterWidthExplanation = ["LUNG", "MEDIASTINUM"]
    return read
