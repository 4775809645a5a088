"""From a COCO file of a million annotations to a frame, its shapes still as they lie in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.formats.clips import Clips
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.detections import Known, file_of
from labelwidgets.formats.coco.frame_reading import FrameReader
from labelwidgets.formats.coco.pieces import Pieces, WholeFile, WholeFileError
from labelwidgets.formats.coco.places import Places
from labelwidgets.formats.coco.whole_documents import text_of
from labelwidgets.formats.files import read_bytes, shown
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
    **storage_options: Any,
) -> ImportedFrame:
    """Read a COCO file as a frame: see `labelwidgets.formats.read_frame`.

    Boxes and areas are what the file says of them. Tracks, objects through slices and other
    things that COCO has no place for are decoded at once.

    Parameters
    ----------
    path, items, ontology, errors, dataset, tolerance, first_frame, **storage_options
        As for `labelwidgets.formats.coco.read`.
    max_bytes, ground_truth, images, categories
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

    def made_of(pieces: Pieces | WholeFile) -> ImportedFrame:
        problems = Problems(name, errors == "collect")
        places = Places(pieces.file, problems, items, Clips(items, dataset), first_frame)
        reader = FrameReader(pieces.file, problems, places, ontology, tolerance)
        reader.begin(pieces, name, check)
        reader.read_all()
        frame = reader.frame()
        return reader.result().framed(frame)

    with no_collecting():
        try:
            if any(one is not None for one in known):
                raise WholeFileError
            return made_of(Pieces(path, max_bytes, **storage_options))
        except WholeFileError:
            pass
        data = text_of(read_bytes(path, max_bytes, **storage_options), name)
        return made_of(WholeFile(file_of(data, name, known, items, ontology, **storage_options)))
