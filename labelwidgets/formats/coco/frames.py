"""From a COCO file of a million annotations to a frame, its shapes still as they lie in it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.detections import Known, file_of
from labelwidgets.formats.coco.frame_reading import FrameReader
from labelwidgets.formats.coco.pieces import Pieces, WholeFile, WholeFileError
from labelwidgets.formats.coco.places import Places
from labelwidgets.formats.coco.several import Doubles, Part, check_one_file, read_each
from labelwidgets.formats.coco.whole_documents import text_of
from labelwidgets.formats.files import read_bytes, shown
from labelwidgets.formats.folders import several_at
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.registry import named
from labelwidgets.formats.results import ImportedFrame
from labelwidgets.media.option_names import check_options
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset


def read_frame(
    path: str | os.PathLike[str],
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    errors: Literal["raise", "collect"] = "raise",
    dataset: Dataset | None = None,
    tolerance: float = 0.0,
    first_frame: int = 0,
    check: bool = False,
    max_bytes: int = records.MAX_BYTES,
    ground_truth: str | os.PathLike[str] | None = None,
    images: Mapping[Any, str] | None = None,
    categories: Mapping[Any, str] | None = None,
    files: str = "*",
    **storage_options: Any,
) -> ImportedFrame:
    """Read a COCO file as a frame: see `labelwidgets.formats.read_frame`.

    Boxes and areas are what the file says of them. Tracks, objects through slices and other
    things that COCO has no place for are decoded at once.

    Parameters
    ----------
    path, items, ontology, errors, dataset, tolerance, first_frame, **storage_options
        As for `labelwidgets.formats.coco.read`.
    max_bytes, ground_truth, images, categories, files
        As for `labelwidgets.formats.coco.read`.
    check
        Decode every shape once, so that a wrong one is raised or left out, as `read` does. Else
        a shape that is wrong raises a `FormatError` when it is looked at.

    Raises
    ------
    FormatError, LimitError, SourceError
        As for `labelwidgets.formats.coco.read`.
    """
    check_options(path, storage_options, named(read_frame))
    name, known = shown(path), Known(ground_truth, images, categories)

    source = several_at(path, **storage_options)
    doubles = Doubles(source, max_bytes) if source is not None else None
    ids: set[str] = set()

    def made_of(pieces: Pieces | WholeFile, name: str, part: Part | None) -> ImportedFrame:
        nonlocal ids
        problems = Problems(name, errors == "collect")
        clips = Clips(items, dataset)
        places = Places(pieces.file, problems, items, clips, first_frame, part)
        if doubles is not None and part is not None:
            doubles.look(part, places)
        reader = FrameReader(pieces.file, problems, places, ontology, tolerance)
        # Of a file that is to be read whole instead, nothing has been.
        reader.ids = set(ids)
        reader.begin(pieces, name, check)
        reader.read_all()
        frame = reader.frame()
        ids = reader.ids
        return reader.result().framed(frame)

    def read_one(part: Part | None) -> ImportedFrame:
        shown = name if part is None else part.shown
        packed = str(path).lower().endswith(".zip")
        try:
            if any(one is not None for one in known) or (part is not None and packed):
                raise WholeFileError
            place = path if part is None else f"{str(path).rstrip('/')}/{part.name}"
            return made_of(Pieces(place, max_bytes, **storage_options), shown, part)
        except WholeFileError:
            pass
        if source is None or part is None:
            data = read_bytes(path, max_bytes, **storage_options)
        else:
            data = source.read(part.name, max_bytes)
        data = text_of(data, shown)
        file = file_of(data, shown, known, items, ontology, **storage_options)
        return made_of(WholeFile(file), shown, part)

    with no_collecting():
        if source is None:
            check_one_file(files, name)
            return read_one(None)
        whole, each = read_each(source, files, read_one, errors == "collect")
        return replace(whole, annotations=_together([found.annotations for found in each]))


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of several frames; those without rows have no say in dtypes."""
    import pandas as pd

    some = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(some, ignore_index=True) if len(some) > 1 else some[0]
