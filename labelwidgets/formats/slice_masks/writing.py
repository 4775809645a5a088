"""From labels to indexed pictures."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.file_names import safe_name
from labelwidgets.formats.holds import AREAS, KEPT, SILENT, Holds, changed
from labelwidgets.formats.labelled_volume import numbers_of
from labelwidgets.formats.privacy import Deidentify, Privacy
from labelwidgets.formats.results import Imported
from labelwidgets.formats.scan_labels import labels_by_item
from labelwidgets.formats.scans import Scans
from labelwidgets.formats.voxels import label_map, overlapping, segments_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.ontology import Ontology

_PIXELS = changed("mask", "the pixels of its class")
HOLDS = Holds(
    "Pictures of slices",
    "scans",
    {
        **dict.fromkeys((*AREAS, "volume mask"), _PIXELS),
        "mask": KEPT,
        "volume mask": KEPT,
        "empty pictures": SILENT,
    },
    disjoint=True,
)


def sniff(head: bytes) -> bool:
    """Return False: pictures are no label file that is read."""
    return False


def read(path: str | os.PathLike[str], **options: Any) -> Imported:
    """Raise FormatError: such pictures are written only."""
    raise FormatError(
        "is written, and not read.", where="format slice_masks", hint="Read it as format masks."
    )


@writer(HOLDS, ".png", folder=True)
def write(
    job: Writing,
    *,
    size_of: Callable[[str], tuple[int, int]] | None = None,
    deidentify: Deidentify = False,
) -> Counts:
    """Write pictures: see `labelwidgets.formats.write` and `labelwidgets.formats.slice_masks`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    dataset
        With the scans and images.
    size_of
        As for `labelwidgets.formats.write`.
    deidentify
        Call files by the ids of items, as their titles may be names of patients.

    Raises
    ------
    FormatError
        If a label does not fit, there are more than 255 classes, or (if `strict`) labels have
        no area or overlap.
    """
    if len(job.ontology.classes) > 255:
        raise FormatError(
            f"has {len(job.ontology.classes)} classes, at most 255 fit.", where="ontology"
        )
    scans, privacy = Scans(job.dataset, job.output.shown), Privacy(deidentify)
    numbers, palette = numbers_of(job.ontology), _palette(job.ontology)
    counts = Counter(items=0, pictures=0)
    pictures: list[dict[str, Any]] = []
    for id, some in labels_by_item(job.annotations, scans, HOLDS, job.dropped).items():
        item = scans.item(id)
        if item.kind in VOLUMES:
            shape = scans.volume(id).grid.shape
        else:
            width, height = item.size or (size_of(id) if size_of else (0, 0))
            if not width:
                raise FormatError("has no known size.", where=f"item {id!r}")
            shape = (max(1, len(item.urls)), height, width)
        segments, left = segments_of(some, shape, job.ontology)
        twice = overlapping(segments)
        job.dropped.add(left + Counter({"voxel of several classes": twice} if twice else {}))
        made = label_map(segments, [numbers[one.made.name] for one in segments], shape)
        name = safe_name(job.output.plain(privacy.name(item)))
        for index, values in enumerate(made):
            several = item.kind in VOLUMES or shape[0] > 1
            place = job.output.add(
                f"{name}/slice_{index:04d}" if several else name, write_map_png(values, palette)
            )
            pictures.append(
                {"file_name": place, "item": id} | ({"slice": index} if several else {})
            )
        counts.update(items=1, pictures=shape[0])
    classes = [
        {"number": numbers[made.name], "name": made.name, "color": made.color}
        for made in job.ontology.classes
    ]
    legend = {"background": 0, "classes": classes, "pictures": pictures}
    text = json.dumps(legend, ensure_ascii=False, indent=1)
    job.output.add("legend", text.encode(), ".json")
    return counts


def _palette(ontology: Ontology) -> list[int]:
    colors = [made.color or "#000000" for made in ontology.classes]
    return [0, 0, 0] + [int(color[at : at + 2], 16) for color in colors for at in (1, 3, 5)]
