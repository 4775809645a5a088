"""What is in the sdist and the wheel, and that they install where they should."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BUNDLE = "labelwidgets/static/image.js"
IN_BOTH = {
    BUNDLE,
    "labelwidgets/static/image.css",
    "labelwidgets/static/LICENCES.txt",
    "labelwidgets/static/sources.sha256",
    "labelwidgets/schema/keys.json",
    "labelwidgets/py.typed",
    "labelwidgets/__init__.pyi",
}
EXTENSION = "etc/jupyter/jupyter_server_config.d/labelwidgets.json"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def hook(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", repository / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(repository: Path, tmp_path: Path) -> Path:
    """A copy of what the bundle is built from, without what npm installs."""
    here = tmp_path / "clone"
    skipped = shutil.ignore_patterns("node_modules", "__pycache__")
    shutil.copytree(repository / "js", here / "js", ignore=skipped)
    shutil.copytree(repository / "labelwidgets", here / "labelwidgets", ignore=skipped)
    return here


def test_both_hold_the_bundle(distributions: tuple[Path, Path]) -> None:
    sdist, wheel = distributions
    with tarfile.open(sdist) as tar:
        in_sdist = {name.partition("/")[2] for name in tar.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    assert in_wheel >= IN_BOTH
    assert in_sdist >= IN_BOTH | {"js/package-lock.json", "js/build.mjs", "js/src/widgets/image.ts"}
    assert not {name for name in in_wheel if name.startswith(("js/", "tests/"))}
    assert not {name for name in in_sdist if "node_modules" in name}


def test_the_wheel_enables_its_server_extension(distributions: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(distributions[1]) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(EXTENSION)]
        enabled = json.loads(archive.read(name))["ServerApp"]["jpserver_extensions"]
    assert ".data/data/" in name
    assert enabled == {"labelwidgets.server": True}


def test_the_licences_of_what_is_bundled_are_in_the_wheel(
    distributions: tuple[Path, Path], repository: Path
) -> None:
    with zipfile.ZipFile(distributions[1]) as archive:
        text = archive.read("labelwidgets/static/LICENCES.txt").decode()
    package = json.loads((repository / "js" / "package.json").read_text())
    named = set(package["dependencies"]) - {"@anywidget/types"}  # types leave nothing behind
    assert [name for name in sorted(named) if f"{name} " not in text] == []
    assert "Permission is hereby granted" in text


def test_the_bundle_is_of_these_sources(
    distributions: tuple[Path, Path], repository: Path, hook: ModuleType
) -> None:
    with zipfile.ZipFile(distributions[1]) as archive:
        stamp = archive.read("labelwidgets/static/sources.sha256").decode().strip()
    assert stamp == hook.fingerprint(repository)


def test_a_changed_source_makes_the_bundle_stale(clone: Path, hook: ModuleType) -> None:
    stamp = clone / "labelwidgets" / "static" / "sources.sha256"
    stamp.write_text(hook.fingerprint(clone))
    assert hook.is_current(clone)
    with (clone / "js" / "src" / "widgets" / "image.ts").open("a") as file:
        file.write("// one more line\n")
    assert not hook.is_current(clone)


def test_node_is_asked_for_only_where_it_is_needed(
    clone: Path, hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = clone / "labelwidgets" / "static" / "sources.sha256"
    builder = hook.BundleHook(str(clone), {}, None, None, str(clone), "wheel")
    monkeypatch.setenv("PATH", "")
    stamp.write_text(hook.fingerprint(clone))
    assert builder.dependencies() == []
    stamp.unlink()
    assert builder.dependencies() == [hook.NODE_WHEEL]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="Install Node"):
        builder.initialize("standard", {})


def test_the_wheel_works_in_a_fresh_environment(
    distributions: tuple[Path, Path], environment: Callable[..., str]
) -> None:
    environment("pip", "install", "--quiet", "--upgrade", "pip")
    environment("pip", "install", "--quiet", distributions[1], "packaging")
    assert json.loads(environment("", HERE / "undeclared.py")) == []
    print(environment("", HERE / "first_use.py"))
    environment("pip", "install", "--quiet", "jupyterlab")
    environment("pip", "check")
    prefix = environment("", "-c", "import sys; print(sys.prefix)").strip()
    assert Path(prefix, "share/jupyter/labextensions/anywidget/package.json").is_file()
    assert Path(prefix, EXTENSION).is_file()
    listed = environment("jupyter", "server", "extension", "list", stderr=subprocess.STDOUT)
    assert re.search(r"labelwidgets\.server .*enabled", listed)
    assert re.search(r"labelwidgets\.server .*OK", listed)


def test_the_sdist_installs_without_node(
    distributions: tuple[Path, Path], environment: Callable[..., str], tmp_path: Path
) -> None:
    bare = {name: value for name, value in os.environ.items() if name != "PATH"} | {"PATH": ""}
    environment("pip", "install", "--quiet", "--no-deps", distributions[0], env=bare)
    where = environment(
        "", "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    ).strip()
    with zipfile.ZipFile(distributions[1]) as archive:
        assert Path(where, BUNDLE).read_bytes() == archive.read(BUNDLE)
