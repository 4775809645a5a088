"""A frame is that of a full sequential decode, bit for bit, in whichever order it is asked for."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.errors import SourceError
from labelwidgets.media import VideoReader
from tests.media.video.films import SIZE, av, copied, decoded, film

OPEN = {"x264-params": "open-gop=1:bframes=3:b-adapt=0:scenecut=0:keyint=10:min-keyint=10"}
PLAIN = {"x264-params": "bframes=2:b-adapt=0:scenecut=0"}


def exact(path: Path, stream: int = 0, seed: int = 0, most: int = 400) -> VideoReader:
    """Hold a file against a full decode; return its reader."""
    truth = decoded(path, stream)
    reader = VideoReader(path, stream)
    assert len(reader) == len(truth)
    assert reader.pts.tolist() == [pts for pts, _ in truth]
    order = list(range(len(truth)))
    random.Random(seed).shuffle(order)
    wrong = [k for k in order[:most] if not np.array_equal(reader[k], truth[k][1])]
    assert wrong == []
    again = VideoReader(path, stream)
    assert all(
        np.array_equal(one, other) for one, (_, other) in zip(again, truth[:most], strict=False)
    )
    return reader


def shown_alone(path: Path, reader: VideoReader) -> None:
    """Each group of pictures, given to a decoder by itself, shows the frames that it names."""
    truth = decoded(path)
    seen: set[int] = set()
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        for first in reader.keys.tolist():
            named: dict[int, int] = {}
            frames = []
            packets = reader.packets(first)
            assert packets[0].key
            for number, one in enumerate(packets):
                packet = av.Packet(len(one.data))
                packet.update(one.data)
                packet.pts = packet.dts = number
                if one.frame is not None:
                    named[number] = one.frame
                frames += context.decode(packet)
            frames += context.decode(None)
            context.flush_buffers()
            came = {named[one.pts]: one for one in frames if one.pts in named}
            assert set(came) == set(named.values())
            for frame, one in came.items():
                assert np.array_equal(one.to_ndarray(format="rgb24"), truth[frame][1])
            seen |= set(came)
    assert seen == set(range(len(reader)))


@pytest.mark.parametrize(
    "name",
    [
        "derived_nasa_h264.mov",
        "derived_nasa_h264.ts",
        "derived_nasa_h264_bframes.mp4",
        "derived_nasa_h264_vfr.mp4",
        "derived_nasa_mjpeg.avi",
        "derived_nasa_mpeg4_bframes.avi",
        "derived_nasa_vp9.webm",
        "flies_clip.mp4",
        "h265_video.mp4",
        "nasa_13013.mp4",
        "rabbit320.webm",
    ],
)
def test_real_videos_are_exact_in_random_order(shared_data: Path, name: str) -> None:
    path = shared_data / "video" / name
    reader = exact(path, most=60)
    shown_alone(path, reader)


@pytest.mark.parametrize(("stream", "file_stream"), [(0, 0), (1, 3)])
def test_timestamps_of_every_frame_are_the_published_ones(
    shared_data: Path, stream: int, file_stream: int
) -> None:
    folder = shared_data / "video"
    truth = json.loads(
        (folder / f"nasa_13013.mp4.stream{file_stream}.all_frames_info.json").read_text()
    )
    reader = exact(folder / "nasa_13013.mp4", stream, most=60)
    times = [float(one["pts_time"]) for one in truth]
    found = [float(int(pts) * reader.time_base) for pts in reader.pts]
    assert found == pytest.approx(times, abs=1e-6)


@pytest.mark.parametrize(
    ("suffix", "codec", "options"),
    [
        (".mp4", "libx264", PLAIN),
        (".mov", "libx264", PLAIN),
        (".m4v", "libx264", PLAIN),
        (".mkv", "libx264", PLAIN),
        (".ts", "libx264", PLAIN),
        (".avi", "libx264", {"x264-params": "bframes=0"}),
        (".avi", "libx264", PLAIN),
        (".mp4", "libx265", {"x265-params": "log-level=none:keyint=12:min-keyint=12"}),
        (".mkv", "libx265", {"x265-params": "log-level=none:keyint=12:open-gop=1"}),
        (".ts", "libx265", {"x265-params": "log-level=none:keyint=12"}),
        (".webm", "libvpx", {"auto-alt-ref": "1", "lag-in-frames": "10", "b": "200k"}),
        (".webm", "libvpx-vp9", {"auto-alt-ref": "1", "lag-in-frames": "10"}),
        (".mp4", "libvpx-vp9", {"lag-in-frames": "10"}),
        (".mkv", "libsvtav1", {"preset": "12", "svtav1-params": "keyint=12"}),
        (".mp4", "libsvtav1", {"preset": "12", "svtav1-params": "keyint=12"}),
        (".avi", "mpeg4", {"bf": "2"}),
        (".mp4", "mpeg4", {"bf": "2"}),
        (".mkv", "mpeg4", {}),
        (".avi", "mjpeg", {}),
        (".mov", "mjpeg", {}),
        (".mpg", "mpeg2video", {"bf": "2"}),
    ],
)
def test_containers_and_codecs_are_exact(
    tmp_path: Path, suffix: str, codec: str, options: dict[str, str]
) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV has no {codec}")
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = film(tmp_path / f"a{suffix}", codec, options=options, pixel_format=pixel_format)
    shown_alone(path, exact(path))


def test_open_groups_of_pictures_are_exact_and_can_be_shown_alone(tmp_path: Path) -> None:
    for suffix in (".mp4", ".mkv", ".ts"):
        path = film(tmp_path / f"open{suffix}", count=45, options=OPEN)
        reader = exact(path)
        assert len(reader.keys) > 2
        shown_alone(path, reader)


def test_a_trim_within_an_open_group_is_exact(tmp_path: Path) -> None:
    whole = film(tmp_path / "open.mp4", count=45, options=OPEN)
    with av.open(str(whole)) as container:
        keys = [n for n, one in enumerate(container.demux(video=0)) if one.size and one.is_keyframe]
    for suffix in (".mp4", ".mkv"):
        for first in (keys[1], keys[1] + 2):
            exact(copied(whole, tmp_path / f"trim{first}{suffix}", range(first, 40)))


@pytest.mark.parametrize("shift", [-7, -100, 5, 1000])
def test_an_edit_list_at_the_beginning_is_applied_as_in_a_full_decode(
    tmp_path: Path, shift: int
) -> None:
    whole = film(tmp_path / "whole.mp4", count=40, options=PLAIN)
    with av.open(str(whole)) as container:
        step = int(1 / 25 / container.streams.video[0].time_base)
    path = copied(whole, tmp_path / "cut.mp4", shift=shift * step // 4)
    shown_alone(path, exact(path))


def test_frames_at_irregular_times_are_exact(tmp_path: Path) -> None:
    pts = [0, 1, 2, 5, 9, 10, 11, 30, 31, 60, *range(61, 81)]
    reader = exact(film(tmp_path / "vfr.mp4", count=30, pts=pts, options=PLAIN))
    assert reader.frame_at(9 / 25) == 4
    assert reader.frame_at(29.9 / 25) == 6
    assert reader.seconds(7) == pytest.approx(30 / 25)


def test_a_stream_that_does_not_begin_at_zero_keeps_its_timestamps(tmp_path: Path) -> None:
    path = film(tmp_path / "late.mkv", pts=range(50, 90), options=PLAIN)
    reader = exact(path)
    assert reader.pts[0] == 2000
    assert reader.frame_at(0) == 0


def test_a_group_of_250_pictures_is_exact(tmp_path: Path) -> None:
    exact(film(tmp_path / "long.mp4", count=300, gop=250, options=PLAIN), most=80)


@pytest.mark.parametrize(
    "flags", ["frag_keyframe+empty_moov", "frag_keyframe+empty_moov+default_base_moof", "dash"]
)
def test_fragmented_files_are_exact(tmp_path: Path, flags: str) -> None:
    path = film(tmp_path / "parts.mp4", options=PLAIN, container={"movflags": flags})
    shown_alone(path, exact(path))


def test_one_frame_is_a_video(tmp_path: Path) -> None:
    reader = exact(film(tmp_path / "one.mp4", count=1))
    assert len(reader) == 1
    assert reader[-1].shape == (SIZE[1], SIZE[0], 3)


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_a_rotated_video_is_read_as_it_is_shown(tmp_path: Path, degrees: int) -> None:
    whole = film(tmp_path / "plain.mp4", count=5)
    path = copied(
        whole, tmp_path / "turned.mp4", prepare=lambda made: made.set_display_rotation(degrees)
    )
    with av.open(str(path)) as container:
        found = next(container.decode(video=0))
        stored, angle = found.to_ndarray(format="rgb24"), found.rotation
    reader = VideoReader(path)
    # PyAV tells the angle counter-clockwise.
    assert np.array_equal(reader[0], np.rot90(stored, angle // 90))
    assert reader.facts.rotation == -angle % 360
    assert reader[0].shape[:2] == (reader.facts.height, reader.facts.width)
    assert reader.verify()


def test_pixels_that_are_not_square_are_told(tmp_path: Path) -> None:
    def wide(stream: object) -> None:
        stream.codec_context.sample_aspect_ratio = 2  # type: ignore[attr-defined]

    reader = exact(film(tmp_path / "wide.mp4", count=5, prepare=wide))
    assert reader.facts.aspect == 2
    assert [one.kind for one in reader.problems] == ["aspect"]


def test_two_frames_with_one_timestamp_are_two_frames(tmp_path: Path) -> None:
    path = twins(tmp_path)
    reader = exact(path)
    assert (np.diff(reader.pts) == 0).any()
    assert "duplicate" in [one.kind for one in reader.problems]
    twin = int(np.flatnonzero(np.diff(reader.pts) == 0)[0])
    assert reader.index_of(int(reader.pts[twin])) == twin


def twins(folder: Path) -> Path:
    """A file in which two frames have the same timestamp."""
    whole = film(folder / "plain.mkv", count=20, options={"x264-params": "bframes=0"})
    path = folder / "twins.mkv"
    with av.open(str(whole)) as read, av.open(str(path), "w") as out:
        stream = read.streams.video[0]
        made = out.add_stream_from_template(stream)
        for place, packet in enumerate(read.demux(stream)):
            if packet.size:
                packet.stream = made
                if place == 8:
                    packet.pts = packet.dts = packet.pts - 40
                out.mux(packet)
    return path


def test_an_item_says_which_stream_of_its_file_is_meant(shared_data: Path) -> None:
    path = str(shared_data / "video" / "nasa_13013.mp4")
    items = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "urls": [[path]] * 3,
            "metadata": [{}, {"stream": 1}, {"stream": -1}],
        }
    )
    dataset = lw.Dataset.from_items(items)
    assert len(dataset.video("a")) == 325
    assert len(dataset.video("b")) == 390
    with pytest.raises(lw.LabelwidgetsError, match="stream"):
        dataset.video("c")


def test_going_back_frame_by_frame_is_exact_and_decodes_a_group_few_times(tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", count=120, gop=120, options=PLAIN)
    truth, reader = decoded(path), VideoReader(path)
    begun: list[int] = []
    begin = reader._decoder._begin
    reader._decoder._begin = lambda number: (begun.append(number), begin(number))[1]  # type: ignore[method-assign]
    for frame in range(100, 20, -1):
        assert np.array_equal(reader[frame], truth[frame][1])
    assert len(begun) < 10


@pytest.mark.parametrize(
    "given", ["1", None, True, float("nan"), float("inf"), 10**400, 1j, [0, 1]]
)
def test_what_is_no_time_and_no_timestamp_is_refused_by_name(tmp_path: Path, given: Any) -> None:
    reader = VideoReader(film(tmp_path / "a.mp4", count=3))
    with pytest.raises(SourceError, match="seconds"):
        reader.frame_at(given)
    with pytest.raises(SourceError, match="pts"):
        reader.index_of(given)
    assert reader.frame_at(-1e308) == 0
    assert reader.frame_at(np.float32(1e30)) == reader.frame_at(np.int64(9)) == 2
