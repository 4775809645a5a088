"""Asking servers of the web, carefully."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from labelwidgets.errors import SourceError
from labelwidgets.media.network.addresses import literal
from labelwidgets.media.network.patience import Patience
from labelwidgets.media.network.policy import UrlPolicy, private
from labelwidgets.media.network.sessions import PrivateAddressError, Sessions
from labelwidgets.media.signatures import has_expired, masked
from labelwidgets.media.web_urls import web_url

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from aiohttp.abc import AbstractResolver

MAX_REDIRECTS = 5
# To a server that knows no ranges: so many bytes before those that were asked for may come too.
MAX_SKIPPED = 1 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
# With content, or out of range.
_GOOD = (200, 206, 416)
_BUSY = (429, 500, 502, 503, 504)
_RANGE = re.compile(r"bytes (?:(\d{1,19})-(\d{1,19})|\*)/(\d{1,19}|\*)", re.IGNORECASE)
# Options of requests that say nothing about who asks.
_PLAIN = ("ssl", "proxy", "verify_ssl")


class Facts(NamedTuple):
    """What an answer says of a file: its size in bytes, and what changes when it does."""

    size: int | None
    etag: str
    modified: str


class WebClient:
    """Asks servers over http and https.

    Redirects are followed a few times, never from https to http, and from a public address
    to public ones only; what a data file named reaches public addresses only, unless the
    policy allows others. Answers are read as far as they were asked for.

    Parameters
    ----------
    policy
        What data files may name.
    trusted
        Whether the author named the URLs that are asked for.
    options
        Of the author, as for fsspec's HTTPFileSystem: ``headers`` and what else
        `aiohttp.ClientSession.get` takes, and ``client_kwargs``.
    patience
        How long to wait.
    resolver
        Finds the addresses of a host; that of the machine where None.
    """

    def __init__(
        self,
        policy: UrlPolicy,
        trusted: bool,
        options: Mapping[str, Any],
        patience: Patience | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._schemes = ("http", "https") if trusted else policy.schemes
        self._reaches_private = trusted or policy.allow_private
        self._goes_private = policy.allow_private
        self._options = {name: value for name, value in options.items() if name != "client_kwargs"}
        self._patience = patience or Patience()
        client_kwargs = options.get("client_kwargs") or {}
        self._sessions = Sessions(client_kwargs, self._patience, resolver)

    async def fetch(self, url: str, start: int, stop: int) -> tuple[bytes, Facts]:
        """Return a range of a file, shorter only where that ends before, and its facts.

        Raises
        ------
        SourceError, OSError
            If it cannot be read, or the answer is not what was asked for.
        """
        if stop <= start:
            return b"", Facts(None, "", "")
        where = masked(url)
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        async with self.get(url, headers) as response:
            if response.status == 416:
                return b"", _facts(response, _total(response))
            if response.status == 206:
                count, size = _promised(response, start, stop, where)
                data = await self.body(response, count, 0)
                if len(data) < count:
                    raise SourceError(f"came cut short: {len(data)} bytes of {count}.", where=where)
                return data, _facts(response, size)
            if start > MAX_SKIPPED:
                raise SourceError(
                    "lies on a server that cannot send a part of a file.",
                    where=where,
                    hint="Copy the file, or serve it with nginx or another server that knows "
                    "ranges.",
                )
            data = await self.body(response, stop - start, start)
            length = response.headers.get("Content-Length", "")
            return data, _facts(response, int(length) if length.isdecimal() else None)

    async def facts(self, url: str) -> Facts:
        """Return the facts of a file, for which its first byte is asked.

        A HEAD would do, were it not refused where only a GET is signed.
        """
        _, facts = await self.fetch(url, 0, 1)
        return facts

    async def text(self, url: str, most: int) -> str:
        """Return the content of a page.

        Raises
        ------
        SourceError
            If it has more bytes than `most`.
        """
        async with self.get(url, {}) as response:
            data = await self.body(response, most + 1, 0)
        if len(data) > most:
            raise SourceError(f"has more than {most} bytes.", where=masked(url))
        return data.decode("utf-8", "replace")

    @asynccontextmanager
    async def get(
        self, url: str, headers: Mapping[str, str], good: tuple[int, ...] = _GOOD
    ) -> AsyncIterator[ClientResponse]:
        """Ask for a URL, and again while the server is too busy; closed if not read to its end.

        Parameters
        ----------
        url
            Encoded.
        headers
            Of this request, beside those of the author.
        good
            What else than these a server answers is an error.

        Raises
        ------
        FileNotFoundError, PermissionError, TimeoutError, SourceError
            If the answer is none with content.
        """
        where, tries = masked(url), 0
        while True:
            tries += 1
            async with asyncio.timeout(self._patience.connect + self._patience.silence):
                response = await self._follow(url, headers)
            try:
                pause = None
                if response.status in _BUSY:
                    pause = self._patience.pause(response.headers, tries)
                if pause is None:
                    await self._check(response, url, where, good)
                    yield response
                    return
            finally:
                response.release() if response.content.at_eof() else response.close()
            await asyncio.sleep(pause)

    async def _follow(self, url: str, headers: Mapping[str, str]) -> ClientResponse:
        """Return the answer at the end of the redirects."""
        origin, was_private = _origin(url), self._reaches_private
        for _ in range(MAX_REDIRECTS + 1):
            response, was_private = await self._hop(url, headers, origin, was_private)
            target = response.headers.get("Location", "")
            if response.status not in _REDIRECTS or not target:
                return response
            response.close()
            url = self._redirected(url, target)
            was_private = was_private or self._goes_private
        raise SourceError(f"redirects more than {MAX_REDIRECTS} times.", where=masked(url))

    async def _hop(
        self, url: str, headers: Mapping[str, str], origin: tuple[str, str], may_be_private: bool
    ) -> tuple[ClientResponse, bool]:
        """Return the answer of one server, and whether its address is a private one."""
        login = _origin(url) == origin
        own = self._options if login else _only(self._options, _PLAIN)
        sent = {**(own.get("headers") or {}), "Accept-Encoding": "identity", **headers}
        options = {**own, "headers": sent}
        try:
            return await self._sessions.request("GET", url, True, login, **options), False
        except PrivateAddressError:
            if not may_be_private:
                raise private(masked(url)) from None
        return await self._sessions.request("GET", url, False, login, **options), True

    def _redirected(self, url: str, target: str) -> str:
        """Return where a redirect leads to, if that is allowed."""
        where = masked(url)
        try:
            joined = urljoin(url, target)
            scheme = urlsplit(joined).scheme
        except ValueError:
            raise SourceError("redirects to what is no URL.", where=where) from None
        if scheme not in self._schemes or (url.startswith("https:") and scheme == "http"):
            raise SourceError(f"redirects to {scheme}, which is not followed.", where=where)
        parts = web_url(joined, where)
        try:
            strange = "@" in urlsplit(joined).netloc
            literal(parts.hostname or "")
        except ValueError:
            strange = True
        if strange:
            raise SourceError("redirects to a host that is spelled oddly.", where=where)
        return parts.geturl()

    async def _check(
        self, response: ClientResponse, url: str, where: str, good: tuple[int, ...]
    ) -> None:
        """Raise unless an answer has content, or is out of range."""
        status = response.status
        if status in good:
            encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
            if encoding not in ("", "identity") and status != 416:
                raise SourceError(
                    f"comes compressed ({encoding:.40}), though it was asked for as it is.",
                    where=where,
                )
            return
        if status in (404, 410):
            raise FileNotFoundError(url)
        if status in (401, 403):
            said = (await self.body(response, 2048, 0)).decode("utf-8", "replace").lower()
            if has_expired(url) or "expired" in said or "specified time frame" in said:
                raise SourceError(
                    "has a signature that has expired.",
                    where=where,
                    hint="Sign the URL anew; or name the object without a signature, and give "
                    "the credentials as storage options.",
                )
            raise PermissionError(f"HTTP {status}")
        if status in _BUSY:
            raise SourceError(
                f"lies on a server that is too busy or broken (HTTP {status}).",
                where=where,
                hint="Try again later.",
            )
        raise SourceError(f"was answered with HTTP {status}.", where=where)

    async def body(self, response: ClientResponse, count: int, skip: int = 0) -> bytes:
        """Return `count` bytes of a body after those to skip, or as many as there are."""
        patience, pieces, left = self._patience, [], count
        since, came = time.monotonic(), 0
        while left > 0:
            async with asyncio.timeout(patience.silence):
                piece = await response.content.read(min(1 << 18, skip + left))
            if not piece:
                break
            came += len(piece)
            if time.monotonic() - since > patience.silence:
                if came < patience.least:
                    raise TimeoutError
                since, came = time.monotonic(), 0
            passed = min(skip, len(piece))
            skip -= passed
            piece = piece[passed : passed + left]
            left -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _only(options: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in names}


def _total(response: ClientResponse) -> int | None:
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return int(found[3]) if found is not None and found[3] != "*" else None


def _promised(
    response: ClientResponse, start: int, stop: int, where: str
) -> tuple[int, int | None]:
    """Return how many bytes an answer with a part promises, and the size of the whole."""
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None or found[1] is None:
        raise SourceError("was answered with a part that does not say which.", where=where)
    first, last = int(found[1]), int(found[2])
    size = None if found[3] == "*" else int(found[3])
    ends = last == stop - 1 or size is None or last == size - 1
    if first != start or not start <= last < stop or not ends or (size or stop) <= last:
        raise SourceError(
            f"was answered with bytes {first} to {last}, asked for were {start} to {stop - 1}.",
            where=where,
            hint="The server, or a cache before it, is broken.",
        )
    return last - first + 1, size


def _facts(response: ClientResponse, size: int | None) -> Facts:
    headers = response.headers
    return Facts(size, headers.get("ETag", ""), headers.get("Last-Modified", ""))
