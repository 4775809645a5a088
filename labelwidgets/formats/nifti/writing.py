"""From labels of scans to label maps."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.labelled_volume import numbers_of
from labelwidgets.formats.nifti.library import TO_RAS, library
from labelwidgets.formats.outputs import safe_name
from labelwidgets.formats.privacy import Deidentify, Privacy
from labelwidgets.formats.scan_labels import labels_by_item
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import label_map, overlapping, segments_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.volumes import Grid
from labelwidgets.schema.ontology import ObjectClass

# "comment", for plain text (nifti1.h).
_COMMENT = 6

_VOXELS = changed("volumemask", "voxels")
HOLDS = Holds(
    "NIfTI",
    "scans",
    {**dict.fromkeys(AREAS, _VOXELS), "volume mask": KEPT, "empty pictures": SILENT},
    disjoint=True,
    file="labels.nii.gz",
)


@writer(HOLDS, ".nii.gz", ".nii")
def write(job: Writing, *, split: bool = False, deidentify: Deidentify = False) -> Counts:
    """Write NIfTI: see `labelwidgets.formats.write` and `labelwidgets.formats.nifti`.

    Parameters
    ----------
    path
        ``.nii`` or ``.nii.gz`` is the file of the only scan with labels; else a folder, or a
        ``.zip``.
    dataset
        With the scans.
    split
        Write a file for each class.
    deidentify
        Call files by the ids of items, as their titles may be names of patients.

    Raises
    ------
    FormatError
        Naming the annotation that does not fit its scan, or (if `strict`) what the format
        cannot express: labels without area, overlaps, slices that are not equally far apart.
    MissingExtraError
        If nibabel is not installed.
    """
    library()
    output, numbers = job.output, numbers_of(job.ontology)
    scans, privacy = Scans(job.dataset, output.shown), Privacy(deidentify)
    labels = labels_by_item(job.annotations, scans, HOLDS, job.dropped)
    counts = Counter(scans=0, classes=0)
    if not split:
        output.check(len(labels), "scans with labels")
    packed = not output.shown.lower().endswith(".nii")
    for id, some in labels.items():
        grid = scans.volume(id).grid
        segments, left = segments_of(some, grid.shape, job.ontology)
        twice = 0 if split else overlapping(segments)
        left["voxel of several classes"] += twice
        left["uneven gap between slices"] += _uneven(grid)
        job.dropped.add(left)
        name = safe_name(privacy.name(scans.item(id)))
        if split:
            output.check(len(segments), "classes")
            for segment in segments:
                made = label_map([segment], [1], grid.shape)
                data = label_file(made, grid, {1: segment.made}, packed)
                output.add(f"{name}/{safe_name(segment.made.name.replace('/', '_'))}", data)
        else:
            made = label_map(segments, [numbers[one.made.name] for one in segments], grid.shape)
            classes = {numbers[one.name]: one for one in job.ontology.classes}
            output.add(name, label_file(made, grid, classes, packed))
        counts.update(scans=1, classes=len(segments))
    return counts


def _uneven(grid: Grid) -> int:
    """Return how many gaps between slices differ from what the affine says."""
    if grid.positions is None or grid.affine is None or len(grid.positions) < 2:
        return 0
    gaps = np.linalg.norm(np.diff(grid.positions, axis=0), axis=1)
    return int(np.count_nonzero(np.abs(gaps - np.linalg.norm(grid.affine[:3, 2])) > 0.01 * gaps))


def label_file(
    labels: npt.NDArray[Any], grid: Grid, classes: dict[int, ObjectClass], packed: bool
) -> bytes:
    """Return a label map, (slices, rows, columns), as a file that says what its numbers are."""
    nibabel = library()
    made = nibabel.Nifti1Image(labels.transpose(2, 1, 0), affine_of(grid))
    header = made.header
    header.set_xyzt_units("mm")
    # Scanner coordinates where the scan has them.
    code = 1 if grid.affine is not None else 0
    made.set_sform(made.affine, code)
    made.set_qform(made.affine, code)
    header["descrip"] = b"labels"
    said = {
        "labelwidgets": {
            "classes": [
                {"number": number, "name": one.name, "color": one.color, "code": one.code}
                for number, one in sorted(classes.items())
            ]
        }
    }
    text = json.dumps(said, ensure_ascii=False).encode()
    header.extensions.append(nibabel.nifti1.Nifti1Extension(_COMMENT, text))
    data: bytes = made.to_bytes()
    # The same labels give the same bytes.
    return gzip.compress(data, 6, mtime=0) if packed else data


def affine_of(grid: Grid) -> npt.NDArray[np.float64]:
    """Return the affine from (column, row, slice) to RAS; the spacing alone for a scan nowhere."""
    if grid.affine is not None:
        return np.asarray(TO_RAS @ grid.affine)
    between, down, across = grid.spacing or (1.0, 1.0, 1.0)
    return np.asarray(TO_RAS @ np.diag([across, down, between, 1.0]))
