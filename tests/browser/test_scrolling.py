"""However fast one scrolls and however late answers are: never the wrong slice."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.schema.geometry import Rectangle
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.late_kernel import LateKernelEnd
from tests.browser.test_scans import COUNT, SIZE, hounsfield, number, write_scan, write_slice
from tests.media.range_server import RangeServer
from tests.store.making import create

FAR = 40
SIDE = 256
SLICE = 2 * SIDE * SIDE

# What the eye sees in each frame: the number, the slice that the picture is of by its shade, and
# the slices whose labels are seen.
WATCH = """count => {
  window.seen = [];
  const look = (from, x, y) => {
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    const box = from.getBoundingClientRect();
    const [px, py] = [(x - box.x) * from.width / box.width, (y - box.y) * from.height / box.height];
    context.drawImage(from, Math.floor(px), Math.floor(py), 1, 1, 0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  };
  const shows = (it) => {
    const { visibility, display } = getComputedStyle(it);
    return visibility === "visible" && display !== "none" && it.width > 1;
  };
  const sample = () => {
    const pane = document.querySelector(".lw-pane[data-active=true]");
    const text = document.querySelector(".lw-timeline .lw-count").textContent;
    const number = Number(text.split(" ")[0]);
    const canvas = [...pane.querySelectorAll(".lw-image canvas")].find(shows);
    const one = { number: number - 1, status: pane.dataset.status, slice: null, labels: [] };
    if (canvas) {
      const box = canvas.getBoundingClientRect();
      const scale = box.width / 64;
      one.slice = Math.round(look(canvas, box.x + 2 * scale, box.y + 2 * scale)[0] * 10 / 255 - 1);
      for (let k = 0; k < count; k++) {
        const at = [box.x + (6 * k + 5) * scale, box.y + 30 * scale];
        const layers = [...pane.querySelectorAll("canvas.lw-shapes")].filter(shows);
        if (layers.some((it) => look(it, ...at)[3] > 0)) one.labels.push(k);
      }
    }
    window.seen.push(one);
  };
  const frame = () => {
    sample();
    setTimeout(sample);
    requestAnimationFrame(frame);
  };
  frame();
}"""


@pytest.fixture
def kernel(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> LateKernelEnd:
    """A scan with one label on each slice, beside each other."""
    dataset = lw.Dataset.open(write_scan(tmp_path / "scan"))
    project = lw.Project.create(tmp_path / "scan.db", dataset, ontology, user="ana")
    [task] = project.tasks["id"]
    session = project.session(user="ana")
    session.open(task)
    shapes = [Rectangle(6 * k + 3, 20, 4, 20) for k in range(COUNT)]
    made = [{"class_name": "car", "geometry": one, "frame": k} for k, one in enumerate(shapes)]
    session.apply([create(task, after=after) for after in made], "before")
    end = LateKernelEnd(project)
    host_page.kernel = end
    host_page.mount("image", end.traits())
    return end


def seen(host_page: HostPage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = host_page.page.evaluate("() => seen.splice(0)")
    return found


def assert_true(samples: list[dict[str, Any]]) -> None:
    """What is seen is of one slice, or no slice is."""
    assert samples
    for one in samples:
        if one["slice"] is None:
            assert one["status"] in ("loading", "broken"), one
        else:
            assert one["slice"] == one["number"], one
            assert set(one["labels"]) <= {one["number"]}, one


@pytest.mark.parametrize("seed", range(3))
def test_late_reordered_and_lost_answers_never_show_another_slice(
    host_page: HostPage, kernel: LateKernelEnd, seed: int
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((20, 5))
    chance = random.Random(seed)
    host_page.page.evaluate(WATCH, COUNT)
    for _ in range(40):
        way = 100 * chance.choice([-3, -2, -1, 1, 1, 2, 3])
        host_page.page.mouse.wheel(0, way)
        if chance.random() < 0.5:
            kernel.let_go(host_page, share=chance.random(), lost=0.2)
        host_page.page.wait_for_timeout(chance.choice([0, 5, 30, 250]))
    assert_true(seen(host_page))
    # At the end of it all slices can be reached, also those whose answers came last of all.
    kernel.holds = False
    kernel.held += kernel.dropped
    kernel.let_go(host_page)
    host_page.page.keyboard.press("Home")
    for at in range(COUNT):
        expect(number(annotator)).to_have_text(f"{at + 1} / {COUNT}")
        annotator.ready()
        assert hounsfield(annotator) == 100 * at
        host_page.page.wait_for_function("at => seen.at(-1).labels.join() === `${at}`", arg=at)
        host_page.page.mouse.wheel(0, 100)
    assert_true(seen(host_page))


def test_a_slice_that_does_not_come_is_told_by_its_number_and_no_other_is_shown(
    host_page: HostPage, kernel: LateKernelEnd
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((20, 5))
    host_page.page.evaluate(WATCH, COUNT)
    host_page.page.keyboard.press("Home")
    cover = annotator.root.locator(".lw-cover")
    for _ in range(2):
        expect(cover).to_contain_text("Slice 1 of 9 is on its way")
        assert_true(seen(host_page))
        host_page.page.keyboard.press("End")
        expect(cover).to_contain_text("Slice 9 of 9 is on its way")
        host_page.page.keyboard.press("Home")
    kernel.let_go(host_page)
    annotator.ready()
    assert hounsfield(annotator) == 0
    assert_true(seen(host_page))


def test_a_fast_wheel_asks_for_few_slices_and_ends_at_the_last_one(
    host_page: HostPage, kernel: LateKernelEnd
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((20, 5))
    before = len(kernel.asked())
    spin(host_page, 4)
    kernel.holds = False
    kernel.let_go(host_page)
    expect(number(annotator)).to_have_text(f"9 / {COUNT}")
    annotator.ready()
    assert hounsfield(annotator) == 800
    assert len(kernel.asked()) - before <= COUNT


@pytest.fixture
def far(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> Iterator[tuple[LateKernelEnd, lw.Project, int]]:
    """Two scans of 40 slices in a zip on a web server; what their list and headers take to read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for k in range(FAR):
            write_slice(tmp_path / "one.dcm", k, np.full((SIDE, SIDE), np.int16(k)))
            for folder in ("scan", "scan after it"):
                archive.write(tmp_path / "one.dcm", f"{folder}/{k}.dcm")
    with RangeServer({"scan.zip": packed.getvalue()}).serving() as server:
        asked = lw.Dataset.open(f"{server.url}/scan.zip", progress=False)
        first, _ = asked.items["id"]
        assert len(asked.volume(first)) == FAR
        headers = bytes_of(asked, first)
        dataset = lw.Dataset.open(f"{server.url}/scan.zip", progress=False)
        project = lw.Project.create(tmp_path / "far.db", dataset, ontology, user="ana")
        end = LateKernelEnd(project)
        end.holds = False
        host_page.kernel = end
        host_page.mount("image", end.traits())
        yield end, project, headers


def bytes_of(dataset: lw.Dataset, item: str) -> int:
    traffic = dataset.traffic
    return int(traffic["bytes"][traffic["item_id"] == item].sum())


def test_from_afar_no_more_is_read_than_the_slices_shown_and_their_neighbours(
    host_page: HostPage, far: tuple[LateKernelEnd, lw.Project, int]
) -> None:
    kernel, project, headers = far
    annotator = AnnotatorPage(host_page.page, (SIDE, SIDE)).ready()
    annotator.hover((20, 5))
    shown = {FAR // 2}
    for _ in range(3):
        host_page.page.mouse.wheel(0, 100)
        shown.add(max(shown) + 1)
        expect(number(annotator)).to_have_text(f"{max(shown) + 1} / {FAR}")
    host_page.page.wait_for_timeout(500)
    beside = {k + d for k in shown for d in (-1, 1, 2)}
    assert {one["frame"] for one in kernel.asked()} <= shown | beside
    # Nor is the next scan opened, or looked into.
    assert len({one["item"] for one in kernel.asked()}) == 1
    read = bytes_of(project.dataset, project.dataset.items["id"][0]) - headers
    # Those that are shown were read, and of each slice no more than itself and its block.
    assert len(shown) * SLICE <= read <= len(shown | beside) * (SLICE + 1024)


def test_slices_that_a_fast_wheel_flies_past_are_not_read_from_afar(
    host_page: HostPage, far: tuple[LateKernelEnd, lw.Project, int]
) -> None:
    kernel, _, _ = far
    annotator = AnnotatorPage(host_page.page, (SIDE, SIDE)).ready()
    annotator.hover((20, 5))
    host_page.page.keyboard.press("Home")
    expect(number(annotator)).to_have_text(f"1 / {FAR}")
    host_page.page.wait_for_timeout(300)
    kernel.holds = True
    asked = len(kernel.received)
    spin(host_page, 30)
    host_page.page.wait_for_timeout(300)
    kernel.holds = False
    kernel.let_go(host_page)
    expect(number(annotator)).to_have_text(f"31 / {FAR}")
    annotator.ready()
    host_page.page.wait_for_timeout(300)
    flown = {one["frame"] for one in kernel.received[asked:] if one["type"] == "pixels"}
    # The neighbours of where it began and ended, and of those that were here before (19 to 22).
    assert flown <= {1, 2, 3, 4, 23, 24} | {29, 30, 31, 32}


def test_a_fast_wheel_over_a_near_scan_shows_small_copies_and_then_the_slice_itself(
    host_page: HostPage, kernel: LateKernelEnd
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((20, 5))
    host_page.page.evaluate(WATCH, COUNT)
    pane = annotator.root.locator(".lw-pane[data-active=true]")
    spin(host_page, 3)
    # Small copies come, and the slices themselves do not yet.
    for _ in range(100):
        host_page.page.wait_for_timeout(50)
        kernel.let_go_of("coarse", host_page)
        if pane.get_attribute("data-status") == "coarse":
            break
    expect(pane).to_have_attribute("data-status", "coarse")
    annotator.hover((20, 6))
    expect(annotator.root.locator(".lw-pixel")).to_contain_text("\u2248")
    kernel.holds = False
    kernel.let_go(host_page)
    expect(number(annotator)).to_have_text(f"8 / {COUNT}")
    expect(pane).to_have_attribute("data-status", "ready")
    assert hounsfield(annotator) == 700
    assert_true(seen(host_page))


def spin(host_page: HostPage, steps: int) -> None:
    """Turn the wheel as fast as a hand can."""
    host_page.page.evaluate(
        """async steps => {
          const viewport = document.querySelector(".lw-viewport");
          for (let step = 0; step < steps; step++) {
            viewport.dispatchEvent(new WheelEvent("wheel", { deltaY: 100, cancelable: true }));
            await new Promise((done) => setTimeout(done, 5));
          }
        }""",
        steps,
    )
