"""From annotations to files of Segment Anything."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.frame_masks import mask_of, runs_on_frame
from labelwidgets.formats.holds import AREAS, KEPT, Holds, changed
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.problems import naming
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.tracks import Track

HOLDS = Holds(
    "Segment Anything",
    "pictures",
    {
        **dict.fromkeys(AREAS, changed("mask", "its pixels")),
        "mask": KEPT,
        "volume mask": changed("mask", "a mask on each slice"),
        "track": changed("mask", "a mask on each frame"),
        "answers": KEPT,
        "image answers": KEPT,
        "confidence": KEPT,
        "empty pictures": KEPT,
        "ids": KEPT,
        "origin": KEPT,
    },
)
# What a mask says in fields of its own.
_ELSEWHERE = ("item_id", "frame", "geometry", "confidence")
_THEIRS = ("predicted_iou", "stability_score", "crop_box", "point_coords")


@writer(HOLDS, ".json", beside="")
def write(job: Writing) -> Counts:
    """Write masks of Segment Anything: see `labelwidgets.formats.write`.

    ``stability_score``, ``crop_box`` and ``point_coords`` are written of masks that came with them.

    Parameters
    ----------
    path
        A folder, a ``.zip``, or, of one picture, a ``.json``.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, or (if `strict`) something is lost.
    """
    # These are on several pictures.
    several = {one.id for one in job.annotations if isinstance(one.geometry, Track | VolumeMask)}
    images = count = 0
    for picture in job.pictures:
        lost: Counter[str] = Counter()
        images += 1
        if job.output.single and images > 1:
            raise FormatError(
                "is one file, and there are several pictures to write.",
                where=job.output.shown,
                hint="Name a folder or a .zip.",
            )
        image: dict[str, Any] = {"image_id": images, "file_name": picture.name}
        if picture.size is not None:
            image |= {"width": picture.size[0], "height": picture.size[1]}
        masks: list[dict[str, Any]] = []
        for label in job.kept(picture.labels, lost):
            if label.class_name is None:
                own = image.setdefault("labelwidgets", {}).setdefault("annotations", [])
                own.append(label)
                continue
            made = _mask(label, picture, count + len(masks) + 1, label.id in several)
            if made is None:
                lost["label without pixels"] += 1
            else:
                masks.append(made)
        job.dropped.add(lost)
        count += len(masks)
        data = msgspec.json.encode({"image": image, "annotations": masks})
        name = job.pictures.stem_of(picture)
        job.output.add(name, data, exact=job.copies)
    return {"images": images, "annotations": count}


def _mask(label: Annotation, picture: Picture, id: int, several: bool) -> dict[str, Any] | None:
    with naming(label):
        runs = runs_on_frame(label.geometry, picture.pixels)
    mask = None if runs is None else mask_of(runs)
    if mask is None or not mask.area:
        return None
    known = label.origin.parameters if label.origin.name == "segment_anything" else {}
    said = label.to_dict()
    own = {key: said[key] for key in said if key not in _ELSEWHERE}
    if several:
        own = {"class_name": label.class_name, "track_id": label.track_id or label.id}
    made: dict[str, Any] = {
        "id": known.get("id", id),
        "segmentation": {"size": list(mask.rle.size), "counts": mask.rle.counts},
        "bbox": list(mask.bounds),
        "area": mask.area,
        **{key: known[key] for key in _THEIRS if key in known},
        "labelwidgets": own,
    }
    made.pop("predicted_iou", None)
    if label.confidence is not None:
        made["predicted_iou"] = label.confidence
    return made
