"""Maps of labels, their runs, and what pycocotools says of the mask of each label."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from pycocotools import mask as coco

NAMED = {
    "one pixel": [[0]],
    "one label": [[0, 0, 0], [0, 0, 0]],
    "every pixel another": [[0, 1], [2, 3], [4, 5]],
    "one row": [[0, 0, 1, 1, 0]],
    "one column": [[2], [2], [0], [1], [1]],
    "a run goes on in the next column": [[0, 1], [1, 1], [1, 0]],
    "a ring around a hole": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "labels that need 32 bits": [[0, 70000], [1, 70000]],
}


def label_maps() -> list[dict[str, Any]]:
    """Return the cases; their runs are found pixel by pixel here."""
    maps = {name: np.array(rows) for name, rows in NAMED.items()}
    for seed in range(30):
        dice = random.Random(seed)
        shape = dice.randint(1, 9), dice.randint(1, 9)
        count = dice.randint(1, 6)
        maps[f"random {seed}"] = np.array(
            [[dice.randrange(count) for _ in range(shape[1])] for _ in range(shape[0])]
        )
    return [_case(name, labels) for name, labels in maps.items()]


def _case(name: str, labels: np.ndarray[Any, Any]) -> dict[str, Any]:
    lengths: list[int] = []
    kept: list[int] = []
    for label in labels.T.ravel().tolist():
        if kept and kept[-1] == label:
            lengths[-1] += 1
        else:
            kept.append(label)
            lengths.append(1)
    masks = {}
    for label in sorted(set(kept)):
        code = coco.encode(np.asfortranarray(labels == label).astype(np.uint8))
        masks[str(label)] = code["counts"].decode("ascii")
    return {
        "name": name,
        "size": list(labels.shape),
        "map": labels.ravel().tolist(),
        "lengths": lengths,
        "labels": kept,
        "masks": masks,
    }
