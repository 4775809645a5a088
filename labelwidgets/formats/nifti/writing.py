"""From labels of scans to label maps."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.formats.drawing import Drawn
from labelwidgets.formats.file_names import safe_name
from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.labelled_volume import numbers_of
from labelwidgets.formats.nifti.library import TO_RAS, library
from labelwidgets.formats.outputs import check_single
from labelwidgets.formats.privacy import Deidentify, Privacy
from labelwidgets.formats.scan_labels import labels_by_item
from labelwidgets.formats.scans import Scans, ScansThere
from labelwidgets.formats.voxels import label_map, overlapping, segments_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.volumes import Grid
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import ObjectClass, Ontology

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
    if not split:
        output.check(len(labels), "scans with labels")
    packed = not output.shown.lower().endswith(".nii")
    classes = {numbers[one.name]: one for one in job.ontology.classes}

    def wanted() -> Iterator[_Wanted]:
        for id, some in labels.items():
            name = safe_name(job.output.plain(privacy.name(scans.item(id))))
            parts = {"": name}
            if split:
                parts = {
                    one.name: f"{name}/{safe_name(one.name.replace('/', '_'))}"
                    for one in job.ontology.classes
                }
            if output.single:
                yield _Wanted(id, some, dict.fromkeys(parts, ""))
            else:
                yield _Wanted(id, some, {one: output.place(at) for one, at in parts.items()})

    scans_there = ScansThere(job.reading, output.shown)
    mapper = _Mapper(scans_there, job.ontology, classes, split, packed, output.single)
    found = job.draw(mapper, wanted(), together=1)
    return {"scans": len(found), "classes": sum(found)}


class _Wanted(NamedTuple):
    """The labels of a scan, and where its files lie: by class, or that of all of them."""

    item: str
    labels: list[Annotation]
    places: Mapping[str, str]


class _Mapper:
    """Makes the label maps of scans, each by itself."""

    def __init__(
        self,
        scans: ScansThere,
        ontology: Ontology,
        classes: dict[int, ObjectClass],
        split: bool,
        packed: bool,
        single: bool,
    ) -> None:
        self.scans, self.ontology, self.classes = scans, ontology, classes
        self.split, self.packed, self.single = split, packed, single

    def __call__(self, wanted: _Wanted) -> Drawn:
        """Return the files of a scan, and how many classes are in them."""
        grid = self.scans.opened.volume(wanted.item).grid
        segments, lost = segments_of(wanted.labels, grid.shape, self.ontology)
        lost["voxel of several classes"] += 0 if self.split else overlapping(segments)
        lost["uneven gap between slices"] += _uneven(grid)
        files: list[tuple[str, bytes | None]] = []
        if self.split:
            if self.single:
                check_single(self.scans.shown, len(segments), "classes")
            for segment in segments:
                made = label_map([segment], [1], grid.shape)
                data = label_file(made, grid, {1: segment.made}, self.packed)
                files.append((wanted.places[segment.made.name], data))
        else:
            numbers = {one.name: number for number, one in self.classes.items()}
            made = label_map(segments, [numbers[one.made.name] for one in segments], grid.shape)
            data = label_file(made, grid, self.classes, self.packed)
            files.append((wanted.places[""], data))
        return Drawn(files, lost, len(segments))


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
