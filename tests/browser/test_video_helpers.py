"""An object of a video is carried on and accepted; joints of a skeleton are placed one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from scipy.ndimage import gaussian_filter

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.films import write_film
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

pytest.importorskip("av")
pytest.importorskip("cv2")

COUNT = 16


def blobs(seed: int, width: int, height: int) -> np.ndarray:
    wide = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (height, width, 3)), (2, 2, 0))
    return np.clip(120 + wide / wide.std() * 50, 0, 255)


@pytest.fixture
def moving(host_page: HostPage, tmp_path: Path) -> lw.Project:
    """A patch that goes to the right, eight pixels a frame."""
    path = tmp_path / "moving.mp4"
    ground, thing = blobs(1, *SIZE) * 0.3, blobs(2, 100, 60)
    pictures = []
    for number in range(COUNT):
        pixels = ground.copy()
        pixels[40:100, 50 + 8 * number : 150 + 8 * number] = thing
        pictures.append(pixels.astype(np.uint8))
    write_film(path, pictures, group=8, quality=10)
    fly = lw.ObjectClass("fly", tool="keypoints", skeleton=lw.Skeleton(["head", "tail", "wing"]))
    ontology = lw.Ontology([lw.ObjectClass("car"), fly])
    project = lw.Project.create(
        tmp_path / "moving.db", lw.Dataset.open(str(path)), ontology, user="ana"
    )
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


def test_what_is_carried_is_seen_frame_by_frame_and_accepted(
    host_page: HostPage, moving: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved().has_objects(1)
    annotator.key("Alt+f")
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("Proposed: Carried by 15 frames.")
    for _ in range(4):
        annotator.key("d")
    expect(bar).to_be_visible()
    annotator.key("Enter")
    expect(bar).to_have_count(0)
    annotator.saved().has_objects(1)
    (made,) = moving.annotations.geometry
    assert min(made.keyframes) == 0
    assert max(made.keyframes) == COUNT - 1
    assert made.keyframes[0].confidence is None
    seen = made.at(10).geometry
    assert (seen.x, seen.y) == pytest.approx((130, 40), abs=2)
    (record,) = moving.records()
    assert (record.origin.kind, record.origin.name) == ("tool", "carry")
    # Escape drops what is proposed, and nothing has changed.
    annotator.key("Alt+f")
    annotator.key("Escape")
    assert list(moving.annotations.geometry) == [made]
    assert host_page.console == []


def test_a_joint_is_placed_by_itself_listed_and_let_go(
    host_page: HostPage, moving: lw.Project
) -> None:
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.hover((60, 60))
    annotator.key("2")
    for at in ((60, 60), (100, 60), (80, 90)):
        annotator.click(at)
    annotator.saved().has_objects(1)
    for _ in range(5):
        annotator.key("d")
    joints = annotator.root.locator(".lw-joints")
    expect(joints.locator("summary")).to_contain_text("0 of 3 placed here")
    annotator.key("v")
    annotator.drag((100, 60), (140, 70))
    expect(joints.locator("summary")).to_contain_text("1 of 3 placed here")
    annotator.saved()
    (made,) = moving.annotations.geometry
    assert made.keyframes[5].joints == (1,)
    joints.get_by_role("button", name="wing", exact=True).click()
    annotator.key("Shift+o")
    expect(joints.get_by_role("button", name="wing: hidden")).to_be_visible()
    annotator.saved()
    (made,) = moving.annotations.geometry
    assert made.keyframes[5].joints == (1, 2)
    assert made.at(9).geometry.points[2][2] == 1
    joints.get_by_role("button", name="Let tail go").click()
    expect(joints.locator("summary")).to_contain_text("1 of 3 placed here")
    annotator.saved()
    (made,) = moving.annotations.geometry
    assert made.keyframes[5].joints == (2,)
    joints.get_by_role("button", name="Previous keyframe of wing").click()
    expect(joints.locator("summary")).to_contain_text("3 of 3 placed here")
    assert host_page.console == []
