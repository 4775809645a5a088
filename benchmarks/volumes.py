"""Growth through 512 x 512 x 300 voxels, beside cc3d, scipy and scikit-image."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cc3d
import numpy as np
from scipy import ndimage
from skimage import segmentation

from benchmarks.report import Report, main, ratio
from benchmarks.timing import timed
from labelwidgets.algorithms.volume_growth import grow_volume

SHAPE = (300, 512, 512)
SEED = (75, 243, 166)
RANGE = 30


def measure(report: Report) -> None:
    values = body((60, 512, 512) if report.quick else SHAPE)
    _growth(report, values)
    _control(report, values)


def body(shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    """Return int16 like a CT: body, lungs with vessels, liver, spine, noise of 12 HU."""
    depth, height, width = shape
    draw = np.random.default_rng(0)
    values = np.empty(shape, np.int16)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y / (height / 2) - 1, x / (width / 2) - 1
    skin = (x / 0.9) ** 2 + (y / 0.7) ** 2 < 1
    muscle = (x / 0.85) ** 2 + (y / 0.65) ** 2 < 1
    spine = (x / 0.12) ** 2 + ((y - 0.5) / 0.12) ** 2 < 1
    for k in range(depth):
        z = k / (depth / 2) - 1
        flat = np.full((height, width), -1000, np.float32)
        flat[skin] = -100
        flat[muscle] = 40
        vessels = np.abs(np.sin(14 * x + 9 * z) + np.sin(13 * y - 7 * z)) < 0.09
        for side in (-0.4, 0.4):
            lung = ((x - side) / 0.3) ** 2 + (y / 0.45) ** 2 + ((z - 0.45) / 0.55) ** 2 < 1
            flat[lung] = np.where(vessels[lung], 40, -850)
        liver = ((x + 0.35) / 0.42) ** 2 + ((y + 0.05) / 0.45) ** 2 + ((z + 0.5) / 0.45) ** 2
        flat[liver < 1] = 60
        flat[spine] = 400
        flat += draw.standard_normal((height, width), dtype=np.float32) * 12
        values[k] = np.round(flat)
    values[depth // 4, SEED[1], SEED[2]] = 60
    return values


def _growth(report: Report, values: np.ndarray) -> None:
    table = report.table(
        "3D growth in 512 x 512 x 300 of 16 bits, ms",
        *("radius", "voxels", "ours", "with codes", "cc3d", "scipy label", "skimage flood"),
        *("cc3d / ours", "scipy / ours", "skimage / ours"),
    )
    seed = (values.shape[0] // 4, *SEED[1:])
    for radius in (10, 50, 200, None):
        grown = grow_volume(values, seed, -RANGE, RANGE, radius).region
        few = radius is not None and radius <= 50
        calls = _others(values, seed, radius)
        box, wanted = grown.start, np.zeros(values.shape, bool)
        grown.put_into(wanted)
        times = []
        for name, call in calls.items():
            if name == "skimage" and not few:
                times.append(math.nan)
                continue
            part, found = call()
            if not np.array_equal(wanted[part], found) or wanted.sum() != found.sum():
                raise AssertionError(f"{name} selects other voxels at {radius} ({box}).")
            del found
            times.append(timed(call, 9 if few else 2, warm=False).median)

        def ours(radius: Any = radius) -> Any:
            return grow_volume(values, seed, -RANGE, RANGE, radius).region

        def coded(ours: Callable[[], Any] = ours) -> Any:
            return ours().codes(values.shape[1:])

        repeat = 25 if few else 5
        mine = timed(ours, repeat).median
        table.add(
            "any" if radius is None else radius, int(wanted.sum()), mine,
            timed(coded, repeat).median, *times, *(ratio(time, mine) for time in times),
        )  # fmt: skip
    table.notes = [
        "All select the same voxels, which is checked. The others are given the box around the",
        "ball and have its corners taken out of it; ours too is a mask of the box. With codes: as",
        "it is sent and stored, a run-length code for each slice. scikit-image is given a copy,",
        "and only small radii.",
    ]


def _others(values: np.ndarray, seed: tuple[int, ...], radius: int | None) -> dict[str, Any]:
    part = tuple(
        slice(max(0, at - radius), at + radius + 1) if radius else slice(None) for at in seed
    )
    at = tuple(s - (p.start or 0) for s, p in zip(seed, part, strict=True))

    def allowed() -> np.ndarray:
        box = values[part]
        inside = (box >= values[seed] - RANGE) & (box <= values[seed] + RANGE)
        if radius:
            z, y, x = np.ogrid[tuple(slice(-a, n - a) for a, n in zip(at, box.shape, strict=True))]
            inside &= z**2 + y**2 + x**2 <= radius * radius
        return inside

    def components() -> Any:
        labels = cc3d.connected_components(allowed(), connectivity=6)
        return part, labels == labels[at]

    def scipy() -> Any:
        labels, _ = ndimage.label(allowed())
        return part, labels == labels[at]

    def skimage() -> Any:
        return part, segmentation.flood(allowed().view(np.uint8), at, connectivity=1)

    return {"cc3d": components, "scipy": scipy, "skimage": skimage}


def _control(report: Report, values: np.ndarray) -> None:
    table = report.table(
        "3D growth, radius 50, kept from leaking, ms", "how", "voxels", "ours", "plain growth / it"
    )
    seed = (values.shape[0] // 4, *SEED[1:])
    plain = timed(lambda: grow_volume(values, seed, -RANGE, RANGE, 50), 15).median
    half = grow_volume(values, seed, -RANGE, RANGE, 50).region.count // 2
    ways: dict[str, dict[str, Any]] = {
        "radius alone": {},
        "opened by a ball of 2": {"opening": 2},
        "at most half the voxels": {"most": half},
    }
    for name, options in ways.items():
        found = grow_volume(values, seed, -RANGE, RANGE, 50, **options).region.count
        taken = timed(
            lambda o=options: grow_volume(values, seed, -RANGE, RANGE, 50, **o), 15
        ).median
        table.add(name, found, taken, ratio(plain, taken))


if __name__ == "__main__":
    main("volumes", measure)
