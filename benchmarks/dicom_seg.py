"""DICOM SEG of a series, written and read, beside highdicom."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom

from benchmarks.dicom import SIDE, write_series
from benchmarks.report import Report, main, ratio
from benchmarks.timing import timed
from labelwidgets import formats
from labelwidgets.algorithms.runs import runs_from_mask
from labelwidgets.formats.voxels import volume_mask
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation

SLICES, SEGMENTS, REPEAT = 300, 5, 3


def measure(report: Report) -> None:
    slices = 60 if report.quick else SLICES
    table = report.table(
        f"DICOM SEG, {slices} slices of {SIDE} x {SIDE}, {SEGMENTS} segments on each",
        *("what", "ours, ms", "highdicom, ms", "ours / highdicom"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as name:
        folder = Path(name)
        write_series(folder / "ct", slices)
        dataset = Dataset.open(str(folder / "ct"))
        item = dataset.items["id"][0]
        labels = segments(slices)
        made = [
            Annotation(
                item_id=item,
                class_name=f"class {number}",
                geometry=volume_mask(
                    {at: runs_from_mask(one == number) for at, one in enumerate(labels)}
                ),
            )
            for number in range(1, SEGMENTS + 1)
        ]
        images = [pydicom.dcmread(path) for path in sorted((folder / "ct").iterdir())]
        for image in images:
            image.PatientName = "Nobody^"
        for encoding, kind in (("binary", "BINARY"), ("labelmap", "LABELMAP")):
            ours, theirs = folder / "ours.dcm", folder / "theirs.dcm"

            def write(ours: Path = ours, encoding: str = encoding) -> Any:
                return formats.write(made, ours, "dicom_seg", dataset=dataset, encoding=encoding)

            def read(ours: Path = ours) -> Any:
                return formats.read(ours, dataset=dataset)

            def write_theirs(theirs: Path = theirs, kind: str = kind) -> None:
                segmentation(images, labels, kind).save_as(theirs)

            def read_theirs(theirs: Path = theirs) -> np.ndarray:
                # All pixels, as an array: what highdicom has instead of labels.
                seg = hd.seg.segread(theirs)
                return seg.get_pixels_by_source_instance(
                    [image.SOPInstanceUID for image in images],
                    assert_missing_frames_are_empty=True,
                    combine_segments=True,
                )

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                mine = timed(write, REPEAT).median, timed(read, REPEAT).median
                others = timed(write_theirs, REPEAT).median, timed(read_theirs, REPEAT).median
                if not np.array_equal(read_theirs(ours), labels):
                    raise AssertionError("highdicom reads other voxels than were written.")
                if [one.geometry for one in read().annotations] != [one.geometry for one in made]:
                    raise AssertionError("Other voxels are read than were written.")
            for what, a, b in zip(("write", "read"), mine, others, strict=True):
                table.add(f"{encoding}, {what}", a, b, ratio(a, b))
            table.add(f"{encoding}, both", sum(mine), sum(others), ratio(sum(mine), sum(others)))
    table.notes.append(
        "Ours goes from run-length codes to a file and back to codes, highdicom from an array to a "
        "file and back to an array of the same voxels."
    )


def segments(slices: int) -> np.ndarray:
    """Return (slices, rows, columns) uint8: blobs that grow and shrink through the slices."""
    y, x = np.mgrid[:SIDE, :SIDE]
    labels = np.zeros((slices, SIDE, SIDE), np.uint8)
    for number in range(SEGMENTS):
        distance = (y - 120 - 80 * (number % 3)) ** 2 + (x - 100 - 75 * number) ** 2
        for at in range(slices):
            labels[at][distance < (34 + 12 * np.sin(at / 20 + number)) ** 2] = number + 1
    return labels


def segmentation(images: list[pydicom.Dataset], labels: np.ndarray, kind: str) -> Any:
    code = hd.sr.CodedConcept("85756007", "SCT", "Tissue")
    return hd.seg.Segmentation(
        images,
        labels,
        kind,
        [
            hd.seg.SegmentDescription(number, f"class {number}", code, code, "MANUAL")
            for number in range(1, SEGMENTS + 1)
        ],
        hd.UID(), 1, hd.UID(), 1, "maker", "model", "1", "1",
    )  # fmt: skip


if __name__ == "__main__":
    main("dicom_seg", measure)
