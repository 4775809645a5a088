"""From annotations to files of Segment Anything."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.frame_masks import mask_of, runs_on_frame
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pictures import Picture, Pictures
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Track

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

_AREA = changed("mask", "its pixels")
HOLDS = Holds(
    "Segment Anything",
    "pictures",
    {
        "rectangle": _AREA,
        "turned rectangle": _AREA,
        "ellipse": _AREA,
        "polygon": _AREA,
        "holes": _AREA,
        "parts": _AREA,
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


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    size_of: Callable[[str], tuple[int, int]] | None = None,
    dataset: Dataset | None = None,
    frames: Frames = "all",
    **storage_options: Any,
) -> Exported:
    """Write masks of Segment Anything: see `labelwidgets.formats.write`.

    ``stability_score``, ``crop_box`` and ``point_coords`` are written of masks that came with them.

    Parameters
    ----------
    annotations, items, ontology, strict, size_of, dataset, **storage_options
        As for `labelwidgets.formats.write`.
    path
        A folder, a ``.zip``, or, of one picture, a ``.json``.
    frames
        Of tracks: ``all`` frames on which they are seen, ``keyframes``, or every n-th.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, or (if `strict`) something is lost.
    SourceError
        If the place cannot be written.
    """
    with Output(path, (".json",), **storage_options) as output:
        dropped = Dropped(output.shown, HOLDS.title, strict)
        pictures = Pictures(
            annotations,
            items,
            HOLDS,
            dropped,
            ontology=ontology,
            size_of=size_of,
            dataset=dataset,
            frames=frames,
        )
        # These are on several pictures.
        several = {one.id for one in annotations if isinstance(one.geometry, Track | VolumeMask)}
        images = count = 0
        for picture in pictures:
            lost: Counter[str] = Counter()
            if output.single and images:
                raise FormatError(
                    "is one file, and there are several pictures to write.",
                    where=output.shown,
                    hint="Name a folder or a .zip.",
                )
            images += 1
            image: dict[str, Any] = {"image_id": images, "file_name": picture.name}
            if picture.size is not None:
                image |= {"width": picture.size[0], "height": picture.size[1]}
            masks: list[dict[str, Any]] = []
            for label in picture.labels:
                if losses(HOLDS, label, lost).how == "left":
                    continue
                if label.class_name is None:
                    own = image.setdefault("labelwidgets", {}).setdefault("annotations", [])
                    own.append(label)
                    continue
                made = _mask(label, picture, count + len(masks) + 1, label.id in several)
                if made is None:
                    lost["label that covers no pixel"] += 1
                else:
                    masks.append(made)
            dropped.add(lost)
            count += len(masks)
            data = msgspec.json.encode({"image": image, "annotations": masks})
            output.add(pictures.stem_of(picture), data)
    dropped.say()
    counts = {"images": images, "annotations": count} | dropped.counts
    return Exported(output.shown, counts)


def _mask(label: Annotation, picture: Picture, id: int, several: bool) -> dict[str, Any] | None:
    try:
        runs = runs_on_frame(label.geometry, picture.pixels)
    except LabelwidgetsError as error:
        place = f"annotation {label.id!r}"
        place = f"{place}, {error.where}" if error.where else place
        raise FormatError(error.message, where=place, hint=error.hint) from None
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
