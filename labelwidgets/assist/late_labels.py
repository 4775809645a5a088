"""The labels that a model is told of: read when it first looks at them, which most never do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import overload

import msgspec

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask, Tag, VolumeMask
from labelwidgets.schema.tracks import Interval, Track


class LateLabels(Sequence[Annotation]):
    """Labels that are read once, when somebody looks at them.

    Parameters
    ----------
    read
        Returns them; it may be called in any thread.
    """

    def __init__(self, read: Callable[[], Sequence[Annotation]]) -> None:
        self._read = read
        self._found: Sequence[Annotation] | None = None
        self._lock = threading.Lock()

    @property
    def _labels(self) -> Sequence[Annotation]:
        with self._lock:
            if self._found is None:
                self._found = tuple(self._read())
        return self._found

    def __len__(self) -> int:
        return len(self._labels)

    def __iter__(self) -> Iterator[Annotation]:
        return iter(self._labels)

    @overload
    def __getitem__(self, place: int) -> Annotation: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Annotation]: ...
    def __getitem__(self, place: int | slice) -> Annotation | Sequence[Annotation]:
        return self._labels[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "LateLabels(...)" if self._found is None else f"LateLabels({list(self._found)!r})"


def on_frame(label: Annotation, frame: int) -> Annotation | None:
    """Return a label as it is on a frame or a slice; None where it is not there.

    Of a track its shape there, of a mask through a scan that of the slice. What is said of the
    whole item is said of each frame.
    """
    made = label.geometry
    if isinstance(made, Track):
        sight = made.at(frame)
        if sight is None:
            return None
        answers = {**label.attributes, **sight.attributes}
        return msgspec.structs.replace(
            label, geometry=sight.geometry, frame=frame, attributes=answers
        )
    if isinstance(made, VolumeMask):
        code = made.slices.get(frame)
        if code is None:
            return None
        return msgspec.structs.replace(label, geometry=Mask(code), frame=frame)
    if isinstance(made, Interval):
        return label if made.first <= frame <= made.last else None
    if isinstance(made, Tag) and label.frame is None:
        return label
    return label if (label.frame or 0) == frame else None
