"""Issues: what somebody finds wrong, pinned to an object or a place, and the talk about it."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from labelwidgets.errors import SchemaError
from labelwidgets.schema.geometry import Bounds, Geometry, VolumeMask
from labelwidgets.schema.ids import new_id
from labelwidgets.schema.tracks import Track

IssueState: TypeAlias = Literal["open", "resolved"]

MAX_TEXT = 4000
# Beyond so many times the size of its object, or pixels of a picture, a pin is lost.
_FAR = 1e7


class Comment(msgspec.Struct, frozen=True):
    """What somebody said in the thread of an issue.

    Parameters
    ----------
    id
        Made by who says it, so that the same comment twice is one.
    author
        Who.
    text
        Plain text, up to 4,000 characters.
    created_at
        When.
    """

    id: str
    author: str
    text: str
    created_at: datetime


class Issue(msgspec.Struct, frozen=True):
    """Something that is wrong, where it is, and what was said about it.

    Parameters
    ----------
    id
        Made by who raises it, so that the same issue twice is one.
    task_id, item_id
        Of what.
    annotation_id
        The object that it is pinned to, and moves with; None for a place of the picture.
    frame
        Of a video, a sequence or a scan, the frame or slice that it was raised on.
    x, y
        Of an object: from the left and the top of its upright box, in its widths and heights, so
        that (0.5, 0.5) is its middle wherever it goes. Of a place: pixels of the full-resolution
        image. None for the picture as a whole.
    state
        ``open`` or ``resolved``.
    author
        Who raised it.
    resolved_by
        Who resolved it; None while it is open.
    created_at, updated_at
        When it was raised, and last changed or commented.
    thread
        Comments, the first one first.
    """

    id: str
    task_id: str
    item_id: str
    annotation_id: str | None
    frame: int | None
    x: float | None
    y: float | None
    state: IssueState
    author: str
    resolved_by: str | None
    created_at: datetime
    updated_at: datetime
    thread: list[Comment]


class NewIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as it is raised; fields as of `Issue`."""

    task_id: str
    text: str
    annotation_id: str | None = None
    frame: int | None = None
    x: float | None = None
    y: float | None = None
    id: str = msgspec.field(default_factory=new_id)
    comment_id: str = msgspec.field(default_factory=new_id)

    def __post_init__(self) -> None:
        if (self.x is None) != (self.y is None):
            raise SchemaError("needs both x and y, or neither.", where="position of the issue")
        for name in ("x", "y"):
            value: Any = getattr(self, name)
            if value is not None and not (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and math.isfinite(value)
                and abs(value) <= _FAR
            ):
                raise SchemaError(
                    f"must be a number, not {value!r:.60}.", where=f"{name} of the issue"
                )
        frame: Any = self.frame
        if frame is not None and (
            isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < 2**31
        ):
            raise SchemaError(f"must be an index from 0, not {frame!r:.60}.", where="frame")


def check_text(text: Any, where: str) -> str:
    """Return what is said, without the space around it.

    Raises
    ------
    SchemaError
        If it is nothing, or too long.
    """
    if not isinstance(text, str) or not text.strip():
        raise SchemaError("needs some words.", where=where)
    if len(text) > MAX_TEXT:
        raise SchemaError(
            f"is {len(text)} characters long, at most {MAX_TEXT} are allowed.", where=where
        )
    return text.strip()


def box_on(geometry: Geometry, frame: int | None) -> Bounds | None:
    """Return the upright box of an object where it is seen on a frame, None where it has none.

    Parameters
    ----------
    geometry
        Of the object: of a track the shape on that frame, or on the nearest one where it is seen;
        of a mask through a scan the mask of that slice, or the box of all.
    frame
        Of the video or scan; None for pictures.

    Returns
    -------
    x, y, width, height
        In pixels.
    """
    if isinstance(geometry, Track):
        sight = geometry.at(frame or 0)
        if sight is not None:
            return sight.geometry.bounds
        near = [(abs(key - (frame or 0)), one) for key, one in geometry.keyframes.items()]
        placed = [(away, one.geometry) for away, one in near if one.geometry is not None]
        return min(placed, key=lambda found: found[0])[1].bounds
    if isinstance(geometry, VolumeMask) and frame in geometry.slices:
        return VolumeMask({frame: geometry.slices[frame]}).bounds
    return geometry.bounds


def place_in(box: Bounds, x: float, y: float) -> tuple[float, float]:
    """Return the place in pixels of what is at x, y in a box; see `Issue`.

    What has no width counts as one pixel wide, so that points have pins too.
    """
    return box[0] + x * max(box[2], 1.0), box[1] + y * max(box[3], 1.0)


def pin_to(box: Bounds, x: float, y: float) -> tuple[float, float]:
    """Return where in a box a place in pixels is: what `place_in` takes back."""
    return (x - box[0]) / max(box[2], 1.0), (y - box[1]) / max(box[3], 1.0)
