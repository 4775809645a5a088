"""The frames of videos that people looked at, as they were then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, insert, select

from labelwidgets.store.clock import from_datetime, to_datetime
from labelwidgets.store.tables import seen_frames

# By frame: its timestamp, the hash of its pixels, and when it was looked at.
Seen: TypeAlias = Mapping[int, tuple[int | None, str, datetime]]


def read_seen_frames(
    connection: Connection, item_id: str
) -> dict[int, tuple[int | None, str, datetime]]:
    """Return the frames of an item that were looked at, with timestamp, hash and time."""
    found = select(seen_frames).where(seen_frames.c.item_id == item_id)
    return {
        row.frame: (row.pts, row.hash, to_datetime(row.time)) for row in connection.execute(found)
    }


def put_seen_frames(connection: Connection, item_id: str, seen: Seen) -> None:
    """Remember frames of an item as they are now; those that are known stay as they were."""
    known = select(seen_frames.c.frame).where(seen_frames.c.item_id == item_id)
    there = set(connection.execute(known).scalars())
    fresh = [
        {"item_id": item_id, "frame": frame, "pts": pts, "hash": code, "time": from_datetime(time)}
        for frame, (pts, code, time) in seen.items()
        if frame not in there
    ]
    if fresh:
        connection.execute(insert(seen_frames), fresh)
