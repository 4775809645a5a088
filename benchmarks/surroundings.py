"""What the benchmarks need around them: a folder, the picture, the contenders' packages."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks import scenes

HERE = Path(__file__).parent
# Kept from run to run: what is in it is made once.
WORK = HERE / ".work"
BBOX_WIDGET = "jupyter_bbox_widget==0.7.0"


def picture() -> Path:
    """Return the photograph that is labelled."""
    WORK.mkdir(exist_ok=True)
    path = WORK / "photo.jpg"
    return path if path.is_file() else scenes.photo(path)


def bbox_widget() -> Path:
    """Return a folder with the peer for JupyterLab; its one dependency, anywidget, is ours too."""
    folder = WORK / BBOX_WIDGET.replace("==", "-")
    if not folder.is_dir():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "install", "--no-deps", "--target", folder, BBOX_WIDGET], check=True)
    return folder


def node_modules() -> Path:
    """Return the folder of the peers for a plain page, as the lock file has them."""
    sys.path.insert(0, str(HERE.parent))
    from hatch_build import find_node

    installed = HERE / "node_modules" / ".package-lock.json"
    lock = HERE / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        node, npm = find_node()
        path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
        command = [str(node), str(npm), "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=HERE, env=os.environ | {"PATH": path}, check=True)
    return HERE / "node_modules"


def machine() -> dict[str, str]:
    """Say on what was measured, without naming it."""
    import psutil

    model = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {
        "processor": model,
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": f"{psutil.getloadavg()[0]:.1f}",
    }
