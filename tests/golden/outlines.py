"""Masks with their outlines, and polygons with the masks that they fill."""

from __future__ import annotations

from typing import Any

import numpy as np

from labelwidgets.algorithms import encode_rle, mask_to_polygons, polygon_to_mask


def outlines() -> list[dict[str, Any]]:
    """Return masks, noise and blobs, each with its outline, exact and thinned."""
    rows = []
    for seed in range(50):
        draw = np.random.default_rng(seed)
        height, width = draw.integers(1, 16, 2)
        mask = draw.random((height, width)) < draw.choice([0.1, 0.3, 0.5, 0.7, 0.9])
        rows.append(_row(f"noise {seed}", mask))
    for seed in range(12):
        rows.append(_row(f"blob {seed}", _blob(seed)))
    for name, bits in (("nothing", 0), ("everything", 1)):
        rows.append(_row(name, np.full((3, 4), bits)))
    return rows


def _blob(seed: int) -> Any:
    draw = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    reach = 15 + draw.normal(size=40)
    ring = np.stack([20 + reach * np.cos(turn), 20 + reach * np.sin(turn)], axis=1)
    mask = polygon_to_mask(ring, (40, 38))
    for _ in range(3):
        y, x = draw.integers(8, 28, 2)
        mask[y : y + 5, x : x + 4] ^= draw.random((5, 4)) < 0.8
    return mask


def _row(name: str, mask: Any) -> dict[str, Any]:
    return {
        "name": name,
        "rle": encode_rle(mask),
        "parts": mask_to_polygons(mask),
        "thinned": mask_to_polygons(mask, 1.5),
    }


def fills() -> list[dict[str, Any]]:
    """Return polygons on and off quarters of pixels, with the codes of what they fill."""
    rows = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        height, width = draw.integers(3, 20, 2)
        steps = 4 if seed % 2 else 100
        parts = [
            [
                (draw.integers(-4 * steps, 20 * steps, (draw.integers(3, 8), 2)) / steps).tolist()
                for _ in range(draw.integers(1, 4))
            ]
            for _ in range(draw.integers(1, 3))
        ]
        code = encode_rle(polygon_to_mask(parts, (int(height), int(width))))
        rows.append({"name": f"random {seed}", "parts": parts, "rle": code})
    return rows
