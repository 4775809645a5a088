"""Places in the pictures of cuts across the slices of a scan, written out from the definition."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

_SCANS: dict[str, dict[str, Any]] = {
    "axial": {"right": (1, 0, 0), "down": (0, 1, 0)},
    "axial, uneven": {"right": (1, 0, 0), "down": (0, 1, 0), "gaps": (1.1, 4.0, 7.0, 0.5)},
    "axial, tilted": {"right": (1, 0, 0), "down": (0, 0.96, -0.28), "along": (0, 0, 1)},
    "axial, rows coarser than columns": {
        "right": (1, 0, 0),
        "down": (0, 1, 0),
        "pixel": (1.5, 0.5),
    },
    "sagittal": {"right": (0, 1, 0), "down": (0, 0, -1)},
    "coronal": {"right": (1, 0, 0), "down": (0, 0, -1)},
    "prone": {"right": (-1, 0, 0), "down": (0, -1, 0)},
    "oblique": {"right": (0.8, 0.6, 0), "down": (0, 0, -1), "gaps": (0.3,)},
}

# What is to the right and what below in each plane of the patient.
_HUNG = {
    0: ((0, 1, 0), (0, 0, -1)),
    1: ((1, 0, 0), (0, 0, -1)),
    2: ((1, 0, 0), (0, 1, 0)),
}


def cuts() -> list[dict[str, Any]]:
    """Sizes of the pictures of some scans, and where some of their voxels are in them."""
    return [_case(name, plane) for name in _SCANS for plane in ("row", "column")]


def _case(name: str, plane: str) -> dict[str, Any]:
    made = _SCANS[name]
    shape = (5, 6, 7)
    pixel = made.get("pixel", (0.7, 0.7))
    gaps = made.get("gaps", (2.0,))
    right, down = np.array(made["right"], float), np.array(made["down"], float)
    along = np.array(made.get("along", np.cross(right, down)), float)
    heights = np.concatenate([[0], np.cumsum([gaps[k % len(gaps)] for k in range(shape[0] - 1)])])
    positions = np.array([-30.0, 12.5, 70.0]) + heights[:, None] * along
    corners = list(itertools.product(range(shape[2]), range(shape[1]), range(shape[0])))

    def place(voxel: tuple[int, ...]) -> Any:
        column, row, k = voxel
        return positions[k] + column * pixel[1] * right + row * pixel[0] * down

    # One axis of the picture is the line of a slice, the other one is square to it.
    line = right if plane == "row" else down
    across = along - (along @ line) * line
    reach = float(np.linalg.norm(across))
    across = across / reach
    normal = np.cross(line, across)
    hung = _HUNG[int(np.argmax(np.abs(normal)))]
    upright = abs(line @ hung[1]) > abs(line @ hung[0])
    x_axis, y_axis = (across, line) if upright else (line, across)
    x_axis = x_axis * np.sign(x_axis @ hung[0])
    y_axis = y_axis * np.sign(y_axis @ hung[1])
    pitch = min(*pixel, float(np.diff(heights).mean()) * reach)
    held = 1 if plane == "row" else 0
    seen = [voxel for voxel in corners if voxel[held] == 2]
    origin = place((0, 2, 0) if held == 1 else (2, 0, 0))
    size, starts = [], []
    for axis in (x_axis, y_axis):
        of_line = axis is x_axis if not upright else axis is y_axis
        ways = np.array([(place(voxel) - origin) @ axis for voxel in seen])
        steps = np.diff(heights) * reach
        rim = (pixel[1 if plane == "row" else 0],) * 2 if of_line else (steps[0], steps[-1])
        turned = (axis @ (line if of_line else across)) < 0
        ways = -ways if turned else ways
        before = int(np.floor((rim[0] / 2 - ways.min()) / pitch + 1e-6))
        after = int(np.ceil((ways.max() + rim[1] / 2) / pitch - 1e-6))
        size.append(before + after)
        starts.append(after - 0.5 if turned else before + 0.5)
    places = [
        [
            [int(index) for index in voxel],
            [
                round(float((place(voxel) - origin) @ axis / pitch + start), 9)
                for axis, start in zip((x_axis, y_axis), starts, strict=True)
            ],
        ]
        for voxel in seen[::4]
    ]
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = right * pixel[1], down * pixel[0]
    affine[:3, 2], affine[:3, 3] = gaps[0] * along, positions[0]
    return {
        "name": f"{name}, {plane}",
        "plane": plane,
        "shape": shape,
        "spacing": [gaps[0], *pixel],
        "affine": affine.tolist(),
        "positions": positions.tolist(),
        "size": size,
        "pitch": pitch,
        "places": places,
    }
