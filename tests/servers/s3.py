"""An S3 server: moto, which knows the whole protocol and asks nobody who they are."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import s3fs

from tests.servers.process import ServerProcess
from tests.servers.settling import settled
from tests.servers.storage import Bucket, Request, new_name

SCRIPT = Path(__file__).with_name("s3_server.py")
SECRET = "moto-secret-b6f1"  # noqa: S105 of a server of the tests


class S3:
    """A running S3 server and its buckets.

    Parameters
    ----------
    home
        A folder of its own.
    cors
        Whether pages of other origins may read.
    """

    name = "s3"

    def __init__(self, home: Path, cors: bool = True) -> None:
        self._log = home / "requests.jsonl"
        self.server = ServerProcess(
            "the S3 server",
            home,
            lambda port: [
                *(sys.executable, str(SCRIPT), str(port), str(self._log)),
                "on" if cors else "off",
            ],
            # Nothing of this machine's own accounts.
            {"AWS_PROFILE": None, "MOTO_PORT": None},
        ).start()
        self.options: dict[str, Any] = {
            "key": "moto",
            "secret": SECRET,
            "endpoint_url": self.server.url,
            "client_kwargs": {"region_name": "eu-central-1"},
        }

    def filesystem(self, **options: Any) -> s3fs.S3FileSystem:
        """Return a file system of fsspec that reaches the server."""
        return s3fs.S3FileSystem(
            **self.options, **options, use_listings_cache=False, skip_instance_cache=True
        )

    def bucket(self) -> Bucket:
        """Return an empty bucket."""
        name, fs = new_name(), self.filesystem()
        fs.mkdir(name)

        def write(key: str, data: bytes) -> None:
            fs.pipe_file(f"{name}/{key}", data)

        return Bucket(f"s3://{name}", self.options, write, f"{self.server.url}/{name}")

    def fill(self, bucket: Bucket, prefix: str, count: int, body: bytes) -> None:
        """Put many equal objects, `prefix` and six digits and ``.png``, in one request."""
        name = bucket.url.removeprefix("s3://")
        wish = {"bucket": name, "prefix": prefix, "count": count, "body": body.decode("latin-1")}
        request = urllib.request.Request(
            f"{self.server.url}/_fill", json.dumps(wish).encode(), method="POST"
        )
        with urllib.request.urlopen(request):
            pass

    def requests(self) -> list[Request]:
        """Return all that was asked so far."""
        return [Request(**json.loads(line)) for line in settled(self._log)]

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()
