"""From a label map to volume masks."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.runs import Runs, runs_from_mask
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.nifti.library import library
from labelwidgets.formats.nifti.parsing import MAX_BYTES, is_nifti, unpacked
from labelwidgets.formats.nifti.writing import affine_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.scan_labels import Found
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.media.volumes import Grid, Volume
from labelwidgets.schema.colors import parse_color
from labelwidgets.schema.names import check_code
from labelwidgets.schema.ontology import ObjectClass, Ontology

# In voxels, how far apart two grids may be that are taken for one.
_NEAR = 0.1
MAX_CLASSES = 65_535


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is NIfTI, compressed or not."""
    return is_nifti(head)


@reader("nifti", "scans")
def read(
    job: Reading, *, item: str | None = None, classes: Mapping[int, str] | None = None
) -> Imported:
    """Read a label map: see `labelwidgets.formats.read` and `labelwidgets.formats.nifti`.

    Parameters
    ----------
    dataset
        With the scans.
    item
        The scan that it belongs to; None is the one whose voxels are in the same places.
    classes
        What its numbers are; None is what a file of ours says, else the classes of the
        ontology in their order.

    Raises
    ------
    FormatError
        Naming the file and the field: damaged, no label map, on no scan or on several.
    LimitError
        If it is too large, also what a compressed one becomes.
    MissingExtraError
        If nibabel is not installed.
    """
    library()
    found = job.scan_labels()
    data = unpacked(job.bytes(MAX_BYTES), job.shown, _most(job.scans, item))
    try:
        values, affine, said = label_map_in(data)
    except FormatError as error:
        raise error.at(job.shown) from None
    id, volume, labels = _matched(values, affine, job.scans, item, job.shown)
    told = _classes(found, said, classes, job.ontology)
    slices: dict[int, dict[int, Runs]] = {}
    for index in range(len(volume)):
        plane = labels[:, :, index].T
        for number in np.unique(plane).tolist():
            if number:
                slices.setdefault(int(number), {})[index] = runs_from_mask(plane == number)
    for number, some in sorted(slices.items()):
        try:
            made = told.get(number) or found.class_of(f"label {number}", tool="volumemask")
            found.keep(made, volume_mask(some), id, parameters={"number": number})
        except LabelwidgetsError as error:
            found.wrong(f"number {number}", number, error)
    return found.result("voxel")


def _most(scans: Scans, item: str | None) -> int:
    """Return how many voxels a label map may have: those of the scan, or of the largest one."""
    volumes = [scans.volume(item)] if item is not None else [one for _, one in scans.opened()]
    return max((math.prod(one.grid.shape) for one in volumes), default=0)


