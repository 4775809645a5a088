"""Builds the distributions once, and makes the environments that they are installed in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.packaging)
            item.add_marker(pytest.mark.timeout(1200))


def run(*command: str | Path, **options: object) -> str:
    """Run a command and return what it printed; what it said goes into the failure."""
    where = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    done = subprocess.run(command, text=True, check=False, **where)
    said = f"{done.stdout[-2000:]}\n{(done.stderr or '')[-4000:]}"
    assert done.returncode == 0, f"{command} failed:\n{said}"
    return done.stdout


@pytest.fixture(scope="session")
def distributions(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built out of the unpacked sdist."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, repository)
    (sdist,) = out.glob("*.tar.gz")
    (wheel,) = out.glob("*.whl")
    return sdist, wheel


@pytest.fixture
def environment(tmp_path: Path) -> Callable[..., str]:
    """Run a command of a fresh virtual environment: `environment("pip", "list")`."""
    home = tmp_path / "venv"
    run(sys.executable, "-m", "venv", home)
    programs = home / ("Scripts" if os.name == "nt" else "bin")

    def call(module: str, *arguments: str | Path, **options: object) -> str:
        where = {"cwd": tmp_path} | options
        return run(programs / "python", *(["-m", module] if module else []), *arguments, **where)

    return call
