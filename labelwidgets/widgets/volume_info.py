"""What a page is told of a scan."""

from __future__ import annotations

import dataclasses
from typing import Any

from labelwidgets.media.volumes import Volume
from labelwidgets.schema.windows import CT_WINDOWS, WindowPreset


def volume_info(volume: Volume) -> dict[str, Any]:
    """Return the content of a message `volume`: grid and facts of a scan, as JSON has them."""
    grid, facts = volume.grid, volume.facts
    return {
        "type": "volume",
        "shape": list(grid.shape),
        "spacing": None if grid.spacing is None else list(grid.spacing),
        "affine": None if grid.affine is None else grid.affine.tolist(),
        "positions": None if grid.positions is None else grid.positions.tolist(),
        "frameOfReference": grid.frame_of_reference,
        "modality": facts.modality,
        "unit": facts.unit,
        "colour": facts.colour,
        "inverted": facts.inverted,
        "presets": [_preset(one) for one in CT_WINDOWS] if facts.unit == "HU" else [],
        "windows": [dataclasses.asdict(window) for window in facts.windows],
        "problems": [
            {"kind": one.kind, "message": one.message, "slices": list(one.slices)}
            for one in facts.problems
        ],
    }


def _preset(window: WindowPreset) -> dict[str, Any]:
    return {
        "name": window.name,
        "level": window.level,
        "width": window.width,
        "source": window.source,
    }
