"""Runs every benchmark of `benchmarks/`, each a module that prints what it measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run them one after another; return 1 when one failed."""
    files = sorted(path for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__")
    if not files:
        print("labelwidgets: benchmarks/ holds no benchmark.", file=sys.stderr)
        return 1
    failed = []
    for path in files:
        print(f"\n=== {path.stem}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{path.stem}"]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(path.stem)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
