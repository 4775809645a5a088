"""Models that segment scans from clicks, in a real JupyterLab: a function, and MONAI Label."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.lab import LabServer, Notebook
from tests.browser.test_scans import SIZE, write_slice
from tests.browser.test_volume_growth import COUNT, MIDDLE, values
from tests.model_servers.monai_server import MonaiServer, grown

# From the middle of a mark to beyond its edge, in pixels of the screen.
MARK = 12
SETUP = """
import numpy as np
import labelwidgets as lw
from skimage.segmentation import flood

classes = [lw.ObjectClass(name, tool="volumemask") for name in ("plate", "insert")]
dataset = lw.Dataset.open({folder!r})
project = lw.Project.create({name!r} + ".db", dataset, lw.Ontology(classes), user="ana")


def similar(volume: lw.Scan, clicks, context):
    values = volume.slab(0, volume.shape[0])
    places = np.indices(values.shape, dtype=np.float32)
    made = np.zeros(values.shape, bool)
    near = {{True: np.inf, False: np.inf}}
    for number, click in enumerate(clicks):
        context.progress(number / len(clicks))
        at = click.voxel(values.shape)
        if click.positive:
            made |= flood(values, at, connectivity=1, tolerance=120)
        far = sum((axis - one) ** 2 for axis, one in zip(places, at))
        near[click.positive] = np.minimum(near[click.positive], far)
    return (made & (near[True] < near[False])) * np.float32(0.875)


