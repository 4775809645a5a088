"""How well objects of a video are followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from labelwidgets.algorithms.clear_mot import clear_mot
from labelwidgets.algorithms.hota import hota
from labelwidgets.algorithms.identity_scores import boundary_errors, identity_scores
from labelwidgets.algorithms.track_pairs import TrackPairs, track_pairs
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Track
from labelwidgets.workflow.comparison import Compared
from labelwidgets.workflow.track_measures import seen_on

if TYPE_CHECKING:
    import pandas as pd


class Switched(NamedTuple):
    """An object of the reference that goes on as another track."""

    frame: int
    reference: Annotation
    before: Annotation
    after: Annotation


SCORES = (
    *("HOTA", "DetA", "AssA", "LocA", "IDF1", "MOTA", "MOTP"),
    *("start_error", "end_error"),
)
COUNTS = ("tracks", "reference_tracks", "id_switches", "fragments", "missed", "extra")


def switches(
    reference: Sequence[Annotation], labels: Sequence[Annotation], stop: int, threshold: float
) -> list[Switched]:
    """Return where an object goes on under another name, by frame."""
    found = clear_mot(_pairs(reference, labels, stop), threshold).switches
    return [
        Switched(one.frame, reference[one.track], labels[one.before], labels[one.after])
        for one in found
    ]


def track_frame(compared: Sequence[Compared], threshold: float = 0.5) -> pd.DataFrame:
    """Return how well objects were followed, one row for each submission that has tracks.

    Columns: item_id, task_id, author (string), tracks, reference_tracks, id_switches, fragments,
    missed, extra (int64: of objects, and of sightings on frames), HOTA, DetA, AssA, LocA (means
    over the thresholds), IDF1, MOTA, MOTP (float64), start_error and end_error (float64: frames
    by which tracks begin and end at another time, in the mean).
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for one in compared:
        for layer in one.layers:
            if layer.family != "track":
                continue
            pairs = _pairs(layer.reference, layer.labels, one.stop)
            names = {"item_id": one.item, "task_id": one.task, "author": one.author}
            rows.append(names | _scores(pairs, threshold))
    columns: dict[str, Any] = {}
    for name in ("item_id", "task_id", "author"):
        columns[name] = pd.Series(pd.array([row[name] for row in rows], dtype="string"))
    for name in COUNTS:
        columns[name] = pd.Series(np.array([row[name] for row in rows], np.int64))
    for name in SCORES:
        columns[name] = pd.Series(np.array([row[name] for row in rows], np.float64))
    return pd.DataFrame(columns)


def _scores(pairs: TrackPairs, threshold: float) -> dict[str, Any]:
    higher, clear = hota(pairs), clear_mot(pairs, threshold)
    identity = identity_scores(pairs, threshold)
    errors = np.abs(boundary_errors(pairs, identity))
    late = errors.mean(axis=0) if len(errors) else (np.nan, np.nan)
    return {
        "tracks": len(pairs.other.names),
        "reference_tracks": len(pairs.reference.names),
        "id_switches": len(clear.switches),
        "fragments": clear.fragments,
        "missed": clear.missed,
        "extra": clear.extra,
        "HOTA": higher.hota.mean(),
        "DetA": higher.detection.mean(),
        "AssA": higher.association.mean(),
        "LocA": higher.localisation.mean(),
        "IDF1": identity.idf1,
        "MOTA": clear.mota,
        "MOTP": clear.motp,
        "start_error": late[0],
        "end_error": late[1],
    }


def _pairs(reference: Sequence[Annotation], labels: Sequence[Annotation], stop: int) -> TrackPairs:
    one, other = (
        seen_on(
            [made.geometry if isinstance(made.geometry, Track) else None for made in some], stop
        )
        for some in (reference, labels)
    )
    return track_pairs(*one, *other)
