"""A scan as people see it in a notebook: words, and a small table; what files say is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelwidgets.media.volumes import Volume


def told(volume: Volume, title: str = "") -> str:
    """Return a line: the class, the title if there is one, and the size."""
    count, rows, columns = volume.grid.shape
    noun = "slice" if count == 1 else "slices"
    name = f"{title!r}, " if title else ""
    return f"{type(volume).__name__}({name}{count} {noun} of {columns} x {rows})"


def volume_page(volume: Volume, title: str = "") -> str:
    """Return HTML: size, spacing, windows, and what is wrong with the scan."""
    count, rows, columns = volume.grid.shape
    facts, spacing = volume.facts, volume.grid.spacing
    size = "unknown" if spacing is None else " x ".join(f"{one:g}" for one in spacing)
    unit = f" {facts.unit}" if facts.unit else ""
    windows = ", ".join(f"{one.level:g} / {one.width:g}{unit}" for one in facts.windows[:5])
    cells = {
        "slices": f"{count} of {columns} x {rows} pixels",
        "spacing": f"{size} mm (slice x row x column)",
        "windows": windows or "none",
    }
    body = "".join(
        f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in cells.items()
    )
    problems = "".join(f"<li>{escape(one.message)}</li>" for one in facts.problems)
    more = f"<ul>{problems}</ul>" if problems else ""
    head = f"<p><b>{escape(title or facts.modality or 'Scan')}</b></p>"
    return f"<div>{head}<table>{body}</table>{more}</div>"
