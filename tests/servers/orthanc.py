"""A DICOMweb server: Orthanc with its plug-in."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers import installing
from tests.servers.process import ServerProcess

PERSON, PASSWORD = "ana", "orthanc-password-52"


class Orthanc:
    """A running Orthanc, which lets in `PERSON` with `PASSWORD` alone.

    Parameters
    ----------
    home
        A folder of its own.
    """

    def __init__(self, home: Path) -> None:
        program, plugin = installing.orthanc()
        settings = home / "orthanc.json"

        def command(port: int) -> list[str]:
            settings.write_text(json.dumps(_settings(home, plugin, port), indent=1))
            return [program, str(settings)]

        self.server = ServerProcess("Orthanc", home, command, ready="/system").start()
        self.options: dict[str, Any] = {"username": PERSON, "password": PASSWORD, "tls": False}

    @property
    def url(self) -> str:
        """The URL of all that it holds, for `Dataset.open`."""
        return f"dicomweb://{self.server.address}/dicom-web"

    def put(self, data: bytes) -> None:
        """Store one instance: the content of a DICOM file."""
        request = urllib.request.Request(f"{self.server.url}/instances", data, method="POST")
        with self._opener().open(request, timeout=60):
            pass

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()

    def _opener(self) -> urllib.request.OpenerDirector:
        people = urllib.request.HTTPPasswordMgrWithPriorAuth()
        people.add_password(None, self.server.url, PERSON, PASSWORD, is_authenticated=True)
        return urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(people))


def _settings(home: Path, plugin: Path, port: int) -> dict[str, Any]:
    return {
        "Name": "labelwidgets",
        "StorageDirectory": str(home / "storage"),
        "IndexDirectory": str(home / "storage"),
        "Plugins": [str(plugin)],
        "HttpPort": port,
        "HttpDescribeErrors": True,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {PERSON: PASSWORD},
        # The URLs that it gives lack the port without this.
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "Host": f"127.0.0.1:{port}"},
    }
