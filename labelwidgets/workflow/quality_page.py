"""A quality report as HTML for a notebook, in its colours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwidgets.workflow.quality import QualityReport

# More rows than a page is good for: the frames have all.
MOST = 12

_GOOD = "var(--jp-success-color1, #388e3c)"
_BAD = "var(--jp-error-color1, #d32f2f)"
_WARN = "var(--jp-warn-color1, #f57c00)"
_LINE = "var(--jp-border-color2, #bdbdbd)"
_SOFT = "var(--jp-layout-color2, rgba(128, 128, 128, 0.15))"
_FAINT = "var(--jp-ui-font-color2, #757575)"
_CELL = f"padding: 2px 10px; text-align: right; border-bottom: 1px solid {_LINE}"


def quality_page(report: QualityReport) -> str:
    """Return the report as a small page; everything that people wrote is escaped."""
    told, rules = report.summary, report.rules
    metric, least = rules.target_metric, rules.target_metric_threshold
    verdict = (
        f"{metric} {_number(told[metric])}, {'reaches' if report.passed else 'misses'} "
        f"the target of {least:g}"
    )
    counts = ", ".join(
        f"{told[name]:,} {name}"
        for name in ("valid", "missing", "extra", "mismatching", "errors", "warnings")
    )
    parts = [
        f"<p><b>Quality</b> of {told['submissions']:,} submissions on {told['items']:,} items: "
        f'<b style="color: {_GOOD if report.passed else _BAD}">{escape(verdict)}</b></p>',
        f'<div style="display: flex; gap: 24px; flex-wrap: wrap">{_meters(told)}</div>',
        f'<p style="color: {_FAINT}">{escape(counts)}</p>',
    ]
    conflicts = report.conflicts
    if len(conflicts):
        kinds = Counter(zip(conflicts["type"], conflicts["severity"], strict=True))
        rows: list[Any] = [(*kind, f"{count:,}") for kind, count in kinds.most_common()]
        parts.append(_table("Conflicts", ["kind", "severity", "count"], rows))
    if len(report.classes):
        parts.append(_confusion(report))
        names = ["labels", "reference", "precision", "recall", "jaccard"]
        rows = [
            (name, *(_number(value) for value in row))
            for name, row in zip(
                report.classes.index, report.classes[names].to_numpy().tolist(), strict=True
            )
        ]
        parts.append(_table("Classes", ["class", *names], rows))
    if len(report.authors) > 0:
        names = ["submissions", "accuracy", "precision", "recall", "mean_similarity"]
        parts.append(_of_frame("People", report.authors, "author", names))
    if len(report.tracks):
        names = ["HOTA", "DetA", "AssA", "IDF1", "MOTA", "id_switches", "fragments"]
        parts.append(_of_frame("Tracks", report.tracks, "item_id", names))
    style = "color: var(--jp-ui-font-color1, inherit); font-size: var(--jp-ui-font-size1, 13px)"
    return f'<div style="{style}">{"".join(parts)}</div>'


def _meters(told: Any) -> str:
    return "".join(_meter(name, told[name]) for name in ("accuracy", "precision", "recall"))


def _meter(name: str, value: float) -> str:
    share = 0 if math.isnan(value) else 100 * value
    bar = (
        f'<div style="background: {_SOFT}; height: 6px; width: 140px">'
        f'<div style="background: var(--jp-brand-color1, #1976d2); height: 6px; '
        f'width: {share:.1f}%"></div></div>'
    )
    return f"<div><div>{escape(name)} <b>{_number(value)}</b></div>{bar}</div>"


def _confusion(report: QualityReport) -> str:
    table = report.confusion
    # The most frequent ones, and those without a partner.
    sizes = (table.sum(axis=1) + table.sum(axis=0)).iloc[:-1]
    kept = [*sizes.sort_values(ascending=False, kind="stable").index[:MOST], table.index[-1]]
    table = table.loc[kept, kept]
    most = max(1, int(table.to_numpy().max()))
    head = "".join(_head(str(name)) for name in ("labels \\ reference", *table.columns))
    body = []
    for i, name in enumerate(table.index):
        cells = []
        for j, count in enumerate(table.iloc[i]):
            color = _GOOD if i == j else _BAD
            shade = f"{round(60 * count / most)}%"
            back = f"background: color-mix(in srgb, {color} {shade}, transparent)"
            cells.append(f'<td style="{_CELL}; {back}">{count or ""}</td>')
        body.append(f"<tr>{_head(str(name))}{''.join(cells)}</tr>")
    left_out = len(report.confusion) - len(table)
    return _titled(
        "Confusion", f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>", left_out
    )


def _of_frame(title: str, frame: Any, first: str, names: list[str]) -> str:
    rows = [
        (who, *(_number(value) for value in row))
        for who, row in zip(frame[first], frame[names].to_numpy().tolist(), strict=True)
    ]
    return _table(title, [first, *names], rows)


def _table(title: str, names: Sequence[str], rows: Sequence[Iterable[Any]]) -> str:
    head = "".join(_head(name) for name in names)
    body = []
    for row in rows[:MOST]:
        first, *others = row
        warned = [_colored(str(cell)) for cell in others]
        body.append(f"<tr>{_head(str(first))}{''.join(warned)}</tr>")
    inner = f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"
    return _titled(title, inner, max(0, len(rows) - MOST))


def _colored(text: str) -> str:
    color = {"error": f"; color: {_BAD}", "warning": f"; color: {_WARN}"}.get(text, "")
    return f'<td style="{_CELL}{color}">{escape(text)}</td>'


def _head(text: str) -> str:
    return f'<th style="{_CELL}">{escape(text)}</th>'


def _titled(title: str, inner: str, left_out: int) -> str:
    more = f'<p style="color: {_FAINT}">and {left_out:,} more</p>' if left_out else ""
    caption = f'<p style="margin: 12px 0 4px"><b>{escape(title)}</b></p>'
    return f'{caption}<table style="border-collapse: collapse">{inner}</table>{more}'


def _number(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.3f}"
    return f"{int(value):,}"
