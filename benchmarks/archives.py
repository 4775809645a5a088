"""Members of archives on a web server: bytes and requests, beside fsspec's own zip and tar."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable

import numpy as np

import labelwidgets as lw
from benchmarks.report import Report, main, ratio
from tests.media.range_server import RangeServer

MEMBERS = 200
SIZE = 400_000


def measure(report: Report) -> None:
    members = MEMBERS // 10 if report.quick else MEMBERS
    table = report.table(
        f"Listing an archive of {members} members of {SIZE // 1000} kB, and reading one",
        *("archive", "who", "listing, kB", "requests", "member, kB", "requests", "all / ours"),
    )
    for suffix, make in (("zip", _zip), ("tar", _tar), ("tar.gz", _gzipped)):
        name = f"photos.{suffix}"
        with RangeServer({name: make(members)}).serving() as server:
            url = f"{server.url}/{name}"
            found = {
                who: _cost(server, call, url)
                for who, call in (
                    ("labelwidgets", _ours),
                    ("fsspec, default block", _fsspec(suffix)),
                    ("fsspec, blocks of 64 KiB", _fsspec(suffix, block_size=1 << 16)),
                )
            }
        ours = found["labelwidgets"]
        for who, cost in found.items():
            (listed, asked), (read, more) = cost
            table.add(
                *(suffix, who, listed / 1000, asked, read / 1000, more),
                ratio(listed + read, ours[0][0] + ours[1][0]),
            )
    table.notes = [
        f"The member is the one at three quarters of the archive, {SIZE / 1000:.0f} kB of noise.",
        "Bytes and requests are those in the server's own log. fsspec's zip and tar lie on its",
        "file system for http; a tar.gz it inflates anew from the beginning for each file system.",
    ]


_Cost = tuple[tuple[int, int], tuple[int, int]]


def _cost(server: RangeServer, call: Callable[[str, Callable[[], None]], bytes], url: str) -> _Cost:
    """Return bytes and requests of listing, and those of one member."""
    server.log.clear()
    listed: list[tuple[int, int]] = []
    data = call(url, lambda: listed.append(server.settled()))
    if len(data) != SIZE:
        raise AssertionError(f"{len(data)} bytes came.")
    (sent, asked), (all_sent, all_asked) = listed[0], server.settled()
    return (sent, asked), (all_sent - sent, all_asked - asked)


def _ours(url: str, listed: Callable[[], None]) -> bytes:
    dataset = lw.Dataset.open(url, validate=False, progress=False)
    listed()
    items = list(dataset)
    return dataset.read(items[len(items) * 3 // 4])


def _fsspec(suffix: str, **options: int) -> Callable[[str, Callable[[], None]], bytes]:
    def call(url: str, listed: Callable[[], None]) -> bytes:
        import fsspec

        protocol = "zip" if suffix == "zip" else "tar"
        archive = fsspec.filesystem(
            protocol,
            fo=fsspec.filesystem("http", skip_instance_cache=True).open(url, **options),
            skip_instance_cache=True,
        )
        names = sorted(archive.find(""))
        listed()
        made: bytes = archive.cat_file(names[len(names) * 3 // 4])
        return made

    return call


def _contents(members: int) -> list[tuple[str, bytes]]:
    noise = np.random.default_rng(1).integers(0, 256, SIZE + members, np.uint8).tobytes()
    return [(f"photos/{n:04}.jpg", noise[n : n + SIZE]) for n in range(members)]


def _zip(members: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in _contents(members):
            archive.writestr(name, data)
    return buffer.getvalue()


def _tar(members: int, mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    # The mode is one of two, which mypy cannot see.
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in _contents(members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _gzipped(members: int) -> bytes:
    return _tar(members, "w:gz")


if __name__ == "__main__":
    main("archives", measure)
