"""A workflow as a picture: stages as boxes, and arrows for what takes a task on or back."""

from __future__ import annotations

from html import escape

from labelwidgets.workflow.stages import Stage, Workflow

_WIDE, _HIGH, _GAP, _TOP, _STEP = 118, 54, 74, 30, 34
_STYLE = (
    ".lw-flow{font:12px var(--jp-ui-font-family,system-ui,sans-serif);max-width:100%}"
    ".lw-flow rect{fill:var(--jp-layout-color2,#f3f3f3);stroke:var(--jp-border-color1,#999)}"
    ".lw-flow text{fill:var(--jp-ui-font-color1,#222);text-anchor:middle}"
    ".lw-flow .lw-kind{fill:var(--jp-ui-font-color2,#555);font-size:10px}"
    ".lw-flow path{fill:none;stroke:var(--jp-ui-font-color2,#555);stroke-width:1.3}"
    ".lw-flow .lw-back{stroke-dasharray:4 3}"
    ".lw-flow .lw-head{fill:var(--jp-ui-font-color2,#555);stroke:none}"
)


def draw(workflow: Workflow) -> str:
    """Return a workflow as HTML with one SVG in it: no script, all names escaped.

    Arrows that go on are whole lines, those that go back are dashed; of several moves between
    two stages, one arrow names the actions.
    """
    place = {stage.name: number for number, stage in enumerate(workflow.stages)}
    ways: dict[tuple[str, str], list[str]] = {}
    for row in workflow.table:
        if row.goes_to != row.stage:
            actions = ways.setdefault((row.stage, row.goes_to), [])
            if row.action not in actions:
                actions.append(row.action)
    opinions, fused = workflow.opinions, workflow.first("consensus")
    if opinions is not None and fused is not None:
        ways[opinions.name, fused.name] = ["all submitted"]
    near = [way for way in ways if place[way[1]] - place[way[0]] == 1]
    over = sorted(
        (way for way in ways if place[way[1]] - place[way[0]] > 1),
        key=lambda way: place[way[1]] - place[way[0]],
    )
    back = sorted(
        (way for way in ways if place[way[1]] < place[way[0]]),
        key=lambda way: place[way[0]] - place[way[1]],
    )
    top = _TOP + _STEP * len(over)
    parts = [_box(stage, _left(place[stage.name]), top) for stage in workflow.stages]
    parts += [_straight(place[a], place[b], top, ways[a, b]) for a, b in near]
    parts += [
        _arc(place[a], place[b], top, top - _STEP * (n + 1), ways[a, b], "")
        for n, (a, b) in enumerate(over)
    ]
    low = top + _HIGH
    parts += [
        _arc(place[a], place[b], low, low + _STEP * (n + 1), ways[a, b], "lw-back")
        for n, (a, b) in enumerate(back)
    ]
    width = _left(len(workflow.stages)) - _GAP + 12
    height = low + _STEP * len(back) + 24
    said = f"Workflow {workflow.name}: {', then '.join(place)}"
    return (
        f'<style>{_STYLE}</style><svg class="lw-flow" role="img" aria-label="{escape(said)}" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{''.join(parts)}</svg>"
    )


def _left(number: int) -> int:
    return 12 + number * (_WIDE + _GAP)


def _box(stage: Stage, x: int, y: int) -> str:
    told: str = stage.kind
    if stage.overlap:
        told = f"{stage.overlap} people" + (", blind" if stage.options.get("blind") else "")
    if "share" in stage.options:
        told += f", {stage.options['share']:.0%}"
    if "agreement" in stage.options:
        told = f"{stage.kind}, {stage.options['agreement']}"
        at = stage.options["threshold"]
        told += f" {at:g}" if isinstance(at, int | float) else " by class"
    if stage.options.get("strict"):
        told += ", strict"
    name = stage.name if len(stage.name) <= 17 else stage.name[:16] + "…"
    middle = x + _WIDE // 2
    box = f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{_HIGH}" rx="6"/>'
    if told == stage.name:
        # Said once.
        return f'{box}<text x="{middle}" y="{y + 31}">{escape(name)}</text>'
    return (
        f'{box}<text x="{middle}" y="{y + 24}">{escape(name)}</text>'
        f'<text class="lw-kind" x="{middle}" y="{y + 41}">{escape(told)}</text>'
    )


def _straight(a: int, b: int, top: int, actions: list[str]) -> str:
    x0, x1, y = _left(a) + _WIDE, _left(b), top + _HIGH // 2
    return (
        f'<path d="M{x0} {y}H{x1 - 7}"/>'
        f'<path class="lw-head" d="M{x1} {y}l-8 -4v8z"/>'
        f"{_words((x0 + x1) // 2, y - 6, actions)}"
    )


def _arc(a: int, b: int, start: int, far: int, actions: list[str], kind: str) -> str:
    step = 14 if b > a else -14
    x0, x1 = _left(a) + _WIDE // 2 + step, _left(b) + _WIDE // 2 - step
    tip = 8 if far > start else -8
    return (
        f'<path class="{kind}" d="M{x0} {start}V{far}H{x1}V{start + tip}"/>'
        f'<path class="lw-head" d="M{x1} {start}l-4 {tip}h8z"/>'
        f"{_words((x0 + x1) // 2, far - 4, actions)}"
    )


def _words(x: int, y: int, actions: list[str]) -> str:
    return f'<text class="lw-kind" x="{x}" y="{y}">{escape(", ".join(actions))}</text>'
