"""HTTP to the server of a model: it may take its time, and may answer with anything."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

from labelwidgets.assist.cancelling import checkpoint
from labelwidgets.assist.waiting import within
from labelwidgets.errors import (
    AssistantError,
    LabelwidgetsError,
    LimitError,
)
from labelwidgets.extras import library
from labelwidgets.media.signatures import masked
from labelwidgets.model_servers.reply import Reply, refused

MOST_BYTES = 1 << 30
"""Of a reply, also once it is decompressed."""
_STEP = 1 << 16
_HOPS = 3
_AGAIN = 0.2
# Asked again once: the server, or what stands before it, is busy.
_BUSY = (502, 503, 504)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Files = Mapping[str, tuple[str, bytes, str]]
"""By the name of the part: file name, bytes and content type."""


class Client:
    """Asks one server.

    It follows a redirect only to the same server, and asks again only where that changes nothing
    there. While it waits, whoever asked may give up.

    Parameters
    ----------
    url
        Such as ``http://127.0.0.1:8000``.
    headers
        Sent with each question, such as a token; they are in no message.
    timeout
        Seconds that one question may take.
    connect
        Seconds until the server must be there.
    verify
        False takes any certificate; a path, those of this file.
    most
        Bytes of a reply.

    Raises
    ------
    AssistantError
        If the address is none of a server.
    MissingExtraError
        If requests is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        connect: float = 5.0,
        verify: bool | str = True,
        most: int = MOST_BYTES,
    ) -> None:
        self._requests = _library()
        self.url = _checked(url)
        self.where = f"server {masked(self.url)}"
        for name, seconds in (("timeout", timeout), ("connect", connect)):
            number = isinstance(seconds, Real) and not isinstance(seconds, bool)
            if not number or not seconds > 0:
                raise AssistantError(
                    f"must be more than 0 seconds, not {seconds!r:.40}.",
                    where=f"{self.where}, {name}",
                )
        self.timeout, self.connect, self.most = float(timeout), float(connect), most
        self._session = self._requests.Session()
        # What a proxy is for is not on this machine.
        self._session.trust_env = urlsplit(self.url).hostname not in _LOOPBACK
        self._session.verify = verify
        self._session.headers.update({"Accept-Encoding": "identity", **(headers or {})})

    def __reduce__(self) -> NoReturn:
        # Its headers may be a secret, which is sent nowhere.
        raise AssistantError(
            "goes to no other process: what it says who it is with stays here.",
            where=self.where,
            hint="Make it there: labelwidgets.scale.made_on_workers.",
        )

    @property
    def near(self) -> bool:
        """Whether the server is on this machine."""
        return urlsplit(self.url).hostname in _LOOPBACK

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        fields: Mapping[str, str] | None = None,
        files: Files | None = None,
        accept: tuple[int, ...] = (),
    ) -> Reply:
        """Return what the server answers.

        Parameters
        ----------
        method, path, query
            Of the question; `path` begins with a slash.
        json
            Sent as JSON.
        fields, files
            Sent in parts.
        accept
            Statuses that are answers, too, beside those from 200 to 299.

        Raises
        ------
        AssistantError
            Naming the server: it is not there, takes too long, sends too much, sends one
            elsewhere, or says that something went wrong.
        ToolError
            If it was given up on.
        """
        checkpoint()
        sent: dict[str, Any] = {"params": query, "json": json}
        if files or fields:
            parts: dict[str, Any] = {name: (None, text) for name, text in (fields or {}).items()}
            sent |= {"json": None, "files": parts | dict(files or {})}
        held: list[Any] = []
        place = f"{self.where}, {method} {path}"
        try:
            reply: Reply = within(lambda: self._tried(method, path, sent, held), self.timeout)
            if not 200 <= reply.status < 300 and reply.status not in accept:
                raise refused(reply)
        except _BrokenOffError as error:
            raise AssistantError(error.message, where=place, hint=error.hint) from None
        except LabelwidgetsError as error:
            raise error.at(place) from None
        finally:
            for one in held:
                one.close()
        return reply

    def checked(self, reply: Reply, what: str) -> Reply:
        """Return an answer that says that all went well.

        Raises
        ------
        AssistantError
            If it does not.
        """
        if 200 <= reply.status < 300:
            return reply
        raise refused(reply).at(f"{self.where}, {what}")

    def told(self, call: Callable[[], Any], what: str) -> Any:
        """Return what a call comes to; an error of it names the server."""
        try:
            return call()
        except AssistantError as error:
            if error.where and error.where.startswith(self.where):
                raise
            raise error.at(f"{self.where}, {what}") from None

    def close(self) -> None:
        """Close the lines to the server."""
        self._session.close()

    def _tried(self, method: str, path: str, sent: dict[str, Any], held: list[Any]) -> Reply:
        """Ask, and where that is safe once more."""
        if method != "GET":
            return self._exchange(method, path, sent, held)
        try:
            reply = self._exchange(method, path, sent, held)
        except _BrokenOffError:
            reply = None
        if reply is None or reply.status in _BUSY:
            time.sleep(_AGAIN)
            reply = self._exchange(method, path, sent, held)
        return reply

    def _exchange(self, method: str, path: str, sent: dict[str, Any], held: list[Any]) -> Reply:
        requests = self._requests
        url = self.url + path
        for _ in range(_HOPS + 1):
            try:
                response = self._session.request(
                    method, url, **sent, stream=True, allow_redirects=False,
                    timeout=(self.connect, self.timeout),
                )  # fmt: skip
            except requests.exceptions.Timeout:
                raise AssistantError(
                    "does not answer in time.", hint="Say timeout=... where it needs longer."
                ) from None
            except requests.exceptions.SSLError as error:
                raise AssistantError(f"has a certificate that is not trusted: {error}") from None
            except requests.exceptions.RequestException as error:
                raise _BrokenOffError(
                    f"cannot be reached ({type(error).__name__}).",
                    hint="Is it running, and is that its port?",
                ) from None
            held.append(response)
            target = response.headers.get("Location")
            if not response.is_redirect or not target:
                return Reply(
                    response.status_code,
                    str(response.headers.get("Content-Type", "")),
                    self._body(response),
                )
            url = self._followed(url, target, method, response.status_code)
            # What was asked is in the new address.
            sent = sent | {"params": None}
        raise AssistantError(f"sends one on more than {_HOPS} times.")

    def _followed(self, url: str, target: str, method: str, status: int) -> str:
        """Return where a redirect leads, which is to the same server."""
        made = urljoin(url, target)
        if urlsplit(made)[:2] != urlsplit(self.url)[:2]:
            raise AssistantError(
                f"sends one on to {masked(made)[:200]}, another server.",
                hint="Pass that address if it is meant.",
            )
        if method != "GET" and status not in (307, 308):
            raise AssistantError(f"sends one on with {status} instead of taking what was sent.")
        return made

    def _body(self, response: Any) -> bytes:
        """Return the bytes of a response, never more than allowed."""
        coding = str(response.headers.get("Content-Encoding", "identity")).lower()
        if coding not in ("identity", "gzip", "x-gzip", "deflate", ""):
            raise AssistantError(f"answered in the encoding {coding[:40]!r}, which was not asked.")
        unpack = None if coding in ("identity", "") else zlib.decompressobj(32 + zlib.MAX_WBITS)
        made, size = [], 0
        try:
            while data := response.raw.read(_STEP, decode_content=False):
                if unpack is not None:
                    data = unpack.decompress(data, self.most - size + 1)
                size += len(data)
                if size > self.most:
                    raise LimitError(f"answers with more than {self.most} bytes.")
                made.append(data)
        except LimitError as error:
            raise AssistantError(error.message, hint="Is it the right server?") from None
        except zlib.error:
            raise AssistantError("answered with what is not compressed as it says.") from None
        except Exception as error:
            # Whatever the layers below raise where a line breaks.
            raise _BrokenOffError(
                f"broke off after {size} bytes ({type(error).__name__}).",
                hint="Did it stop? Its log may say why.",
            ) from None
        return b"".join(made)


class _BrokenOffError(AssistantError):
    """No whole answer came: in here what may be asked again, for others an AssistantError."""


def _library() -> Any:
    return library("requests", "servers", "model_servers")


def _checked(url: str) -> str:
    if not isinstance(url, str):
        raise AssistantError(
            f"must be an address, not {url!r:.60}.",
            where="url",
            hint="Write it as http://127.0.0.1:8000.",
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except (ValueError, TypeError, AttributeError):
        raise AssistantError("is no address of a server.", where="url") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise AssistantError(
            "is no address of a server.",
            where=f"url {masked(url)[:200]}",
            hint="Write it as http://127.0.0.1:8000.",
        )
    if parts.hostname in ("0.0.0.0", "::"):  # noqa: S104 - it is refused
        raise AssistantError(
            "is where a server listens, not where it is.",
            where=f"url {masked(url)[:200]}",
            hint="Write 127.0.0.1 for this machine, else the name of the other one.",
        )
    return url.rstrip("/")
