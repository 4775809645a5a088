"""Files and folders of servers of the web."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from fsspec.implementations.http import HTTPFileSystem

from labelwidgets.errors import SourceError
from labelwidgets.media.cancellation import sync
from labelwidgets.media.network.client import Facts, WebClient
from labelwidgets.media.signatures import masked
from labelwidgets.media.sources import reported
from labelwidgets.media.web_urls import web_url

MAX_PAGE = 1 << 24
MAX_DEPTH = 64
"""Folders within folders; a server can make up more without end."""


class WebFileSystem(HTTPFileSystem):  # type: ignore[misc]
    """The file system of fsspec for the web, with the requests of a `WebClient`.

    Parameters
    ----------
    client
        Sends the requests.
    """

    def __init__(self, client: WebClient) -> None:
        super().__init__(skip_instance_cache=True)
        self.client = client

    async def set_session(self) -> Any:
        """Refuse: nobody asks but the client."""
        raise NotImplementedError("requests go through the client")

    async def _cat_file(
        self, url: str, start: int | None = None, end: int | None = None, **_: Any
    ) -> bytes:
        first, last = start or 0, end
        if first < 0 or last is None or last < 0:
            size = (await self.client.facts(url)).size
            if size is None:
                raise SourceError("does not say how large it is.", where=masked(url))
            first = max(0, first + size) if first < 0 else first
            last = size if last is None else last + size if last < 0 else last
        return (await self.client.fetch(url, first, last))[0]

    async def _info(self, url: str, **_: Any) -> dict[str, Any]:
        facts = await self.client.facts(url)
        kind = "directory" if url.endswith("/") else "file"
        found: dict[str, Any] = {"name": url, "size": facts.size, "type": kind}
        return found | {"ETag": facts.etag, "Last-Modified": facts.modified}

    async def _exists(self, path: str, **_: Any) -> bool:
        try:
            await self.client.facts(path)
        except FileNotFoundError:
            return False
        return True

    async def _isfile(self, path: str, **_: Any) -> bool:
        return await self._exists(path)

    async def _find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        **_: Any,
    ) -> Any:
        # That of fsspec leaves out what it cannot list, without a word.
        found: dict[str, Any] = {}
        folders = [(path, 1)]
        while folders:
            folder, depth = folders.pop()
            try:
                entries = await self._ls_real(folder)
            except FileNotFoundError:
                if depth == 1:
                    raise
                continue
            for entry in entries:
                inner = entry["type"] == "directory"
                if not inner or withdirs:
                    found[entry["name"]] = entry
                if inner and (maxdepth is None or depth < maxdepth):
                    folders.append((entry["name"], depth + 1))
        return found if detail else sorted(found)

    async def _ls_real(self, url: str, detail: bool = True, **_: Any) -> Any:
        base = url.rstrip("/") + "/"
        if urlsplit(url).path.count("/") > MAX_DEPTH:
            raise SourceError("is too deep in folders.", where=masked(url))
        page = _Links()
        page.feed(await self.client.text(base, MAX_PAGE))
        names: dict[str, None] = {}
        for link in page.found:
            try:
                name = web_url(urljoin(base, link), "").geturl()
            except (SourceError, ValueError):
                continue
            # Only what lies in it, under the same name; not the links that sort a page.
            if name.startswith(base) and name.partition("?")[0] != base:
                names[name] = None
        if not detail:
            return sorted(names)
        return [
            {"name": name, "size": None, "type": "directory" if name.endswith("/") else "file"}
            for name in names
        ]


class WebPlace:
    """A file of a server of the web, the same one as long as it is held.

    Parameters
    ----------
    url
        Its canonical URL.
    fs
        Reaches it.
    """

    def __init__(self, url: str, fs: WebFileSystem) -> None:
        self.url = url
        self._fs = fs
        self._known: Facts | None = None

    @property
    def known_size(self) -> int | None:
        """How many bytes it has, where an answer has said so already."""
        return None if self._known is None else self._known.size

    def size(self) -> int:
        """Return how many bytes it has."""
        if self._known is None or self._known.size is None:
            with reported(self.url):
                self._learn(sync(self._fs.loop, self._fs.client.facts, self.url))
        size = self._known.size if self._known else None
        if size is None:
            raise SourceError("does not say how large it is.", where=masked(self.url))
        return size

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes, in one request.

        Raises
        ------
        SourceError
            If it cannot be read, or is another than it was in a range before.
        """
        with reported(self.url):
            data, facts = sync(self._fs.loop, self._fs.client.fetch, self.url, start, stop)
            self._learn(facts)
        return bytes(data)

    def _learn(self, facts: Facts) -> None:
        known = self._known
        if known is None:
            self._known = facts
            return
        for before, now in zip(known, facts, strict=True):
            if before and now and before != now:
                raise SourceError(
                    "was changed while it was read.", where=masked(self.url), hint="Open it again."
                )
        if known.size is None:
            self._known = facts


class _Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]
