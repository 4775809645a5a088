"""An evaluation as HTML for a notebook, in its colours; what people wrote is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwidgets.numbered import numbered
from labelwidgets.workflow.charts import lines
from labelwidgets.workflow.page_tables import (
    FAINT,
    STYLE,
    confusion_table,
    frame_table,
    meter,
    numbers,
    table,
)

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.workflow.evaluation import Evaluation

# More curves than that cannot be told apart.
_CURVES = 6


def evaluation_page(found: Evaluation) -> str:
    """Return an evaluation as a small page."""
    metrics, classes, items = found.metrics, found.classes, found.items
    counts = (
        f"{numbered(int(classes['predictions'].sum()), 'prediction')}, "
        f"{numbered(int(classes['truth'].sum()), 'label')} on "
        f"{numbered(len(items), 'item')}, by {found.iou_type}"
    )
    meters = "".join(meter(name, metrics[name]) for name in ("AP", "AP50", "AP75"))
    parts = [
        f"<p><b>Evaluation</b> of {counts}</p>",
        f'<div style="display: flex; gap: 24px; flex-wrap: wrap">{meters}</div>',
    ]
    told = zip(metrics.index, numbers(metrics.tolist()), strict=True)
    values = table("Metrics", ["metric", "value"], [*told])
    most = classes.sort_values("truth", ascending=False, kind="stable")
    curves = _curves(found, [*most.index[most["truth"] > 0][:_CURVES]])
    beside = "display: flex; gap: 32px; flex-wrap: wrap; align-items: flex-start"
    parts.append(f'<div style="{beside}"><div>{values}</div><div>{curves}</div></div>')
    if len(classes):
        names = ["truth", "predictions", "AP", "AP50", "precision", "recall", "f1"]
        parts.append(frame_table("Classes", most.reset_index(), "class_name", names))
        at = f"Confusion at an IoU of {found.iou_threshold:g}, scores from "
        parts.append(confusion_table(found.confusion, f"{at}{found.score_threshold:g}"))
    if len(items):
        names = ["fp", "fn", "tp", "precision", "recall", "f1"]
        if items["title"].notna().any():
            parts.append(_worst(items, names))
        else:
            parts.append(frame_table("Worst items", items, "item_id", names))
    if len(found.left_out):
        parts.append(
            f'<p style="color: {FAINT}">{len(found.left_out):,} labels are not compared: see '
            "left_out</p>"
        )
    return f'<div style="{STYLE}">{"".join(parts)}</div>'


def _worst(items: pd.DataFrame, names: list[str]) -> str:
    """Return the items as people call them, each with its id."""
    columns = [items["title"].fillna("").tolist(), items["item_id"].tolist()]
    columns += [numbers(items[name].tolist()) for name in names]
    rows = [*zip(*columns, strict=True)]
    return table("Worst items", ["title", "item_id", *names], rows)


def _curves(found: Evaluation, names: list[str]) -> str:
    curves = found.curves
    some = curves[curves["iou"] == 0.5]
    series = {}
    for name in names:
        own = some[(some["class_name"] == name) & (some["precision"] > 0)]
        points = list(zip(own["recall"], own["precision"], strict=True))
        # Where no prediction reaches it ends, straight down.
        series[name] = [*points, (points[-1][0] if points else 0.0, 0.0)]
    if not series:
        return ""
    return lines(series, "Precision over recall at an IoU of 0.5", "recall", "precision")
