"""What a group of benchmarks measured, as tables: for the eye, for a file and for the docs."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Cell: TypeAlias = str | float | int | None


@dataclass
class Table:
    """One table: what is compared in each row, and conditions in the notes below it."""

    title: str
    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Add a row, and show it at once: a long run shows how far it is."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{self.title}: {len(cells)} cells for {len(self.columns)} columns.")
        self.rows.append(list(cells))
        print("   ", " | ".join(_text(cell) for cell in cells), flush=True)

    def markdown(self, level: int = 3) -> str:
        """Return the table as Markdown."""
        lines = [f"{'#' * level} {self.title}", ""]
        lines.append("| " + " | ".join(self.columns) + " |")
        lines.append("|---|" + "---:|" * (len(self.columns) - 1))
        lines += ["| " + " | ".join(_text(cell) for cell in row) + " |" for row in self.rows]
        if self.notes:
            lines += ["", " ".join(self.notes)]
        return "\n".join(lines) + "\n"


@dataclass
class Report:
    """The tables of one group."""

    group: str
    quick: bool = False
    tables: list[Table] = field(default_factory=list)

    def table(self, title: str, *columns: str) -> Table:
        """Begin a table."""
        made = Table(title, list(columns))
        self.tables.append(made)
        print(f"\n  {title}\n    {' | '.join(columns)}", flush=True)
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and lists."""
        return asdict(self)


def ratio(other: float, ours: float) -> str:
    """Say how many times what we need another needs: above 1 we are ahead."""
    return "-" if not ours or math.isnan(ours) or math.isnan(other) else f"{other / ours:.2f}"


def main(group: str, measure: Callable[[Report], None]) -> None:
    """Run one group as a command."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{group}")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes only")
    parser.add_argument("--json", type=Path, help="file to write the tables to")
    chosen = parser.parse_args()
    report = Report(group, chosen.quick)
    try:
        measure(report)
    finally:
        if chosen.json:
            chosen.json.write_text(json.dumps(report.to_dict(), indent=1), encoding="utf-8")


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else cell
    if math.isnan(cell):
        return "-"
    size = abs(cell)
    return f"{cell:,.0f}" if size >= 100 else f"{cell:.1f}" if size >= 10 else f"{cell:.2f}"
