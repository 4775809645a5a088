"""From labels of scans to structure sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.dicom_objects.planes import Planes
from labelwidgets.formats.dicom_objects.writing import write_objects
from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.privacy import Deidentify
from labelwidgets.formats.rtstruct.building import Region, structure_set_of
from labelwidgets.formats.voxels import By, Shape, segments_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Point, Polyline
from labelwidgets.schema.ontology import Ontology

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


@writer(HOLDS, ".dcm", ".dicom")
def write(job: Writing, *, regions: By = "classes", deidentify: Deidentify = False) -> Counts:
    """Write RTSTRUCT: see `labelwidgets.formats.write` and `labelwidgets.formats.rtstruct`.

    Parameters
    ----------
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
    """

    def found_in(
        labels: Sequence[Annotation], shape: Shape
    ) -> tuple[Sequence[Region], Counter[str]]:
        return _regions(labels, shape, job.ontology, regions)

    def made_of(
        header: Any, planes: Planes, shape: Shape, found: Sequence[Region]
    ) -> tuple[Any, Counts]:
        if not planes.placed:
            raise FormatError(
                "lies nowhere in space, where contours are.",
                where="FrameOfReferenceUID, ImagePositionPatient",
                hint="Write dicom_seg instead, which refers to pictures.",
            )
        made, contours = structure_set_of(header, planes, found)
        return made, {"regions": len(found), "contours": contours}

    counts = write_objects(job, deidentify, found_in, made_of)
    return {"regions": 0, "contours": 0, **counts}


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
