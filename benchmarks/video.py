"""Videos: frames here and there, one after the other, opening, and bytes from afar."""

from __future__ import annotations

import functools
import importlib.util
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from benchmarks.report import Report, main, ratio
from benchmarks.timing import timed, times
from benchmarks.video_carrying import carrying
from labelwidgets.media import VideoReader

SIZE = (1920, 1080)
GOP = 250
SEED = 6


def measure(report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        path = Path(folder) / "film.mp4"
        count = 300 if report.quick else 1000
        _film(path, count)
        _seeks(path, count, 6 if report.quick else 24, report)
        _steps(path, count, report)
        _opening(path, count, Path(folder), report)
        _bytes(path, count, report)
    carrying(report)


def _film(path: Path, count: int) -> None:
    """Write a pan over noise: 1080p H.264, 250 pictures in a group, three B-frames."""
    noise = np.random.default_rng(SEED).integers(0, 255, (270, 480, 3), dtype=np.uint8)
    wide = np.asarray(Image.fromarray(noise).resize((2400, 1350), Image.Resampling.BICUBIC))
    parameters = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:bframes=3"
    options = {"preset": "veryfast", "x264-params": parameters, "b": "4M"}
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(count):
            x, y = number % 400, number // 3 % 200
            pixels = np.ascontiguousarray(wide[y : y + SIZE[1], x : x + SIZE[0]])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))


class _Plain:
    """PyAV with a ready index: to the key frame, and decode until the timestamp has come."""

    def __init__(self, path: Path, pts: list[int], threads: str = "SLICE") -> None:
        self._container = av.open(str(path))
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = threads
        self._pts = pts

    def __getitem__(self, frame: int) -> Any:
        self._container.seek(self._pts[frame], stream=self._stream)
        for picture in self._container.decode(self._stream):
            if picture.pts == self._pts[frame]:
                return picture.to_ndarray(format="rgb24")
        raise IndexError(frame)


def _seeks(path: Path, count: int, draws: int, report: Report) -> None:
    table = report.table(
        "Random seek, 1080p H.264, 250 in a group",
        "reader",
        "ms, median",
        "CPU ms a seek",
        "ours / it, ms",
        "ours / it, CPU",
    )
    pts = VideoReader(path).pts.tolist()
    frames = random.Random(SEED).sample(range(count), draws)
    readers: dict[str, Callable[[], Any]] = {
        "VideoReader": lambda: VideoReader(path),
        "PyAV, ready index": lambda: _Plain(path, pts),
        "PyAV, ready index, threads AUTO": lambda: _Plain(path, pts, "AUTO"),
    }
    if importlib.util.find_spec("decord"):
        readers["decord"] = lambda: _decord(path)
    if importlib.util.find_spec("torchcodec"):
        readers["torchcodec, exact"] = lambda: _torchcodec(path)
    mine: tuple[float, float] | None = None
    for name, make in readers.items():
        # Each by itself: some go on in threads of their own after they have answered.
        reader, taken = make(), []
        spent = time.process_time()
        for frame in frames:
            start = time.perf_counter()
            reader[frame]
            taken.append((time.perf_counter() - start) * 1000)
        median, cpu = times(taken).median, (time.process_time() - spent) * 1000 / draws
        mine = mine or (median, cpu)
        table.add(name, median, cpu, ratio(mine[0], median), ratio(mine[1], cpu))
        del reader
    absent = [name for name in ("decord", "torchcodec") if not importlib.util.find_spec(name)]
    table.notes = [
        f"{draws} frames drawn at random, the same for all; CPU time is that of all threads and",
        "tells more than wall time where a machine is busy.",
        *([f"Not installed, so not measured: {', '.join(absent)}."] if absent else []),
    ]


def _decord(path: Path) -> Any:
    import decord

    class Reader:
        def __init__(self) -> None:
            self._reader = decord.VideoReader(str(path))

        def __getitem__(self, frame: int) -> Any:
            return self._reader[frame].asnumpy()

    return Reader()


def _torchcodec(path: Path) -> Any:
    from torchcodec.decoders import VideoDecoder

    return VideoDecoder(str(path), seek_mode="exact")


