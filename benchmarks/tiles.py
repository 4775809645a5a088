"""Tiles of a picture of 200 megapixels: read beside zarr over tifffile, and panned in the page."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
import zarr
from numpy.typing import NDArray

import labelwidgets as lw
from benchmarks import surroundings
from benchmarks.browser.cdp import Chromium
from benchmarks.browser.frames import smoothness
from benchmarks.browser.hands import Hand
from benchmarks.browser.plain_page import PlainServer
from benchmarks.browser.traces import script_a_frame
from benchmarks.contenders_in_lab import OUR_PICTURE
from benchmarks.report import Report, Table, main, ratio
from benchmarks.strokes_page import wait_for_picture
from benchmarks.timing import timed
from tests.browser.kernel_end import KernelEnd

WIDTH, HEIGHT, TILE, LEVELS = 12288, 16384, 512, 5
SECONDS = 4.0
PAGE = (1170, 1040)
TILES = "document.querySelector('.lw-tiles')"


def texture(number: int, channels: int = 3) -> NDArray[np.uint8]:
    """Return a tile of smooth waves and a little noise."""
    rows, columns = np.mgrid[:TILE, :TILE]
    noise = np.random.default_rng(number).normal(0, 6, (TILE, TILE, channels))
    waves = 128 + 60 * np.sin(rows / (20 + number)) + 50 * np.cos(columns / (30 + 2 * number))
    return np.clip(waves[..., None] + noise, 0, 255).astype(np.uint8)


def write(path: Path, compression: str, levels: int = LEVELS) -> Path:
    """Write the picture; its tiles are sixteen, coded once and repeated."""
    kinds = [texture(number) for number in range(16)]
    coded = kinds
    if compression == "jpeg":
        coded = [
            imagecodecs.jpeg8_encode(one, 90, colorspace="RGB", outcolorspace="YCBCR")
            for one in kinds
        ]
    elif compression == "zlib":
        coded = [imagecodecs.zlib_encode(one.tobytes(), 6) for one in kinds]
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for level in range(levels):
            size = HEIGHT >> level, WIDTH >> level
            count = -(-size[0] // TILE) * -(-size[1] // TILE)
            tiles: Iterator[Any] = itertools.islice(itertools.cycle(coded), count)
            options: dict[str, Any] = {}
            if compression == "jpeg":
                options = {"photometric": "ycbcr", "subsampling": (2, 2)}
            writer.write(
                tiles,
                shape=(*size, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                compression=compression,
                subfiletype=1 if level else 0,
                **{"photometric": "rgb", **options},
            )
    return path


def measure(report: Report) -> None:
    tiles = report.table(
        "A tile of 512 x 512 of 200 megapixels",
        *("stored as", "what", "ours, ms", "beside", "beside, ms", "beside / ours"),
    )
    pans = report.table(
        "Looking around in 200 megapixels",
        *("picture", "gesture", "JS a frame, median ms", "p95, ms", "worst, ms", "fps"),
        *("tiles", "MB read"),
    )
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        jpeg = write(Path(folder, "jpeg.tif"), "jpeg")
        _read(jpeg, "JPEG", tiles, report.quick)
        if not report.quick:
            _read(write(Path(folder, "zlib.tif"), "zlib", 1), "deflate", tiles, True)
        _look_around(jpeg, Path(folder), pans)
    tiles.notes = [
        "Each time another tile, all warm in the disk's cache. A tile for the page is JPEG as it",
        "lies in the file, or PNG; its pixels are an array. Beside: zarr over tifffile's store,",
        "which gives arrays, and tifffile reading the whole level.",
    ]
    pans.notes = [
        "JavaScript of the main thread in each frame, in time of the processor, while a hand",
        f"drags or turns the wheel for {SECONDS:.0f} s at 100 %; fps without the trace. The aim is",
        "60 frames a second.",
    ]


def _read(path: Path, name: str, table: Table, quick: bool) -> None:
    dataset = lw.Dataset.open([str(path)])
    (item,) = dataset.items["id"]
    picture = dataset.pyramid(item)
    assert picture is not None
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        array: Any = zarr.open_array(page.aszarr(), mode="r")
        places = itertools.cycle(
            (column, row) for row in range(HEIGHT // TILE) for column in range(WIDTH // TILE)
        )

        def encoded() -> object:
            return picture.tile(0, *next(places))

        def pixels() -> object:
            column, row = next(places)
            return picture.region((column * TILE, row * TILE, TILE, TILE))  # type: ignore[arg-type]

        def beside() -> object:
            column, row = next(places)
            y, x = row * TILE, column * TILE
            return array[y : y + TILE, x : x + TILE]

        theirs = timed(beside, 100).median
        rows: tuple[tuple[str, Callable[[], object]], ...] = (
            ("for the page", encoded),
            ("its pixels", pixels),
        )
        for what, call in rows:
            taken = timed(call, 100).median
            table.add(name, what, taken, "zarr over tifffile", theirs, ratio(theirs, taken))
        if not quick:
            taken = timed(encoded, 100).median
            whole = timed(lambda: page.asarray(maxworkers=1), 1, warm=False).median
            table.add(name, "for the page", taken, "tifffile, all", whole, ratio(whole, taken))


def _look_around(path: Path, folder: Path, table: Table) -> None:
    photo = surroundings.picture()
    for name, picture, shown in (
        ("200 megapixels, tiles", path, TILES),
        ("12 megapixels, whole", photo, OUR_PICTURE),
    ):
        dataset = lw.Dataset.open([str(picture)])
        classes = [lw.ObjectClass("cell")]
        made = lw.Project.create(folder / f"{picture.stem}.db", dataset, classes, user="ana")
        with made as project, PlainServer(photo, surroundings.node_modules(), PAGE[1]) as server:
            server.kernel = KernelEnd(project)
            _gestures(server, project, name, shown, table)
            server.kernel.link.close()


def _gestures(
    server: PlainServer, project: lw.Project, name: str, shown: str, table: Table
) -> None:
    with Chromium() as browser, browser.page() as page:
        page.goto(f"{server.url}?contender=ours&width={PAGE[0]}")
        place = wait_for_picture(page, shown)
        middle = (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        hand = Hand(page)
        hand.move(middle)
        for _ in range(60):
            if page.evaluate("parseFloat(document.querySelector('.lw-zoom').textContent)") >= 100:
                break
            hand.wheel(middle, 0.05)
        gestures: tuple[tuple[str, Callable[[], object]], ...] = (
            ("pan", partial(hand.drag, middle, (400, 300), SECONDS, button="middle")),
            ("zoom", partial(hand.wheel, middle, SECONDS)),
        )
        for gesture, look in gestures:
            before = _cost(server, project)
            taken = script_a_frame(page, look, cpu=True)
            fps = smoothness(page, look).fps
            after = _cost(server, project)
            cells = (taken.median, taken.p95, taken.worst, fps)
            read = (after[1] - before[1]) / 1e6
            table.add(name, gesture, *cells, int(after[0] - before[0]), read)


def _cost(server: PlainServer, project: lw.Project) -> tuple[float, float]:
    received = server.kernel.received if server.kernel else []
    tiles = sum(message.get("type") == "tile" for message in received)
    return tiles, float(project.dataset.traffic["bytes"].sum())


if __name__ == "__main__":
    main("tiles", measure)
