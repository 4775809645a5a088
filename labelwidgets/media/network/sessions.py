"""Sessions of aiohttp that connect to checked addresses only, or to any."""

from __future__ import annotations

import asyncio
import socket
import weakref
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from labelwidgets.errors import SourceError
from labelwidgets.media.network.addresses import is_public
from labelwidgets.media.network.patience import Patience

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import AbstractResolver

_refused: ContextVar[list[str] | None] = ContextVar("labelwidgets_refused", default=None)


class PrivateAddressError(OSError):
    """The host has no public address."""


class Sessions:
    """The sessions of one client, made when they are needed, in its event loop.

    Parameters
    ----------
    client_kwargs
        Of the author, for `aiohttp.ClientSession`: headers, logins, cookies.
    patience
        How long to wait.
    resolver
        Finds the addresses of a host; that of the machine where None.
    """

    def __init__(
        self,
        client_kwargs: Mapping[str, Any],
        patience: Patience,
        resolver: AbstractResolver | None = None,
    ) -> None:
        for name in ("connector", "connector_owner"):
            if name in client_kwargs:
                raise SourceError(
                    "cannot be given, as addresses are checked by it.",
                    where=f"storage options, client_kwargs, {name}",
                    hint="Certificates can be given as the storage option ssl.",
                )
        self._kwargs = dict(client_kwargs)
        self._patience = patience
        self._resolver = resolver
        self._made: dict[tuple[bool, bool], aiohttp.ClientSession] = {}

    async def request(
        self, method: str, url: str, checked: bool, login: bool, **options: Any
    ) -> aiohttp.ClientResponse:
        """Send a request and return the answer, without following a redirect.

        Parameters
        ----------
        method, url, **options
            As for `aiohttp.ClientSession.request`; the URL is encoded.
        checked
            Connect to public addresses only. It is the address of the socket that is checked,
            so that no name can mean one thing to the check and another to the connection.
        login
            Send the headers, logins and cookies of the author.

        Raises
        ------
        PrivateAddressError
            If it is checked, and the host has no public address that answers.
        """
        from yarl import URL

        session = self._session(checked, login)
        refused: list[str] = []
        token = _refused.set(refused)
        try:
            return await session.request(
                method, URL(url, encoded=True), allow_redirects=False, **options
            )
        except OSError:
            if refused:
                raise PrivateAddressError from None
            raise
        finally:
            _refused.reset(token)

    def _session(self, checked: bool, login: bool) -> aiohttp.ClientSession:
        import aiohttp

        found = self._made.get((checked, login))
        if found is not None:
            return found
        own = self._kwargs if login else {}
        # A login for a host that came by the environment is none that was asked for; and behind
        # a proxy, nobody can say which address is connected to.
        defaults: dict[str, Any] = {
            "auto_decompress": False,
            "timeout": aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._patience.connect,
                sock_read=self._patience.silence,
            ),
        }
        if not {"cookies", "cookie_jar"} & set(own):
            defaults["cookie_jar"] = aiohttp.DummyCookieJar()
        connector = aiohttp.TCPConnector(
            socket_factory=_public_socket if checked else None, resolver=self._resolver
        )
        session = aiohttp.ClientSession(connector=connector, **{**defaults, **own})
        self._made[checked, login] = session
        weakref.finalize(self, _close, asyncio.get_running_loop(), session)
        return session


def _public_socket(info: Any) -> socket.socket:
    """Return the socket for an address that is about to be connected to, if that is public."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        if (refused := _refused.get()) is not None:
            refused.append(address[0])
        raise OSError("not a public address")
    return socket.socket(family, kind, protocol)


def _close(loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(lambda: loop.create_task(session.close()))
