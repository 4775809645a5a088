"""The server extension in real Jupyter servers, and beside servers that are of another kind."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from labelwidgets.server.nearness import SETTING, come_nearer
from tests.browser.lab import LabServer

Start = Callable[[bool], LabServer]


@pytest.fixture
def start(tmp_path: Path, repository: Path) -> Iterator[Start]:
    """Start a server with the extension enabled as the wheel does it, or disabled by its user."""
    servers: list[LabServer] = []

    def begin(enabled: bool) -> LabServer:
        home = tmp_path / f"server-{len(servers)}"
        shared = home / "shared" / "jupyter_server_config.d"
        shared.mkdir(parents=True)
        shutil.copy(repository / "labelwidgets" / "server" / "labelwidgets.json", shared)
        probe = {"ServerApp": {"jpserver_extensions": {"tests.server.sockets": True}}}
        (shared / "sockets.json").write_text(json.dumps(probe))
        own = home / "own" / "jupyter_server_config.d"
        if not enabled:
            own.mkdir(parents=True)
            off = {"ServerApp": {"jpserver_extensions": {"labelwidgets.server": False}}}
            (own / "labelwidgets.json").write_text(json.dumps(off))
        # What stands in an earlier folder has the last word.
        folders = os.pathsep.join([str(own.parent), str(shared.parent)])
        server = LabServer(home, {"JUPYTER_CONFIG_PATH": folders, "PYTHONPATH": str(repository)})
        servers.append(server)
        return server.start()

    yield begin
    for server in servers:
        server.stop()


def call(server: LabServer, path: str, method: str = "GET") -> Any:
    request = urllib.request.Request(
        f"{server.url}{path}",
        method=method,
        headers={"Authorization": f"token {server.token}"},
        data=b"{}" if method == "POST" else None,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "null")


@pytest.mark.timeout(240)
@pytest.mark.parametrize("enabled", [True, False])
def test_kernels_websockets_send_at_once_where_it_is_enabled(start: Start, enabled: bool) -> None:
    server = start(enabled)
    kernel = call(server, "api/kernels", "POST")["id"]
    address = f"{server.url}api/kernels/{kernel}/channels".replace("http", "ws", 1)
    line = websocket.create_connection(f"{address}?token={server.token}", timeout=60)
    try:
        assert echoed(line) == "4\n"
        assert call(server, "sockets") == [enabled]
    finally:
        line.close()
        call(server, f"api/kernels/{kernel}", "DELETE")


def echoed(line: websocket.WebSocket) -> str:
    """Run code in the kernel, and return what it printed."""
    session = uuid.uuid4().hex
    message = {
        "channel": "shell",
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": session,
            "username": "",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        },
        "parent_header": {},
        "metadata": {},
        "content": {"code": "print(2 + 2)", "silent": False},
        "buffers": [],
    }
    line.send(json.dumps(message))
    while True:
        answer = json.loads(line.recv())
        if answer["msg_type"] == "stream":
            return str(answer["content"]["text"])


class Connection:
    """What a server joins websockets to kernels with."""

    def __init__(self, handler: Any) -> None:
        self.websocket_handler = handler
        self.joined = 0

    def connect(self) -> str:
        self.joined += 1
        return "joined"


class Handler:
    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.flags: list[bool] = []

    def set_nodelay(self, flag: bool) -> None:
        if self.refuses:
            raise OSError("no such option")
        self.flags.append(flag)


LOG = logging.getLogger("test")


def test_a_socket_that_refuses_is_joined_all_the_same() -> None:
    settings: dict[str, Any] = {SETTING: Connection}
    come_nearer(settings, LOG)
    for handler, flags in ((Handler(), [True]), (Handler(refuses=True), [])):
        made = settings[SETTING](handler)
        assert made.connect() == "joined"
        assert made.joined == 1
        assert handler.flags == flags


def test_loaded_twice_it_wraps_once() -> None:
    settings: dict[str, Any] = {SETTING: Connection}
    come_nearer(settings, LOG)
    first = settings[SETTING]
    come_nearer(settings, LOG)
    assert settings[SETTING] is first
    assert issubclass(first, Connection)


@pytest.mark.parametrize("settings", [{}, {SETTING: None}, {SETTING: "a name"}, {SETTING: int}])
def test_a_server_of_another_kind_is_left_as_it_is(settings: dict[str, Any]) -> None:
    before = dict(settings)
    come_nearer(settings, LOG)
    assert settings == before


def test_the_package_never_loads_it() -> None:
    code = (
        "import sys, labelwidgets as lw; lw.ImageAnnotator, lw.Project;"
        "assert not [m for m in sys.modules if m.startswith('labelwidgets.server')];"
        "import labelwidgets.server;"
        "assert not [m for m in sys.modules if m.startswith(('jupyter_server', 'tornado.web'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
