"""Runs the groups of `benchmarks/`, shows their tables, and keeps them in `benchmarks/results/`.

`python scripts/run_benchmarks.py` runs all; names of groups as arguments run only those.
`--quick` measures the smallest sizes only; `--docs` puts the tables in the place of those of the
same groups in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
GROUPS = (
    "shapes_lab",
    "shapes_page",
    "strokes_page",
    "tiles",
    "video",
    "tone_page",
    "scroll_page",
    "playback_page",
    "tools_lab",
    "next_picture",
    "archives",
    "listing",
    "store",
    "team_store",
    "formats",
    "dicom_seg",
    "masks",
    "consensus",
    "growth",
    "volumes",
    "pictures",
    "dicom",
    "superpixels",
    "scale",
    "agreement",
    "agreement_stats",
    "assistants",
    "round_trip",
    "training",
)


def main(arguments: list[str]) -> int:
    """Run the groups that are wanted, or all; return 1 when one failed."""
    parser = argparse.ArgumentParser(prog="scripts/run_benchmarks.py")
    parser.add_argument("groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes only")
    parser.add_argument("--docs", action="store_true", help=f"write into {PAGE.name}")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.groups) - set(GROUPS))
    if unknown:
        parser.error(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    wanted = [group for group in GROUPS if not chosen.groups or group in chosen.groups]
    sys.path.insert(0, str(ROOT))
    from benchmarks.surroundings import machine

    begun, conditions = time.monotonic(), machine()
    date = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d-%H%M")
    found: list[dict[str, Any]] = []
    failed = []
    for number, group in enumerate(wanted, 1):
        print(f"\n=== {group} ({number} of {len(wanted)})", flush=True)
        start = time.monotonic()
        report, code = _run(group, chosen.quick)
        if report is not None:
            found.append(report)
        if code != 0:
            failed.append(group)
        print(f"--- {group}: {time.monotonic() - start:.0f} s", flush=True)
    result = {"date": date, "machine": conditions, "quick": chosen.quick, "groups": found}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{date}.json"
    path.write_text(json.dumps(result, indent=1), encoding="utf-8")
    text = _markdown(result)
    print(f"\n{text}")
    print(f"{time.monotonic() - begun:.0f} s; kept in {path.relative_to(ROOT)}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    if chosen.docs:
        _document(result)
    return 0


def _run(group: str, quick: bool) -> tuple[dict[str, Any] | None, int]:
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        path = Path(folder, "report.json")
        command = [sys.executable, "-m", f"benchmarks.{group}", "--json", str(path)]
        command += ["--quick"] if quick else []
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return report, code


def _markdown(result: dict[str, Any]) -> str:
    return "\n".join([_conditions(result), *map(_tables, result["groups"])])


def _conditions(result: dict[str, Any]) -> str:
    facts = result["machine"]
    return (
        f"Measured on {result['date'][:10]}: {facts['processor']}, {facts['cores']} cores, "
        f"{facts['memory']}, {facts['system']}, Python {facts['python']}; "
        f"load {facts['load']} at the start.\n"
    )


def _tables(group: dict[str, Any]) -> str:
    from benchmarks.report import Table

    return "\n".join(Table(**table).markdown() for table in group["tables"] if table["rows"])


def _document(result: dict[str, Any]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for group in result["groups"]:
        begin, end = f"<!-- {group['group']} -->", f"<!-- end of {group['group']} -->"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE.name} has no place for {group['group']}: {begin} {end}")
        tables = f"{_conditions(result)}\n{_tables(group)}"
        page = f"{before}{begin}\n\n{tables}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")
    print(f"written into {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
