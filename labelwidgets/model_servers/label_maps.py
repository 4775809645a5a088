"""Labels of a scan as the label map that a server trains with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labelwidgets.errors import AssistantError
from labelwidgets.formats.nifti.writing import label_file
from labelwidgets.formats.voxels import label_map, overlapping, segments_of
from labelwidgets.media.scan import Scan
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import ObjectClass, Ontology


def label_map_file(
    annotations: Iterable[Annotation], numbers: Mapping[str, int], scan: Scan
) -> bytes:
    """Return labels as NIfTI.

    Parameters
    ----------
    annotations
        Of the scan.
    numbers
        Of the classes, from 1.
    scan
        What they are on.

    Raises
    ------
    AssistantError, FormatError
        If a class has no number, a label lies on no slice, or two overlap.
    """
    some = list(annotations)
    for one in some:
        if one.class_name not in numbers:
            raise AssistantError(
                f"is a {one.class_name!r}, which the model has not.",
                where=f"annotation {one.id!r}",
                hint=f"It has: {', '.join(numbers)[:300] or 'none'}.",
            )
    classes = {number: ObjectClass(name, tool="volumemask") for name, number in numbers.items()}
    segments, _ = segments_of(some, scan.shape, Ontology(classes=list(classes.values())))
    if twice := overlapping(segments):
        raise AssistantError(
            f"overlap in {numbered(twice, 'voxel')}, a label map has one class a voxel.",
            where="annotations",
        )
    made = label_map(segments, [numbers[one.made.name] for one in segments], scan.shape)
    return label_file(made, scan.grid, classes, True)
