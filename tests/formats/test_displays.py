"""What a notebook shows of exports."""

from __future__ import annotations

from labelwidgets.formats.results import Exported


def test_an_export_shows_where_it_lies_and_what_is_in_it() -> None:
    page = Exported("<b>.json", {"annotations": 12_000, "left_out": 0})._repr_html_()
    assert "&lt;b&gt;.json" in page
    assert "12,000" in page
    assert "left out" not in page
