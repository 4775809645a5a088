"""Finds a Chromium, or installs one, and launches it the one way that gives the same results.

Run as a command, it prints the path of the browser that the tests will use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

# Software rendering throughout: pixels are then the same on every machine. Accelerated 2D canvases
# are off because SwiftShader draws many polygons about fifty times slower than the software path.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--disable-accelerated-2d-canvas",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)


# Without a card, what WebGL paints has to be read back to be shown, which Chromium remarks upon.
REMARK = "GPU stall due to ReadPixels"


class NoBrowserError(RuntimeError):
    """No browser was found and none could be installed."""


def find(playwright: Playwright) -> Path | None:
    """Return the browser to use: the one named, else on PATH, else in the usual places."""
    named = os.environ.get("LABELWIDGETS_CHROME")
    if named:
        if not Path(named).is_file():
            raise NoBrowserError(f"LABELWIDGETS_CHROME names {named}, which is not a file.")
        return Path(named)
    on_path = (shutil.which(name) for name in NAMES)
    candidates = [*on_path, *PLACES, playwright.chromium.executable_path]
    return next((Path(place) for place in candidates if place and Path(place).is_file()), None)


def install_commands() -> list[list[str]]:
    """Return the commands that may bring a browser, the lightest on the system last."""
    playwright = [sys.executable, "-m", "playwright", "install", "chromium"]
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        return [
            ["apt-get", "update", "--quiet"],
            ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"],
            playwright,
        ]
    return [playwright]


def find_or_install(playwright: Playwright) -> Path:
    """Return a browser, installed now if there was none."""
    found = find(playwright)
    failures = []
    for command in [] if found else install_commands():
        print("no browser yet, running:", *command, file=sys.stderr)
        if subprocess.run(command, check=False).returncode != 0:
            failures.append(" ".join(command))
        found = find(playwright)
        if found:
            break
    if found is None:
        raise NoBrowserError(
            "The browser tests and the demo check need Chromium or Chrome and found none; "
            f"what was tried and failed: {'; '.join(failures) or 'nothing'}. Install one (Debian: "
            "apt-get install chromium, as root), or set LABELWIDGETS_CHROME to its path."
        )
    return found


def launch(playwright: Playwright, extra: Sequence[str] = ()) -> Browser:
    """Launch the browser without a window."""
    return playwright.chromium.launch(
        executable_path=find_or_install(playwright),
        args=[*FLAGS, *extra],
        ignore_default_args=["--headless"],
    )


if __name__ == "__main__":
    with sync_playwright() as running:
        try:
            print(find_or_install(running))
        except NoBrowserError as error:
            sys.exit(f"labelwidgets: {error}")
