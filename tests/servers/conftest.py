"""Fixtures: a running server of each kind, started when a test first asks for it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from tests.browser.conftest import (  # noqa: F401 fixtures
    browser,
    host_page,
    notebook,
    ontology,
    page,
    photos,
)
from tests.browser.lab import LabServer
from tests.servers.azure import Azure
from tests.servers.ceph import Ceph
from tests.servers.gcs import Gcs
from tests.servers.local import Local, Zip
from tests.servers.orthanc import Orthanc
from tests.servers.postgres import Postgres
from tests.servers.process import NoServerError
from tests.servers.s3 import S3
from tests.servers.storage import Storage
from tests.servers.web import Web


class Stoppable(Protocol):
    def stop(self) -> None: ...


T = TypeVar("T", bound=Stoppable)


def running(start: Callable[[Path], T]) -> Iterator[T]:
    """Yield a server; where it cannot be had, skip and say why, but fail in CI."""
    # Short, because sockets lie in it.
    home = Path(tempfile.mkdtemp(prefix="lw"))
    try:
        try:
            server = start(home)
        except (NoServerError, SystemExit) as error:
            if os.environ.get("CI"):
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A running JupyterLab of this module's own."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """An S3 server that checks no signature."""
    yield from running(S3)


@pytest.fixture(scope="session")
def s3_without_cors() -> Iterator[S3]:
    """An S3 server that no page of another origin may read."""
    yield from running(lambda home: S3(home, cors=False))


@pytest.fixture(scope="session")
def s3_signed() -> Iterator[Ceph]:
    """An S3 server that checks signatures and their expiry."""
    yield from running(Ceph)


@pytest.fixture(scope="session")
def azure() -> Iterator[Azure]:
    """Azure's Blob storage, which checks signatures and their expiry."""
    yield from running(Azure)


@pytest.fixture(scope="session")
def gcs() -> Iterator[Gcs]:
    """Google Cloud Storage, which checks no signature."""
    yield from running(Gcs)


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    """An HTTP server with ranges."""
    yield from running(Web)


@pytest.fixture(scope="session")
def orthanc() -> Iterator[Orthanc]:
    """A DICOMweb server."""
    yield from running(Orthanc)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; take a database of your own from it."""
    yield from running(Postgres)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Local:
    """Folders of this machine."""
    return Local(tmp_path_factory.mktemp("folders"))


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Zip:
    """Zip archives of this machine."""
    return Zip(tmp_path_factory.mktemp("archives"))


@pytest.fixture
def storage(request: pytest.FixtureRequest) -> Storage:
    """The storage whose fixture is named by an indirect parameter."""
    found: Storage = request.getfixturevalue(request.param)
    return found
