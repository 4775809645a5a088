"""A process that writes gestures as fast as it can, until it is killed."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from labelwidgets.schema.ids import new_id
from labelwidgets.store.store import Store
from tests.store.making import create, rectangle, update, volume, volume_patch


def write_for_ever(path: str, acknowledge: Connection) -> None:
    """Say each gesture once the store has acknowledged it."""
    with Store.open(path, wait=60) as store:
        task = store.task_ids()[0]
        acknowledge.send_bytes(b"ready")
        while True:
            gesture = new_id()
            edits = [create(task, gesture=gesture) for _ in range(3)]
            edits.append(update(task, edits[0].annotation, 1, {"frame": 1}, gesture=gesture))
            store.apply(edits, "ana")
            acknowledge.send_bytes(gesture.encode())


def paint_for_ever(path: str, acknowledge: Connection) -> None:
    """Paint on a volume mask, slice after slice, and say each revision that was acknowledged."""

    def stroke(revision: int) -> dict[str, Any]:
        slices: dict[int, int | None] = {revision % 40: revision}
        if revision % 3 == 0:
            slices[(revision + 7) % 40] = None
        return volume_patch(slices)

    _patch_for_ever(path, acknowledge, volume({0: 1}), stroke)


def move_for_ever(path: str, acknowledge: Connection) -> None:
    """Move an object from frame to frame, and say each revision that was acknowledged."""

    def move(revision: int) -> dict[str, Any]:
        keyframes: dict[str, Any] = {f"{1 + revision % 40}": {"geometry": rectangle(x=revision)}}
        if revision % 3 == 0:
            keyframes[f"{1 + (revision + 7) % 40}"] = None
        return {"type": "trackpatch", "keyframes": keyframes}

    track = {"type": "track", "keyframes": {"0": {"geometry": rectangle()}}}
    _patch_for_ever(path, acknowledge, track, move)


def _patch_for_ever(
    path: str,
    acknowledge: Connection,
    first: dict[str, Any],
    patch: Callable[[int], dict[str, Any]],
) -> None:
    with Store.open(path, wait=60) as store:
        task = store.task_ids()[0]
        edit = create(task, after={"geometry": first})
        store.apply([edit], "ana")
        acknowledge.send_bytes(b"ready")
        revision = 1
        while True:
            made = update(task, edit.annotation, revision, {"geometry": patch(revision)})
            store.apply([made], "ana")
            revision += 1
            acknowledge.send_bytes(f"{edit.annotation} {revision}".encode())
