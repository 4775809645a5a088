"""What a model is told is there: as the store has it, and as it is on one frame."""

from __future__ import annotations

import threading

import numpy as np

import labelwidgets as lw
from labelwidgets.algorithms import encode_rle
from labelwidgets.assist.late_labels import LateLabels
from labelwidgets.schema.geometry import RLE
from labelwidgets.schema.tracks import Interval, Keyframe, Track


def test_labels_are_read_once_whoever_looks_first() -> None:
    reads: list[str] = []
    tag = lw.Annotation(item_id="a", class_name="cat", geometry=lw.Tag())

    def read() -> list[lw.Annotation]:
        reads.append(threading.current_thread().name)
        return [tag]

    labels = LateLabels(read)
    context = lw.Context(labels=labels).changed(frame=1)
    assert reads == []
    threads = [threading.Thread(target=lambda: len(context.labels)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 1
    assert (list(labels), labels[0], labels[:1], len(labels)) == ([tag], tag, (tag,), 1)
    assert labels == [tag]
    assert labels != []


def test_labels_here_are_those_of_the_frame_as_they_are_there() -> None:
    code = RLE(**encode_rle(np.eye(4, dtype=bool)))
    track = Track({0: Keyframe(lw.Rectangle(0, 0, 2, 2)), 4: Keyframe(lw.Rectangle(8, 0, 2, 2))})
    made = {
        "track": track,
        "event": Interval(2, 3),
        "organ": lw.VolumeMask({2: code}),
        "late": Track({3: Keyframe(lw.Rectangle(1, 1, 2, 2))}),
        "said": lw.Tag(),
    }
    labels = [lw.Annotation(item_id="a", class_name=k, geometry=v) for k, v in made.items()]
    for name, frame in (("here", 2), ("elsewhere", 1)):
        labels.append(
            lw.Annotation(
                item_id="a", class_name=name, geometry=lw.Rectangle(3, 3, 1, 1), frame=frame
            )
        )
    context = lw.Context(labels=labels, frame=2)
    here = {one.class_name: one for one in context.labels_here}
    assert sorted(str(name) for name in here) == ["event", "here", "organ", "said", "track"]
    assert here["track"].geometry == lw.Rectangle(4, 0, 2, 2)
    assert here["track"].frame == here["organ"].frame == 2
    assert here["organ"].geometry == lw.Mask(code)
    assert here["organ"].id == labels[2].id
    assert context.changed(frame=None).labels_here == labels
