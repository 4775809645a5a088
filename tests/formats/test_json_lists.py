"""Lists in JSON are written row by row."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from labelwidgets import formats
from labelwidgets.formats.json_lists import JsonList
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from tests.formats.labels import items


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_list_is_what_json_makes_of_its_rows(count: int) -> None:
    rows = [{"at": at} for at in range(count)]
    plain = JsonList(json.dumps(row).encode() for row in rows)
    assert json.loads(b"".join(plain)) == rows
    assert plain.count == count
    lines = JsonList(
        (json.dumps(row, indent=1).replace("\n", "\n ").encode() for row in rows), b"\n "
    )
    assert b"".join(lines).decode() == json.dumps(rows, indent=1)


@pytest.mark.parametrize("name", ["gt_studio", "encord", "label_studio"])
def test_no_more_than_a_picture_is_in_memory(tmp_path: Path, name: str) -> None:
    ids = [f"i{at}" for at in range(100)]
    made = [
        Annotation(item_id=id, class_name="car", geometry=Rectangle(1, 2, 3 + at % 30, 4))
        for id in ids
        for at in range(30)
    ]
    path, frame = tmp_path / "a.json", items(*ids)
    formats.write(made[:30], path, name, items=frame)
    tracemalloc.start()
    formats.write(made, path, name, items=frame)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A buffer of a megabyte among it.
    assert peak < 3 << 20
