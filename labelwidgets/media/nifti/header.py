"""What the header of a NIfTI file says, checked before anything is read by it."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import ImageError, LimitError, MissingExtraError
from labelwidgets.media.kinds import MOST
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place

# Of NIfTI-1 and NIfTI-2, with the four bytes that say whether extensions follow.
_BYTES = 544


class NiftiHeader(NamedTuple):
    """The header of a volume.

    Parameters
    ----------
    shape
        (columns, rows, slices) as they are stored, the first one fastest.
    volumes
        How many of that shape there are.
    offset
        Where the first one begins, in bytes.
    dtype
        Of a stored value; of colour with three bytes.
    slope, intercept
        From stored values to those that are meant.
    affine
        (4, 4) from (column, row, slice) to millimetres, to the patient's right, front and head
        (RAS+); None where the file does not say.
    spacing
        Millimetres along the three axes.
    window
        The values that shall be black and white, None where the file does not say.
    """

    shape: tuple[int, int, int]
    volumes: int
    offset: int
    dtype: np.dtype[Any]
    slope: float
    intercept: float
    affine: npt.NDArray[np.float64] | None
    spacing: tuple[float, float, float]
    window: tuple[float, float] | None

    @property
    def slice_bytes(self) -> int:
        """Bytes of one stored slice."""
        return self.shape[0] * self.shape[1] * self.dtype.itemsize


def read_nifti_header(place: Place, where: str, limits: Limits) -> NiftiHeader:
    """Return the header of a NIfTI-1 or NIfTI-2 file (.nii).

    Parameters
    ----------
    place
        Where the plain file lies.
    where
        The name that errors give to it.
    limits
        Bounds on the size of a slice.

    Raises
    ------
    ImageError
        If it is no such file, or claims what cannot be.
    LimitError
        If it is larger than the limits allow.
    MissingExtraError
        If nibabel is not installed.
    """
    data = place.fetch(0, _BYTES)
    if data[344:348] not in (b"n+1\0", b"ni1\0") and data[4:8] not in (b"n+2\0", b"ni2\0"):
        raise ImageError("is no NIfTI file.", where=where)
    if b"ni" in (data[344:346], data[4:6]):
        hint = "Save it as one file, .nii or .nii.gz."
        raise ImageError("is a header whose pixels lie in another file.", where=where, hint=hint)
    try:
        from nibabel.nifti1 import Nifti1Header
        from nibabel.nifti2 import Nifti2Header
    except ImportError:
        raise MissingExtraError(
            "is a NIfTI file, which needs the package nibabel.",
            where=where,
            hint='Install it with: pip install "labelwidgets[dicom]"',
        ) from None
    kind, size = (Nifti2Header, 540) if data[4:7] == b"n+2" else (Nifti1Header, 348)
    try:
        read = _reader(kind)(io.BytesIO(data[:size].ljust(size + 4, b"\0")), check=False)
        return _checked(read, where, limits)
    except (ImageError, LimitError):
        raise
    except Exception as error:
        # nibabel raises whatever its parts do on damaged bytes.
        raise ImageError(
            f"has a header that cannot be read ({type(error).__name__}).", where=where
        ) from None


def _reader(kind: Any) -> Any:
    return kind.from_fileobj


def _checked(read: Any, where: str, limits: Limits) -> NiftiHeader:
    count = int(read["dim"][0])
    sizes = [int(size) for size in read["dim"][1 : count + 1]] if 1 <= count <= 7 else []
    if len(sizes) < 2 or min(sizes) < 1:
        raise ImageError(f"claims a volume of {sizes or 'no'} pixels.", where=where)
    columns, rows, slices = (*sizes, 1)[:3]
    volumes = int(np.prod([float(size) for size in sizes[3:]])) if len(sizes) > 3 else 1
    limits.check_pixels(columns, rows, where)
    if slices > MOST:
        raise LimitError(f"claims {slices} slices, at most {MOST} are allowed.", where=where)
    dtype = read.get_data_dtype()
    if dtype.kind not in "iuf" and dtype.names != ("R", "G", "B"):
        raise ImageError(
            f"has values of the type {dtype}, which are not shown.",
            where=where,
            hint="Known are whole numbers, floating point and RGB.",
        )
    offset = float(read["vox_offset"])
    if not np.isfinite(offset) or not 0 <= offset <= limits.file_bytes:
        raise ImageError("claims pixels at no place in the file.", where=where)
    zooms = [abs(float(zoom)) for zoom in read["pixdim"][1:4]]
    spacing = tuple(zoom if np.isfinite(zoom) and zoom > 0 else 1.0 for zoom in zooms)
    slope, intercept = float(read["scl_slope"]), float(read["scl_inter"])
    if not np.isfinite(slope) or slope == 0:
        # As the standard has it, there is nothing to scale.
        slope, intercept = 1.0, 0.0
    low, high = float(read["cal_min"]), float(read["cal_max"])
    known = np.isfinite(low) and np.isfinite(high) and high > low
    return NiftiHeader(
        (columns, rows, slices),
        volumes,
        max(int(offset), 352),
        dtype,
        slope,
        intercept if np.isfinite(intercept) else 0.0,
        _affine(read),
        (spacing[0], spacing[1], spacing[2]),
        (low, high) if known else None,
    )


def _affine(read: Any) -> npt.NDArray[np.float64] | None:
    """Return the affine of the file: the sform, else the qform; None where it has neither."""
    if int(read["sform_code"]) <= 0 and int(read["qform_code"]) <= 0:
        return None
    affine: npt.NDArray[np.float64] = np.array(read.get_best_affine(), np.float64)
    whole = affine.shape == (4, 4) and bool(np.all(np.isfinite(affine)))
    return affine if whole and abs(np.linalg.det(affine[:3, :3])) > 1e-12 else None
