"""Scans and label maps as the files that servers of models send and take: NIfTI, and PNG."""

from __future__ import annotations

import gzip
import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.adapters.pictures import as_picture
from labelwidgets.assist.context import Context
from labelwidgets.errors import AssistantError, FormatError, ImageError, LimitError
from labelwidgets.formats.mask_pictures import read_mask
from labelwidgets.formats.nifti.library import library
from labelwidgets.formats.nifti.parsing import is_nifti, unpacked
from labelwidgets.formats.nifti.reading import along, label_map_in
from labelwidgets.formats.nifti.writing import affine_of
from labelwidgets.media.scan import Scan
from labelwidgets.media.volumes import Grid
from labelwidgets.model_servers.axis_order import Order

_PNG = b"\x89PNG\r\n\x1a\n"
# A slice at a time, so that it can be given up on.
_SENT = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")


def scan_file(
    scan: Scan, context: Context, packed: bool = True, order: Order | None = None
) -> bytes:
    """Return a scan as NIfTI: voxel (column, row, slice), the affine to RAS.

    Parameters
    ----------
    scan
        With its values as they are read.
    context
        Asked between slices whether the file is still wanted.
    packed
        Compress it, quickly.
    order
        Its axes in another order and direction.
    """
    depth, height, width = scan.shape
    first = scan.values(0)
    values = np.empty((width, height, depth), _sent(first.dtype), order="F")
    for index in range(depth):
        context.progress()
        values[:, :, index] = scan.values(index).T
    return nifti_file(values, scan.grid, packed, order)


def nifti_file(
    values: npt.NDArray[Any], grid: Grid, packed: bool = True, order: Order | None = None
) -> bytes:
    """Return values, (columns, rows, slices), on a grid as NIfTI; see `scan_file`."""
    nibabel = library()
    affine = affine_of(grid)
    if order is not None:
        values, affine = order.turned(values, affine)
    made = nibabel.Nifti1Image(values, affine)
    made.header.set_xyzt_units("mm")
    code = 1 if grid.affine is not None else 0
    made.set_sform(made.affine, 1)
    made.set_qform(made.affine, code)
    data: bytes = made.to_bytes()
    return gzip.compress(data, 1, mtime=0) if packed else data


def _sent(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that a file has, one that all readers of NIfTI know."""
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.name in _SENT:
        return dtype
    return np.dtype(np.float32 if dtype.itemsize <= 2 else np.float64)


def read_scan_labels(data: bytes, grid: Grid, scaled: bool = False) -> npt.NDArray[np.uint16]:
    """Return a label map, (slices, rows, columns), along the axes of the scan.

    Parameters
    ----------
    data
        NIfTI, compressed or not. Never more of it is unpacked than the scan has voxels.
    grid
        Of the scan. The map may be turned and mirrored, but must have its voxels.
    scaled
        Its voxels are numbered as those of the scan, whatever its affine says.

    Raises
    ------
    AssistantError
        If it is damaged, is no label map, or lies elsewhere.
    MissingExtraError
        If nibabel is not installed.
    """
    if not is_nifti(data[:1024]):
        raise AssistantError(
            "answered with a file that is no NIfTI.", hint="Let it answer with .nii.gz."
        )
    try:
        values, affine, _ = label_map_in(unpacked(data, "label map", math.prod(grid.shape)))
    except (FormatError, LimitError) as error:
        raise AssistantError(
            f"answered with a label map that cannot be taken: {error.message}",
            where=error.where,
            hint=error.hint,
        ) from None
    made: Any
    if scaled:
        made = values if values.shape == grid.shape[::-1] else None
    else:
        made = along(values, affine, grid)
    if made is None:
        depth, height, width = grid.shape
        raise AssistantError(
            f"answered with {' x '.join(map(str, values.shape))} voxels that are not those of the "
            f"scan, of {width} x {height} x {depth}.",
            where="affine",
            hint="Its model must turn its result back to the grid of what it was sent.",
        )
    labels: npt.NDArray[np.uint16] = np.ascontiguousarray(made.T)
    return labels


def picture_file(pixels: npt.NDArray[Any]) -> bytes:
    """Return a picture as PNG."""
    made = io.BytesIO()
    as_picture(pixels).save(made, "PNG", compress_level=1)
    return made.getvalue()


def read_picture_labels(data: bytes, size: tuple[int, int]) -> npt.NDArray[Any]:
    """Return a label map of a picture of (height, width) pixels, from PNG or NIfTI.

    Raises
    ------
    AssistantError
        If it is damaged, is no label map, or has another size.
    """
    if data.startswith(_PNG):
        try:
            made = read_mask(data, "label map")
        except (FormatError, ImageError, LimitError) as error:
            raise AssistantError(
                f"answered with a picture that cannot be read: {error.message}"
            ) from None
        if made.kind == "color" or made.values.shape != size:
            raise AssistantError(
                f"answered with a picture of {made.size[0]} x {made.size[1]} pixels "
                f"({made.kind}), the label map must have {size[1]} x {size[0]} numbers."
            )
        return made.values
    # Axes of NIfTI are (column, row), and a picture lies nowhere.
    labels: npt.NDArray[Any] = read_scan_labels(data, Grid((1, *size)), scaled=True)[0]
    return labels
