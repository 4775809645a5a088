"""Training sets and their records as people see them in a notebook; what they wrote is escaped."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING

import msgspec

from labelwidgets.workflow.page_tables import STYLE, table

if TYPE_CHECKING:
    from labelwidgets.training.records import Record
    from labelwidgets.training.training_set import TrainingSet


def training_page(training: TrainingSet) -> str:
    """Return how many labels of each class there are, and of which parts of the split."""
    parts = training.parts
    items = Counter(parts.get(id, "") for id in training.items["id"])
    names = [] if training.split is None else [one for one in training.split.shares if items[one]]
    counts = Counter((label.class_name, parts.get(label.item_id, "")) for label in training.labels)
    rows: list[list[object]] = [["items", len(training.items), *(items[part] for part in names)]]
    totals = Counter(label.class_name for label in training.labels)
    for name in sorted(training.classes, key=lambda name: -totals[name]):
        rows.append([name, totals[name], *(counts[name, part] for part in names)])
    head = f"<b>Training set</b> of {escape(training.name)}, version {training.version[:12]}"
    told = table("Labels", ["", "all", *names], rows)
    return f'<div style="{STYLE}"><p>{head}</p>{told}</div>'


def record_page(record: Record) -> str:
    """Return what a record says, and what was said of the run."""
    asked = {
        name: value
        for name, value in msgspec.to_builtins(record.choice).items()
        if value not in (None, False)
    }
    rows = [
        ("time", record.time.astimezone(UTC).isoformat(" ", "seconds")),
        ("user", record.user),
        ("items", f"{record.items:,}"),
        ("labels", f"{record.labels:,}"),
        ("classes", ", ".join(record.classes)),
        ("chosen", ", ".join(f"{name}: {_short(value)}" for name, value in asked.items())),
        ("label version", record.label_version),
        ("data hash", f"{record.data_hash}{' (with files)' if record.files else ''}"),
    ]
    told = table(f"Run on {record.name}", ["", ""], rows)
    if record.run:
        run = [(name, _short(value)) for name, value in record.run.items()]
        told += table("Parameters and metrics", ["", ""], run)
    return f'<div style="{STYLE}">{told}</div>'


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}..."
