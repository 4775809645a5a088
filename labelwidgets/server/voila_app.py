"""Voila, told to let go of the kernel of a page that is left, and to speak one protocol only."""

from __future__ import annotations

from typing import Any

from tornado.web import HTTPError
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

PROTOCOL = "v1.kernel.websocket.jupyter.org"


class Farewell(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """Ends the kernel of a page as it is left."""

    def check_xsrf_cookie(self) -> None:
        """Ask for no token: the page sends this as a beacon, which carries none.

        Whoever asks is still somebody who is let in; and another site, which might send it in
        their name, does not know the id of the kernel, of 122 random bits.
        """


class Line(VoilaKernelWebsocketHandler):  # type: ignore[misc]
    """Joins a page to its kernel."""

    async def get(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse who does not speak the protocol that pages do.

        Voila takes a message of the older one that has buffers, as pixels are, for one with more
        parts than it could ever count, and the server would do nothing else any more.
        """
        spoken = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in [name.strip() for name in spoken.split(",")]:
            raise HTTPError(400, f"The websocket must speak {PROTOCOL}.")
        return await super().get(*args, **kwargs)


_OURS = {VoilaShutdownKernelHandler: Farewell, VoilaKernelWebsocketHandler: Line}


class PageApp(Voila):  # type: ignore[misc]
    """A server of pages."""

    def init_handlers(self) -> list[Any]:
        """Return the handlers of Voila, with ours in the place of two."""
        return [
            (path, _OURS.get(handler, handler), *rest)
            for path, handler, *rest in super().init_handlers()
        ]
