"""A quality report as HTML for a notebook, in its colours."""

from __future__ import annotations

import math
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from labelwidgets.numbered import numbered
from labelwidgets.workflow.page_tables import (
    BAD,
    FAINT,
    GOOD,
    STYLE,
    confusion_table,
    frame_table,
    meter,
    number,
    table,
)

if TYPE_CHECKING:
    from labelwidgets.workflow.quality import QualityReport


def quality_page(report: QualityReport) -> str:
    """Return the report as a small page; everything that people wrote is escaped."""
    told, rules = report.summary, report.rules
    metric, least = rules.target_metric, rules.target_metric_threshold
    color = GOOD if report.passed else BAD
    verdict = (
        f"{metric} {number(told[metric])}, {'reaches' if report.passed else 'misses'} "
        f"the target of {least:g}"
    )
    if math.isnan(told[metric]):
        color, verdict = FAINT, f"nothing to compare, so no {metric} yet"
    counts = ", ".join(
        f"{told[name]:,} {name}"
        for name in ("valid", "missing", "extra", "mismatching", "errors", "warnings")
    )
    meters = "".join(meter(name, told[name]) for name in ("accuracy", "precision", "recall"))
    parts = [
        f"<p><b>Quality</b> of {numbered(told['submissions'], 'submission')} on "
        f"{numbered(told['items'], 'item')}: "
        f'<b style="color: {color}">{escape(verdict)}</b></p>',
        f'<div style="display: flex; gap: 24px; flex-wrap: wrap">{meters}</div>',
        f'<p style="color: {FAINT}">{escape(counts)}</p>',
    ]
    conflicts = report.conflicts
    if len(conflicts):
        kinds = Counter(zip(conflicts["type"], conflicts["severity"], strict=True))
        rows: list[Any] = [(*kind, f"{count:,}") for kind, count in kinds.most_common()]
        parts.append(table("Conflicts", ["kind", "severity", "count"], rows))
    if len(report.classes):
        parts.append(confusion_table(report.confusion))
        names = ["labels", "reference", "precision", "recall", "jaccard"]
        rows = [
            (name, *(number(value) for value in row))
            for name, row in zip(
                report.classes.index, report.classes[names].to_numpy().tolist(), strict=True
            )
        ]
        parts.append(table("Classes", ["class", *names], rows))
    if len(report.authors) > 0:
        names = ["submissions", "accuracy", "precision", "recall", "mean_similarity"]
        parts.append(frame_table("People", report.authors, "author", names))
    if len(report.tracks):
        names = ["HOTA", "DetA", "AssA", "IDF1", "MOTA", "id_switches", "fragments"]
        parts.append(frame_table("Tracks", report.tracks, "item_id", names))
    return f'<div style="{STYLE}">{"".join(parts)}</div>'
