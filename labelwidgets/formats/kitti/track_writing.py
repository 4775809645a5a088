"""From tracks to KITTI's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from labelwidgets.formats.clips import Clip
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.kitti.rows import ASKED, row_text, types_of
from labelwidgets.formats.kitti.track_reading import NO_OBJECT
from labelwidgets.formats.kitti.writing import without_asked
from labelwidgets.formats.losses import losses
from labelwidgets.formats.outlines import cut_box
from labelwidgets.formats.seen_frames import Frames, OnFrame, by_item, check_frames, on_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Track

_BOX = changed("rectangle", "its box")
HOLDS = Holds(
    "KITTI tracking",
    "videos",
    {
        "rectangle": KEPT,
        "turned rectangle": _BOX,
        "ellipse": _BOX,
        "polygon": _BOX,
        "holes": _BOX,
        "parts": _BOX,
        "mask": _BOX,
        "track": KEPT,
        "confidence": KEPT,
        "empty pictures": KEPT,
    },
)


@writer(HOLDS, ".txt")
def write(job: Writing, *, frames: Frames = "all") -> Counts:
    """Write rows of tracks: see `labelwidgets.formats.write` and `labelwidgets.formats.kitti`.

    Parameters
    ----------
    path
        A ``.txt`` for one video; a folder, or a ``.zip``, with ``label_02/<video>.txt`` of each.
    frames
        ``all`` on which something is seen, ``keyframes``, or a number: every n-th.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) something has no place.
    """
    check_frames(frames)
    types, labels = types_of(job.ontology), by_item(job.annotations)
    kept = {id: _kept(some, job) for id, some in labels.items()}
    counts = Counter(videos=0, tracks=0, rows=0)
    for clip in job.videos(kept):
        some = kept.get(clip.item.id, [])
        lost: Counter[str] = Counter()
        rows = _rows(some, clip, types, frames, lost)
        job.dropped.add(lost)
        place = clip.stem if job.output.single else f"label_02/{clip.stem}"
        job.output.add(place, "".join(rows).encode())
        tracks = sum(isinstance(label.geometry, Track) for label in some)
        counts.update(videos=1, tracks=tracks, rows=len(rows))
    return counts


def _kept(labels: Sequence[Annotation], job: Writing) -> list[Annotation]:
    lost: Counter[str] = Counter()
    kept = []
    for label in labels:
        if losses(HOLDS, without_asked(label), lost).how == "left":
            continue
        if not isinstance(label.geometry, Track) and label.frame is None:
            lost[f"{label.geometry.type} on no frame"] += 1
        else:
            kept.append(label)
    job.dropped.add(lost)
    return kept


def _rows(
    labels: Sequence[Annotation],
    clip: Clip,
    types: dict[str, str],
    frames: Frames,
    lost: Counter[str],
) -> list[str]:
    """Return the rows of a video, by frame and then by object."""
    ids = _ids(labels)
    rows: list[tuple[int, int, str]] = []
    for label in labels:
        id = ids.get(label.id, NO_OBJECT)
        for one in on_frames(label, clip, frames):
            text = _row(one, label, types[label.class_name or ""], clip, lost)
            if text is not None:
                rows.append((one.frame, id, f"{one.frame} {id} {text}"))
    rows.sort(key=lambda row: row[:2])
    return [text for *_, text in rows]


def _row(one: OnFrame, label: Annotation, kind: str, clip: Clip, lost: Counter[str]) -> str | None:
    bounds = one.sight.geometry.bounds
    if bounds is None:
        return None
    box, cut = cut_box(bounds, clip.size)
    lost["part outside of its picture"] += cut
    if box is None:
        return None
    said = label.origin.parameters
    if isinstance(label.geometry, Track):
        frames = said.get("frames")
        said = frames.get(str(one.frame), {}) if isinstance(frames, dict) else {}
        said = said if isinstance(said, dict) else {}
        if (said.get("occluded") in (1, 2)) is not one.sight.occluded:
            # Somebody has seen to it since.
            said = {key: value for key, value in said.items() if key != "occluded"}
    answers = {key: one.sight.attributes[key] for key in ASKED if key in one.sight.attributes}
    return row_text(kind, box, answers, said, one.sight.occluded, one.confidence)


def _ids(labels: Sequence[Annotation]) -> dict[str, int]:
    """Return the id of each track: that which it came with where it is free."""
    ids: dict[str, int] = {}
    taken: set[int] = set()
    tracks = [label for label in labels if isinstance(label.geometry, Track)]
    for label in tracks:
        said = label.origin.parameters.get("id")
        whole = isinstance(said, int) and not isinstance(said, bool)
        if isinstance(said, int) and whole and 0 <= said < 10**9 and said not in taken:
            ids[label.id] = said
            taken.add(said)
    free = (number for number in range(10**9) if number not in taken)
    return ids | {label.id: next(free) for label in tracks if label.id not in ids}
