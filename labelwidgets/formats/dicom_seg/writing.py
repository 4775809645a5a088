"""From labels of scans to segmentation objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.dicom_objects.planes import Planes
from labelwidgets.formats.dicom_objects.writing import write_objects
from labelwidgets.formats.dicom_seg.building import Encoding, segmentation_of
from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.privacy import Deidentify
from labelwidgets.formats.voxels import By, Segment, Shape, segments_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation

_VOXELS = changed("volumemask", "voxels")
HOLDS = Holds(
    "DICOM SEG",
    "scans",
    {**dict.fromkeys(AREAS, _VOXELS), "volume mask": KEPT, "empty pictures": SILENT},
    file="labels.dcm",
)


@writer(HOLDS, ".dcm", ".dicom")
def write(
    job: Writing,
    *,
    segments: By = "classes",
    encoding: Encoding = "binary",
    deidentify: Deidentify = False,
) -> Counts:
    """Write DICOM SEG: see `labelwidgets.formats.write` and `labelwidgets.formats.dicom_seg`.

    Parameters
    ----------
    path
        ``.dcm`` is the file of the only scan with labels; else a folder, or a ``.zip``, with a
        file for each.
    dataset
        With the scans, whose headers are read.
    segments
        ``classes``: one segment for a class; ``instances``: one for each object.
    encoding
        ``binary``, or ``labelmap`` for one number a voxel.
    deidentify
        Leave the patient out, by the basic profile of PS3.15: True, or `DeidentifyOptions`. UIDs
        are those of copies that `labelwidgets.media.deidentify` makes with the same options.

    Raises
    ------
    FormatError
        Naming the annotation or item: a scan that is no DICOM, a label of another size, segments
        that overlap in a label map, or (if `strict`) what the format cannot express.
    """
    if encoding not in ("binary", "labelmap"):
        raise FormatError(f"must be binary or labelmap, not {encoding!r:.40}.", where="encoding")

    def found_in(
        labels: Sequence[Annotation], shape: Shape
    ) -> tuple[Sequence[Segment], Counter[str]]:
        return segments_of(labels, shape, job.ontology, segments)

    def made_of(
        header: Any, planes: Planes, shape: Shape, found: Sequence[Segment]
    ) -> tuple[Any, Counts]:
        made = segmentation_of(header, planes, shape, found, encoding)
        return made, {"segments": len(found), "frames": int(made.NumberOfFrames)}

    counts = write_objects(job, deidentify, found_in, made_of)
    return {"segments": 0, "frames": 0, **counts}
