"""The lanes of a video: tracks and events through time, jumped through, dragged and begun."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.films import shades, write_film
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

pytest.importorskip("av")

COUNT = 40
STRIP, LANE = 16, 20


@pytest.fixture
def film(host_page: HostPage, tmp_path: Path) -> lw.Project:
    """Forty frames, ten a second, with a class that is drawn and one that happens."""
    path = tmp_path / "film.mp4"
    write_film(path, shades(COUNT, 10, 6, SIZE))
    ontology = lw.Ontology(
        [
            lw.ObjectClass("car", color="#1b9e77"),
            lw.ObjectClass(
                "turn",
                tool="interval",
                color="#d95f02",
                attributes=[lw.Radio("way", ["left", "right"])],
            ),
        ]
    )
    dataset = lw.Dataset.open(str(path))
    project = lw.Project.create(tmp_path / "film.db", dataset, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    return project


class Lanes:
    """The lanes as a hand meets them: lanes from 0, frames from 0."""

    def __init__(self, host_page: HostPage) -> None:
        self.page = host_page.page
        self.annotator = AnnotatorPage(host_page.page, SIZE).ready()
        self.root = self.annotator.root.locator(".lw-lanes")

    def at(self, lane: int, frame: float) -> tuple[float, float]:
        """Where the middle of a frame lies on a lane, on the page."""
        box = self.root.locator("canvas").bounding_box()
        assert box
        x = box["x"] + (frame + 0.5) * box["width"] / COUNT
        return x, box["y"] + STRIP + (lane + 0.5) * LANE

    def drag(self, lane: int, first: float, last: float) -> None:
        """Drag on a lane from one frame to another."""
        self.page.mouse.move(*self.at(lane, first))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(lane, (first + last) / 2))
        self.page.mouse.move(*self.at(lane, last))
        self.page.mouse.up()

    def on_frame(self, frame: int) -> None:
        """Wait until a frame is shown, counted from 0."""
        playhead = self.root.locator(".lw-playhead")
        wanted = self.at(0, frame)[0]
        expect(self.root).to_be_visible()
        self.page.wait_for_function(
            "([x]) => { const e = document.querySelector('.lw-playhead');"
            " const b = e.getBoundingClientRect(); return Math.abs(b.x + b.width / 2 - x) < 2; }",
            arg=[wanted],
        )
        assert playhead.count() == 1


@pytest.fixture
def lanes(host_page: HostPage, film: lw.Project) -> Lanes:
    """The lanes of the film, with a track from frame 4, gone from 20 to 30."""
    there = lw.Rectangle(20, 20, 60, 40)
    keyframes = {
        4: lw.Keyframe(there),
        12: lw.Keyframe(there),
        20: lw.Keyframe(outside=True),
        30: lw.Keyframe(there),
    }
    item = str(film.tasks["item_id"].iloc[0])
    film.add(lw.Annotation(item_id=item, class_name="car", geometry=lw.Track(keyframes)))
    host_page.mount("image", host_page.kernel.traits())
    return Lanes(host_page)


def test_a_lane_is_clicked_and_its_keyframes_are_dragged_made_and_taken_away(
    lanes: Lanes, film: lw.Project
) -> None:
    def keys() -> list[int]:
        lanes.annotator.saved()
        return list(film.annotations.geometry.iloc[0].keyframes)

    lanes.page.mouse.click(*lanes.at(1, 8))
    lanes.on_frame(8)
    expect(lanes.annotator.root.locator(".lw-object[data-selected=true]")).to_have_count(1)
    lanes.drag(1, 12, 15)
    assert keys() == [4, 15, 20, 30]
    lanes.drag(1, 15, 38)
    assert keys() == [4, 19, 20, 30], "it stops beside its neighbour"
    lanes.annotator.key("Control+z")
    assert keys() == [4, 15, 20, 30]
    lanes.page.mouse.dblclick(*lanes.at(1, 9))
    assert keys() == [4, 9, 15, 20, 30]
    lanes.page.mouse.dblclick(*lanes.at(1, 15))
    assert keys() == [4, 9, 20, 30]
    lanes.annotator.key("Control+z")
    assert keys() == [4, 9, 15, 20, 30]


def test_keys_jump_to_keyframes_gaps_and_labels(lanes: Lanes) -> None:
    lanes.annotator.hover()
    for key, frame in [
        ("Alt+PageDown", 4),
        ("Alt+PageDown", 12),
        ("Alt+Shift+PageDown", 20),
        ("Alt+.", 30),
        ("Alt+Shift+PageUp", 20),
        ("Alt+,", 19),
        ("Alt+PageUp", 12),
    ]:
        lanes.annotator.key(key)
        lanes.on_frame(frame)
    # In the last gap, the frames after it have no labels either.
    lanes.annotator.key("Alt+Shift+PageDown")
    lanes.on_frame(20)
    lanes.annotator.key("Alt+Shift+PageDown")
    expect(lanes.annotator.notices.last).to_have_text(re.compile("^No gap begins after this frame"))


def test_an_event_begins_and_ends_is_dragged_answered_seen_and_undone(
    lanes: Lanes, film: lw.Project, host_page: HostPage
) -> None:
    def events() -> list[tuple[int, int]]:
        lanes.annotator.saved()
        found = [one for one in film.annotations.geometry if one.type == "interval"]
        return sorted((one.first, one.last) for one in found)

    chips = lanes.annotator.root.locator(".lw-chips li")
    lanes.annotator.hover()
    lanes.annotator.key("2")
    lanes.page.mouse.click(*lanes.at(0, 6))
    lanes.on_frame(6)
    lanes.annotator.key("Shift+E")
    expect(chips).to_have_text(["turn …"])
    lanes.page.mouse.click(*lanes.at(0, 14))
    lanes.on_frame(14)
    expect(lanes.annotator.notices.filter(has_text="begins on frame 7")).to_have_count(1)
    lanes.root.get_by_role("button", name="turn ends here").click()
    assert events() == [(6, 14)]
    expect(lanes.annotator.notices.filter(has_text="begins on frame")).to_have_count(0)
    expect(chips).to_have_text(["turn"])
    lanes.annotator.root.locator("aside").get_by_label("left").check()
    lanes.annotator.saved()
    assert [made for made in film.annotations.attributes if made] == [{"way": "left"}]
    (made,) = (one for one in film.annotations.geometry if one.type == "interval")
    assert (made.first_pts, made.last_pts) == (6 * made.last_pts // 14, made.last_pts)
    lanes.drag(0, 14.4, 18)
    assert events() == [(6, 18)]
    lanes.drag(0, 25, 31)
    assert events() == [(6, 18), (25, 31)]
    lanes.drag(0, 28, 26)
    assert events() == [(6, 18), (23, 29)]
    lanes.annotator.key("Delete")
    assert events() == [(6, 18)]
    lanes.annotator.key("Control+z")
    assert events() == [(6, 18), (23, 29)]
    assert host_page.console == []


def test_the_lanes_have_keys_zoom_in_time_fold_and_are_accessible(
    lanes: Lanes, host_page: HostPage, repository: Path
) -> None:
    page = lanes.page
    page.set_viewport_size({"width": 480, "height": 800})
    page.add_script_tag(path=repository / "js" / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("async () => (await axe.run('.lw-annotator')).violations")
    serious = [
        (one["id"], [node["html"][:160] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    listbox = lanes.root.get_by_role("listbox")
    listbox.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    lanes.on_frame(4)
    expect(lanes.root.get_by_role("option", name="car #1")).to_have_attribute(
        "aria-selected", "true"
    )
    page.mouse.move(*lanes.at(1, 4))
    for _ in range(6):
        page.mouse.wheel(0, -200)
    every = lanes.root.get_by_role("button", name="See all frames")
    expect(every).to_be_enabled()
    every.click()
    expect(every).to_be_disabled()
    fold = lanes.root.get_by_role("button", name="Lanes")
    fold.click()
    expect(lanes.root.locator("canvas")).to_have_count(0)
    fold.click()
    expect(lanes.root.locator("canvas")).to_have_count(1)
    assert host_page.console == []
