"""What is known of a scan before it is opened, as it goes into the metadata of an item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelwidgets.media.dicom.grid import grid_of
from labelwidgets.media.dicom.grouping import Part
from labelwidgets.media.dicom.order import in_order
from labelwidgets.media.dicom.slice_header import SliceHeader

MIME = "application/dicom"


def scan_facts(headers: Sequence[SliceHeader], part: Part) -> dict[str, Any]:
    """Return width, height, slices, spacing (slice, row, column; mm), modality, UIDs and names.

    Nothing of the patient, and no dates. What the files do not say is left out; the spacing of
    files of several frames is known once they are opened.

    Parameters
    ----------
    headers
        Of the files.
    part
        Which of them are the scan.
    """
    shown = [headers[at] for at in part.files if at not in part.repeated]
    first = shown[0]
    found: dict[str, Any] = {
        "mime": MIME,
        "width": first.columns,
        "height": first.rows,
        "slices": sum(max(1, header.frames) for header in shown),
        "modality": first.modality,
        "series_description": first.series_description[:200],
        "series_number": first.series_number,
        "study_uid": first.study,
        "series_uid": first.series,
    }
    if all(header.frames <= 1 and not header.has_functional_groups for header in shown):
        order = in_order(shown)
        stack = order.by == "position" and order.orientations == len(order.phases) == 1
        spacing = grid_of([shown[at] for at in order.indices], stack).spacing
        found["spacing"] = None if spacing is None else list(spacing)
    return {name: value for name, value in found.items() if value not in (None, "")}
