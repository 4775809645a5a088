"""Files that are read before they are wanted, and reading that is given up."""

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image

from labelwidgets.errors import GivenUpError, SourceError
from labelwidgets.media import Dataset
from labelwidgets.media.cancellation import Cancellation, cancelled_by
from labelwidgets.media.read_ahead import AT_ONCE, ReadAhead, Wish
from tests.media.builders import noise, save
from tests.media.range_server import RangeServer

PNG = save(Image.fromarray(noise(300, 300, 3, dtype=np.uint8)), "PNG")


def wish(name: str) -> Wish:
    return Wish(name, f"memory://{name}", 0, True)


def until(condition, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It never came to that."
        time.sleep(0.005)


class Reading:
    """Reads when the test lets it, and says what was read."""

    def __init__(self, size: int = 10) -> None:
        self.begun: list[str] = []
        self.given_up: list[str] = []
        self.gate = threading.Event()
        self.size = size

    def __call__(self, one: Wish) -> bytes:
        from labelwidgets.media.cancellation import current

        self.begun.append(one.item_id)
        wanted = current()
        while not self.gate.wait(0.005):
            if wanted is not None and wanted.cancelled:
                self.given_up.append(one.item_id)
                wanted.check()
        return one.item_id.encode() * self.size


def test_what_was_read_ahead_is_there_without_reading():
    reading = Reading()
    reading.gate.set()
    ahead = ReadAhead(reading)
    ahead.want([wish("a"), wish("b")])
    until(lambda: len(reading.begun) == 2)
    assert ahead.get(wish("a")) == b"a" * 10
    assert ahead.get(wish("b")) == b"b" * 10
    assert sorted(reading.begun) == ["a", "b"]


def test_few_are_read_at_a_time_and_the_first_ones_first():
    reading = Reading()
    ahead = ReadAhead(reading)
    ahead.want([wish(letter) for letter in "abcdefgh"])
    until(lambda: len(reading.begun) == AT_ONCE)
    time.sleep(0.05)
    assert sorted(reading.begun) == ["a", "b", "c"]
    reading.gate.set()
    until(lambda: len(reading.begun) == 8)


def test_who_comes_while_it_is_read_waits_for_that_reading():
    reading = Reading()
    ahead = ReadAhead(reading)
    ahead.want([wish("a")])
    until(lambda: reading.begun == ["a"])
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ahead.get, wish("a")) for _ in range(4)]
        time.sleep(0.05)
        reading.gate.set()
        assert [one.result(30) for one in asked] == [b"a" * 10] * 4
    assert reading.begun == ["a"]


def test_what_is_wanted_no_more_is_given_up():
    reading = Reading()
    ahead = ReadAhead(reading)
    ahead.want([wish("a"), wish("b")])
    until(lambda: len(reading.begun) == 2)
    ahead.want([wish("b"), wish("c")])
    until(lambda: reading.given_up == ["a"])
    reading.gate.set()
    assert ahead.get(wish("c")) == b"c" * 10
    assert reading.begun.count("b") == 1


def test_what_somebody_waits_for_is_not_given_up():
    reading = Reading()
    ahead = ReadAhead(reading)
    ahead.want([wish("a")])
    until(lambda: reading.begun == ["a"])
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ahead.get, wish("a"))
        time.sleep(0.05)
        ahead.want([])
        time.sleep(0.05)
        reading.gate.set()
        assert asked.result(30) == b"a" * 10
    assert reading.given_up == []


def test_one_who_gives_up_takes_nothing_from_another():
    reading = Reading()
    ahead = ReadAhead(reading)
    mine = Cancellation()

    def first() -> bytes:
        with cancelled_by(mine):
            return ahead.get(wish("a"))

    with ThreadPoolExecutor(2) as pool:
        leaving = pool.submit(first)
        until(lambda: reading.begun == ["a"])
        staying = pool.submit(ahead.get, wish("a"))
        time.sleep(0.05)
        mine.cancel()
        with pytest.raises(GivenUpError):
            leaving.result(30)
        reading.gate.set()
        assert staying.result(30) == b"a" * 10


def test_an_error_is_raised_to_all_and_is_not_kept():
    tried = []

    def read(one: Wish) -> bytes:
        tried.append(one)
        raise SourceError("does not exist.", where=one.url)

    ahead = ReadAhead(read)
    ahead.want([wish("a")])
    until(lambda: len(tried) == 1)
    for _ in range(2):
        with pytest.raises(SourceError, match="does not exist"):
            ahead.get(wish("a"))
    assert len(tried) == 3


