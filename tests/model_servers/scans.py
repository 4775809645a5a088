"""A small scan that lies somewhere, and what is proposed for it."""

from __future__ import annotations

from typing import Any

import numpy as np

import labelwidgets as lw
from labelwidgets.media.volumes import Facts, Grid

DEPTH, HEIGHT, WIDTH = 3, 4, 5


class Ct:
    """A scan that lies somewhere, as DICOM's do: LPS."""

    def __init__(self) -> None:
        affine = np.array(
            [[0.5, 0, 0, -10.0], [0, 0.6, 0, 20.0], [0, 0, 2.0, 30.0], [0, 0, 0, 1]], float
        )
        self.grid = Grid((DEPTH, HEIGHT, WIDTH), (2.0, 0.6, 0.5), affine)
        self.facts = Facts("CT", "HU")
        self.pixels = np.zeros(self.grid.shape, np.int16)
        self.pixels[1, 2, 3] = 500
        self.pixels[2, 1, 0] = 300

    def box(self, start: Any, stop: Any) -> Any:
        return self.pixels[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]


ONTOLOGY = lw.Ontology(
    classes=[lw.ObjectClass(name, tool="volumemask") for name in ("spleen", "liver")]
)
CONTEXT = lw.Context(item_id="scan-1", kind="dicom", ontology=ONTOLOGY, class_name="liver")


def voxels(proposal: lw.Proposal) -> dict[str | None, set[tuple[int, int, int]]]:
    """Return (slice, row, column) of what is set, by class."""
    made = {}
    for shape in proposal.shapes:
        assert isinstance(shape.geometry, lw.VolumeMask)
        found = set()
        for index, code in shape.geometry.slices.items():
            mask = lw.algorithms.decode_rle({"size": code.size, "counts": code.counts})
            found |= {(index, int(row), int(column)) for row, column in np.argwhere(mask)}
        made[shape.class_name] = found
    return made
