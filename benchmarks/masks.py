"""Masks and polygons, beside pycocotools, OpenCV and scikit-image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pycocotools import mask as coco

import labelwidgets as lw
from benchmarks.report import Report, Table, main, ratio
from benchmarks.timing import timed

REPEAT = 15
SIDES = (512, 2048)


def measure(report: Report) -> None:
    table = report.table(
        "Masks and polygons", "what", "ours, ms", "beside", "beside, ms", "beside / ours"
    )
    for side in SIDES[:1] if report.quick else SIDES:
        _compare(side, table)
    table.notes = [
        "A blob with an outline of 400 vertices that fills about a third of the picture, with 60",
        "round holes; in noise every other pixel is set. Codes are checked to be byte-equal, what",
        "is decoded and what comes back from outlines to be the same mask. From C order,",
        "pycocotools' time is with the copy to Fortran order that it needs. Polygons start from",
        "the same list of points for all.",
    ]


def _compare(side: int, table: Table) -> None:
    size = f"{side} x {side}"
    rings = [_blob(side), *_holes(side)]
    mask = lw.algorithms.polygon_to_mask(rings, (side, side))
    noise = np.random.default_rng(1).random((side, side)) < 0.5
    for name, pixels in (("blob", mask), ("noise", noise)):
        _codes(f"{name}, {size}", pixels, table)
    _outlines(size, rings, mask, table)


def _codes(name: str, mask: Any, table: Table) -> None:
    fortran = np.asfortranarray(mask)
    rle = lw.algorithms.encode_rle(mask)
    theirs = coco.encode(fortran.view(np.uint8))
    if rle != {"size": theirs["size"], "counts": theirs["counts"].decode("ascii")}:
        raise AssertionError("The codes differ.")
    if not np.array_equal(lw.algorithms.decode_rle(rle), mask):
        raise AssertionError("The masks differ.")
    rows: tuple[tuple[str, Callable[[], Any], Callable[[], Any]], ...] = (
        (
            "encode_rle from C order",
            lambda: lw.algorithms.encode_rle(mask),
            lambda: coco.encode(np.asfortranarray(mask.view(np.uint8))),
        ),
        (
            "encode_rle from Fortran order",
            lambda: lw.algorithms.encode_rle(fortran),
            lambda: coco.encode(fortran.view(np.uint8)),
        ),
        ("decode_rle", lambda: lw.algorithms.decode_rle(rle), lambda: coco.decode(theirs)),
    )
    for what, ours, other in rows:
        mine, beside = timed(ours, REPEAT).median, timed(other, REPEAT).median
        table.add(f"{what}, {name}", mine, "pycocotools", beside, ratio(beside, mine))


def _outlines(size: str, rings: list[Any], mask: Any, table: Table) -> None:
    import cv2
    from skimage import draw, measure

    shape = mask.shape
    parts = lw.algorithms.mask_to_polygons(mask)
    if not np.array_equal(lw.algorithms.polygon_to_mask(parts, shape), mask):
        raise AssertionError("The outlines are of another mask.")

    def opencv_fill() -> Any:
        points = [np.round(np.array(ring)).astype(np.int32) for ring in rings]
        return cv2.fillPoly(np.zeros(shape, np.uint8), points, 1)

    def skimage_fill() -> Any:
        filled = np.zeros(shape, bool)
        outer, *holes = (np.array(ring) for ring in rings)
        filled[draw.polygon(outer[:, 1], outer[:, 0], shape)] = True
        for hole in holes:
            filled[draw.polygon(hole[:, 1], hole[:, 0], shape)] = False
        return filled

    def pycocotools_fill() -> Any:
        flat = [[float(value) for point in rings[0] for value in point]]
        return coco.decode(coco.merge(coco.frPyObjects(flat, *shape)))

    ours = timed(lambda: lw.algorithms.polygon_to_mask(rings, shape), REPEAT).median
    for name, other, repeat in (
        ("OpenCV fillPoly", opencv_fill, REPEAT),
        ("pycocotools, without holes", pycocotools_fill, REPEAT),
        ("skimage.draw.polygon", skimage_fill, 1),
    ):
        beside = timed(other, repeat).median
        table.add(f"polygon_to_mask, {size}", ours, name, beside, ratio(beside, ours))

    pixels = mask.view(np.uint8)
    ours = timed(lambda: lw.algorithms.mask_to_polygons(mask), REPEAT).median
    for name, other, repeat in (
        (
            "OpenCV findContours",
            lambda: cv2.findContours(pixels, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE),
            REPEAT,
        ),
        ("skimage.measure.find_contours", lambda: measure.find_contours(mask, 0.5), 3),
    ):
        beside = timed(other, repeat).median
        table.add(f"mask_to_polygons, {size}", ours, name, beside, ratio(beside, ours))


def _blob(side: int) -> list[tuple[float, float]]:
    draw = np.random.default_rng(2)
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    reach = np.full(400, 0.33) + 0.002 * draw.normal(size=400)
    for wave in range(2, 9):
        reach += 0.06 / wave * np.sin(wave * turn + draw.uniform(0, 6))
    xs, ys = side * (0.5 + reach * np.cos(turn)), side * (0.5 + reach * np.sin(turn))
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _holes(side: int) -> list[list[tuple[float, float]]]:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rings = []
    for place in range(60):
        x, y = 0.36 + 0.04 * (place % 8), 0.36 + 0.04 * (place // 8)
        xs, ys = side * (x + 0.012 * np.cos(turn)), side * (y + 0.012 * np.sin(turn))
        rings.append(list(zip(xs.tolist(), ys.tolist(), strict=True)))
    return rings


if __name__ == "__main__":
    main("masks", measure)
