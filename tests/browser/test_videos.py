"""A video is shown frame by frame, and what is drawn on it is a track."""

from __future__ import annotations

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

COUNT = 30


@pytest.fixture
def film(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> lw.Project:
    """Thirty shades in an H.264 file with a key frame every ten frames."""
    path = tmp_path / "film.mp4"
    write_film(path, shades(COUNT, 10, 8, SIZE))
    project = lw.Project.create(
        tmp_path / "film.db", lw.Dataset.open(str(path)), ontology, user="ana"
    )
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


def test_a_shape_that_is_moved_on_a_later_frame_is_a_keyframe_of_its_track(
    host_page: HostPage, film: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    for _ in range(5):
        annotator.key("d")
    expect(annotator.root.locator(".lw-timeline .lw-count")).to_have_text(f"6 / {COUNT}")
    annotator.key("v")
    annotator.drag((100, 70), (140, 90))
    annotator.saved().has_objects(1)
    (made,) = film.annotations.geometry
    assert made.type == "track"
    assert list(made.keyframes) == [0, 5]
    moved = made.keyframes[5].geometry
    assert (moved.x, moved.y) == pytest.approx((90, 60), abs=1.5)
    assert host_page.console == []


def test_the_help_sheet_of_a_video_has_the_keys_of_tracks_and_none_of_scans(
    host_page: HostPage, film: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover()
    annotator.key("?")
    sheet = annotator.root.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Split the selected tracks")
    expect(sheet).to_contain_text("a keyframe of the selected tracks")
    expect(sheet).not_to_contain_text("Header of the slice")
