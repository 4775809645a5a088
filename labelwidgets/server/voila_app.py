"""Voila, told to let go of the kernel of a page that is left."""

from __future__ import annotations

from typing import Any

from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler


class Farewell(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """Ends the kernel of a page as it is left."""

    def check_xsrf_cookie(self) -> None:
        """Ask for no token: the page sends this as a beacon, which carries none.

        Whoever asks is still somebody who is let in; and another site, which might send it in
        their name, does not know the id of the kernel, of 122 random bits.
        """


class PageApp(Voila):  # type: ignore[misc]
    """A server of pages."""

    def init_handlers(self) -> list[Any]:
        """Return the handlers of Voila, with the farewell of ours."""
        return [
            (path, Farewell if handler is VoilaShutdownKernelHandler else handler, *rest)
            for path, handler, *rest in super().init_handlers()
        ]
