"""A mask of slices whose item is a photo: nothing of it can be written, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from labelwidgets import formats
from labelwidgets.formats import registry
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from tests.formats.labels import NOTED, items
from tests.formats.specimens import SHAPES

NAMES = [
    name
    for name in registry.names()
    if registry.holds(name).on == "pictures"
    and registry.holds(name).fate("volume mask").how == "changed"
    and registry.holds(name).fate("rectangle").how != "left"
]


@pytest.mark.parametrize("name", NAMES)
def test_a_mask_of_slices_on_a_photo_is_left_out_and_said(tmp_path: Path, name: str) -> None:
    wrong = Annotation(item_id="a", geometry=SHAPES["volume mask"](), class_name="car")
    right = Annotation(item_id="a", geometry=Rectangle(5, 5, 20, 10), class_name="car")
    known = items("a", "b")
    with pytest.warns(FormatWarning, match="1 volume mask on what is no scan"):
        formats.write([wrong, right], tmp_path / "out", name, items=known, ontology=NOTED)
    found = formats.read(tmp_path / "out", name, items=known, ontology=NOTED)
    assert len(found.annotations) == 1


def test_an_item_that_nobody_knows_is_a_scan_where_a_mask_has_slices(tmp_path: Path) -> None:
    wrong = Annotation(item_id="a", geometry=SHAPES["volume mask"](), class_name="car")
    with pytest.warns(FormatWarning):
        formats.write([wrong], tmp_path / "out", "datumaro")
    text = (tmp_path / "out/annotations/default.json").read_text()
    assert "a/slice_0001.png" in text
    assert "a/slice_0002.png" in text
