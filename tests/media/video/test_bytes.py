"""No more of a file is read than a frame needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from labelwidgets.media import VideoReader
from tests.media.range_server import RangeServer
from tests.media.video.films import decoded, film

pytest.importorskip("aiohttp")

NAME = "film.mp4"
SIZE = (320, 240)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Heavy enough that blocks and headers are small beside it."""
    folder = tmp_path_factory.mktemp("film")
    options = {"x264-params": "keyint=60:min-keyint=60:scenecut=0:bframes=2:qp=18"}
    return film(folder / NAME, count=180, size=SIZE, options=options)


@pytest.fixture
def server(path: Path) -> Iterator[RangeServer]:
    with RangeServer({NAME: path.read_bytes()}).serving() as server:
        yield server


def test_opening_reads_at_most_twice_the_tables(path: Path, server: RangeServer) -> None:
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    reader = VideoReader(f"{server.url}/{NAME}")
    assert len(reader) == 180
    sent, _ = server.settled()
    assert sent <= 2 * int.from_bytes(data[at : at + 4], "big")


def test_a_far_seek_reads_little_more_than_from_the_key_frame_to_the_target(
    path: Path, server: RangeServer
) -> None:
    reader = VideoReader(f"{server.url}/{NAME}")
    before, _ = server.settled()
    pixels = reader[115]
    after, _ = server.settled()
    needed = 0
    for packet in reader.packets(115):
        needed += len(packet.data)
        if packet.frame == 115:
            break
    assert after - before <= 1.15 * needed
    assert np.array_equal(pixels, decoded(path)[115][1])


def test_going_back_and_forth_in_a_group_reads_it_once(server: RangeServer) -> None:
    reader = VideoReader(f"{server.url}/{NAME}")
    reader.packets(70)
    before = server.settled()
    for frame in (70, 110, 61, 100, 62):
        assert reader[frame].shape == (SIZE[1], SIZE[0], 3)
    after, _ = server.settled()
    # Behind its last frame the decoder wants a few samples of the next group.
    assert after - before[0] < 300_000


def test_frames_one_after_the_other_take_few_requests(server: RangeServer) -> None:
    reader = VideoReader(f"{server.url}/{NAME}")
    _, before = server.settled()
    assert sum(1 for _ in reader) == 180
    _, after = server.settled()
    assert after - before < 40
