"""The report of a dataset as HTML, in the colours of the notebook; what people wrote is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from labelwidgets.numbered import numbered
from labelwidgets.workflow.charts import bars, columns, heat
from labelwidgets.workflow.page_tables import FAINT, LINE, MOST, STYLE, count_table, table

if TYPE_CHECKING:
    from labelwidgets.workflow.dataset_report import DatasetReport

_BARS = 20
_MAPS = 4


def dataset_page(report: DatasetReport) -> str:
    """Return the report of a dataset as a page."""
    classes = report.classes
    parts = [f'<h2 style="margin: 0 0 8px">{escape(report.name)}</h2>', _tiles(report)]
    if len(classes):
        counts = dict(zip(classes.index, classes["labels"], strict=True))
        parts.append(_section("Labels by class", bars(counts, "Labels by class", _BARS)))
        names = ["labels", "items", "share", "width", "height", "small", "medium", "large"]
        rows: list[Any] = [
            (
                row["class_name"],
                f"{row['labels']:,}",
                f"{row['items']:,}",
                f"{row['share']:.1%}",
                *("-" if row[side] != row[side] else f"{row[side]:.0f}" for side in names[3:5]),
                *(f"{row[size]:,}" for size in names[5:]),
            )
            for row in classes.reset_index().to_dict("records")
        ]
        heads = ["class", *names[:3], "median width", "median height", *names[5:]]
        parts.append(table("Classes", heads, rows))
    parts.append(_spreads(report))
    parts.append(_maps(report))
    if len(classes) > 1 and report.summary["labels"]:
        table_of = report.together
        kept = list(table_of.index[:MOST])
        parts.append(
            count_table(
                "Classes on the same items", table_of.loc[kept, kept], len(table_of) - len(kept)
            )
        )
    for group in report.groups:
        found = report.by(group)
        if len(found.columns):
            left_out = max(0, len(found) - MOST)
            parts.append(count_table(f"Labels by {group}", found.head(MOST), left_out))
    parts.append(_odd(report))
    empty = report.without_labels
    if len(empty):
        titles = ", ".join(escape(title) for title in empty["title"][:MOST])
        more = f" and {len(empty) - MOST:,} more" if len(empty) > MOST else ""
        parts.append(
            _section(f"{numbered(len(empty), 'item')} without labels", f"<p>{titles}{more}</p>")
        )
    return f'<div style="{STYLE}; max-width: 960px">{"".join(parts)}</div>'


def _tiles(report: DatasetReport) -> str:
    told = report.summary
    names = {
        "items": "items",
        "without_labels": "without labels",
        "labels": "labels",
        "classes": "classes",
        "labels_per_item": "labels an item",
        "outliers": "odd labels",
    }
    tiles = "".join(
        f'<div style="border: 1px solid {LINE}; border-radius: 6px; padding: 8px 14px">'
        f'<div style="font-size: 1.5em">{_told(told[key])}</div>'
        f'<div style="color: {FAINT}">{escape(name)}</div></div>'
        for key, name in names.items()
    )
    return f'<div style="display: flex; gap: 12px; flex-wrap: wrap">{tiles}</div>'


def _told(value: Any) -> str:
    if isinstance(value, float):
        return "-" if value != value else f"{value:.1f}"
    return f"{value:,}"


def _section(title: str, inner: str) -> str:
    return f'<p style="margin: 16px 0 4px"><b>{escape(title)}</b></p>{inner}'


def _row(inner: str) -> str:
    return f'<div style="display: flex; gap: 24px; flex-wrap: wrap">{inner}</div>'


def _spreads(report: DatasetReport) -> str:
    made = []
    for of, title in (
        ("labels", "Labels an item"),
        ("size", "Size: root of the area, pixels"),
        ("aspect", "Width over height"),
    ):
        found = report.histogram(of)
        if not found["labels"].sum() or not report.summary["labels"]:
            continue
        places = [_place(low, of) for low in found["low"]]
        ends = [_place(high, of) for high in found["high"]]
        chart = columns(places, ends, found["labels"].tolist(), title)
        made.append(f"<div>{_section(title, chart)}</div>")
    return _row("".join(made))


def _place(value: float, of: str) -> str:
    """Return where a bin begins: 0.25, 3.4, 28; labels are whole."""
    return f"{value:,.0f}" if of == "labels" or value >= 10 else f"{value:.2g}"


def _maps(report: DatasetReport) -> str:
    whole = report.positions()
    if not whole.sum():
        return ""
    made = [f"<div>{heat(whole.tolist(), 'all labels')}</div>"]
    for name in report.classes.index[:_MAPS] if len(report.classes) > 1 else ():
        own = report.positions(name)
        if own.sum():
            made.append(f"<div>{heat(own.tolist(), name)}</div>")
    return _section("Where labels are in their pictures", _row("".join(made)))


def _odd(report: DatasetReport) -> str:
    odd = report.outliers
    if not len(odd):
        return ""
    kinds = odd["kind"].value_counts()
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
    # Some of each kind, not all of the most frequent one.
    some = odd.assign(_turn=odd.groupby("kind").cumcount()).sort_values("_turn", kind="stable")
    rows: list[Any] = [
        (row["kind"], row["class_name"], report.title_of(row["item_id"]), row["detail"])
        for row in some.head(MOST).to_dict("records")
    ]
    made = table(f"Odd labels: {told}", ["kind", "class", "item", "what"], rows)
    more = len(odd) - len(rows)
    return made + (f'<p style="color: {FAINT}">and {more:,} more</p>' if more else "")
