"""Opens JupyterLab on a copy of the quickstart notebook, beside which its store will lie."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".cache" / "demo"
FILES = HOME / "files"
NAME = "quickstart.ipynb"


def main() -> None:
    """Become the server, so that Ctrl+C reaches it."""
    _copy_notebooks()
    port, token = _port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}/lab/tree/{NAME}?token={token}"
    print(f"\n  labelwidgets demo: {address}\n  Ctrl+C twice ends it.\n", flush=True)
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={FILES}",
        f"--LabApp.default_url=/lab/tree/{NAME}",
        f"--IdentityProvider.token={token}",
        "--Application.log_level=WARN",
    ]
    if not _has_display():
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    settings = {"JUPYTER_CONFIG_DIR": str(HOME / "config"), "IPYTHONDIR": str(HOME / "ipython")}
    os.execve(command[0], command, os.environ | settings)  # noqa: S606 no shell is wanted


def _copy_notebooks() -> None:
    """Copy the notebooks that changed, so that what a person does in one outlives the next run."""
    FILES.mkdir(parents=True, exist_ok=True)
    if not (ROOT / "notebooks" / NAME).is_file():
        sys.exit(f"labelwidgets: notebooks/{NAME} is not there. Is this a whole clone?")
    for source in (ROOT / "notebooks").glob("*.ipynb"):
        copy = FILES / source.name
        if not copy.is_file() or copy.stat().st_mtime < source.stat().st_mtime:
            shutil.copyfile(source, copy)
            _trust(copy)


def _trust(path: Path) -> None:
    """Trust our own notebook: in others JupyterLab shows saved pictures instead of widgets."""
    import nbformat
    from nbformat.sign import NotebookNotary

    NotebookNotary().sign(nbformat.read(path, as_version=4))


def _port() -> int:
    """Return 8888 where it is free, as people expect, else any that is."""
    for wanted in (8888, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    sys.exit("labelwidgets: no port of 127.0.0.1 is free.")


def _has_display() -> bool:
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(named) or sys.platform in ("darwin", "win32")


if __name__ == "__main__":
    main()
