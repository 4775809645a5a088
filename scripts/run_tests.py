"""Runs every check and test, to the end, and ends with one line that counts them.

`python scripts/run_tests.py` runs all; names of steps as arguments run only those whose name or
kind is among them (`lint`, `unit`, `browser`, ...).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "test-results"
NOTEBOOKS = RESULTS / "notebooks"
PY = sys.executable


@dataclass(frozen=True)
class Step:
    """One command; where it writes a JUnit report, that report's cases are counted."""

    name: str
    kind: str
    command: tuple[str, ...]
    reports: bool = False

    @property
    def report(self) -> Path:
        """The file of the report."""
        return RESULTS / f"{self.name}.xml"


# Browsers and servers are tried once more where a busy machine may be to blame, which is said.
TWICE = ("--reruns", "1", "-rR")
# What has a step of its own.
APART = ("browser", "packaging", "servers")


def _pytest(name: str, *arguments: str) -> Step:
    report = f"--junitxml={RESULTS / name}.xml"
    return Step(name, name, (PY, "-m", "pytest", "-q", report, *arguments), reports=True)


def _npm(name: str, kind: str, *arguments: str, reports: bool = False) -> Step:
    return Step(name, kind, (PY, "hatch_build.py", *arguments), reports=reports)


STEPS = (
    Step("ruff", "lint", (PY, "-m", "ruff", "check", ".")),
    Step("ruff-format", "lint", (PY, "-m", "ruff", "format", "--check", ".")),
    Step("mypy", "lint", (PY, "-m", "mypy")),
    _npm("biome", "lint", "lint"),
    _npm("tsc", "lint", "check"),
    _npm(
        "vitest",
        "unit",
        *("test", "--", "--reporter=default", "--reporter=junit"),
        f"--outputFile.junit={RESULTS / 'vitest.xml'}",
        reports=True,
    ),
    _pytest("unit", "tests", *(f"--ignore=tests/{name}" for name in APART), "-n", "2"),
    Step("servers", "clouds", (PY, "-m", "tests.servers.installing")),
    _pytest("clouds", "tests/servers", "-n", "2", "--dist", "loadfile", *TWICE),
    _pytest("notebooks", "--nbval-lax", "--nbval-current-env", str(NOTEBOOKS)),
    _pytest("browser", "tests/browser", "-n", "2", "--dist", "loadfile", *TWICE),
    _pytest("packaging", "tests/packaging", "-s"),
    Step("docs", "docs", (PY, "-m", "mkdocs", "build", "--strict", "--quiet")),
)


def main(wanted: list[str]) -> int:
    """Run the steps that are wanted, or all; return 1 when one failed."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    # Notebooks leave a store behind, so a copy is run.
    shutil.copytree(ROOT / "notebooks", NOTEBOOKS)
    # What the notebooks keep for their user stays out of the real user's folders.
    home = str(RESULTS / "user")
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "XDG_DATA_HOME": home}
    total: Counter[str] = Counter()
    broken = []
    for step in STEPS:
        if wanted and step.name not in wanted and step.kind not in wanted:
            continue
        print(f"\n=== {step.name}", flush=True)
        start = time.monotonic()
        code = subprocess.run(step.command, cwd=ROOT, env=environment, check=False).returncode
        counts = _counts(step, code)
        total += counts
        if counts["failed"]:
            broken.append(step.name)
        print(f"--- {step.name}: {_line(counts)} in {time.monotonic() - start:.0f} s", flush=True)
    print(f"\nfailed: {', '.join(broken)}" if broken else "\nall steps passed")
    print(_line(total))
    return 1 if broken else 0


def _counts(step: Step, code: int) -> Counter[str]:
    """Count the cases of a report; a step without one, or that broke outside a case, is one."""
    counts: Counter[str] = Counter()
    if step.reports and step.report.is_file():
        for case in ElementTree.parse(step.report).iter("testcase"):  # noqa: S314 our own file
            kinds = {child.tag for child in case}
            outcome = "failed" if kinds & {"failure", "error"} else "passed"
            counts["skipped" if "skipped" in kinds else outcome] += 1
    elif code == 0:
        counts["passed"] += 1
    if code != 0 and not counts["failed"]:
        counts["failed"] += 1
    return counts


def _line(counts: Counter[str]) -> str:
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    return f"{counts['passed']} passed, {counts['failed']} failed{skipped}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
