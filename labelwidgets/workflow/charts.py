"""Small charts as SVG text, in the colours of the notebook around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from unicodedata import east_asian_width

# Okabe and Ito's colours, which people who see fewer colours tell apart too.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999")
_WIDTH, _HEIGHT, _FOOT = 640, 150, 18
_WIDEST = 64
BAR = "var(--jp-brand-color1, #1976d2)"
LINE = "var(--jp-border-color2, #bdbdbd)"
TEXT = (
    "fill: var(--jp-ui-font-color1, currentColor); font: 11px var(--jp-ui-font-family, sans-serif)"
)


def color_of(number: int) -> str:
    """Return the colour of the n-th of several."""
    return COLORS[number % len(COLORS)]


def legend(names: Sequence[str]) -> str:
    """Return what each colour stands for, as HTML."""
    return " ".join(
        f'<span style="white-space: nowrap"><span style="display: inline-block; width: 10px; '
        f'height: 10px; background: {color_of(n)}"></span> {escape(name)}</span>'
        for n, name in enumerate(names)
    )


def shares(counts: Mapping[str, int], title: str) -> str:
    """Return one bar that is divided as numbers are, with a legend, as HTML."""
    total = sum(counts.values())
    parts, x = [], 0.0
    for number, (name, count) in enumerate(counts.items()):
        width = _WIDTH * count / total if total else 0.0
        parts.append(
            f'<rect x="{x:.1f}" y="0" width="{width:.1f}" height="14" fill="{color_of(number)}">'
            f"<title>{escape(name)}: {count}</title></rect>"
        )
        x += width
    names = [f"{name} {count}" for name, count in counts.items()]
    return (
        f'<svg viewBox="0 0 {_WIDTH} 14" width="100%" height="14" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(title)}">{"".join(parts)}</svg><div>{legend(names)}</div>'
    )


def stacked_bars(places: Sequence[str], series: Mapping[str, Sequence[float]], title: str) -> str:
    """Return bars side by side, one a place, each of several parts, as HTML.

    Parameters
    ----------
    places
        What each bar is about, such as a day.
    series
        The parts: for each name as many numbers as there are places.
    title
        Said by screen readers.
    """
    heights = [sum(values[n] for values in series.values()) for n in range(len(places))]
    most = max([*heights, 1.0])
    step = min(_WIDTH / max(1, len(places)), _WIDEST)
    parts = []
    for n, place in enumerate(places):
        y = float(_HEIGHT - _FOOT)
        for number, (name, values) in enumerate(series.items()):
            height = (_HEIGHT - _FOOT - 12) * values[n] / most
            y -= height
            parts.append(
                f'<rect x="{n * step + step * 0.1:.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" '
                f'height="{height:.1f}" fill="{color_of(number)}">'
                f"<title>{escape(place)}, {escape(name)}: {values[n]:g}</title></rect>"
            )
    # Only so many names have room under the bars.
    every = max(1, -(-len(places) // 8))
    parts += [
        f'<text x="{n * step + step / 2:.1f}" y="{_HEIGHT - 4}" text-anchor="middle" '
        f'style="{TEXT}">{escape(places[n])}</text>'
        for n in range(0, len(places), every)
    ]
    top = f'<text x="0" y="9" style="{TEXT}">{most:g}</text>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" style="max-width: 100%" '
        f'role="img" aria-label="{escape(title)}">{top}{"".join(parts)}</svg>'
        f"<div>{legend(list(series))}</div>"
    )


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]], title: str, across: str, up: str
) -> str:
    """Return lines over a square from 0 to 1, with a legend, as HTML.

    Parameters
    ----------
    series
        By name the points of each line, x and y from 0 to 1.
    title
        Above it, and said by screen readers.
    across, up
        What the axes are.
    """
    left, side = 34.0, 300.0
    grid = "".join(
        f'<path d="M{left} {at * side / 4 + 8:.1f}h{side}M{left + at * side / 4:.1f} 8v{side}" '
        f'stroke="{LINE}" stroke-width="0.5"/>'
        for at in range(5)
    )
    marks = "".join(
        f'<text x="{left - 4}" y="{8 + side - at * side / 2 + 4:.1f}" text-anchor="end" '
        f'style="{TEXT}">{at / 2:g}</text><text x="{left + at * side / 2:.1f}" y="{side + 22}" '
        f'text-anchor="middle" style="{TEXT}">{at / 2:g}</text>'
        for at in range(3)
    )
    drawn = []
    for n, (name, points) in enumerate(series.items()):
        path = " ".join(f"{left + x * side:.1f},{8 + (1 - y) * side:.1f}" for x, y in points)
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{color_of(n)}" stroke-width="2">'
            f"<title>{escape(name)}</title></polyline>"
        )
    names = (
        f'<text x="{left + side / 2}" y="{side + 38}" text-anchor="middle" style="{TEXT}">'
        f'{escape(across)}</text><text transform="translate(9 {8 + side / 2}) rotate(-90)" '
        f'text-anchor="middle" style="{TEXT}">{escape(up)}</text>'
    )
    return (
        f'<p style="margin: 12px 0 4px"><b>{escape(title)}</b></p>'
        f'<svg viewBox="0 0 {left + side + 8} {side + 44}" width="{left + side + 8}" '
        f'role="img" aria-label="{escape(title)}">'
        f"{grid}{marks}{names}{''.join(drawn)}</svg><div>{legend(list(series))}</div>"
    )


def bars(counts: Mapping[str, float], title: str, most: int = 20) -> str:
    """Return bars that lie, one below the other with its name and its number, as HTML.

    Parameters
    ----------
    counts
        By name.
    title
        Said by screen readers.
    most
        How many bars are drawn.
    """
    shown = list(counts.items())[:most]
    top = max([*(value for _, value in shown), 1])
    row, left, width = 20, 150, _WIDTH - 150 - 60
    parts = []
    for n, (name, value) in enumerate(shown):
        y = n * row
        parts.append(
            f'<text x="{left - 6}" y="{y + 14}" text-anchor="end" style="{TEXT}">'
            f"<title>{escape(name)}</title>{escape(_short(name, 21))}</text>"
            f'<rect x="{left}" y="{y + 3}" width="{width * value / top:.1f}" '
            f'height="{row - 6}" fill="{BAR}"><title>{escape(name)}: {value:,}</title></rect>'
            f'<text x="{left + width * value / top + 6:.1f}" y="{y + 14}" style="{TEXT}">'
            f"{value:,}</text>"
        )
    more = f"<div>and {len(counts) - most:,} more</div>" if len(counts) > most else ""
    height = row * len(shown)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" style="max-width: 100%" '
        f'role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>{more}'
    )


def columns(lows: Sequence[str], highs: Sequence[str], values: Sequence[float], title: str) -> str:
    """Return columns side by side, one a bin of a histogram, as HTML.

    Parameters
    ----------
    lows, highs
        Where each bin begins and ends, as it is told.
    values
        How much is in each.
    title
        Said by screen readers.
    """
    wide, tall, foot = 290.0, 120.0, 16.0
    step, top = wide / max(1, len(values)), max([*values, 1])
    parts = [
        f'<rect x="{n * step + 0.5:.1f}" y="{tall - (tall - 14) * value / top:.1f}" '
        f'width="{max(1.0, step - 1):.1f}" height="{(tall - 14) * value / top:.1f}" fill="{BAR}">'
        f"<title>{escape(lows[n])} to {escape(highs[n])}: {value:,}</title></rect>"
        for n, value in enumerate(values)
    ]
    every = max(1, -(-len(values) // 6))
    parts += [
        f'<text x="{n * step:.1f}" y="{tall + foot - 3}" style="{TEXT}">{escape(lows[n])}</text>'
        for n in range(0, len(values) - every // 2, every)
    ]
    end = f'<text x="{wide}" y="{tall + foot - 3}" text-anchor="end" style="{TEXT}">'
    parts.append(f"{end}{escape(highs[-1])}</text>" if highs else "")
    parts.append(f'<text x="0" y="10" style="{TEXT}">{top:,}</text>')
    return (
        f'<svg viewBox="0 0 {wide} {tall + foot}" width="{wide}" role="img" '
        f'aria-label="{escape(title)}"><path d="M0 {tall}h{wide}" stroke="{LINE}"/>'
        f"{''.join(parts)}</svg>"
    )


def heat(grid: Sequence[Sequence[float]], title: str) -> str:
    """Return a grid of numbers as shades, with a title below, as HTML.

    Parameters
    ----------
    grid
        Rows from the top.
    title
        Below it, and said by screen readers.
    """
    side = 150.0
    rows, wide = len(grid), max((len(row) for row in grid), default=1)
    top = max((value for row in grid for value in row), default=0) or 1
    cells = "".join(
        f'<rect x="{n * side / wide:.2f}" y="{m * side / rows:.2f}" '
        f'width="{side / wide + 0.2:.2f}" height="{side / rows + 0.2:.2f}" '
        # The root shows what is rare, too.
        f'fill="{BAR}" fill-opacity="{(value / top) ** 0.5:.2f}"/>'
        for m, row in enumerate(grid)
        for n, value in enumerate(row)
        if value
    )
    return (
        f'<svg viewBox="0 0 {side} {side}" width="{side}" role="img" '
        f'aria-label="{escape(title)}"><rect width="{side}" height="{side}" fill="none" '
        f'stroke="{LINE}"/>{cells}</svg><div style="text-align: center" title="{escape(title)}">'
        f"{escape(_short(title, 21))}</div>"
    )


def _short(name: str, most: int) -> str:
    """Return as much of a name as has room; letters of East Asia are two letters wide."""
    room = most
    for n, letter in enumerate(name):
        room -= 2 if east_asian_width(letter) in "WF" else 1
        if room < 0:
            return f"{name[: n - 1]}\u2026"
    return name
