"""TCP_NODELAY on the sockets of kernels' websockets."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, MutableMapping
from typing import Any

# Where a Jupyter server keeps the class that joins a websocket to a kernel; its own handler asks
# for it at every connection, so that ours wraps whichever class was configured.
SETTING = "kernel_websocket_connection_class"


def come_nearer(settings: MutableMapping[str, Any], log: logging.Logger) -> None:
    """Make every kernel's websocket that is opened from now on send at once.

    Parameters
    ----------
    settings
        Those of the server's web application.
    log
        Told where this server is of another kind, or a socket does not take the option; all else
        goes on as without the extension.
    """
    given = settings.get(SETTING)
    if not isinstance(given, type) or not hasattr(given, "connect"):
        log.info("labelwidgets: this server keeps no %s; its sockets stay as they are.", SETTING)
        return
    if getattr(given, "sends_at_once", False):
        return
    base: Any = given

    def connect(self: Any) -> Awaitable[None]:
        """Join the websocket, which is open by now, to the kernel."""
        try:
            self.websocket_handler.set_nodelay(True)
        except Exception as error:  # Slower, but a connection all the same.
            log.debug("labelwidgets: no TCP_NODELAY on a kernel's websocket (%s).", error)
        made: Awaitable[None] = base.connect(self)
        return made

    members = {"connect": connect, "sends_at_once": True, "__module__": __name__}
    settings[SETTING] = type(given.__name__, (given,), members)
