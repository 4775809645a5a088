"""The picture that an annotator leaves where no kernel runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from labelwidgets.media.encoded import eight_bits, encode_pixels, small
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.media.video_pictures import telling_frame
from labelwidgets.media.volumes import Volume
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.tracks import Interval, Track
from labelwidgets.widgets.on_picture import on_picture
from labelwidgets.workflow.session import Session

# It is made while the person waits for the widget, so it is small.
_EDGE = 720
_SHAPES = 300

Ends = tuple[float, float]


def still(session: Session, task: str, window: Ends | None = None, edge: int = _EDGE) -> bytes:
    """Draw the picture of a task with its labels; of a scan or video the one with most of them.

    Parameters
    ----------
    session
        Reads both.
    task
        Its id.
    window
        The values of a scan that are black and white; those that its file suggests where None.
    edge
        Most pixels of its longer side.

    Returns
    -------
    bytes
        A JPEG file.

    Raises
    ------
    LabelwidgetsError
        If the picture cannot be read.
    """
    from labelwidgets.widgets.snapshot import snapshot

    item = session.task(task)["item_id"]
    annotations, total = session.largest(task, _SHAPES)
    ontology = session.ontology
    known = session.item(item)
    if known["kind"] in IN_TIME:
        video = session.video(item)
        found = fullest_frame(annotations, *_ends(known["metadata"], len(video)))
        at = telling_frame(video, *_ends(known["metadata"], len(video))) if found is None else found
        here = list(on_picture(annotations, at))
        return snapshot(encode_pixels(session.pixels(item, at)).data, here, ontology, edge)
    if known["kind"] in VOLUMES:
        volume = session.volume(item)
        at = _fullest(annotations, len(volume))
        here = list(on_picture(annotations, at))
        return snapshot(_slice(volume, at, window), here, ontology, edge)
    pyramid = session.pyramid(item)
    if pyramid is None:
        data = session.picture(item, raw=False).data
        return snapshot(data, annotations, ontology, edge, total)
    last = len(pyramid.levels) - 1
    data = small(pyramid.region(pyramid.levels[last].whole, last), edge).data
    size = pyramid.width, pyramid.height
    return snapshot(data, annotations, ontology, edge, total, size)


def _slice(volume: Volume, at: int, window: Ends | None) -> bytes:
    """Return a slice as a file that Pillow reads."""
    values: Any = volume.values(at)
    if not volume.facts.colour:
        if window is None and volume.facts.windows:
            first = volume.facts.windows[0]
            window = first.level - first.width / 2, first.level + first.width / 2
        values = eight_bits(values, window)
        if volume.facts.inverted:
            values = 255 - values
    return encode_pixels(values).data


def _fullest(annotations: Iterable[Annotation], count: int) -> int:
    """Return the slice with most labels; of equals, and where there are none, the middle one."""
    found: Counter[int] = Counter()
    for made in annotations:
        if isinstance(made.geometry, VolumeMask):
            found.update(made.geometry.slices.keys())
        elif made.frame is not None:
            found[made.frame] += 1
    best = max(found.values(), default=0)
    slices = sorted(at for at, many in found.items() if many == best and at < count)
    return slices[len(slices) // 2] if slices else count // 2


def _ends(metadata: Mapping[str, Any], count: int) -> tuple[int, int]:
    """Return the first and the last frame of a video, or of a clip of it."""
    first, last = metadata.get("first_frame"), metadata.get("last_frame")
    if not isinstance(first, int) or not isinstance(last, int):
        return 0, count - 1
    return min(first, count - 1), min(last, count - 1)


def fullest_frame(annotations: Iterable[Annotation], first: int, last: int) -> int | None:
    """Return the frame with most labels, of equals the middle one; None where there are none.

    Parameters
    ----------
    annotations
        Tracks, intervals and shapes of single frames.
    first, last
        The frames that are looked at.
    """
    # How many more there are than on the frame before.
    more = np.zeros(last + 2, np.int64)
    for made in annotations:
        for begin, end in _stretches(made, last):
            more[min(begin, last + 1)] += 1
            more[min(end, last) + 1] -= 1
    counts = np.cumsum(more)[first : last + 1]
    if counts.max(initial=0) == 0:
        return None
    best = np.flatnonzero(counts == counts.max())
    return first + int(best[len(best) // 2])


def _stretches(made: Annotation, last: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last frame of each stretch on which something is seen."""
    shape = made.geometry
    if isinstance(shape, Interval):
        yield shape.first, shape.last
    elif isinstance(shape, Track):
        ends = [*(frame - 1 for frame in list(shape.keyframes)[1:]), last]
        for (frame, keyframe), end in zip(shape.keyframes.items(), ends, strict=True):
            if not keyframe.outside and frame <= end:
                yield frame, end
    elif made.frame is not None:
        yield made.frame, made.frame
