"""Sets of pixels for the table that both sides share, from arrays."""

from __future__ import annotations

from typing import Any


def runs() -> list[dict[str, Any]]:
    """Return pairs of masks with the codes of their unions, crops and so on, from arrays."""
    import numpy as np
    from pycocotools import mask as coco

    def code(pixels: Any) -> dict[str, Any]:
        made = coco.encode(np.asfortranarray(pixels, dtype=np.uint8))
        return {"size": list(pixels.shape), "counts": made["counts"].decode("ascii")}

    rows = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        height, width = draw.integers(1, 14, 2)
        a, b = (draw.random((height, width)) < draw.choice([0, 0.2, 0.5, 0.8, 1]) for _ in "ab")
        tall, wide = draw.integers(1, 9, 2)
        part = draw.random((tall, wide)) < draw.choice([0, 0.5, 0.9, 1])
        x, y = (int(draw.integers(-6, side + 3)) for side in (width, height))
        frame = np.zeros((3, height + 40, width + 40), bool)
        frame[0, 20 : 20 + height, 20 : 20 + width] = a
        box = (slice(20 + y, 20 + y + tall), slice(20 + x, 20 + x + wide))
        frame[1], frame[2] = frame[0], False
        frame[1][box] = frame[2][box] = part
        inner = frame[:, 20 : 20 + height, 20 : 20 + width]
        made = {
            "unite": a | b,
            "subtract": a & ~b,
            "intersect": a & b,
            "differ": a ^ b,
            "invert": ~a,
            "crop": frame[0][box],
            "place": inner[2],
            "splice": inner[1],
        }
        rows.append(
            {
                "name": f"random {seed}",
                "a": code(a),
                "b": code(b),
                "part": code(part),
                "at": [x, y],
                "counts": {name: code(pixels)["counts"] for name, pixels in made.items()},
            }
        )
    return rows
