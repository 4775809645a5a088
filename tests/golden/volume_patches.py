"""Volume masks, patches of them, and what either makes of the other."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from pycocotools import mask as coco


def volume_patches() -> list[dict[str, Any]]:
    """Return the cases: slices are replaced by name, one for which None stands is gone."""
    return [_case(random.Random(seed)) for seed in range(40)]


def _case(dice: random.Random) -> dict[str, Any]:
    size = dice.randint(1, 5), dice.randint(1, 5)
    before = {k: _code(dice, size) for k in dice.sample(range(12), dice.randint(0, 5))}
    patch = {
        k: _code(dice, size) if dice.random() < 0.6 else None
        for k in dice.sample(range(12), dice.randint(1, 4))
    }
    after = {k: patch[k] if k in patch else before[k] for k in {*before, *patch}}
    return {
        "before": _named("volumemask", before),
        "patch": _named("volumepatch", patch),
        "after": _named("volumemask", {k: code for k, code in after.items() if code}),
        "back": _named("volumepatch", {k: before.get(k) for k in patch}),
    }


def _named(kind: str, slices: dict[int, Any]) -> dict[str, Any]:
    return {"type": kind, "slices": {str(k): slices[k] for k in sorted(slices)}}


def _code(dice: random.Random, size: tuple[int, int]) -> dict[str, Any]:
    bits = [[dice.randrange(2) for _ in range(size[1])] for _ in range(size[0])]
    made = coco.encode(np.asfortranarray(bits, np.uint8))
    return {"size": list(size), "counts": made["counts"].decode()}
