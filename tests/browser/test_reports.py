"""Pages that are saved: safe, whole and readable in a real browser, light and dark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser

import labelwidgets as lw

EVIL = "<img src=x onerror=alert(1)>"


def contrast(first: list[float], second: list[float]) -> float:
    """The contrast of two colours as WCAG has it, from 1 to 21."""

    def light(color: list[float]) -> float:
        parts = [one / 255 for one in color[:3]]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_is_readable_and_runs_nothing(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    labels = [
        lw.Annotation(item_id="a", class_name=name, geometry=lw.Rectangle(n, n, 20, 20))
        for name in ("car", EVIL)
        for n in range(0, 60, 20)
    ]
    size = {"width": 200, "height": 100}
    items = pd.DataFrame([{"id": "a", "title": EVIL, "metadata": size}])
    path = tmp_path / "report.html"
    lw.report(labels, items, name=EVIL).save(path)
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1000, "height": 800})  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    assert page.locator("img, script").count() == 0
    assert page.locator("svg").count() >= 6
    assert page.get_by_text(EVIL).count() > 2
    numbers = "color => color.match(/[0-9.]+/g).map(Number)"
    back = page.evaluate(f"({numbers})(getComputedStyle(document.body).backgroundColor)")
    assert (back[0] < 128) == (scheme == "dark")
    for place in ("h2", "svg text", "th"):
        found = page.locator(place).first
        key = "fill" if place == "svg text" else "color"
        ink = found.evaluate(f"element => ({numbers})(getComputedStyle(element).{key})")
        assert contrast(ink, back) > 7, place
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 1000
    context.close()
