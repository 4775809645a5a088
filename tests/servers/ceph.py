"""An S3 server that checks signatures and their expiry: Ceph's gateway on a cluster of one."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

import s3fs

from tests.servers import installing
from tests.servers.process import (
    HOST,
    START_SECONDS,
    NoServerError,
    answers,
    free_port,
    stop_family,
)
from tests.servers.storage import Bucket, new_name

KEY, SECRET = "lwkey", "ceph-secret-77ad"  # of a server of the tests
# Everything in memory, one copy of each object, nothing that waits for a second machine.
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:{host}:{v2},v1:{host}:{v1}]
public addr = {host}
cluster addr = {host}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
osd objectstore = memstore
memstore device bytes = 2147483648
run dir = {home}/run
admin socket = {home}/run/$cluster-$name.asok
log file = {home}/log/$name.log
keyring = {home}/keys
[mon.a]
mon data = {home}/mon
[mgr.x]
mgr data = {home}/mgr
[osd.0]
osd data = {home}/osd
keyring = {home}/osd/keyring
[client.rgw.lw]
rgw data = {home}/rgw
"""
EVERYTHING = ("mon", "allow *", "osd", "allow *", "mgr", "allow *")


class Ceph:
    """A running cluster of a monitor, a manager, a store in memory and the S3 gateway.

    Parameters
    ----------
    home
        A folder of its own, with a short path: sockets lie in it.
    """

    name = "s3-signed"

    def __init__(self, home: Path) -> None:
        self._programs = installing.ceph()
        self._home, self._running = home, list[subprocess.Popen[bytes]]()
        for folder in ("mon", "osd", "mgr", "rgw", "run", "log"):
            (home / folder).mkdir(parents=True, exist_ok=True)
        self._fsid = str(uuid.uuid4())
        self._configuration = home / "ceph.conf"
        try:
            self.url = f"http://{HOST}:{self._start()}"
        except BaseException:
            self.stop()
            raise
        self.options: dict[str, Any] = {
            "key": KEY,
            "secret": SECRET,
            "endpoint_url": self.url,
            "client_kwargs": {"region_name": "default"},
        }

    def filesystem(self, **options: Any) -> s3fs.S3FileSystem:
        """Return a file system of fsspec that reaches the server."""
        given = {**self.options, **options}
        return s3fs.S3FileSystem(**given, use_listings_cache=False, skip_instance_cache=True)

    def bucket(self) -> Bucket:
        """Return an empty bucket."""
        name, fs = new_name(), self.filesystem()
        fs.mkdir(name)

        def write(key: str, data: bytes) -> None:
            fs.pipe_file(f"{name}/{key}", data)

        return Bucket(f"s3://{name}", self.options, write, f"{self.url}/{name}")

    def requests(self) -> None:
        """Its log is not read."""

    def stop(self) -> None:
        """Stop its processes, the gateway first."""
        for process in reversed(self._running):
            stop_family(process.pid)
            process.wait()
        self._running.clear()

    def _start(self) -> int:
        """Start all, and return the gateway's port."""
        v2, v1, port = free_port(), free_port(), free_port()
        home, monitor = self._home, f"[v2:{HOST}:{v2},v1:{HOST}:{v1}]"
        self._configuration.write_text(
            CONFIGURATION.format(home=home, host=HOST, v1=v1, v2=v2, fsid=self._fsid)
        )
        self._make_keys()
        self._do("monmaptool", "--create", "--addv", "a", monitor, "--fsid", self._fsid, "monmap")
        self._do("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keys")
        self._serve("ceph-mon", "-i", "a")
        self._do("ceph", "--connect-timeout", "60", "auth", "import", "-i", "keys")
        self._make_store()
        self._serve("ceph-mgr", "-i", "x")
        self._serve("ceph-osd", "-i", "0")
        person = ("--uid=lw", "--display-name=lw", f"--access-key={KEY}", f"--secret={SECRET}")
        self._do("radosgw-admin", "user", "create", *person)
        end = f"--rgw-frontends=beast endpoint={HOST}:{port}"
        self._serve("radosgw", "-n", "client.rgw.lw", end)
        self._wait(f"http://{HOST}:{port}/")
        return port

    def _make_keys(self) -> None:
        def key(name: str, *rights: str) -> None:
            caps = [
                word
                for kind, right in zip(rights[::2], rights[1::2], strict=True)
                for word in ("--cap", kind, right)
            ]
            self._do("ceph-authtool", "keys", "--gen-key", "-n", name, *caps)

        self._do("ceph-authtool", "--create-keyring", "keys")
        key("mon.", *EVERYTHING[:2])
        key("client.admin", *EVERYTHING)
        key("mgr.x", *EVERYTHING[:4])
        key("client.rgw.lw", *EVERYTHING)

    def _make_store(self) -> None:
        name = str(uuid.uuid4())
        secret = self._do("ceph-authtool", "--gen-print-key").strip()
        (self._home / "secret.json").write_text(json.dumps({"cephx_secret": secret}))
        self._do("ceph", "--connect-timeout", "60", "osd", "new", name, "-i", "secret.json")
        keyring = ("--create-keyring", "osd/keyring", "-n", "osd.0", "--add-key", secret)
        self._do("ceph-authtool", *keyring)
        self._do("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", name)

    def _command(self, name: str, *arguments: str) -> list[str]:
        conf = [] if name in ("ceph-authtool", "monmaptool") else ["-c", str(self._configuration)]
        return [self._programs[name], *conf, *arguments]

    def _do(self, name: str, *arguments: str) -> str:
        """Run a program to its end and return what it printed."""
        done = subprocess.run(
            self._command(name, *arguments),
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise NoServerError(f"{name} {arguments[0]} of Ceph failed: {done.stderr[-1500:]}")
        return done.stdout

    def _serve(self, name: str, *arguments: str) -> None:
        with (self._home / "log" / f"{name}.out").open("wb") as log:
            self._running.append(
                subprocess.Popen(
                    self._command(name, "-f", *arguments),
                    cwd=self._home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._running[-1].poll() is None:
            if answers(url):
                return
            time.sleep(0.1)
        text = (self._home / "log" / "radosgw.out").read_text()
        raise NoServerError(f"Ceph's S3 gateway does not answer: {text[-1500:]}")
