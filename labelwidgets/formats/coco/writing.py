"""From annotations to a COCO file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco.beside import write_beside
from labelwidgets.formats.coco.captions import CaptionRecords
from labelwidgets.formats.coco.image_records import FRAME_NAME, SizeOf
from labelwidgets.formats.coco.writer import Writer
from labelwidgets.formats.holds import FEATURES, KEPT, OURS, Holds
from labelwidgets.formats.registry import named
from labelwidgets.formats.results import Exported
from labelwidgets.formats.seen_frames import Frames, check_frames
from labelwidgets.media.option_names import check_options
from labelwidgets.media.whole_files import shown
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset

HOLDS = Holds(
    "COCO",
    "pictures",
    {
        **dict.fromkeys(FEATURES, KEPT),
        **dict.fromkeys(("polyline", "point", "cuboid", "tag", "event"), OURS),
    },
    file="labels.json",
)


def write(
    annotations: Sequence[Annotation],
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    size_of: SizeOf | None = None,
    supercategories: Mapping[str, str] | None = None,
    category_fields: Mapping[str, Mapping[str, Any]] | None = None,
    dataset: Dataset | None = None,
    frames: Frames = "all",
    frame_name: str = FRAME_NAME,
    captions: bool = False,
    pictures: bool = False,
    **storage_options: Any,
) -> Exported:
    """Write a COCO file: see `labelwidgets.formats.write` and `labelwidgets.formats.coco`.

    Ids are 1, 2, 3, ...: of categories in the order of the ontology, of
    images in the order of `items` (and of their frames), of annotations as
    given. The same labels give the same
    bytes. Answers to attributes are written as ``attributes``, the confidence
    as ``score``; ``iscrowd`` is 1 for labels that were read so.

    Parameters
    ----------
    annotations, path, items, ontology, strict, size_of, supercategories, **storage_options
        As for `labelwidgets.formats.write`.
    category_fields
        Further fields of categories by the names of classes, such as the ``synset`` of LVIS; of
        what was read from COCO they are those that it had.
    dataset
        Where the slices of scans are counted; without it, items whose metadata do not say how
        many there are have images of their labelled frames alone.
    frames
        Of tracks: ``all`` frames on which they are seen, those with ``keyframes``, or a number:
        every n-th.
    frame_name
        What the pictures of frames are called, of ``video``, ``frame`` and ``item``; such as
        ``"{video}/{frame:06d}.jpg"``.
    captions
        Write a file of captions, as COCO has it: the answers to the question ``caption`` about
        pictures, one a line, and nothing else.
    pictures
        Copy the pictures, too: the path is that of a folder or a ``.zip``, with
        ``annotations.json``, and below ``images`` each picture by its ``file_name``.

    Raises
    ------
    FormatError
        Naming the annotation or item: no such item, no such class, a size
        that is needed and not known, an id that is there twice, or (if
        `strict`) a shape that COCO has no place for.
    SourceError
        If the place cannot be written.
    """
    check_options(path, storage_options, named(write))
    check_frames(frames)
    _check_name(frame_name)
    clips = Clips(items, dataset)
    with no_collecting():
        writer = Writer(annotations, clips, ontology, strict, size_of, dataset, frames, frame_name)
        writer.captions = CaptionRecords() if captions else None
        groups = supercategories or {}
        if not pictures:
            return writer.write(path, groups, storage_options, category_fields)
        return write_beside(
            writer,
            lambda place: writer.write(place, groups, {}, category_fields, shown(path)),
            path,
            dataset,
            storage_options,
        )


def _check_name(pattern: str) -> None:
    try:
        one, other = (pattern.format(video="v", item="i", frame=at) for at in (1, 2))
    except (KeyError, IndexError, ValueError, AttributeError):
        one = other = ""
    if one == other:
        raise FormatError(
            f"must name frames, not {pattern[:80]!r}.",
            where="frame_name",
            hint='Such as "{video}/{frame:06d}.jpg".',
        )
