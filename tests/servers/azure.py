"""Azure's Blob storage: Azurite, which checks signatures and their expiry."""

from __future__ import annotations

import base64
import re
import secrets
from pathlib import Path
from typing import Any

import adlfs

from tests.servers import installing
from tests.servers.process import HOST, ServerProcess
from tests.servers.settling import settled
from tests.servers.storage import Bucket, Request, new_name

ACCOUNT = "lwtests"
# Of Azurite's log, which is as Apache's.
LINE = re.compile(r'"(\w+) (\S+) HTTP/1\.1" (\d+) (\d+|-)$')


class Azure:
    """A running Azurite and its containers.

    Parameters
    ----------
    home
        A folder of its own.
    """

    name = "azure"

    def __init__(self, home: Path) -> None:
        key = base64.b64encode(secrets.token_bytes(64)).decode()
        command = installing.azurite()
        self.server = ServerProcess(
            "Azurite",
            home,
            lambda port: [
                *command,
                *("--location", str(home / "blobs")),
                *("--blobHost", HOST, "--blobPort", str(port)),
                *("--skipApiVersionCheck", "--disableTelemetry"),
            ],
            {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"},
        ).start()
        self.key = key
        self.options: dict[str, Any] = {"connection_string": self.connection(key)}

    def connection(self, key: str) -> str:
        """Return the connection string with a key, the right one or another."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};"
            f"BlobEndpoint={self.server.url}/{ACCOUNT};"
        )

    def filesystem(self) -> adlfs.AzureBlobFileSystem:
        """Return a file system of fsspec that reaches the server."""
        return adlfs.AzureBlobFileSystem(
            **self.options, use_listings_cache=False, skip_instance_cache=True
        )

    def bucket(self) -> Bucket:
        """Return an empty container."""
        name, fs = new_name(), self.filesystem()
        fs.mkdir(name)

        def write(key: str, data: bytes) -> None:
            fs.pipe_file(f"{name}/{key}", data)

        web = f"{self.server.url}/{ACCOUNT}/{name}"
        return Bucket(f"abfs://{name}", self.options, write, web)

    def allow_pages(self) -> None:
        """Let pages of other origins read from all containers."""
        from azure.storage.blob import BlobServiceClient, CorsRule

        with BlobServiceClient.from_connection_string(self.connection(self.key)) as client:
            client.set_service_properties(cors=[CorsRule(["*"], ["GET"])])

    def requests(self) -> list[Request]:
        """Return all that was asked so far; the ranges are not in its log."""
        found = filter(None, map(LINE.search, settled(self.server.log)))
        return [
            Request(method, path, int(status), "", 0 if sent == "-" else int(sent))
            for method, path, status, sent in (line.groups() for line in found)
        ]

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()
