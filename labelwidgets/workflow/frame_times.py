"""When the frames of videos are shown, for the labels on them to be judged by."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.errors import LabelwidgetsError, SchemaError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.track_validity import changed_keyframes
from labelwidgets.schema.tracks import MAX_FRAMES, Interval, Keyframe, Track
from labelwidgets.store.edits import Edit

if TYPE_CHECKING:
    from labelwidgets.store.store import Store
    from labelwidgets.workflow.session import Pictures

# Seconds before a video that could not be opened is tried again: no edit waits for a dead server.
_PATIENCE = 60.0

_Raw: TypeAlias = dict[str, Any]


class Timing(NamedTuple):
    """What labels on a video are judged by.

    Parameters
    ----------
    pts
        (frames,) presentation timestamps in the time base of the stream.
    size
        (width, height) of its frames as they are shown, in pixels.
    """

    pts: npt.NDArray[np.int64]
    size: tuple[int, int]


class FrameTimes:
    """The timestamps of videos, each looked up once.

    Parameters
    ----------
    store
        Knows the items of tasks.
    dataset
        Opens videos.
    """

    def __init__(self, store: Store, dataset: Pictures) -> None:
        self._store = store
        self._dataset = dataset
        self._known: dict[str, Timing] = {}
        self._failed: dict[str, float] = {}

    def of(self, edits: Sequence[Edit]) -> Callable[[str], Timing | None]:
        """Return what tells the timing of an item, for the videos whose frames edits name.

        To be called before a transaction, as a video that is not open is opened for it: its index
        is read, and none of its pictures. A page has opened it long before it edits. What cannot
        be opened is not known: nobody loses a label by it.
        """
        for item_id in self._items(edits).values():
            self._look(item_id)
        return self._known.get

    def stamped(self, edits: Sequence[Edit]) -> list[Edit]:
        """Return edits with the timestamps of frames that they name without one."""
        timing, items = self.of(edits), self._items(edits)
        made = []
        for edit in edits:
            item = items.get(edit.task) if isinstance(edit.task, str) else None
            if item is not None and isinstance(edit.after, Mapping):
                known = timing(item)
                after = _stamped(edit.after, known.pts if known else np.zeros(0, np.int64))
                edit = edit if after is edit.after else msgspec.structs.replace(edit, after=after)
            made.append(edit)
        return made

    def _items(self, edits: Sequence[Edit]) -> dict[str, str]:
        """Return the videos among the items of tasks whose edits name frames, by task."""
        tasks = {edit.task for edit in edits if _names_frames(edit)}
        named = [name for name in tasks if is_id(name)]
        return self._store.videos_of_tasks(named) if named else {}

    def _look(self, item_id: str) -> None:
        if item_id in self._known or time.monotonic() < self._failed.get(item_id, 0.0):
            return
        try:
            video = self._dataset.video(item_id)
            pts, facts = np.asarray(video.pts, np.int64), video.facts
            self._known[item_id] = Timing(pts, (facts.width, facts.height))
        except (LabelwidgetsError, OSError):
            self._failed[item_id] = time.monotonic() + _PATIENCE


def check_times(after: Annotation, before: Annotation | None, pts: npt.NDArray[np.int64]) -> None:
    """Raise where a label names a frame and the timestamp of another one.

    Parameters
    ----------
    after, before
        The label, and what it was; only what changed is judged. Frames lie within the video.
    pts
        (frames,) of the video.

    Raises
    ------
    SchemaError
        Naming the field.
    """
    for where, frame, given in _times(after, before):
        if given is not None and frame < len(pts) and int(pts[frame]) != given:
            raise SchemaError(
                f"is {given}, and frame {frame} of this video has {int(pts[frame])}: the file is "
                "not the one that was labelled.",
                where=where,
                hint="Give the dataset the file that was labelled, or make a new project.",
            )


def _times(after: Annotation, before: Annotation | None) -> Iterator[tuple[str, int, int | None]]:
    geometry, was = after.geometry, None if before is None else before.geometry
    if isinstance(geometry, Track):
        made = changed_keyframes(geometry, was if isinstance(was, Track) else None)
        for key, one in made.items():
            yield f"keyframes[{key}].pts", key, one.pts
    elif isinstance(geometry, Interval) and geometry != was:
        yield "first_pts", geometry.first, geometry.first_pts
        yield "last_pts", geometry.last, geometry.last_pts
    same = before is not None and (after.frame, after.pts) == (before.frame, before.pts)
    if after.frame is not None and not same:
        yield "pts", after.frame, after.pts


def _names_frames(edit: Edit) -> bool:
    after: Any = edit.after
    if not isinstance(edit.task, str) or not isinstance(after, Mapping):
        return False
    return "frame" in after or _kind_of(after.get("geometry")) is not None


def _kind_of(geometry: Any) -> str | None:
    """Return what of a track or an interval is given, read already or as JSON has it."""
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if isinstance(geometry, Track | Interval):
        kind = geometry.type
    return kind if kind in ("track", "trackpatch", "interval") else None


def _stamped(after: Mapping[str, Any], pts: npt.NDArray[np.int64]) -> Mapping[str, Any]:
    made: _Raw = {}
    geometry = after.get("geometry")
    if "frame" in after and after.get("pts") is None:
        # Of another frame, the timestamp that it had is none.
        made["pts"] = _at(pts, after["frame"])
    kind = _kind_of(geometry)
    if kind == "interval":
        made["geometry"] = _filled(
            geometry,
            {f"{end}_pts": _at(pts, _get(geometry, end)) for end in ("first", "last")},
        )
    elif kind is not None:
        keyframes = _get(geometry, "keyframes")
        if isinstance(keyframes, Mapping):
            made["geometry"] = _filled(
                geometry, {"keyframes": dict(_keyframes(keyframes.items(), pts))}, anew=True
            )
    return {**after, **made} if made else after


def _keyframes(
    given: Iterable[tuple[Any, Any]], pts: npt.NDArray[np.int64]
) -> Iterator[tuple[Any, Any]]:
    for key, one in given:
        known = isinstance(one, Keyframe | Mapping)
        yield key, _filled(one, {"pts": _at(pts, key)}) if known else one


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name)


def _filled(thing: Any, values: Mapping[str, Any], anew: bool = False) -> Any:
    """Return a thing with values for those of its fields that have none."""
    some = {
        name: value
        for name, value in values.items()
        if value is not None and (anew or _get(thing, name) is None)
    }
    if not some:
        return thing
    if isinstance(thing, Mapping):
        return {**thing, **some}
    return msgspec.structs.replace(thing, **some)


def _at(pts: npt.NDArray[np.int64], frame: Any) -> int | None:
    """Return the timestamp of a frame, which JSON has as a text where it is a key."""
    if isinstance(frame, str) and frame.isdecimal() and len(frame) < 11:
        frame = int(frame)
    sound = isinstance(frame, int) and not isinstance(frame, bool) and 0 <= frame < MAX_FRAMES
    return int(pts[frame]) if sound and frame < len(pts) else None
