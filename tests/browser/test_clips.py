"""A clip of a video shows its own frames, under the numbers that they have in the whole file."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.films import HEIGHT, READ, WIDTH, make_film, shown, walk
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

pytest.importorskip("av")


def open_clips(host_page: HostPage, folder: Path, ontology: lw.Ontology) -> lw.Project:
    """Show the second of three clips of twenty frames, of a video with an uneven rate."""
    path = make_film(
        folder / "film.mp4", "libx264", 60, options={"g": "15"}, steps=[1, 1, 1, 3], rate=10
    )
    clips = lw.Dataset.open(path).clips(every=20)
    project = lw.Project.create(folder / "clips.db", clips, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    traits = host_page.kernel.traits() | {"task": project.tasks.id[1]}
    host_page.mount("image", traits)
    host_page.page.evaluate(READ)
    return project


def test_a_clip_shows_its_range_and_its_labels_have_the_numbers_of_the_whole_video(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    project = open_clips(host_page, tmp_path, ontology)
    annotator = AnnotatorPage(host_page.page, (WIDTH, HEIGHT)).ready()
    root = annotator.root
    expect(root.locator(".lw-film .lw-frame")).to_have_text("21 / 40")
    assert shown(root) == [20, 20]
    expect(root.locator(".lw-film-facts")).to_contain_text("20 of 60 frames")
    root.focus()
    assert walk(root, [39, 25, 33]) == [[39, 39], [25, 25], [33, 33]]
    for _ in range(8):
        annotator.key("d")
    expect(root.locator(".lw-film .lw-frame")).to_have_text("40 / 40")
    assert shown(root) == [39, 39]
    annotator.draw_box((50, 40), (150, 100))
    # From end to end the lanes are the clip, not the video.
    lane = root.locator(".lw-lanes canvas")
    box = lane.bounding_box()
    assert box
    lane.click(position={"x": 5.5 * box["width"] / 20, "y": box["height"] - 20})
    expect(root.locator(".lw-film .lw-frame")).to_have_text("26 / 40")
    annotator.saved().has_objects(1)
    (made,) = project.annotations.geometry
    assert list(made.keyframes) == [39]
    assert host_page.console == []


def test_remarks_on_a_video_are_a_quiet_mark_in_the_header(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    open_clips(host_page, tmp_path, ontology)
    annotator = AnnotatorPage(host_page.page, (WIDTH, HEIGHT)).ready()
    annotator.root.get_by_role("button", name="1 remark on this video").click()
    about = annotator.root.get_by_role("dialog", name="About this video")
    expect(about).to_contain_text("frame rate is not constant")
    mark = annotator.root.locator(".lw-cell-mark").first
    expect(mark).to_have_attribute("data-mark", "▶ 0:03")


def test_a_notebook_says_where_a_video_begins_and_whether_shapes_are_tracks(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    path = make_film(tmp_path / "film.mp4", "libx264", 30)
    project = lw.Project.create(tmp_path / "p.db", lw.Dataset.open(str(path)), ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    film = {"frame": 12, "speed": 0.5, "tracking": False}
    traits = host_page.kernel.traits()
    traits["place"]["item"] = project.tasks.item_id[0]
    host_page.mount("image", traits | {"film": film})
    annotator = AnnotatorPage(host_page.page, (WIDTH, HEIGHT)).ready()
    expect(annotator.root.locator(".lw-film .lw-frame")).to_have_text("13 / 30")
    expect(annotator.root.get_by_label("Speed")).to_have_value("0.5")
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    assert list(project.annotations.frame) == [12]
