"""A real HTTP server: nginx, with ranges, entity tags and a log of what it sent."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.servers import installing
from tests.servers.process import HOST, ServerProcess
from tests.servers.settling import settled
from tests.servers.storage import Bucket, Request, new_name

CONFIGURATION = """
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log warn;
{user}
events {{ worker_connections 512; }}
http {{
  types {{ image/jpeg jpg jpeg; image/png png; image/webp webp; application/zip zip; }}
  default_type application/octet-stream;
  log_format line escape=json '{{"method": "$request_method", "path": "$request_uri", '
    '"status": $status, "range": "$http_range", "sent": $body_bytes_sent}}';
  access_log {home}/requests.jsonl line;
  {temporary}
  keepalive_requests 100000;
  server {{
    listen {host}:{port};
    root {root};
    location / {{ autoindex on; add_header Access-Control-Allow-Origin $cors; }}
    location /closed/ {{ alias {root}/; add_header Access-Control-Allow-Origin ""; }}
    location /secret/ {{ alias {root}/; auth_basic "secret"; auth_basic_user_file {home}/people; }}
  }}
  map $http_origin $cors {{ default "*"; }}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
PERSON, PASSWORD = "ana", "nginx-password-41"


class Web:
    """A running nginx and its folders.

    What lies at ``/folder/key`` is also at ``/closed/folder/key``, where no page of another
    origin may read it, and at ``/secret/folder/key``, for `PERSON` with `PASSWORD` alone.

    Parameters
    ----------
    home
        A folder of its own.
    """

    name = "http"

    def __init__(self, home: Path) -> None:
        program = installing.nginx()
        self.root = home / "files"
        self.root.mkdir(parents=True)
        self._log = home / "requests.jsonl"
        (home / "people").write_text(f"{PERSON}:{{PLAIN}}{PASSWORD}\n")
        configuration = home / "nginx.conf"

        def command(port: int) -> list[str]:
            folders = (f"{name}_temp_path {home}/{name};" for name in TEMPORARY)
            configuration.write_text(
                CONFIGURATION.format(
                    home=home,
                    root=self.root,
                    host=HOST,
                    port=port,
                    temporary=" ".join(folders),
                    # As root it would give its workers to a user who may not enter the folder.
                    user="user root;" if os.geteuid() == 0 else "",
                )
            )
            return [program, "-c", str(configuration), "-p", str(home), "-e", f"{home}/error.log"]

        self.server = ServerProcess("nginx", home, command).start()
        self.options: dict[str, Any] = {}

    def bucket(self) -> Bucket:
        """Return an empty folder, with a listing that fsspec understands."""
        name = new_name()
        folder = self.root / name
        folder.mkdir()

        def write(key: str, data: bytes) -> None:
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

        url = f"{self.server.url}/{name}"
        return Bucket(url, self.options, write, url, escaped=True)

    def requests(self) -> list[Request]:
        """Return all that was asked so far."""
        return [Request(**json.loads(line)) for line in settled(self._log)]

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()
