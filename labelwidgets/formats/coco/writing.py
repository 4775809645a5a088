"""From annotations to a COCO file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco.beside import copy_pictures
from labelwidgets.formats.coco.image_records import FRAME_NAME
from labelwidgets.formats.coco.writer import Writer
from labelwidgets.formats.holds import FEATURES, KEPT, OURS, Holds
from labelwidgets.formats.seen_frames import check_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.collecting import no_collecting

HOLDS = Holds(
    "COCO",
    "pictures",
    {
        **dict.fromkeys(FEATURES, KEPT),
        **dict.fromkeys(("polyline", "point", "cuboid", "tag", "event"), OURS),
    },
    file="labels.json",
)


@writer(HOLDS, beside="images")
def write(
    job: Writing,
    *,
    supercategories: Mapping[str, str] | None = None,
    category_fields: Mapping[str, Mapping[str, Any]] | None = None,
    frame_name: str = FRAME_NAME,
    captions: bool = False,
) -> Counts:
    """Write a COCO file: see `labelwidgets.formats.write` and `labelwidgets.formats.coco`.

    Ids are 1, 2, 3, ...: of categories in the order of the ontology, of
    images in the order of `items` (and of their frames), of annotations as
    given. The same labels give the same
    bytes. Answers to attributes are written as ``attributes``, the confidence
    as ``score``; ``iscrowd`` is 1 for labels that were read so.

    Parameters
    ----------
    supercategories
        As for `labelwidgets.formats.write`.
    category_fields
        Further fields of categories by the names of classes, such as the ``synset`` of LVIS; by
        default the `parameters` of the classes, and those that were read with the first label of
        each.
    dataset
        Where the slices of scans are counted; without it, items whose metadata do not say how
        many there are have images of their labelled frames alone.
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
    """
    check_frames(job.frames)
    _check_name(frame_name)
    with no_collecting():
        made = Writer(job, frame_name, captions)
        pieces = made.pieces(supercategories or {}, category_fields or {})
        job.output.add_pieces("annotations", pieces, exact=True)
        if job.copies:
            copy_pictures(made, "images")
    return made.counts()


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