def _steps(path: Path, count: int, report: Report) -> None:
    table = report.table("One after the other, 1080p", "what", "ours", "PyAV", "ours / PyAV")
    reader = VideoReader(path)
    middle = count // 2
    reader[middle]
    ahead = [
        timed(functools.partial(reader.__getitem__, middle + n), warm=False).median
        for n in range(1, 61)
    ]
    reader[middle + 30]
    back = [
        timed(functools.partial(reader.__getitem__, middle + 30 - n), warm=False).median
        for n in range(1, 9)
    ]
    table.add("next frame, ms, median of 60", statistics.median(ahead), None, None)
    table.add("previous frame, ms, median of 8", statistics.median(back), None, None)
    many = min(count, 250)

    def ours() -> None:
        for _, _ in zip(range(many), VideoReader(path), strict=False):
            pass

    def theirs(threads: str) -> None:
        with av.open(str(path)) as container:
            container.streams.video[0].thread_type = threads
            for _, picture in zip(range(many), container.decode(video=0), strict=False):
                picture.to_ndarray(format="rgb24")

    mine = many / timed(ours, warm=False).median * 1000
    for threads in ("SLICE", "AUTO"):
        other = many / timed(functools.partial(theirs, threads), warm=False).median * 1000
        table.add(
            f"all frames, frames a second, PyAV's threads {threads}",
            mine,
            other,
            ratio(mine, other),
        )


def _opening(path: Path, count: int, folder: Path, report: Report) -> None:
    table = report.table("Opening", "file", "ours, ms", "PyAV, scan of packets, ms", "ours / PyAV")
    copy = folder / "film.mkv"
    with av.open(str(path)) as read, av.open(str(copy), "w") as out:
        stream = read.streams.video[0]
        made = out.add_stream_from_template(stream)
        for packet in read.demux(stream):
            if packet.size:
                packet.stream = made
                out.mux(packet)

    def scan(of: Path) -> list[int | None]:
        with av.open(str(of)) as container:
            return [packet.pts for packet in container.demux(video=0)]

    for name, of in (("mp4, by its tables", path), ("mkv, by its packets", copy)):
        mine = timed(functools.partial(VideoReader, of), 3).median
        theirs = timed(functools.partial(scan, of), 3).median
        table.add(f"{name}, {count} frames", mine, theirs, ratio(mine, theirs))
    table.notes = ["Ours decodes the first frame too, which PyAV's scan does not."]


def _bytes(path: Path, count: int, report: Report) -> None:
    table = report.table("Bytes over HTTP", "what", "bytes", "requests", "needed", "bytes / needed")
    data = path.read_bytes()
    with _serving(data) as (url, log):
        reader = VideoReader(url)
        index = data.index(b"moov") - 4
        needed = int.from_bytes(data[index : index + 4], "big")
        table.add("opening (needed: moov)", sum(log), len(log), needed, ratio(sum(log), needed))
        for frame in (GOP - 40, min(count - 1, GOP + 200)):
            log.clear()
            reader[frame]
            came, requests = sum(log), len(log)
            needed = _needed(reader, frame)
            what = f"seek to frame {frame} (needed: key frame to it)"
            table.add(what, came, requests, needed, ratio(came, needed))


def _needed(reader: VideoReader, frame: int) -> int:
    total = 0
    for packet in reader.packets(frame):
        total += len(packet.data)
        if packet.frame == frame:
            break
    return total


@contextmanager
def _serving(data: bytes) -> Iterator[tuple[str, list[int]]]:
    """Serve a file by ranges; the list gets the bytes of each answer."""
    log: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(False)

        def do_GET(self) -> None:
            self._answer(True)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _answer(self, body: bool) -> None:
            asked = self.headers.get("Range", "")
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start = int(first) if first else 0
            stop = min(int(last) + 1, len(data)) if last else len(data)
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(stop - start))
            self.end_headers()
            if body:
                log.append(stop - start)
                self.wfile.write(data[start:stop])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/film.mp4", log
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main("video", measure)
