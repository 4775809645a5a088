"""From labels of scans to structure sets."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.dicom_objects.headers import file_of
from labelwidgets.formats.dicom_objects.planes import planes_of
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.privacy import Deidentify, Privacy
from labelwidgets.formats.results import Exported
from labelwidgets.formats.rtstruct.building import Region, structure_set_of
from labelwidgets.formats.scan_labels import labels_by_item, ontology_of
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import By, Shape, segments_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Point, Polyline
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset

_VOXELS = changed("volumemask", "voxels")
HOLDS = Holds(
    "RTSTRUCT",
    "scans",
    {
        **dict.fromkeys(AREAS, _VOXELS),
        "volume mask": KEPT,
        "polyline": KEPT,
        "point": KEPT,
        "empty pictures": SILENT,
    },
    file="labels.dcm",
)


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    ontology: Ontology | None = None,
    strict: bool = False,
    dataset: Dataset | None = None,
    regions: By = "classes",
    deidentify: Deidentify = False,
    **storage_options: Any,
) -> Exported:
    """Write RTSTRUCT: see `labelwidgets.formats.write` and `labelwidgets.formats.rtstruct`.

    Parameters
    ----------
    annotations, ontology, strict, **storage_options
        As for `labelwidgets.formats.write`.
    path
        ``.dcm`` is the file of the only scan with labels; else a folder, or a ``.zip``, with a
        file for each.
    dataset
        With the scans, whose headers are read.
    regions
        ``classes``: one region of interest a class; ``instances``: one an object.
    deidentify
        Leave the patient out, by the basic profile of PS3.15: True, or `DeidentifyOptions`. UIDs
        are those of copies that `labelwidgets.media.deidentify` makes with the same options.

    Raises
    ------
    FormatError
        Naming the annotation or item: a scan that is no DICOM or lies nowhere, a label of
        another size, or (if `strict`) what the format cannot express.
    SourceError
        If the place cannot be written.
    """
    output = Output(path, (".dcm", ".dicom"), **storage_options)
    scans, privacy = Scans(dataset, output.shown), Privacy(deidentify)
    ontology = ontology or ontology_of(annotations)
    dropped = Dropped(output.shown, HOLDS.title, strict)
    labels = labels_by_item(annotations, scans, HOLDS, dropped)
    output.check(len(labels), "scans with labels")
    counts: Counter[str] = Counter(scans=0, regions=0, contours=0)
    with output:
        for id, some in labels.items():
            volume = scans.dicom(id)
            found, left = _regions(some, volume.grid.shape, ontology, regions)
            dropped.add(left)
            if not found:
                continue
            header = privacy.header(volume.dataset(0))
            try:
                planes = planes_of(volume, header, privacy.uid)
                if not planes.placed:
                    raise FormatError(
                        "lies nowhere in space, where contours are.",
                        where="FrameOfReferenceUID, ImagePositionPatient",
                        hint="Write dicom_seg instead, which refers to pictures.",
                    )
                made, contours = structure_set_of(header, planes, found)
            except FormatError as error:
                raise error.at(f"item {id!r}") from None
            output.add(privacy.name(scans.item(id)), file_of(made))
            counts.update(scans=1, regions=len(found), contours=contours)
    dropped.say()
    return Exported(output.shown, dict(counts) | dropped.counts)


def _regions(
    annotations: Sequence[Annotation], shape: Shape, ontology: Ontology, by: By
) -> tuple[list[Region], Counter[str]]:
    segments, left = segments_of(annotations, shape, ontology, by)
    found = [Region(one.made, "CLOSED_PLANAR", one.annotations, one) for one in segments]
    for kind, type_, name in (
        ("POINT", Point, "point"),
        ("OPEN_PLANAR", Polyline, "polyline"),
    ):
        left.pop(name, None)
        several: dict[str, list[Annotation]] = {}
        for made in annotations:
            if isinstance(made.geometry, type_) and made.class_name is not None:
                if not 0 <= (made.frame or 0) < shape[0]:
                    raise FormatError(
                        f"is slice {made.frame}, the scan has {shape[0]}.",
                        where=f"annotation {made.id!r}, frame",
                    )
                key = ontology[made.class_name].name if by == "classes" else made.id
                several.setdefault(key, []).append(made)
        found += [
            Region(ontology[some[0].class_name or ""], kind, some) for some in several.values()
        ]
    return found, left