def test_memory_is_bounded_and_what_is_wished_for_stays():
    reading = Reading(size=100)
    reading.gate.set()
    ahead = ReadAhead(reading, capacity=1000)
    for name in "abcdefghijklmnop":
        ahead.get(wish(name))
    assert sum(map(len, ahead._kept.values())) <= 1000
    ahead.want([wish(letter) for letter in "ABCDEFGHIJKLMNOP"])
    until(lambda: ahead._running == 0)
    # It does not read on and on when there is no room for it.
    assert len(set(reading.begun) & set("ABCDEFGHIJKLMNOP")) <= 8 + AT_ONCE
    begun = len(reading.begun)
    ahead.get(wish("A"))
    assert len(reading.begun) == begun
    assert sum(map(len, ahead._kept.values())) <= 1000


def test_what_is_too_large_is_not_kept():
    reading = Reading(size=300)
    reading.gate.set()
    ahead = ReadAhead(reading, capacity=1000)
    assert len(ahead.get(wish("a"))) == 300
    assert ahead._kept == {}


class TestOverHttp:
    @pytest.fixture
    def server(self):
        with RangeServer({f"{n}.png": PNG for n in range(6)}).serving() as server:
            yield server

    def opened(self, server: RangeServer) -> Dataset:
        urls = [f"{server.url}/{n}.png" for n in range(6)]
        dataset = Dataset.open(urls)
        server.log.clear()
        return dataset

    def test_a_picture_that_was_read_ahead_is_one_request_in_all(self, server):
        dataset = self.opened(server)
        items = list(dataset)
        dataset.prefetch(items[:2])
        until(lambda: server.sent == 2 * len(PNG))
        assert dataset.encoded(items[0]).data == PNG
        assert dataset.pixels(items[0]).shape == (300, 300, 3)
        assert dataset.read(items[1]) == PNG
        assert len(server.log) == 2
        requests, read = dataset.traffic.set_index("item_id").loc[items[0]]
        # With the header that was read when it was opened.
        assert (requests, read) == (2, len(PNG) + 65_536)

    def test_what_is_given_up_costs_no_further_bytes(self, server):
        dataset = self.opened(server)
        server.files["0.png"] = bytes(50_000_000)
        server.rate = 2_000_000
        items = list(dataset)
        dataset.prefetch(items[:1])
        until(lambda: server.sent > 100_000)
        dataset.prefetch([])
        until(lambda: server.running == 0)
        assert server.sent < 10_000_000

    def test_a_local_picture_is_not_read_ahead(self, tmp_path):
        (tmp_path / "a.png").write_bytes(PNG)
        dataset = Dataset.open(tmp_path, validate=False)
        dataset.prefetch(list(dataset))
        time.sleep(0.05)
        assert dataset.traffic.empty

    def test_pictures_that_are_read_by_tiles_are_not_read_ahead(self, server):
        tiff = io.BytesIO()
        with tifffile.TiffWriter(tiff) as writer:
            writer.write(noise(2000, 2500, dtype=np.uint8), tile=(256, 256))
        server.files["0.png"] = tiff.getvalue()
        dataset = self.opened(server)
        items = list(dataset)
        dataset.prefetch(items[:2])
        until(lambda: sum(one["sent"] for one in server.log if one["name"] == "1.png") >= len(PNG))
        until(lambda: dataset._reader.ahead._running == 0)
        assert server.sent < len(tiff.getvalue()) / 4 + 2 * len(PNG)
        # Asked for by name, it is read all the same.
        assert dataset.read(items[0]) == tiff.getvalue()

    def test_an_item_that_is_not_there_is_an_error(self, server):
        with pytest.raises(SourceError, match="has no item"):
            self.opened(server).prefetch(["nobody"])


@pytest.mark.parametrize("before", [True, False])
def test_a_callback_is_called_once_whenever_it_is_cancelled(before):
    cancellation = Cancellation()
    called = []
    if before:
        cancellation.cancel()
    with cancellation.calling(lambda: called.append(1)):
        cancellation.cancel()
    cancellation.cancel()
    assert called == [1]
    with pytest.raises(GivenUpError):
        cancellation.check()
