"""A web server on loopback that does what it is told, however bad."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

HERE = "127.0.0.1"
THERE = "127.0.0.2"
"""Another address of loopback, for tests in which one of the two is a private one."""


@dataclass
class Request:
    """What was asked for."""

    host: str
    path: str
    headers: Mapping[str, str]

    @property
    def range(self) -> tuple[int, int] | None:
        """First and last byte that were asked for."""
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        return (int(found[1]), int(found[2])) if found else None


class Reply:
    """Sends an answer, and counts its bytes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.sent = 0

    async def head(self, status: int, **headers: object) -> None:
        lines = [f"HTTP/1.1 {status} Said", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        self.sent += len(data)
        await self._writer.drain()


Behaviour = Callable[[Request, Reply], Awaitable[None]]


@dataclass
class Unruly:
    """The server: `paths` says what it does, `requests` what it was asked."""

    paths: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HERE}:{self.port}"

    @property
    def other(self) -> str:
        """The same server at the other address."""
        return f"http://{THERE}:{self.port}"

    def count(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)

    def __enter__(self) -> Unruly:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        first = await asyncio.start_server(self._serve, HERE, 0)
        self.port = first.sockets[0].getsockname()[1]
        self._servers = [first, await asyncio.start_server(self._serve, THERE, self.port)]

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            lines = [line.partition(":") for line in head[1:] if line]
            headers = {name.lower(): value.strip() for name, _, value in lines}
            host = writer.get_extra_info("sockname")[0]
            request, reply = Request(host, head[0].split(" ")[1], headers), Reply(writer)
            self.requests.append(request)
            self.replies.append(reply)
            await self.paths.get(request.path, missing)(request, reply)
        writer.close()


async def missing(request: Request, reply: Reply) -> None:
    """Answer that there is nothing."""
    await reply.head(404, Content_Length=0)


def status(code: int, body: bytes = b"", **headers: object) -> Behaviour:
    """Return what answers with a status."""

    async def behave(request: Request, reply: Reply) -> None:
        await reply.head(code, Content_Length=len(body), **headers)
        await reply.send(body)

    return behave


def good(data: bytes, **headers: object) -> Behaviour:
    """Return what serves ranges as it should."""

    async def behave(request: Request, reply: Reply) -> None:
        if request.range is None:
            await reply.head(200, Content_Length=len(data), **headers)
            await reply.send(data)
            return
        first, last = request.range
        last = min(last, len(data) - 1)
        if first > last:
            await reply.head(416, Content_Range=f"bytes */{len(data)}", Content_Length=0)
            return
        part = data[first : last + 1]
        span = f"bytes {first}-{last}/{len(data)}"
        await reply.head(206, Content_Length=len(part), Content_Range=span, **headers)
        await reply.send(part)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Return what does one after the other, and the last one from then on."""
    left = list(behaviours)

    async def behave(request: Request, reply: Reply) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(request, reply)

    return behave
