"""Shades of look-up tables, written out from the definition."""

from __future__ import annotations

import math
from typing import Any


def tones() -> list[dict[str, Any]]:
    """Some shades of look-up tables, written out from the definition."""

    def shade(level: int, low: float, high: float, tone: dict[str, Any]) -> int:
        t = (level - low) / (high - low) if high > low else float(level > low)
        if tone.get("table"):
            last = len(tone["table"]) - 1
            t = tone["table"][math.floor(min(max(t, 0.0), 1.0) * last + 0.5)]
        elif tone.get("curve") == "SIGMOID":
            t = 1 / (1 + math.exp(min(2 - 4 * t, 700)))
        t = min(max(t, 0.0), 1.0)
        steep = 10 ** (tone.get("contrast", 0) / 100)
        t = min(max((t - 0.5) * steep + 0.5 + tone.get("brightness", 0) / 100, 0.0), 1.0)
        t = t ** (1 / tone.get("gamma", 1))
        return math.floor(255 * (1 - t if tone.get("invert") else t) + 0.5)

    named: dict[str, dict[str, Any]] = {
        "plain": {},
        "brighter": {"brightness": 25},
        "flat": {"contrast": -60},
        "steep": {"contrast": 70},
        "gamma": {"gamma": 2.2},
        "inverted": {"invert": True},
        "sigmoid": {"curve": "SIGMOID"},
        "table": {"table": [0.2, 0.0, 1.0, 0.9], "gamma": 1.5},
        "all": {"brightness": -15, "contrast": 30, "gamma": 0.6, "invert": True},
    }
    windows = {"8 bits": (256, 0, 255), "16 bits": (65536, 1200, 40000), "narrow": (256, 100, 100)}
    cases = []
    for window, (levels, low, high) in windows.items():
        at = sorted({round(i * (levels - 1) / 40) for i in range(41)} | {low, high, low + 1})
        for name, tone in named.items():
            cases.append(
                {
                    "name": f"{window}, {name}",
                    "levels": levels,
                    "low": low,
                    "high": high,
                    "tone": tone,
                    "at": at,
                    "shades": [shade(level, low, high, tone) for level in at],
                }
            )
    return cases
