"""What a format can hold: said once by its module, shown in the documentation, held by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

FEATURES: Mapping[str, str] = {
    "rectangle": "a box",
    "turned rectangle": "a box with an angle",
    "ellipse": "an ellipse",
    "polygon": "a polygon of one ring",
    "holes": "a polygon with a hole",
    "parts": "a polygon of several parts",
    "polyline": "an open line",
    "point": "a point",
    "keypoints": "the joints of a skeleton",
    "hidden joints": "joints that are covered (1) or not there (0)",
    "cuboid": "the eight corners of a box in space, as they are seen",
    "mask": "pixels",
    "volume mask": "pixels through the slices of a scan",
    "tag": "a class of the whole picture",
    "track": "an object through the frames of a video, with its keyframes",
    "event": "a stretch of time",
    "answers": "answers to the questions of a class",
    "image answers": "answers about the picture",
    "confidence": "how sure a tool was",
    "empty pictures": "pictures without labels",
    "ids": "the id of a label",
    "origin": "author, origin and state of a label",
}
"""What there is to hold, with what it is, in the order of the tables."""

AREAS = ("rectangle", "turned rectangle", "ellipse", "polygon", "holes", "parts", "mask")
"""What covers pixels of one picture."""


class Fate(NamedTuple):
    """What becomes of something that is written.

    Parameters
    ----------
    how
        ``kept``: it comes back equal. ``changed``: it comes back as something else, which the
        writer counts in a `FormatWarning` (`strict`: raises). ``left``: it is not in the file,
        which is counted likewise. ``ours``: it comes back equal, from a field that other tools
        pass over, which is counted likewise. ``silent``: it is not in the file, and nothing is
        said, as nobody looks for it there.
    into
        The type of geometry that it comes back as, where it is changed.
    words
        What people are told of it: "its box", "an outline to a quarter of a pixel".
    """

    how: Literal["kept", "changed", "left", "ours", "silent"]
    into: str = ""
    words: str = ""


KEPT = Fate("kept")
LEFT = Fate("left")
OURS = Fate("ours")
SILENT = Fate("silent")


def changed(into: str, words: str = "") -> Fate:
    """Return the fate of what comes back as another type of geometry."""
    return Fate("changed", into, words or into)


@dataclass(frozen=True)
class Holds:
    """What a format can hold.

    Parameters
    ----------
    title
        What people call the format.
    on
        What its labels lie on.
    fates
        By the names of `FEATURES`; what is not named is left out.
    disjoint
        A pixel has one label: where two lie over one another, one has it (mostly the later), and
        the pixels that the other loses are counted.
    file
        What a file of it is called; empty where it is a folder.
    """

    title: str
    on: Literal["pictures", "videos", "scans"]
    fates: Mapping[str, Fate] = field(default_factory=dict)
    disjoint: bool = False
    file: str = ""

    def __post_init__(self) -> None:
        unknown = set(self.fates) - set(FEATURES)
        if unknown:
            raise ValueError(f"no such feature: {', '.join(sorted(unknown))}")

    @property
    def ours(self) -> bool:
        """Whether what has no place is kept in fields that only labelwidgets reads."""
        return OURS in self.fates.values()

    def fate(self, feature: str) -> Fate:
        """Return what becomes of a feature."""
        return self.fates.get(feature, SILENT if feature in ("ids", "origin") else LEFT)
