"""The picture that an annotator leaves where no kernel runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from labelwidgets.media.encoded import eight_bits, encode_pixels, small
from labelwidgets.media.kinds import VOLUMES
from labelwidgets.media.volumes import Volume
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, VolumeMask
from labelwidgets.workflow.session import Session

# It is made while the person waits for the widget, so it is small.
_EDGE = 720
_SHAPES = 300

Ends = tuple[float, float]


def still(session: Session, task: str, window: Ends | None = None) -> bytes:
    """Draw the picture of a task with its labels; of a scan the slice that has most of them.

    Parameters
    ----------
    session
        Reads both.
    task
        Its id.
    window
        The values of a scan that are black and white; those that its file suggests where None.

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
    if (session.store.item(item) or {}).get("kind") in VOLUMES:
        volume = session.volume(item)
        at = _fullest(annotations, len(volume))
        here = list(_on_slice(annotations, at))
        return snapshot(_slice(volume, at, window), here, ontology, _EDGE)
    pyramid = session.pyramid(item)
    if pyramid is None:
        data = session.picture(item, raw=False).data
        return snapshot(data, annotations, ontology, _EDGE, total)
    last = len(pyramid.levels) - 1
    data = small(pyramid.region(pyramid.levels[last].whole, last), _EDGE).data
    size = pyramid.width, pyramid.height
    return snapshot(data, annotations, ontology, _EDGE, total, size)


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


def _on_slice(annotations: Iterable[Annotation], at: int) -> Iterator[Annotation]:
    for made in annotations:
        if isinstance(made.geometry, VolumeMask):
            if at in made.geometry.slices:
                shape = Mask(made.geometry.slices[at])
                yield msgspec.structs.replace(made, geometry=shape)
        elif made.frame in (at, None):
            yield made
