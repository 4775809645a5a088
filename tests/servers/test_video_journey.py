"""From a web server to MOT: two flies are tracked in a cell of a real JupyterLab."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.films import READ
from tests.browser.lab import LabServer, Notebook
from tests.servers.web import Web

pytest.importorskip("av")

SIZE = (1024, 1024)
COUNT = 1500
SETUP = """
import labelwidgets as lw
dataset = lw.Dataset.open({url!r})
project = lw.Project.create("flies.db", dataset, ["fly"], user="ana")
"""
# Where the flies walk, and keyframes that follow them.
KEYFRAMES = (1000, 1100, 1200, 1300)
# Around both while they walk, (left, top, right, bottom).
PART = (340, 340, 820, 540)
GREENS = """(root, [left, top, right, bottom]) => {
  const canvas = [...root.querySelectorAll(".lw-image canvas")]
    .find((it) => it.style.visibility === "visible");
  const copy = new OffscreenCanvas(1024, 1024);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0, 1024, 1024);
  const { data } = context.getImageData(left, top, right - left, bottom - top);
  return Array.from({ length: data.length / 4 }, (_, at) => data[4 * at + 1]);
}"""


def proofread(shared_data: Path) -> dict[int, dict[int, npt.NDArray[np.float64]]]:
    """Return by fly, and frame from 0, the (x, y, width, height) that people agreed on."""
    rows = np.loadtxt(shared_data / "video" / "flies_clip_gt_mot.txt", delimiter=",")
    return {fly: {int(row[0]) - 1: row[2:6] for row in rows if row[1] == fly} for fly in (1, 2)}


def go(root: Locator, frame: int) -> None:
    """Go to a frame by the slider, and wait until it is there."""
    root.evaluate("(root, frame) => lwGo(root, frame)", frame)


def told(root: Locator) -> int:
    """Return the number of the frame that the page tells, from 0."""
    return int(root.locator(".lw-film .lw-frame").inner_text().split(" / ")[0]) - 1


def check_shown(root: Locator, video: lw.media.VideoReader, frame: int) -> None:
    """Hold that the pixels on the screen are those of a frame, and of none beside it."""
    left, top, right, bottom = PART
    seen = np.array(root.evaluate(GREENS, list(PART))).reshape(bottom - top, right - left)
    far = {
        near: np.abs(video[near][top:bottom, left:right, 1].astype(int) - seen).mean()
        for near in range(frame - 2, frame + 3)
    }
    assert min(far, key=far.__getitem__) == frame, far
    # Browsers turn YUV into RGB a little differently.
    assert far[frame] < 1.5, far


def test_two_flies_of_a_video_on_a_web_server_become_mot(
    notebook: Notebook, lab: LabServer, web: Web, shared_data: Path, repository: Path
) -> None:
    path = shared_data / "video" / "flies_clip.mp4"
    url = web.bucket().put("flies_clip.mp4", path.read_bytes())
    pictures = repository / "test-results" / "journeys"
    pictures.mkdir(parents=True, exist_ok=True)
    notebook.open(
        [
            SETUP.format(url=url),
            "project.annotate(frame=1000)",
            "project.export('mot', 'flies.txt')",
        ]
    )
    notebook.run_cell(0)
    notebook.run_cell(1)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    root = annotator.root
    notebook.page.evaluate(READ)
    expect(root.locator(".lw-film .lw-frame")).to_have_text(f"1001 / {COUNT}")
    expect(root.locator(".lw-film-facts")).to_have_text(f"{COUNT} frames · 25 fps · h264")

    # Two flies, each followed through a few keyframes.
    boxes = proofread(shared_data)
    for number, fly in enumerate((1, 2), start=1):
        go(root, KEYFRAMES[0])
        x, y, width, height = boxes[fly][KEYFRAMES[0]]
        annotator.draw_box((x, y), (x + width, y + height))
        annotator.has_objects(number).saved()
        annotator.key("v")
        middle = np.array([x + width / 2, y + height / 2])
        for frame in KEYFRAMES[1:]:
            go(root, frame)
            wanted = boxes[fly][frame]
            aim = wanted[:2] + wanted[2:] / 2
            annotator.drag(tuple(middle), tuple(aim))
            annotator.saved()
            middle = aim
    annotator.has_objects(2)
    notebook.screenshot(pictures / "video_tracked.png")

    # The number that is told is that of the pixels: stepped to, gone to, and after playing.
    video = lw.media.VideoReader(path)
    go(root, 1085)
    annotator.hover()
    for step in range(1, 4):
        annotator.key("d")
        expect(root.locator(".lw-film .lw-frame")).to_have_text(f"{1086 + step} / {COUNT}")
        check_shown(root, video, 1085 + step)
    annotator.key("a")
    expect(root.locator(".lw-film .lw-frame")).to_have_text(f"1088 / {COUNT}")
    check_shown(root, video, 1087)
    annotator.key("Shift+Space")
    notebook.page.wait_for_function(
        "root => Number.parseInt(root.querySelector('.lw-film .lw-frame').textContent) > 1093",
        arg=root.element_handle(),
    )
    annotator.key("Shift+Space")
    expect(root.get_by_role("button", name="Play")).to_be_visible()
    check_shown(root, video, told(root))
    notebook.run_cell(2)

    with lw.Project.open(lab.files / "flies.db", user="auditor") as project:
        tracks = [made.geometry for made in project.records()]
    assert [list(made.keyframes) for made in tracks] == [list(KEYFRAMES)] * 2
    assert all(
        keyframe.pts == video.pts[frame]
        for made in tracks
        for frame, keyframe in made.keyframes.items()
    )
    for made, fly in zip(tracks, (1, 2), strict=True):
        for frame in KEYFRAMES:
            x, y, width, height = boxes[fly][frame]
            shape = made.keyframes[frame].geometry
            centre = shape.x + shape.width / 2, shape.y + shape.height / 2
            assert centre == pytest.approx((x + width / 2, y + height / 2), abs=3)
    # What is in the file is what is seen, on every frame.
    rows = np.loadtxt(lab.files / "flies.txt", delimiter=",")
    assert len(rows) == 2 * (COUNT - KEYFRAMES[0])
    for frame, track, x, y, width, height in rows[:, :6]:
        sight = tracks[int(track) - 1].at(int(frame) - 1)
        assert sight is not None
        shape = sight.geometry
        # The corner of the first pixel is (1, 1) in MOT.
        assert (x - 1, y - 1) == pytest.approx((shape.x, shape.y), abs=1e-3)
        assert (width, height) == pytest.approx((shape.width, shape.height), abs=1e-3)
    # Read by ranges: not the whole of it for a look at some frames.
    asked = [one for one in web.requests() if one.path.endswith("flies_clip.mp4")]
    assert any(one.status == 206 for one in asked)
    assert not [line for line in notebook.console if "error" in line.split(":")[0]]
