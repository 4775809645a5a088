"""Masks and polygons, beside pycocotools and Pillow."""

from __future__ import annotations

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
        "A blob with an outline of 400 vertices that fills about a third of the picture. Encoding",
        "starts from an array in C order, as Pillow and browsers give it; pycocotools' own time is",
        "with the copy to Fortran order that it needs. Decoding is checked to give the same.",
    ]


def _compare(side: int, table: Table) -> None:
    ring = _blob(side)
    flat = [[float(value) for point in ring for value in point]]
    mask = lw.algorithms.polygon_to_mask([ring], (side, side))
    rle = lw.algorithms.encode_rle(mask)
    theirs = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    if not np.array_equal(lw.algorithms.decode_rle(theirs), coco.decode(theirs).astype(bool)):
        raise AssertionError("The masks differ.")

    def rasterised() -> Any:
        return coco.decode(coco.merge(coco.frPyObjects(flat, side, side)))

    size = f"{side} x {side}"
    pairs = (
        (
            "encode_rle",
            lambda: lw.algorithms.encode_rle(mask),
            lambda: coco.encode(np.asfortranarray(mask.view(np.uint8))),
        ),
        ("decode_rle", lambda: lw.algorithms.decode_rle(rle), lambda: coco.decode(theirs)),
        (
            "polygon_to_mask",
            lambda: lw.algorithms.polygon_to_mask([ring], (side, side)),
            rasterised,
        ),
    )
    for name, ours, other in pairs:
        mine, beside = timed(ours, REPEAT).median, timed(other, REPEAT).median
        table.add(f"{name}, {size}", mine, "pycocotools", beside, ratio(beside, mine))
    back = timed(lambda: lw.algorithms.mask_to_polygons(mask), REPEAT).median
    table.add(f"mask_to_polygons, {size}", back, None, None, "-")


def _blob(side: int) -> list[tuple[float, float]]:
    draw = np.random.default_rng(2)
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    reach = np.full(400, 0.33) + 0.002 * draw.normal(size=400)
    for wave in range(2, 9):
        reach += 0.06 / wave * np.sin(wave * turn + draw.uniform(0, 6))
    xs, ys = side * (0.5 + reach * np.cos(turn)), side * (0.5 + reach * np.sin(turn))
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


if __name__ == "__main__":
    main("masks", measure)
