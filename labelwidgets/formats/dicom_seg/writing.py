"""From labels of scans to segmentation objects."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.dicom_objects.headers import file_of
from labelwidgets.formats.dicom_objects.planes import planes_of
from labelwidgets.formats.dicom_seg.building import Encoding, segmentation_of
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.privacy import Deidentify, Privacy
from labelwidgets.formats.results import Exported
from labelwidgets.formats.scan_labels import labels_by_item, ontology_of
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import By, segments_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset

_VOXELS = changed("volumemask", "voxels")
HOLDS = Holds(
    "DICOM SEG",
    "scans",
    {**dict.fromkeys(AREAS, _VOXELS), "volume mask": KEPT, "empty pictures": SILENT},
    file="labels.dcm",
)


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    ontology: Ontology | None = None,
    strict: bool = False,
    dataset: Dataset | None = None,
    segments: By = "classes",
    encoding: Encoding = "binary",
    deidentify: Deidentify = False,
    **storage_options: Any,
) -> Exported:
    """Write DICOM SEG: see `labelwidgets.formats.write` and `labelwidgets.formats.dicom_seg`.

    Parameters
    ----------
    annotations, ontology, strict, **storage_options
        As for `labelwidgets.formats.write`.
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
    SourceError
        If the place cannot be written.
    """
    if encoding not in ("binary", "labelmap"):
        raise FormatError(f"must be binary or labelmap, not {encoding!r:.40}.", where="encoding")
    output = Output(path, (".dcm", ".dicom"), **storage_options)
    scans, privacy = Scans(dataset, output.shown), Privacy(deidentify)
    ontology = ontology or ontology_of(annotations)
    dropped = Dropped(output.shown, HOLDS.title, strict)
    labels = labels_by_item(annotations, scans, HOLDS, dropped)
    output.check(len(labels), "scans with labels")
    counts: Counter[str] = Counter(scans=0, segments=0, frames=0)
    with output:
        for id, some in labels.items():
            volume = scans.dicom(id)
            found, left = segments_of(some, volume.grid.shape, ontology, segments)
            dropped.add(left)
            if not found:
                continue
            header = privacy.header(volume.dataset(0))
            try:
                planes = planes_of(volume, header, privacy.uid)
                made = segmentation_of(header, planes, volume.grid.shape, found, encoding)
            except FormatError as error:
                raise error.at(f"item {id!r}") from None
            output.add(privacy.name(scans.item(id)), file_of(made))
            counts.update(scans=1, segments=len(found), frames=int(made.NumberOfFrames))
    dropped.say()
    return Exported(output.shown, dict(counts) | dropped.counts)
