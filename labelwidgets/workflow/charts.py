"""Small charts as SVG text, in the colours of the notebook around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

# Okabe and Ito's colours, which people who see fewer colours tell apart too.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999")
_WIDTH, _HEIGHT, _FOOT = 640, 150, 18
_WIDEST = 64
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
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" '
        f'aria-label="{escape(title)}">{top}{"".join(parts)}</svg><div>{legend(list(series))}</div>'
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
    left, side = 34.0, 220.0
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
