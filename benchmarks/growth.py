"""Growth, wand, scissors and scribbles, beside scikit-image, scipy and OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from scipy import ndimage
from skimage import graph, segmentation

from benchmarks.report import Report, main, ratio
from benchmarks.scenes import HEIGHT, WIDTH
from benchmarks.timing import timed
from labelwidgets import algorithms

REPEAT = 15
SIDE = 512
SEED = (256, 256)
RANGE = 30


def measure(report: Report) -> None:
    cv2.setNumThreads(1)
    _growth(report)
    _wand(report)
    _scissors(report)
    _scribbles(report)


def slice_of_a_body() -> np.ndarray:
    """Return 512 x 512 pixels of int16 like a slice of CT: organs, noise, air around."""
    draw = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    values = 40 + 18 * np.sin(columns / 40) * np.cos(rows / 53) + draw.normal(0, 12, (SIDE, SIDE))
    values[(rows - 256) ** 2 + (columns - 256) ** 2 > 240**2] = -1000
    values[SEED] = 40
    return values.astype(np.int16)


def _growth(report: Report) -> None:
    table = report.table(
        "Growth on 512 x 512 of 16 bits, ms",
        *("radius", "pixels", "ours", "skimage flood", "scipy label", "OpenCV floodFill"),
        *("skimage / ours", "scipy / ours", "OpenCV / ours"),
    )
    image = slice_of_a_body()
    for radius in (10, 50, 200, None):
        reach = radius or SIDE
        box = tuple(slice(max(0, at - reach), at + reach + 1) for at in SEED)
        part = image[box]
        seed = tuple(at - side.start for at, side in zip(SEED, box, strict=True))
        rows, columns = (np.arange(size) - at for size, at in zip(part.shape, seed, strict=True))
        far = np.add.outer(rows**2, columns**2) > (radius or 10**6) ** 2
        wanted = algorithms.grow(image, SEED, -RANGE, RANGE, radius)

        def skimage(part: Any = part, far: Any = far, seed: Any = seed) -> Any:
            values = np.where(far, np.int16(32000), part)
            return segmentation.flood(values, seed, connectivity=1, tolerance=RANGE)

        def scipy(part: Any = part, far: Any = far, seed: Any = seed) -> Any:
            labels, _ = ndimage.label((abs(part - part[seed]) <= RANGE) & ~far)
            return labels == labels[seed]

        def opencv(part: Any = part, far: Any = far, seed: Any = seed) -> Any:
            barrier = np.zeros((part.shape[0] + 2, part.shape[1] + 2), np.uint8)
            barrier[1:-1, 1:-1] = far
            flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (2 << 8)
            values = part.astype(np.float32)
            cv2.floodFill(values, barrier, seed[::-1], 0, RANGE, RANGE, flags)
            return barrier[1:-1, 1:-1] == 2

        others = [skimage, scipy, opencv]
        for other in others:
            if not np.array_equal(other(), wanted[box]):
                raise AssertionError(f"{other.__name__} selects other pixels.")
        mine = timed(lambda r=radius: algorithms.grow(image, SEED, -RANGE, RANGE, r), REPEAT).median
        theirs = [timed(other, REPEAT).median for other in others]
        table.add(
            "any" if radius is None else radius, int(wanted.sum()), mine, *theirs,
            *(ratio(time, mine) for time in theirs),
        )  # fmt: skip
    table.notes = ["The four select the same pixels, which is checked. OpenCV has one thread."]


def photo() -> np.ndarray:
    """Return 12 megapixels with a flat region of about a million of them."""
    draw = np.random.default_rng(1)
    image = draw.integers(90, 102, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    outside = (rows - HEIGHT / 2) ** 2 + (columns - WIDTH / 2) ** 2 > 570**2
    image[np.broadcast_to(outside, image.shape[:2])] += 80
    return image


def _wand(report: Report) -> None:
    table = report.table(
        "Magic wand on 12 megapixels, ms", "picture", "pixels", "ours", "beside", "its", "ratio"
    )
    image = photo()
    seed = HEIGHT // 2, WIDTH // 2
    for name, pixels in (("RGB", image), ("grey", np.ascontiguousarray(image[..., 0]))):
        count = int(algorithms.wand(pixels, seed, 16).sum())
        mine = timed(lambda p=pixels: algorithms.wand(p, seed, 16), REPEAT).median

        def opencv(pixels: Any = pixels) -> Any:
            barrier = np.zeros((HEIGHT + 2, WIDTH + 2), np.uint8)
            flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (1 << 8)
            cv2.floodFill(pixels, barrier, seed[::-1], 0, (16,) * 3, (16,) * 3, flags)
            return barrier[1:-1, 1:-1] == 1

        if int(opencv().sum()) != count:
            raise AssertionError("OpenCV selects other pixels.")
        other = timed(opencv, REPEAT).median
        table.add(name, count, mine, "OpenCV floodFill", other, ratio(other, mine))
    grey = np.ascontiguousarray(image[..., 0])
    mine = timed(lambda: algorithms.wand(grey, seed, 16), REPEAT).median
    other = timed(lambda: segmentation.flood(grey, seed, connectivity=1, tolerance=16), 3).median
    table.add("grey", count, mine, "skimage flood", other, ratio(other, mine))


def _scissors(report: Report) -> None:
    table = report.table("Map of the scissors, 512 x 512 RGB, ms", "ours", "beside", "its", "ratio")
    rows, columns = np.mgrid[:SIDE, :SIDE]
    disc = np.where((rows - 256) ** 2 + (columns - 256) ** 2 < 150**2, 180.0, 60.0)
    noise = np.random.default_rng(2).normal(0, 10, (SIDE, SIDE, 3))
    image = (disc[..., None] + noise).clip(0, 255).astype(np.uint8)
    seed = (256, 106)

    def opencv() -> Any:
        tool = cv2.segmentation.IntelligentScissorsMB()
        tool.setGradientMagnitudeMaxLimit(200)
        tool.applyImage(image)
        tool.buildMap(seed[::-1])
        return tool

    def skimage() -> Any:
        slope = np.hypot(
            ndimage.sobel(image[..., 0], 0, float), ndimage.sobel(image[..., 0], 1, float)
        )
        return graph.MCP_Geometric(1 + 50 * (1 - slope / slope.max())).find_costs([seed])

    calls: list[tuple[str, Callable[[], Any]]] = [("skimage MCP_Geometric, grey", skimage)]
    if hasattr(cv2, "segmentation"):
        calls.append(("OpenCV IntelligentScissorsMB", opencv))
    for name, call in calls:
        mine = timed(lambda: algorithms.scissors_map(image, seed), REPEAT).median
        other = timed(call, REPEAT).median
        table.add(mine, name, other, ratio(other, mine))
    made = algorithms.scissors_map(image, seed)
    follow = timed(lambda: algorithms.trace(made.directions, made.origin, (406, 256)), REPEAT)
    table.notes = [f"To follow the wire around half the disc takes {follow.median:.2f} ms more."]


def _scribbles(report: Report) -> None:
    table = report.table(
        "Scribbles, ms", "window", "way", "ours", "beside", "its", "ratio", "overlap", "its overlap"
    )
    for side in (256,) if report.quick else (256, 1024):
        rows, columns = np.mgrid[:side, :side]
        centre = side / 2
        inside = np.hypot(rows - centre, columns - centre) < side / 3
        noise = np.random.default_rng(3).normal(0, 8, (side, side, 3))
        image = (np.where(inside, 160, 90)[..., None] + noise).clip(0, 255).astype(np.uint8)
        third = side / 3
        on = [[(centre - third / 2, centre), (centre + third / 2, centre)]]
        low, high = side * 0.05, side * 0.95
        off = [[(low, low), (high, low), (high, high), (low, high), (low, low)]]
        markers = np.zeros((side, side), np.int32)
        markers[algorithms.stroke_to_mask(on[0], (side, side), radius=1.5)] = 1
        markers[algorithms.stroke_to_mask(off[0], (side, side), radius=1.5)] = 2

        def walker(image: Any = image, markers: Any = markers) -> Any:
            labels = segmentation.random_walker(
                image / 255, markers, beta=130, mode="cg_j", channel_axis=-1
            )
            return labels == 1

        def water(image: Any = image, markers: Any = markers) -> Any:
            return cv2.watershed(image, markers.copy()) == 1

        beside = [("watershed", "OpenCV watershed", water), ("random_walker", "skimage", walker)]
        for method, name, call in beside:

            def ours(method: Any = method, image: Any = image, on: Any = on, off: Any = off) -> Any:
                return algorithms.segment_scribbles(image, on, off, method=method)

            repeat = 3 if method == "random_walker" else 5
            mine, other = timed(ours, repeat).median, timed(call, repeat).median
            table.add(
                side, method, mine, name, other, ratio(other, mine),
                *(float((m & inside).sum() / (m | inside).sum()) for m in (ours(), call())),
            )  # fmt: skip


if __name__ == "__main__":
    main("growth", measure)
