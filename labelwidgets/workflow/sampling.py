"""Which items are in a share: each by itself, so that more data change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

_ALL = 1 << 64


def chance(item_id: str, *key: Any) -> float:
    """Return a number from 0 to below 1 for an item, always the same for the same key."""
    text = "\0".join([*(str(part) for part in key), item_id])
    # SHA-256, as a server knows it too: there the walls say who is in a share (store/sql).
    return int.from_bytes(sha256(text.encode()).digest()[:8]) / _ALL


def in_share(item_id: str, stage: str, options: Mapping[str, Any]) -> bool:
    """Say whether an item is in the share that the options of a stage name.

    By a hash of stage, seed and item: who is picked is the same on every machine, in any order
    and however many items come later; of 1,000 items a share of 0.2 is 200 give or take 13.
    """
    share = options.get("share", 1.0)
    return bool(chance(item_id, stage, options.get("seed", 0)) < share)
