"""Google Cloud Storage: an emulator, which asks nobody who they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.servers.process import HOST, ServerProcess
from tests.servers.storage import Bucket, new_name

# Else gcsfs asks by gRPC over TLS what kind each bucket is, and waits a minute for an emulator.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"

import gcsfs


class Gcs:
    """A running emulator and its buckets.

    Parameters
    ----------
    home
        A folder of its own.
    """

    name = "gcs"

    def __init__(self, home: Path) -> None:
        code = "from gcp_storage_emulator.__main__ import main; main()"
        self.server = ServerProcess(
            "the GCS emulator",
            home,
            lambda port: [
                *(sys.executable, "-c", code, "start", "--in-memory"),
                *("--host", HOST, "--port", str(port)),
            ],
        ).start()
        self.options: dict[str, Any] = {
            "endpoint_url": self.server.url,
            "token": "anon",
            "project": "lw-of-tests",
        }

    def filesystem(self) -> gcsfs.GCSFileSystem:
        """Return a file system of fsspec that reaches the server."""
        return gcsfs.GCSFileSystem(
            **self.options, use_listings_cache=False, skip_instance_cache=True
        )

    def bucket(self) -> Bucket:
        """Return an empty bucket."""
        name, fs = new_name(), self.filesystem()
        fs.mkdir(name)

        def write(key: str, data: bytes) -> None:
            fs.pipe_file(f"{name}/{key}", data)

        return Bucket(f"gs://{name}", self.options, write)

    def requests(self) -> None:
        """The emulator keeps no log of bytes."""

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()
