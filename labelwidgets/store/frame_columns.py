"""The columns of frames, and what reads each of them from what a database gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.collecting import no_collecting
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ontology import AttributeValue

# Cells that are decoded in one call.
_PIECE = 100_000


# Values are a sequence, or a column of Arrow where they were read so (`arrow.read_arrow`).
def _is_arrow(values: Any) -> bool:
    return hasattr(values, "chunks")


def _text(values: Any) -> pd.Series[Any]:
    if _is_arrow(values):
        dtype: Any = pd.StringDtype()
        return pd.Series(dtype.__from_arrow__(values))
    return pd.Series(pd.array(list(values), dtype="string"))


def _whole(values: Any) -> pd.Series[Any]:
    if _is_arrow(values):
        dtype: Any = pd.Int64Dtype()
        return pd.Series(dtype.__from_arrow__(values.cast("int64")))
    return pd.Series(pd.array(list(values), dtype="Int64"))


def _count(values: Any) -> pd.Series[Any]:
    return pd.Series(_numbers(values, "int64"))


def _number(values: Any) -> pd.Series[Any]:
    return pd.Series(_numbers(values, "float64"))


def _flag(values: Any) -> pd.Series[Any]:
    return pd.Series(_numbers(values, "bool"))


def _time(values: Any) -> pd.Series[Any]:
    moments = pd.Series(_numbers(values, "int64").astype("datetime64[us]"))
    return moments.dt.tz_localize("UTC")


def _time_if_any(values: Any) -> pd.Series[Any]:
    moments = pd.Series(
        [pd.NaT if value is None else pd.Timestamp(value, unit="us", tz="UTC") for value in values],
        dtype="datetime64[us, UTC]",
    )
    return moments


def _numbers(values: Any, dtype: str) -> npt.NDArray[Any]:
    # A missing number of Arrow becomes NaN, as None does.
    return np.array(values.to_numpy() if _is_arrow(values) else values, dtype=dtype)


def _json(kind: Any) -> Callable[[Any], pd.Series[Any]]:
    decode = msgspec.json.Decoder(list[kind]).decode

    def read(values: Any) -> pd.Series[Any]:
        cells = np.empty(len(values), dtype=object)
        with no_collecting():
            for start in range(0, len(values), _PIECE):
                piece = values[start : start + _PIECE]
                texts = piece.to_pylist() if _is_arrow(piece) else piece
                # One call for many is several times as fast as one call a cell.
                cells[start : start + _PIECE] = decode(f"[{','.join(texts)}]")
        return pd.Series(cells)

    return read


_decode_answers = msgspec.json.Decoder(list[dict[str, AttributeValue]]).decode
# Of most labels nothing is asked.
_NO_ANSWERS = "{}"


def _answers(values: Any) -> pd.Series[Any]:
    cells = np.empty(len(values), dtype=object)
    with no_collecting():
        # Each of its own: people write into them.
        cells[:] = [{} for _ in range(len(values))]
        for start in range(0, len(values), _PIECE):
            given = _given(values[start : start + _PIECE])
            made = _decode_answers(f"[{','.join(given.values())}]") if given else []
            for place, answers in zip(given, made, strict=True):
                cells[start + place] = answers
    return pd.Series(cells)


def _given(piece: Any) -> dict[int, str]:
    """Return the texts of a piece that have answers, by their place in it."""
    if _is_arrow(piece):
        import pyarrow.compute as compute

        places = compute.indices_nonzero(compute.not_equal(piece, _NO_ANSWERS))
        return dict(zip(places.to_pylist(), piece.take(places).to_pylist(), strict=True))
    return {place: text for place, text in enumerate(piece) if text != _NO_ANSWERS}


def _origin(values: Any) -> pd.Series[Any]:
    if _is_arrow(values):
        coded = values.combine_chunks().dictionary_encode()
        few = _origin(coded.dictionary.to_pylist())
        return few.take(coded.indices.to_numpy()).reset_index(drop=True)
    kinds = {text: msgspec.json.decode(text, type=Origin).kind for text in set(values)}
    return _text([kinds[text] for text in values])


Reader: TypeAlias = Callable[[Any], "pd.Series[Any]"]

TASK_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "item_id": _text,
    "title": _text,
    "folder": _text,
    "stage": _text,
    "state": _text,
    "assignee": _text,
    "priority": _count,
    "batch": _text,
    "n_annotations": _count,
    "score": _number,
    "copy": _count,
    "maker": _text,
    "rounds": _count,
    "updated_at": _time,
}

ANNOTATION_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "task_id": _text,
    "item_id": _text,
    "class_name": _text,
    "geometry_type": _text,
    "geometry": _json(AnyGeometry),
    "attributes": _answers,
    "frame": _whole,
    "pts": _whole,
    "track_id": _text,
    "author": _text,
    "origin": _origin,
    "confidence": _number,
    "state": _text,
    "created_at": _time,
    "updated_at": _time,
    "revision": _count,
    "x": _number,
    "y": _number,
    "width": _number,
    "height": _number,
    "area": _number,
}

EVENT_COLUMNS: Mapping[str, Reader] = {
    "seq": _count,
    "id": _text,
    "time": _time,
    "actor": _text,
    "client": _text,
    "task_id": _text,
    "annotation_id": _text,
    "kind": _text,
    "gesture": _text,
    "undoes": _text,
    "redoes": _text,
    "base_revision": _whole,
    "payload": _json(dict[str, Any]),
}


ISSUE_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "task_id": _text,
    "item_id": _text,
    "annotation_id": _text,
    "class_name": _text,
    "frame": _whole,
    "x": _number,
    "y": _number,
    "relative_x": _number,
    "relative_y": _number,
    "deleted": _flag,
    "state": _text,
    "text": _text,
    "n_comments": _count,
    "author": _text,
    "resolved_by": _text,
    "created_at": _time,
    "updated_at": _time,
}

COMMENT_COLUMNS: Mapping[str, Reader] = {
    "id": _text,
    "issue_id": _text,
    "author": _text,
    "text": _text,
    "created_at": _time,
}


PEOPLE_COLUMNS: Mapping[str, Reader] = {
    "name": _text,
    "role": _text,
    "groups": _json(list[str]),
    "login": _text,
    "added_by": _text,
    "added_at": _time,
    "removed_at": _time_if_any,
}

ACCESS_COLUMNS: Mapping[str, Reader] = {
    "time": _time,
    "until": _time,
    "person": _text,
    "action": _text,
    "task_id": _text,
    "n": _count,
    "detail": _json(dict[str, Any]),
}
