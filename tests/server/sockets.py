"""An extension for tests: tells which of the open kernels' websockets have TCP_NODELAY."""

from __future__ import annotations

import json
import socket
from typing import Any

from jupyter_server.base.handlers import JupyterHandler


class Sockets(JupyterHandler):
    def get(self) -> None:
        if self.current_user is None:
            self.set_status(403)
            return
        kind = self.settings["kernel_websocket_connection_class"]
        streams = [one.websocket_handler.ws_connection.stream for one in kind._open_sockets]
        flags = [one.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in streams]
        self.finish(json.dumps([bool(flag) for flag in flags]))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.server.sockets"}]


def _load_jupyter_server_extension(server: Any) -> None:
    path = server.web_app.settings["base_url"].rstrip("/") + "/sockets"
    server.web_app.add_handlers(".*$", [(path, Sockets)])
