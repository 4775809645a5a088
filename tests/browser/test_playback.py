"""The frame that is told is the frame that is seen: stepped to, jumped to, and played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.films import HEIGHT, READ, WIDTH, make_film, walk
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

av = pytest.importorskip("av")

Open = Callable[..., AnnotatorPage]


@pytest.fixture
def watch(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> Open:
    """Open videos in an annotator on the host page."""

    def open_films(*paths: Path, size: tuple[int, int] = (WIDTH, HEIGHT)) -> AnnotatorPage:
        dataset = lw.Dataset.open([str(path) for path in paths])
        project = lw.Project.create(tmp_path / "films.db", dataset, ontology, user="ana")
        host_page.kernel = KernelEnd(project)
        host_page.mount("image", host_page.kernel.traits())
        host_page.page.evaluate(READ)
        return AnnotatorPage(host_page.page, size).ready()

    return open_films


def asked(host_page: HostPage, kind: str) -> list[int]:
    """Return the frames that the page has asked for in a way."""
    return [it.content["frame"] for it in host_page.sent if it.content["type"] == kind]


def order(count: int, most: int = 60) -> list[int]:
    """Return frames in random order, no two the same in a row."""
    return [int(one) for one in np.random.default_rng(6).permutation(count)[:most]]


H264 = {"g": "12", "bf": "3", "crf": "18"}
FILMS = {
    "B-frames": dict(name="a.mp4", codec="libx264", options=H264),
    "variable rate": dict(name="a.mp4", codec="libx264", options=H264, steps=(1, 3, 1, 17)),
    "open groups": dict(
        name="a.mp4",
        codec="libx264",
        options={**H264, "x264-params": "open-gop=1:keyint=12:min-keyint=12:scenecut=0"},
    ),
    "begins late": dict(name="a.mkv", codec="libx264", options=H264, begin=700),
    "milliseconds": dict(
        name="a.webm", codec="libvpx-vp9", options={"g": "12", "deadline": "realtime"}, rate=30
    ),
}


@pytest.mark.parametrize("kind", FILMS)
def test_the_number_told_is_the_number_in_the_pixels_in_any_order(
    host_page: HostPage, watch: Open, tmp_path: Path, kind: str
) -> None:
    about = dict(FILMS[kind])
    path = make_film(tmp_path / about.pop("name"), about.pop("codec"), 50, **about)
    root = watch(path).root
    frames = order(50)
    assert walk(root, frames) == [[frame, frame] for frame in frames]
    if kind != "milliseconds":
        assert asked(host_page, "pixels") == [], "decoded in the page"
    assert host_page.console == []
