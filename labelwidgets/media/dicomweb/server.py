"""One DICOMweb server."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import fsspec.asyn
from dicomweb_client import DICOMwebClient
from requests import Session

from labelwidgets.errors import SourceError
from labelwidgets.media.cancellation import sync
from labelwidgets.media.dicomweb.address import DicomAddress
from labelwidgets.media.dicomweb.multipart import parts_of
from labelwidgets.media.dicomweb.transport import Answer, Transport
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.client import WebClient
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.signatures import masked
from labelwidgets.media.sources import reported
from labelwidgets.numbered import numbered

OPTIONS = ("username", "password", "token", "headers", "tls", "ssl", "client_kwargs")
"""Storage options: a login or a bearer token, further headers, ``tls=False`` for plain http, and
what else `aiohttp` takes."""
# With the syntax that it is stored in: else servers decode, and some (Orthanc 1.10) refuse.
_INSTANCE = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_FRAMES = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
PAGE = 1000
_MOST_JSON = 1 << 26
# Headers and marks around one part.
_AROUND = 1 << 16
_ANSWERS = (200, 204, 206)

Json = dict[str, Any]


class DicomwebServer:
    """Asks a server, with the limits and checks of `WebClient`. Safe from several threads.

    Parameters
    ----------
    root
        Host and path.
    options
        See `OPTIONS`; others are for other protocols.
    policy
        What data files may name.
    trusted
        Whether the author named the server.
    login
        Whether it is sent the login and the headers of the options.
    limits
        Bounds on the size of an instance.
    """

    def __init__(
        self,
        root: str,
        options: Mapping[str, Any],
        policy: UrlPolicy,
        trusted: bool,
        login: bool,
        limits: Limits,
    ) -> None:
        scheme = "https" if options.get("tls", True) else "http"
        self.base = f"{scheme}://{root}"
        self._limits = limits
        self._client = WebClient(policy, trusted, _web_options(options) if login else {})
        self._loop = fsspec.asyn.get_loop()

    def search(
        self, address: DicomAddress, fields: Sequence[str], most: int
    ) -> Iterator[list[Json]]:
        """Yield what an address holds, page by page, in DICOM's JSON (PS3.18, annex F).

        Of a server or a study these are its series, of a series its instances.

        Parameters
        ----------
        address
            A server, a study or a series.
        fields
            Attributes that are wanted beyond the usual, by their tags.
        most
            After so many it is an error.

        Raises
        ------
        SourceError
            If the server cannot be asked, or answers with something else.
        """
        client, seen = self._qido(), 0
        before: list[Json] = []
        search: Callable[..., list[Json]] = client.search_for_series
        where = [address.study or None]
        if address.series:
            search, where = client.search_for_instances, [address.study, address.series]
        while True:
            with reported(address.url):
                page = search(*where, fields=list(fields), limit=PAGE, offset=seen)
            if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
                raise SourceError("was not answered with DICOM JSON.", where=masked(address.url))
            # A server that knows no pages gives all, and all once more.
            if not page or page == before:
                return
            before = page
            seen += len(page)
            if seen > most:
                raise SourceError(f"holds more than {most}.", where=masked(address.url))
            yield page

    def metadata(self, address: DicomAddress) -> list[Json]:
        """Return the headers of all instances of a series, without pixels, in DICOM's JSON.

        Parameters
        ----------
        address
            Of the series.

        Raises
        ------
        SourceError
            If the server cannot be asked, or answers with something else.
        """
        url = f"{self.base}{address.path}/metadata"
        with reported(url):
            answer = self._ask(url, "application/dicom+json", _MOST_JSON)
            try:
                told = json.loads(answer.body)
            except (ValueError, RecursionError):
                told = None
        if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
            raise SourceError("was not answered with DICOM JSON.", where=masked(url))
        return told

    def instance(self, address: DicomAddress) -> bytes:
        """Return one instance: the file as DICOM PS3.10 has it, coded as it is stored.

        Raises
        ------
        SourceError, LimitError
            If it cannot be had, or is larger than the limits allow.
        """
        (data,) = self._parts(address.path, _INSTANCE, 1)
        return data

    def frames(self, address: DicomAddress, numbers: Sequence[int]) -> list[bytes]:
        """Return frames of an instance in one request, coded as they are stored.

        One request a frame costs Orthanc half a second each, as it reads the whole every time.

        Parameters
        ----------
        address
            Of the instance.
        numbers
            From 1.

        Raises
        ------
        SourceError, LimitError
            If they cannot be had, or are larger than the limits allow.
        """
        names = ",".join(map(str, numbers))
        path = f"{address._replace(frame=0).path}/frames/{names}"
        return self._parts(path, _FRAMES, len(numbers))

    def _parts(self, path: str, accept: str, count: int) -> list[bytes]:
        url, most = self.base + path, self._limits.file_bytes
        with reported(url):
            answer = self._ask(url, accept, most + _AROUND)
        parts = parts_of(answer.body, answer.content_type, masked(url))
        for part in parts:
            self._limits.check_bytes(len(part), masked(url))
        if len(parts) != count:
            raise SourceError(
                f"was answered with {numbered(len(parts), 'part')}, asked for were {count}.",
                where=masked(url),
            )
        return parts

    def _qido(self) -> DICOMwebClient:
        session = Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, Transport(lambda url, accept: self._ask(url, accept, _MOST_JSON)))
        client = DICOMwebClient(self.base, session=session)
        client.set_http_retry_params(retry=False)  # that is done already
        return client

    def _ask(self, url: str, accept: str, most: int) -> Answer:
        return cast("Answer", sync(self._loop, self._answer, url, accept, most))

    async def _answer(self, url: str, accept: str, most: int) -> Answer:
        async with self._client.get(url, {"Accept": accept}, _ANSWERS) as response:
            body = await self._client.body(response, most + 1)
            if len(body) > most:
                raise SourceError(f"was answered with more than {most} bytes.", where=masked(url))
            return Answer(response.status, response.headers.get("Content-Type", ""), body)


def _web_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options for aiohttp, the login as a header."""
    headers = dict(options.get("headers") or {})
    token, name = options.get("token"), options.get("username")
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    elif name is not None:
        word = f"{name}:{options.get('password') or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(word).decode()}"
    kept = {name: options[name] for name in ("ssl", "client_kwargs") if name in options}
    return {**kept, "headers": headers}
