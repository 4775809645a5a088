"""Writing the labels of scans as DICOM objects, one for each scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from labelwidgets.errors import FormatError
from labelwidgets.formats.dicom_objects.headers import file_of
from labelwidgets.formats.dicom_objects.planes import Planes, planes_of
from labelwidgets.formats.privacy import Deidentify, Privacy
from labelwidgets.formats.scan_labels import labels_by_item
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import Shape
from labelwidgets.formats.writing import Writing
from labelwidgets.schema.annotation import Annotation

T = TypeVar("T")


def write_objects(
    job: Writing,
    deidentify: Deidentify,
    found_in: Callable[[Sequence[Annotation], Shape], tuple[Sequence[T], Counter[str]]],
    made_of: Callable[[Any, Planes, Shape, Sequence[T]], tuple[Any, Mapping[str, int]]],
) -> Counter[str]:
    """Write an object for each scan that has labels with a place in it.

    Parameters
    ----------
    job
        The writing.
    deidentify
        Whether patients are left out, and how.
    found_in
        Gives what an object has, of the labels of a scan and its shape (slices, rows, columns),
        and what has no place.
    made_of
        Gives the object, of a header of the scan, its planes, its shape and what was found, and
        how many of what are in it.

    Returns
    -------
    Counter
        How many ``scans``, and of what `made_of` counts.

    Raises
    ------
    FormatError
        Naming the annotation or the item.
    """
    scans, privacy = Scans(job.dataset, job.output.shown), Privacy(deidentify)
    labels = labels_by_item(job.annotations, scans, job.holds, job.dropped)
    job.output.check(len(labels), "scans with labels")
    counts = Counter(scans=0)
    for id, some in labels.items():
        volume = scans.dicom(id)
        found, left = found_in(some, volume.grid.shape)
        job.dropped.add(left)
        if not found:
            continue
        header = privacy.header(volume.dataset(0))
        try:
            planes = planes_of(volume, header, privacy.uid)
            made, there = made_of(header, planes, volume.grid.shape, found)
        except FormatError as error:
            raise error.at(f"item {id!r}") from None
        job.output.add(privacy.name(scans.item(id)), file_of(made))
        counts.update(there, scans=1)
    return counts
