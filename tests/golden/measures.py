"""Lengths, angles, areas and statistics, written out from their definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

SPACINGS = ([1.0, 1.0], [0.5, 0.5], [0.7, 1.3])
LINES = (
    [[0, 0], [3, 4]],
    [[10.5, 2.25], [1.25, 30.75], [1.25, 30.75], [60, -3]],
    [[5, 5], [0, 5], [0, 0]],
    [[1, 1], [2, 2], [3, 3]],
    [[0, 0], [10, 0], [20, 0.001]],
    [[4, 4]],
    [[0, 0], [30, 0], [14, -6], [14, 9]],
    [[0, 0], [3, 0], [1, -9], [1, 9]],
)
ELLIPSES = (
    {"x": 10, "y": 8, "rx": 6, "ry": 3, "angle": 0},
    {"x": 10.25, "y": 8.5, "rx": 6.5, "ry": 2.25, "angle": 33},
    {"x": 1, "y": 1, "rx": 4, "ry": 4, "angle": -20},
    {"x": 12.2, "y": 7.4, "rx": 0.2, "ry": 0.3, "angle": 0},
)
WIDTH, HEIGHT = 24, 16


def pixels() -> list[float]:
    """Values from -1000 to some 2000, row by row; every eleventh has none."""
    return [
        math.nan if k % 11 == 3 else float((k * 7919) % 3011 - 1000) for k in range(WIDTH * HEIGHT)
    ]


def measures() -> list[dict[str, Any]]:
    """Each line and each ellipse, at each spacing."""
    cases: list[dict[str, Any]] = []
    for spacing in SPACINGS:
        for line in LINES:
            scaled = np.array(line, float) * spacing
            legs = np.diff(scaled, axis=0)
            case: dict[str, Any] = {"kind": "line", "points": line, "spacing": spacing}
            case["length"] = float(np.linalg.norm(legs, axis=1).sum())
            if len(line) == 3:
                case["angle"] = _angle(scaled)
            if len(line) == 4:
                lengths = [float(np.linalg.norm(legs[at])) for at in (0, 2)]
                case["axes"] = [max(lengths), min(lengths)]
            cases.append(case)
        cases += [_ellipse(made, spacing) for made in ELLIPSES]
    return cases


def _angle(points: Any) -> float | None:
    u, v = points[0] - points[1], points[2] - points[1]
    cosine = u @ v / (np.linalg.norm(u) * np.linalg.norm(v))
    return math.degrees(math.acos(min(1.0, max(-1.0, float(cosine)))))


def _ellipse(made: dict[str, float], spacing: list[float]) -> dict[str, Any]:
    turn = math.radians(made["angle"])
    inside = []
    for k, value in enumerate(pixels()):
        dx, dy = k % WIDTH + 0.5 - made["x"], k // WIDTH + 0.5 - made["y"]
        u = dx * math.cos(turn) + dy * math.sin(turn)
        v = dy * math.cos(turn) - dx * math.sin(turn)
        if (u / made["rx"]) ** 2 + (v / made["ry"]) ** 2 <= 1 and not math.isnan(value):
            inside.append(value)
    case: dict[str, Any] = {"kind": "ellipse", "ellipse": made, "spacing": spacing}
    case["area"] = math.pi * made["rx"] * made["ry"] * spacing[0] * spacing[1]
    case["count"] = len(inside)
    if inside:
        mean = math.fsum(inside) / len(inside)
        spread = math.fsum((one - mean) ** 2 for one in inside) / len(inside)
        case |= {"mean": mean, "sd": math.sqrt(spread), "least": min(inside), "most": max(inside)}
    return case
