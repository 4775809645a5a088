"""YOLO with joints of skeletons: see `labelwidgets.formats.yolo`."""

from __future__ import annotations

from functools import partial

from labelwidgets.formats.inputs import Input
from labelwidgets.formats.yolo import reading, writing
from labelwidgets.formats.yolo.kinds import HOLDS as _HOLDS

HOLDS = _HOLDS["pose"]
read = partial(reading.read, task="pose")
write = partial(writing.write, task="pose")


def sniff(head: bytes) -> bool:
    """Return False: a file by itself is read as ``yolo``, which finds its kind."""
    return False


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such rows."""
    return reading.sniff_files(source, "pose")
