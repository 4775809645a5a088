"""What of the labels of a video is to be seen on which frame, for formats that go by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.tracks import Keyframe, Shape, Sight, Track

Frames: TypeAlias = Literal["all", "keyframes"] | int
"""Which frames are written: all of them, those with a keyframe of the object, or every n-th."""


class OnFrame(NamedTuple):
    """A label as it is on one frame of a video."""

    frame: int
    label: Annotation
    sight: Sight

    @property
    def confidence(self) -> float | None:
        """How sure a tool was, of this frame or of all."""
        shape = self.label.geometry
        if isinstance(shape, Track) and self.frame in shape.keyframes:
            own = shape.keyframes[self.frame].confidence
            return self.label.confidence if own is None else own
        return self.label.confidence


def check_frames(frames: Frames) -> None:
    """Raise FormatError unless a choice of frames is one."""
    count = isinstance(frames, int) and not isinstance(frames, bool) and frames > 0
    if not count and frames not in ("all", "keyframes"):
        raise FormatError(
            f'must be "all", "keyframes" or a number from 1 (every n-th), not {frames!r}.',
            where="frames",
        )


def on_frames(label: Annotation, clip: Clip, frames: Frames = "all") -> Iterator[OnFrame]:
    """Return a label as it is on each of the frames that show it.

    Shapes between keyframes are those on the screen (`Track.frames`).

    Parameters
    ----------
    label
        A track, or a shape on one frame.
    clip
        Its video. Where its number of frames is not known, a track ends with its last keyframe.
    frames
        Which of them.

    Raises
    ------
    FormatError
        If it is on a frame that the video does not have.
    """
    shape = label.geometry
    if not isinstance(shape, Track):
        frame = label.frame
        if frame is None:
            return
        clip.check(frame, f"annotation {label.id!r}, frame")
        if not isinstance(frames, int) or frame % frames == 0:
            attributes = dict(label.attributes)
            yield OnFrame(frame, label, Sight(_shape(shape), False, attributes, True))
        return
    last = max(shape.keyframes)
    last_key = shape.keyframes[last]
    if clip.frames is not None and last >= clip.frames and not _ends(last_key, last, clip.frames):
        clip.check(last, f"annotation {label.id!r}, keyframes")
    step = frames if isinstance(frames, int) else 1
    for frame, sight in shape.frames(clip.stop if clip.stop is not None else last + 1):
        if frame % step or (frames == "keyframes" and not sight.keyframe):
            continue
        answers = label.attributes | sight.attributes if label.attributes else sight.attributes
        yield OnFrame(frame, label, sight._replace(attributes=answers))


def _ends(key: Keyframe, frame: int, frames: int) -> bool:
    """Say whether a keyframe says no more than that an object stays until the end."""
    return key.outside and frame == frames


def _shape(geometry: object) -> Shape:
    return geometry  # type: ignore[return-value]


def by_item(annotations: Iterable[Annotation]) -> Mapping[str, list[Annotation]]:
    """Return labels by their item, in their order."""
    found: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        found.setdefault(annotation.item_id, []).append(annotation)
    return found
