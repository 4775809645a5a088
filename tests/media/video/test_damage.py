"""What is no video, or a damaged one, is named; what can be seen of it is seen."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets.errors import ImageError, LabelwidgetsError, LimitError, SourceError
from labelwidgets.media import Limits, VideoReader
from labelwidgets.media.cancellation import Cancellation, cancelled_by
from tests.media.video.films import av, decoded, film


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Its tables lie before its media."""
    folder = tmp_path_factory.mktemp("movie")
    return film(folder / "a.mp4", container={"movflags": "faststart"}).read_bytes()


@contextmanager
def read_or_named(name: str) -> Iterator[None]:
    """Hold that what is raised is ours, and names the file."""
    try:
        yield
    except LabelwidgetsError as error:
        if name not in str(error):
            pytest.fail(f"names no {name}: {error}")


def opened(folder: Path, data: bytes, name: str = "b.mp4") -> VideoReader:
    path = folder / name
    path.write_bytes(data)
    return VideoReader(path)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"b\.mp4.*empty"):
        opened(tmp_path, b"")


@pytest.mark.parametrize("name", ["b.mp4", "b.avi", "b.ts", "b.webm"])
def test_text_is_no_video(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError, match=r"b\."):
        opened(tmp_path, b"no video at all " * 400, name)


def test_a_playlist_opens_no_other_file(tmp_path: Path, movie: bytes) -> None:
    (tmp_path / "other.mp4").write_bytes(movie)
    for text in (
        f"ffconcat version 1.0\nfile '{tmp_path}/other.mp4'\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{tmp_path}/other.mp4\n#EXT-X-ENDLIST\n",
    ):
        with pytest.raises(ImageError):
            opened(tmp_path, text.encode())


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=44100)
        sound = np.zeros((1, 1024), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="mono")
        frame.sample_rate = 44100
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(ImageError, match="sound"):
        VideoReader(path)


def test_a_stream_that_is_not_there_is_named_with_those_that_are(
    tmp_path: Path, movie: bytes
) -> None:
    path = tmp_path / "b.mp4"
    path.write_bytes(movie)
    with pytest.raises(SourceError, match="one video stream"):
        VideoReader(path, 1)
    with pytest.raises(SourceError, match="stream"):
        VideoReader(path, -1)


def test_a_misspelt_option_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="stream"):
        VideoReader(tmp_path / "b.mp4", streem=1)


def test_a_file_without_tables_is_named(tmp_path: Path, movie: bytes) -> None:
    with pytest.raises(ImageError, match="moov"):
        opened(tmp_path, movie.replace(b"moov", b"free", 1))


def test_of_a_file_that_was_cut_short_what_is_there_is_read(tmp_path: Path, movie: bytes) -> None:
    whole = tmp_path / "whole.mp4"
    whole.write_bytes(movie)
    truth = decoded(whole)
    reader = opened(tmp_path, movie[: len(movie) * 2 // 3])
    assert 0 < len(reader) < len(truth)
    assert [one.kind for one in reader.problems] == ["truncated"]
    times = {pts: pixels for pts, pixels in truth}
    for frame, pts in enumerate(reader.pts.tolist()):
        assert np.array_equal(reader[frame], times[pts])


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".ts", ".webm"])
def test_cut_anywhere_it_is_read_or_named(tmp_path: Path, suffix: str) -> None:
    codec = "libvpx" if suffix == ".webm" else "mpeg4" if suffix == ".avi" else "libx264"
    data = film(tmp_path / f"a{suffix}", codec, count=12).read_bytes()
    for part in np.linspace(1, len(data) - 1, 15).astype(int):
        with read_or_named(f"b{suffix}"):
            reader = opened(tmp_path, data[:part], f"b{suffix}")
            for frame in range(len(reader)):
                with read_or_named(f"b{suffix}"):
                    assert reader[frame].shape[2] == 3


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_tables_with_wrong_numbers_are_read_or_named(
    tmp_path: Path, movie: bytes, data: st.DataObject
) -> None:
    begin, end = movie.index(b"moov"), movie.index(b"mdat")
    made = bytearray(movie)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(begin, end - 4))
        number = data.draw(st.sampled_from([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x01000000]))
        made[at : at + 4] = struct.pack(">I", number)
    with read_or_named("b.mp4"):
        reader = opened(tmp_path, bytes(made))
        assert reader[len(reader) - 1].ndim == 3


@pytest.mark.parametrize("box", [b"stsz", b"stts", b"ctts", b"stsc", b"stss"])
def test_a_table_that_lies_about_its_count_costs_nothing(
    tmp_path: Path, movie: bytes, box: bytes
) -> None:
    made = bytearray(movie)
    if box not in made:
        pytest.skip("no such table")
    at = made.index(box) + (12 if box == b"stsz" else 8)
    made[at : at + 4] = b"\x7f\xff\xff\xff"
    with read_or_named("b.mp4"):
        assert len(opened(tmp_path, bytes(made))) <= 40


def test_runs_that_claim_billions_of_samples_are_refused(tmp_path: Path, movie: bytes) -> None:
    made = bytearray(movie)
    at = made.index(b"ctts") + 12
    made[at : at + 4] = b"\x7f\xff\xff\xff"
    with pytest.raises(LimitError, match="samples"):
        opened(tmp_path, bytes(made))


def test_pictures_beyond_the_limits_are_refused(tmp_path: Path, movie: bytes) -> None:
    path = tmp_path / "b.mp4"
    path.write_bytes(movie)
    with pytest.raises(LimitError, match="96 x 64"):
        VideoReader(path, limits=Limits(pixels=100))


def test_what_is_given_up_on_ends_and_the_next_frame_is_right(tmp_path: Path, movie: bytes) -> None:
    path = tmp_path / "b.mp4"
    path.write_bytes(movie)
    truth, reader = decoded(path), VideoReader(path)
    cancellation = Cancellation()
    cancellation.cancel()
    with cancelled_by(cancellation), pytest.raises(LabelwidgetsError, match="given up"):
        reader[39]
    assert np.array_equal(reader[30], truth[30][1])


def test_indices_are_whole_numbers_within_the_video(tmp_path: Path, movie: bytes) -> None:
    reader = opened(tmp_path, movie)
    assert np.array_equal(reader[-1], reader[39])
    with pytest.raises(IndexError):
        reader[40]
    with pytest.raises(TypeError):
        reader[1.5]  # type: ignore[index]
