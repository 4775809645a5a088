"""Predictions of Label Studio's back ends for one picture, as annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.growing_skeletons import GrowingSkeletons
from labelwidgets.formats.label_studio.config import Config
from labelwidgets.formats.label_studio.results import Results
from labelwidgets.formats.picture_labels import PictureLabels
from labelwidgets.schema.annotation import Annotation


def read_prediction(
    prediction: Mapping[str, Any], size: tuple[int, int], where: str
) -> list[Annotation]:
    """Return the labels of a prediction, which has a ``result`` and may have a ``score``.

    Parameters
    ----------
    prediction
        As back ends answer, or as it is in a task.
    size
        (width, height) of the picture. Percent are of it, also where the result was made on a
        smaller copy.
    where
        The name that errors give to it.

    Raises
    ------
    FormatError, GeometryError, LimitError
        Naming the result and the field.
    """
    given = prediction.get("result")
    if not isinstance(given, list):
        raise FormatError("must be a list.", where=f"{where}, result")
    found = PictureLabels(where, "label_studio", None, None, False, None)
    spot = found.spot("result", ["picture"], size=size)
    if spot is None:
        return []
    skeletons = GrowingSkeletons(found)
    results = Results(found, spot, None, Config(), skeletons)
    made = [(f"result[{at}]", _sized(one, size)) for at, one in enumerate(given)]
    results.read(made, None, prediction.get("score"), {})
    skeletons.close()
    annotations: Sequence[Annotation] = found.result().annotations
    return list(annotations)


def _sized(one: Any, size: tuple[int, int]) -> Any:
    """Return a result that says of what size its picture is."""
    if not isinstance(one, Mapping) or "original_width" in one:
        return one
    return dict(one) | {"original_width": size[0], "original_height": size[1]}
