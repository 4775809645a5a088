"""Measures of agreement on how objects of a video are followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from labelwidgets.algorithms.hota import hota
from labelwidgets.algorithms.identity_scores import identity_scores
from labelwidgets.algorithms.track_pairs import TrackPairs, track_pairs
from labelwidgets.schema.tracks import Track
from labelwidgets.workflow.levels import averages
from labelwidgets.workflow.measures import Asked, Measure
from labelwidgets.workflow.pairs import types_of
from labelwidgets.workflow.raters import raters_of
from labelwidgets.workflow.spreading import spread

if TYPE_CHECKING:
    import pandas as pd

Levels: TypeAlias = tuple[str, ...]

_COLUMNS = ("item_id", "rater_a", "rater_b", "class_name", "row", "value")


def _tracks(name: str, asked: Asked, by: Levels) -> pd.DataFrame:
    """Return the mean over items, pairs of raters and classes that either has a track of."""
    import pandas as pd

    people, part = raters_of(asked.annotations, asked.rater, asked.items)
    is_track = (types_of(asked.annotations) == "track").fillna(False).to_numpy(bool)
    kept = np.flatnonzero((part >= 0) & is_track)
    labels = asked.annotations.iloc[kept]
    classes: list[Any] = [None] * kept.size
    if "class_name" in labels.columns:
        classes = [None if pd.isna(one) else str(one) for one in labels["class_name"].tolist()]
    drawn: dict[int, dict[Any, dict[int, list[Track]]]] = {}
    for place, named, track in zip(
        part[kept].tolist(), classes, labels["geometry"].tolist(), strict=True
    ):
        by_name = drawn.setdefault(int(people.item[place]), {})
        by_name.setdefault(named, {}).setdefault(place, []).append(track)
    items = sorted(drawn)
    films = [
        _Film(range(begin, begin + int(people.size[item])), drawn[item])
        for item, begin in zip(items, people.first[items].tolist(), strict=True)
    ]
    work = _Scoring(name, asked.threshold)
    if asked.workers is None:
        scores = list(map(work, films))
    else:
        scores = spread(work, films, asked.workers, "Comparing tracks", "item")
    rows: list[tuple[Any, ...]] = []
    for item, found in zip(items, scores, strict=True):
        for named, one, other, value in found:
            raters = (people.names[people.rater[place]] for place in (one, other))
            rows.append((people.items[item], *raters, named, len(rows), value))
    made = pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"value": "float64", "row": "int64"})
    return averages(made, by)


class _Film(NamedTuple):
    """What was drawn on an item: its parts, and their tracks by class."""

    parts: range
    drawn: dict[Any, dict[int, list[Track]]]


class _Scoring:
    """Says how two raters each follow the objects of a class."""

    def __init__(self, name: str, threshold: float) -> None:
        self.name, self.threshold = name, threshold

    def __call__(self, film: _Film) -> list[tuple[Any, int, int, float]]:
        stop = 1 + max(
            max(track.keyframes)
            for own in film.drawn.values()
            for tracks in own.values()
            for track in tracks
        )
        found: list[tuple[Any, int, int, float]] = []
        for named, own in film.drawn.items():
            seen = {place: seen_on(tracks, stop) for place, tracks in own.items()}
            for one, other in combinations(film.parts, 2):
                if one in seen or other in seen:
                    empty = seen_on([], stop)
                    both = track_pairs(*seen.get(one, empty), *seen.get(other, empty))
                    found.append((named, one, other, _value(self.name, both, self.threshold)))
        return found


def _value(name: str, pairs: TrackPairs, threshold: float) -> float:
    if name == "idf1":
        return identity_scores(pairs, threshold).idf1
    scores = hota(pairs)
    of = {"hota": scores.hota, "deta": scores.detection, "assa": scores.association}
    return float(of[name].mean())


def seen_on(tracks: Sequence[Track | None], stop: int) -> tuple[Any, Any, Any]:
    """Return frames, ordinals and upright boxes of tracks, on all frames that they are seen on."""
    parts = [
        (frames, np.full(len(frames), at), boxes)
        for at, track in enumerate(tracks)
        if track is not None
        for frames, boxes in [track.boxes(stop)]
    ]
    if not parts:
        return np.zeros(0, int), np.zeros(0, int), np.zeros((0, 4))
    frames, names, boxes = (np.concatenate(some) for some in zip(*parts, strict=True))
    return frames, names, boxes


_LEVELS = frozenset({"item", "task", "pair", "rater", "class"})

MEASURES: Mapping[str, Measure] = {
    name: Measure(partial(_tracks, name), _LEVELS) for name in ("hota", "deta", "assa", "idf1")
}
"""Agreement of tracks; whoever is taken for the reference, it is the same."""