def label_map_in(
    data: bytes,
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.float64], list[Any]]:
    """Return whole numbers (column, row, slice), the affine, and what a file of ours says.

    Raises
    ------
    FormatError
        Naming the field: damaged, or no label map.
    """
    nibabel = library()
    kind = (
        nibabel.Nifti2Image
        if data[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c")
        else (nibabel.Nifti1Image)
    )
    try:
        made = kind.from_bytes(data)
        values = np.asanyarray(made.dataobj)
        affine = np.asarray(made.affine, float)
        extensions = list(made.header.extensions)
    except Exception as error:
        raise FormatError(f"is damaged ({type(error).__name__}).") from None
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 3:
        raise FormatError(f"has {numbered(values.ndim, 'axis')}, a label map has 3.", where="dim")
    if values.dtype.kind not in "iuf":
        raise FormatError(f"holds {values.dtype}, no numbers of classes.", where="datatype")
    if values.size and not (values.min() >= 0 and values.max() <= MAX_CLASSES):
        raise FormatError(
            f"holds numbers from {values.min():g} to {values.max():g}, "
            f"a label map from 0 to {MAX_CLASSES}.",
            where="voxels",
        )
    whole = values.astype(np.uint16)
    if values.dtype.kind == "f" and not np.array_equal(whole, values):
        raise FormatError("holds numbers that are not whole; is it a scan?", where="voxels")
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12:
        raise FormatError("leads nowhere.", where="affine")
    return whole, affine, [said for said in map(_said, extensions) if said is not None]


def _said(extension: Any) -> Any:
    try:
        said = json.loads(extension.get_content())
        return said["labelwidgets"]["classes"]
    except Exception:
        # Whatever others write there is not for us.
        return None


def _classes(
    found: Found,
    said: list[Any],
    classes: Mapping[int, str] | None,
    ontology: Ontology | None,
) -> dict[int, ObjectClass]:
    if classes is not None:
        return {
            int(number): found.class_of(name, tool="volumemask") for number, name in classes.items()
        }
    told: dict[int, ObjectClass] = {}
    for entry in said[0] if said and isinstance(said[0], list) else []:
        try:
            color, code = entry.get("color"), entry.get("code")
            told[int(entry["number"])] = found.class_of(
                entry["name"],
                tool="volumemask",
                color=parse_color(color, "color") if color else None,
                code=check_code(code, "code"),
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    if not told and ontology is not None:
        told = dict(enumerate(ontology.classes, 1))
    return told


def _matched(
    values: npt.NDArray[Any],
    affine: npt.NDArray[np.float64],
    scans: Scans,
    item: str | None,
    name: str,
) -> tuple[str, Volume, npt.NDArray[Any]]:
    """Return the scan that a label map belongs to, and the map along its axes."""
    if item is not None:
        volume = scans.volume(item)
        turned = along(values, affine, volume.grid)
        if turned is None:
            depth, height, width = volume.grid.shape
            raise FormatError(
                f"has {' x '.join(map(str, values.shape))} voxels that are not those of the scan, "
                f"of {width} x {height} x {depth}.",
                where=f"{name}, item {item!r}",
            )
        return item, volume, turned
    fitting = [(id, volume, turned) for id, volume, turned in _fitting(values, affine, scans)]
    if not fitting:
        raise FormatError(
            "has voxels where no scan of the dataset has them.",
            where=name,
            hint="Was it made on another grid? Resample it to that of the scan.",
        )
    stem = name.rsplit("/", 1)[-1].split(".")[0].lower()
    named = [one for one in fitting if stem and stem in scans.item(one[0]).title.lower()]
    if len(fitting) > 1 and len(named) != 1:
        raise FormatError(
            f"fits {numbered(len(fitting), 'scan')} of the dataset.",
            where=name,
            hint="Say which with item=, the id of one.",
        )
    return (named if len(fitting) > 1 else fitting)[0]


def _fitting(
    values: npt.NDArray[Any], affine: npt.NDArray[np.float64], scans: Scans
) -> Iterator[tuple[str, Volume, npt.NDArray[Any]]]:
    for id, volume in scans.opened():
        turned = along(values, affine, volume.grid)
        if turned is not None:
            yield id, volume, turned


def along(
    values: npt.NDArray[Any], affine: npt.NDArray[np.float64], grid: Grid
) -> npt.NDArray[Any] | None:
    """Return a map along (column, row, slice) of a scan, None where its voxels are others."""
    depth, height, width = grid.shape
    if sorted(values.shape) != sorted((depth, height, width)):
        return None
    own = affine_of(grid)
    try:
        leads = np.linalg.solve(own, affine)
    except np.linalg.LinAlgError:
        return None
    turn = np.rint(leads[:3, :3])
    if np.abs(leads[:3, :3] - turn).max() * max(values.shape) > _NEAR:
        return None
    if not (np.abs(turn).sum(axis=0) == 1).all() or not (np.abs(turn).sum(axis=1) == 1).all():
        return None
    axes = np.abs(turn).argmax(axis=1)
    if tuple(values.shape[axis] for axis in axes) != (width, height, depth):
        return None
    turned = values.transpose(axes)
    for at, axis in enumerate(axes.tolist()):
        mirrored = turn[at, axis] < 0
        if abs(leads[at, 3] - (turned.shape[at] - 1 if mirrored else 0)) > _NEAR:
            return None
        if mirrored:
            turned = np.flip(turned, at)
    return turned
