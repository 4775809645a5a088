"""What the servers are installed from, where they are not there yet.

`python -m tests.servers.installing` brings all of them and says what could not be had and why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hatch_build import find_node
from tests.servers.process import NoServerError

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
AZURITE = "3.35.0"
HUB_PROXY = "5.3.0"
CEPH = ("ceph-mon", "ceph-osd", "ceph-mgr", "radosgw", "radosgw-admin", "ceph", "ceph-authtool")
CEPH += ("monmaptool",)
# A package's script asks this file whether it may start its service.
POLICY = Path("/usr/sbin/policy-rc.d")
SBIN = ("/usr/sbin", "/usr/local/sbin", "/sbin")


def program(name: str) -> str | None:
    """Return the path of a program, also where only root has its folder on PATH."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SBIN])
    return shutil.which(name, path=path)


def nginx() -> str:
    """Return nginx, installed now if there was none."""
    return _programs("nginx", ["nginx"], ["nginx-light"])["nginx"]


def orthanc() -> tuple[str, Path]:
    """Return Orthanc and its DICOMweb plug-in, installed now if there were none."""
    plugin = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
    packages = ["orthanc", "orthanc-dicomweb"]
    found = _programs("Orthanc", ["Orthanc"], packages, lambda: plugin.exists())
    return found["Orthanc"], plugin


def ceph() -> dict[str, str]:
    """Return the programs of a Ceph cluster with its S3 gateway, installed now if need be."""
    packages = ["radosgw", "ceph-mon", "ceph-osd", "ceph-mgr", "ceph-common"]
    return _programs("Ceph's S3 gateway", CEPH, packages)


def postgres() -> Path:
    """Return the folder of PostgreSQL's programs, installed now if there was none."""
    if not (found := _postgres_folder()):
        _apt("PostgreSQL", ["postgresql"])
        found = _postgres_folder()
    if found is None:
        raise NoServerError("PostgreSQL was installed, and is not where it was looked for.")
    return found


def _postgres_folder() -> Path | None:
    """Return where initdb lies: on Debian each version has a folder, and PATH none of them."""

    def version(folder: Path) -> float:
        return float(folder.parent.name) if folder.parent.name.replace(".", "").isdigit() else 0

    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    named = program("initdb")
    folders = [*debian, *([Path(named).resolve().parent] if named else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def azurite() -> list[str]:
    """Return the command of Azurite's blob service, installed now if there was none."""
    return _of_npm("azurite", AZURITE, "dist/src/blob/main.js")


def hub_proxy() -> list[str]:
    """Return the command of the proxy that JupyterHub needs, installed now if there was none."""
    return _of_npm("configurable-http-proxy", HUB_PROXY, "bin/configurable-http-proxy")


def _of_npm(package: str, version: str, path: str) -> list[str]:
    node, npm = find_node()
    home = CACHE / f"{package}-{version}"
    script = home / "node_modules" / package / path
    if not script.is_file():
        CACHE.mkdir(exist_ok=True)
        # Whole or not at all: other processes may be at the same.
        with tempfile.TemporaryDirectory(dir=CACHE) as made:
            options = ("--no-save", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error")
            search = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
            _run(
                package,
                [
                    str(node),
                    str(npm),
                    "install",
                    *options,
                    "--prefix",
                    made,
                    f"{package}@{version}",
                ],
                {"PATH": search},
            )
            if not script.is_file():
                shutil.rmtree(home, ignore_errors=True)
                os.replace(made, home)
                Path(made).mkdir()
    return [str(node), str(script)]


def _programs(
    what: str,
    names: Sequence[str],
    packages: Sequence[str],
    more: Callable[[], bool] = lambda: True,
) -> dict[str, str]:
    """Return programs by name; where one is missing, its Debian packages are installed first."""

    def find() -> dict[str, str] | None:
        places = {name: program(name) for name in names}
        whole = {name: place for name, place in places.items() if place is not None}
        return whole if len(whole) == len(places) and more() else None

    found = find()
    if found is None:
        _apt(what, packages)
        found = find()
    if found is None:
        raise NoServerError(f"{what} was installed, and is not where it was looked for.")
    return found


def _apt(what: str, packages: Sequence[str]) -> None:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not (root and shutil.which("apt-get")):
        raise NoServerError(
            f"{what} is not installed. On Debian and Ubuntu, as root: "
            f"apt-get install --no-install-recommends {' '.join(packages)}"
        )
    patient = ("--quiet", "--yes", "-o", "DPkg::Lock::Timeout=300")
    with _no_services():
        _run(what, ["apt-get", "update", *patient])
        _run(
            what,
            ["apt-get", "install", *patient, "--no-install-recommends", *packages],
            {"DEBIAN_FRONTEND": "noninteractive"},
        )


@contextmanager
def _no_services() -> Iterator[None]:
    """Keep packages from starting the services that they bring."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _run(what: str, command: Sequence[str], variables: dict[str, str] | None = None) -> None:
    print(f"no {what} yet, running:", *command, file=sys.stderr, flush=True)
    done = subprocess.run(
        command,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NoServerError(f"{what} cannot be installed: {done.stdout[-1500:]}")


def main() -> int:
    """Install all, and say of each whether it is there."""
    missing = 0
    for install in (nginx, azurite, hub_proxy, orthanc, ceph, postgres):
        try:
            install()
        except (NoServerError, SystemExit) as error:
            missing += 1
            print(f"{install.__name__}: skipped, {error}")
        else:
            print(f"{install.__name__}: there")
    return 1 if missing and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