lw.assist.register(
    lw.assistant(similar, version="2026-11"), label="Similar density", hotkey="Shift+A"
)
server = lw.model_servers.MonaiLabel({url!r}, "deepgrow", timeout=20)
lw.assist.register(lw.assistant(server), label="Deep growing", hotkey="Shift+X")
"""


class Clicked(NamedTuple):
    """A scan, where it is clicked on, and what is not meant: slice, and place on it."""

    folder: Path
    size: tuple[int, int]
    count: int
    meant: tuple[int, XY]
    away: tuple[int, XY]


@pytest.fixture
def scan(request: pytest.FixtureRequest, tmp_path: Path) -> Clicked:
    """A scan that is made here; where a test asks for it, that of a real phantom."""
    if getattr(request, "param", "made") == "phantom":
        shared: Path = request.getfixturevalue("shared_data")
        # The cube, which lies upon a plate of the same density.
        cube, plate = (13, (285.0, 192.0)), (11, (220.0, 170.0))
        return Clicked(shared / "dicom" / "ct_phantom_5mm", (512, 512), 28, cube, plate)
    folder = tmp_path / "scan"
    folder.mkdir()
    for number, pixels in enumerate(values()):
        write_slice(folder / f"{number}.dcm", number, pixels)
    # A ball, and another one that a bridge leads to.
    index, row, column = MIDDLE
    ball, other = (index, (column + 0.5, row + 0.5)), (index, (column + 26.5, row + 0.5))
    return Clicked(folder, SIZE, COUNT, ball, other)


@pytest.fixture
def server() -> Iterator[MonaiServer]:
    with MonaiServer() as made:
        made.see = grown
        yield made


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "_", request.node.name)


@pytest.fixture
def annotator(notebook: Notebook, scan: Clicked, server: MonaiServer, name: str) -> AnnotatorPage:
    setup = SETUP.format(folder=str(scan.folder), name=name, url=server.url)
    notebook.open([setup, "project.annotate()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.output(1).scroll_into_view_if_needed()
    return AnnotatorPage(notebook.page, scan.size).ready()


def go(annotator: AnnotatorPage, scan: Clicked, index: int) -> None:
    annotator.hover()
    count = annotator.root.locator(".lw-timeline .lw-count").first
    for _ in range(2 * scan.count):
        at = int(count.inner_text().split("/")[0]) - 1
        if at == index:
            return
        step = 1 if index > at else -1
        annotator.page.mouse.wheel(0, 100 * step)
        expect(count).to_have_text(f"{at + step + 1} / {scan.count}")


def tinted(annotator: AnnotatorPage, point: XY) -> bool:
    """Say whether a colour lies over the grey of the scan, beside the mark of a click."""
    # The mark has colours of its own.
    beyond = 100 * MARK / annotator.zoom()
    return any(
        max(colour) - min(colour) > 20
        for dx, dy in ((beyond, 0), (-beyond, 0), (0, beyond), (0, -beyond))
        for colour in annotator.pixels((point[0] + dx, point[1] + dy), 0)
    )


def becomes_tinted(annotator: AnnotatorPage, point: XY, wanted: bool) -> None:
    end = time.monotonic() + 60
    while tinted(annotator, point) is not wanted:
        assert time.monotonic() < end, "The proposal is not painted as it should be."
        time.sleep(0.1)


def proposed(annotator: AnnotatorPage, words: str) -> None:
    expect(annotator.root.locator(".lw-proposal")).to_contain_text(words, timeout=60_000)


def stored(lab: LabServer, name: str) -> Any:
    with lw.Project.open(lab.files / f"{name}.db", user="auditor") as project:
        return project.records()


def voxel(made: Any, at: tuple[int, XY]) -> bool:
    code = made.geometry.slices.get(at[0])
    if code is None:
        return False
    mask = lw.algorithms.decode_rle({"size": code.size, "counts": code.counts})
    return bool(mask[int(at[1][1]), int(at[1][0])])


@pytest.mark.parametrize("scan", ["made", "phantom"], indirect=True)
@pytest.mark.parametrize(
    ("key", "said", "origin"),
    [
        ("Shift+A", "insert 88 %", ("similar", "2026-11", 0.875)),
        ("Shift+X", "insert", ("deepgrow", "0.8.5", None)),
    ],
)
def test_an_organ_is_segmented_from_clicks(
    annotator: AnnotatorPage,
    scan: Clicked,
    lab: LabServer,
    server: MonaiServer,
    name: str,
    key: str,
    said: str,
    origin: tuple[str, str, float | None],
) -> None:
    go(annotator, scan, scan.meant[0])
    annotator.key("2")
    annotator.key(key)
    expect(annotator.root.locator(".lw-hint")).to_contain_text("With Alt: what is not meant.")
    annotator.click(scan.meant[1])
    proposed(annotator, f"Proposed: {said}, ")
    becomes_tinted(annotator, scan.meant[1], True)
    # It leaks into what is as dense and touches it.
    go(annotator, scan, scan.away[0])
    becomes_tinted(annotator, scan.away[1], True)
    annotator.click(scan.away[1], ["Alt"])
    becomes_tinted(annotator, scan.away[1], False)
    expect(annotator.root.locator(".lw-hint")).to_contain_text("Enter accepts")
    go(annotator, scan, scan.meant[0] + 1)
    becomes_tinted(annotator, scan.meant[1], True)
    annotator.key("Enter")
    annotator.saved()
    annotator.has_objects(1)
    (made,) = stored(lab, name)
    assert made.class_name == "insert"
    assert made.origin.kind == "model"
    assert (made.origin.name, made.origin.version, made.confidence) == origin
    clicks = made.origin.parameters["prompt"]["clicks"]
    assert [(one["slice"], one["positive"]) for one in clicks] == [
        (scan.meant[0], True), (scan.away[0], False),
    ]  # fmt: skip
    assert voxel(made, scan.meant)
    assert voxel(made, (scan.meant[0] + 1, scan.meant[1]))
    assert not voxel(made, scan.away)
    if key == "Shift+X":
        # The scan went there once, both clicks with the second question.
        assert server.paths("PUT") == ["/session/"]
        asked = server.asked[-1].params
        assert (len(asked["foreground"]), len(asked["background"])) == (1, 1)


def test_what_is_dropped_or_cannot_be_reached_changes_nothing(
    annotator: AnnotatorPage, scan: Clicked, lab: LabServer, server: MonaiServer, name: str
) -> None:
    go(annotator, scan, scan.meant[0])
    annotator.key("Shift+X")
    annotator.click(scan.meant[1])
    proposed(annotator, "Proposed: plate, ")
    annotator.key("Escape")
    expect(annotator.root.locator(".lw-proposal")).to_have_count(0)
    becomes_tinted(annotator, scan.meant[1], False)
    server.close()
    annotator.click(scan.meant[1])
    expect(annotator.notices).to_contain_text(server.url, timeout=60_000)
    expect(annotator.notices).to_contain_text("cannot be reached")
    expect(annotator.root.locator(".lw-proposal")).to_have_count(0)
    # The canvas is as it was, and so are other tools.
    annotator.key("Escape")
    annotator.key("Shift+A")
    annotator.click(scan.meant[1])
    proposed(annotator, "Proposed: plate 88 %")
    annotator.key("Enter")
    annotator.saved()
    annotator.has_objects(1)
    assert [one.origin.name for one in stored(lab, name)] == ["similar"]


def test_a_scan_that_is_still_sent_can_be_given_up(
    annotator: AnnotatorPage, scan: Clicked, server: MonaiServer
) -> None:
    server.open.clear()
    go(annotator, scan, scan.meant[0])
    annotator.key("Shift+X")
    annotator.click(scan.meant[1])
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("Deep growing gets ready; the first time takes a while")
    bar.get_by_role("button", name="Give up").click()
    expect(bar).to_have_count(0)
    server.open.set()
    annotator.click(scan.meant[1])
    proposed(annotator, "Proposed: plate, ")
