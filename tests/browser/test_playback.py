"""The frame that is told is the frame that is seen: stepped to, jumped to, and played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.films import HEIGHT, READ, WIDTH, make_film, shown, thumbs, walk, watch_playing
from tests.browser.host import HostPage, Message
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
    "transport stream": dict(name="a.ts", codec="libx264", options=H264),
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
    # Browsers begin with a full refresh alone, which of open groups only the first one is.
    if kind != "open groups":
        assert asked(host_page, "pixels") == [], "decoded in the page"
    assert host_page.console == []


def test_what_plays_is_told_with_its_own_number_and_keeps_to_its_clock(
    host_page: HostPage, watch: Open, tmp_path: Path
) -> None:
    steps = (1, 1, 2, 4)
    path = make_film(tmp_path / "a.mp4", "libx264", 60, options=H264, steps=steps)
    annotator = watch(path)
    seen = watch_playing(annotator.root)
    told = [frame for frame, _, _ in seen]
    assert told == [painted for _, painted, _ in seen], "no wrong frame, ever"
    assert told == sorted(told)
    assert told[-1] == 59
    dropped = annotator.root.locator(".lw-dropped")
    count = int(dropped.inner_text().split()[0]) if dropped.count() else 0
    assert len(told) + count == 60
    # Forty milliseconds a tick.
    film = 0.04 * sum(steps[number % 4] for number in range(59))
    assert seen[-1][2] - seen[0][2] > 1000 * (film - 0.2)
    assert asked(host_page, "pixels") == []


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.mov", "mjpeg", "yuvj420p"),
        ("a.mp4", "libx265", "yuv420p"),
    ],
)
def test_what_no_page_decodes_comes_from_the_kernel(
    host_page: HostPage, watch: Open, tmp_path: Path, name: str, codec: str, pix_fmt: str
) -> None:
    options = {"x265-params": "keyint=12:log-level=none"} if codec == "libx265" else {"g": "12"}
    path = make_film(tmp_path / name, codec, 30, options=options, pix_fmt=pix_fmt)
    root = watch(path).root
    frames = order(30, 12)
    assert walk(root, frames) == [[frame, frame] for frame in frames]
    walk(root, [15])
    seen = watch_playing(root)
    assert [one[0] for one in seen] == [one[1] for one in seen]
    assert seen[-1][:2] == [29, 29]
    # What was gone past came as JPEG; where it stays, the frame itself is asked for.
    host_page.wait_for(lambda it: it.content == {**it.content, "type": "pixels", "frame": 29})
    assert asked(host_page, "packets") == []
    assert host_page.console == []


def test_without_a_decoder_in_the_browser_the_kernel_decodes(
    host_page: HostPage, watch: Open, tmp_path: Path
) -> None:
    host_page.page.add_init_script("delete globalThis.VideoDecoder")
    path = make_film(tmp_path / "a.mp4", "libx264", 30, options=H264)
    root = watch(path).root
    assert walk(root, [29, 3, 17]) == [[29, 29], [3, 3], [17, 17]]
    assert asked(host_page, "packets") == []


def test_a_group_that_the_page_cannot_decode_comes_from_the_kernel(
    host_page: HostPage, watch: Open, tmp_path: Path
) -> None:
    path = make_film(tmp_path / "a.mp4", "libx264", 48, options=H264)
    root = watch(path).root
    real = host_page.kernel

    def spoiled(message: Message) -> list[Message]:
        answers = list(real(message))
        if message.content.get("type") == "packets" and 24 <= message.content["frame"] < 36:
            answers = [
                Message(it.content, tuple(bytes(len(b)) for b in it.buffers)) for it in answers
            ]
        return answers

    host_page.kernel = spoiled
    host_page.reload()
    host_page.page.evaluate(READ)
    frames = order(48)
    assert walk(root, frames) == [[frame, frame] for frame in frames]
    assert set(asked(host_page, "pixels")) <= set(range(20, 40))


def test_keys_step_and_jump_and_a_field_goes_to_number_time_and_timestamp(
    watch: Open, tmp_path: Path
) -> None:
    path = make_film(tmp_path / "a.mp4", "libx264", 50, options=H264, rate=25)
    annotator = watch(path)
    root = annotator.root
    counter = root.locator(".lw-film .lw-frame")
    annotator.hover()
    for key, number in [("d", 2), ("d", 3), ("a", 2), ("End", 50), ("PageUp", 40), ("Home", 1)]:
        annotator.key(key)
        expect(counter).to_have_text(f"{number} / 50")
    for text, number in [("12", 12), ("#12", 13), ("0:01", 26), ("0.5s", 13), ("pts 512", 2)]:
        annotator.key("Control+Shift+G")
        field = root.get_by_label("Go to frame, time or timestamp")
        field.fill(text)
        field.press("Enter")
        expect(counter).to_have_text(f"{number} / 50")
        assert shown(root) == [number - 1, number - 1]
    for text, why in [
        ("51", "from 1 to 50"),
        ("soon", "is no frame"),
        ("pts 513", "512 (frame 2)"),
    ]:
        counter.click()
        field = root.get_by_label("Go to frame, time or timestamp")
        field.fill(text)
        field.press("Enter")
        expect(root.locator(".lw-wrong")).to_contain_text(why)
        field.press("Escape")
        expect(counter).to_have_text("2 / 50")


def test_each_video_opens_where_one_was(watch: Open, tmp_path: Path) -> None:
    paths = [
        make_film(tmp_path / f"{name}.mp4", "libx264", count, options=H264)
        for name, count in [("one", 30), ("two", 40)]
    ]
    annotator = watch(*paths)
    counter = annotator.root.locator(".lw-film .lw-frame")
    walk(annotator.root, [17])
    annotator.hover()
    annotator.key("Shift+N")
    expect(counter).to_have_text("1 / 40")
    walk(annotator.root, [25])
    annotator.hover()
    annotator.key("Shift+P")
    expect(counter).to_have_text("18 / 30")
    annotator.ready()
    assert shown(annotator.root) == [17, 17]
    annotator.key("Shift+N")
    expect(counter).to_have_text("26 / 40")


def test_the_slider_shows_a_small_picture_of_where_the_pointer_is(
    host_page: HostPage, watch: Open, tmp_path: Path
) -> None:
    path = make_film(tmp_path / "a.mp4", "libx264", 50, options=H264)
    root = watch(path).root
    box = root.locator(".lw-scrub").bounding_box()
    assert box is not None
    page = host_page.page
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    glimpse = root.locator(".lw-glimpse")
    expect(glimpse).to_contain_text("26 · 0:01.000")
    expect(glimpse.locator("img")).to_have_js_property("naturalWidth", 160)
    assert asked(host_page, "glimpse") == [25]
    page.mouse.move(100, 100)
    expect(glimpse).to_have_count(0)


REAL = {
    "derived_nasa_h264.mov": (480, 270),
    "derived_nasa_h264_bframes.mp4": (480, 270),
    "derived_nasa_h264_vfr.mp4": (480, 270),
    "derived_nasa_vp9.webm": (480, 270),
    "rabbit320.webm": (320, 240),
    "flies_clip.mp4": (1024, 1024),
}
THUMB = (40, 30)
# Of colours from 0 to 255, on average: browsers make RGB of a frame in another way than FFmpeg.
CLOSE = 4.0


@pytest.mark.parametrize("name", REAL)
def test_frames_of_real_videos_are_those_of_the_kernel(
    watch: Open, shared_data: Path, name: str
) -> None:
    path = shared_data / "video" / name
    root = watch(path, size=REAL[name]).root
    dataset = lw.Dataset.open(str(path))
    video = dataset.video(dataset.items["id"].iloc[0])
    frames = order(len(video), 8 if len(video) > 1000 else 20)

    def small(frame: int) -> NDArray[np.float64]:
        return np.asarray(Image.fromarray(video[frame]).resize(THUMB, Image.Resampling.BOX), float)

    for frame, pixels in zip(frames, thumbs(root, frames, THUMB), strict=True):
        beside = [k for k in (frame - 1, frame, frame + 1) if 0 <= k < len(video)]
        near = {k: np.abs(small(k) - pixels).mean() for k in beside}
        assert near[frame] < CLOSE, frame
        # Not the one before or after either, as far as they differ.
        assert near[frame] <= min(near.values()) + 0.05, (frame, near)
