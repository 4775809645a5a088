"""What several people's answers to questions come to, about objects and about images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Tag
from labelwidgets.workflow.object_votes import Said
from labelwidgets.workflow.vote_methods import answers_of

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]


def voted_attributes(
    some: list[dict[str, Any]], weights: Floats, class_name: str
) -> dict[str, Any]:
    """Return to each question the answer of most weight, of those who gave that class."""
    heaps: dict[str, dict[Any, float]] = {}
    for label, weight in zip(some, weights.tolist(), strict=True):
        given = label.get("attributes")
        if label["class_name"] != class_name or not isinstance(given, Mapping):
            continue
        for name, value in given.items():
            heap = heaps.setdefault(str(name), {})
            key = _hashable(value)
            heap[key] = heap.get(key, 0.0) + weight
    # A dict keeps the order of votes, so that of equals the first one's is it.
    return {
        name: _plain(max(heap, key=lambda key: round(heap[key], 9))) for name, heap in heaps.items()
    }


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def image_answers(
    annotations: pd.DataFrame,
    method: str,
    weights: Mapping[str, float] | None,
    rater: str,
    settings: Mapping[str, Any],
) -> list[tuple[dict[str, Any], Annotation]]:
    """Return what the answers about each image as a whole come to, each question by itself."""
    about = annotations[annotations["class_name"].isna().to_numpy()]
    if not len(about) or "attributes" not in about.columns:
        return []
    rows = about.to_dict("records")
    by_question: dict[str, Said] = {}
    sources: dict[str, dict[str, str]] = {}
    for row in rows:
        sources.setdefault(str(row["item_id"]), {})[str(row[rater])] = str(row["id"])
        for name, value in dict(row["attributes"] or {}).items():
            said = by_question.setdefault(str(name), Said([], [], []))
            said.task.append(str(row["item_id"]))
            said.rater.append(str(row[rater]))
            said.value.append(_hashable(value))
    found: dict[str, dict[str, tuple[Any, float]]] = {item: {} for item in sources}
    for name, said in by_question.items():
        codes = {value: f"{number}" for number, value in enumerate(dict.fromkeys(said.value))}
        back = {code: value for value, code in codes.items()}
        coded = Said(said.task, said.rater, [codes[value] for value in said.value])
        answers = answers_of(coded, method, weights)
        for item, code, sure in zip(
            answers.tasks.tolist(), answers.values.tolist(), answers.certainty.tolist(), strict=True
        ):
            found[item][name] = (_plain(back[code]), sure)
    made = []
    for item, replies in found.items():
        if not replies:
            continue
        sure = min(pair[1] for pair in replies.values())
        one = Annotation(
            item_id=item,
            class_name=None,
            geometry=Tag(),
            attributes={name: value for name, (value, _) in replies.items()},
            confidence=min(1.0, sure),
            origin=Origin(
                kind="consensus",
                name=str(settings["method"]),
                parameters={
                    **settings,
                    "from": list(sources[item].values()),
                    "raters": list(sources[item]),
                },
            ),
        )
        names = list(sources[item])
        made.append(
            (
                {
                    "id": one.id,
                    "item_id": item,
                    "frame": None,
                    "class_name": None,
                    "geometry_type": "tag",
                    "raters": len(names),
                    "drawn_by": names,
                    "agreement": float("nan"),
                    "posterior": sure,
                    "present": 1.0,
                    "fused": True,
                    "reason": None,
                    "sources": list(sources[item].values()),
                    "geometry": one.geometry,
                    "certainty": sure,
                },
                one,
            )
        )
    return made
