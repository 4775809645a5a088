"""What is no function of pixels, or returns no rows, is said at once and by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.scale import map_items
from labelwidgets.scale.returned import rows_of


@pytest.fixture
def dataset(tmp_path: Path) -> lw.Dataset:
    for number in range(3):
        Image.new("L", (8 + number, 8)).save(tmp_path / f"{number}.png")
    return lw.Dataset.open(str(tmp_path / "*.png"))


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (5, "must be a function, not int"),
        (lambda pixels: pixels.mean(), "must take the pixels and the item"),
        (lambda pixels, item, third: 1, "must take the pixels and the item"),
    ],
)
def test_what_cannot_take_pixels_and_an_item_is_refused(
    dataset: lw.Dataset, function: Any, said: str
) -> None:
    with pytest.raises(WorkflowError, match=said):
        map_items(function, dataset)


def test_a_path_is_no_dataset() -> None:
    with pytest.raises(WorkflowError, match=r"must be a dataset, not str.*Dataset\.open"):
        map_items(lambda pixels, item: 1, "photos")  # type: ignore[arg-type]


@pytest.mark.parametrize("out", [False, True])
def test_the_same_type_error_for_every_item_is_raised(
    tmp_path: Path, dataset: lw.Dataset, out: bool
) -> None:
    def wrong(pixels: Any, item: Mapping[str, Any]) -> Any:
        return len(1)  # type: ignore[arg-type]

    with pytest.raises(WorkflowError, match="failed for every item: TypeError: object of type"):
        map_items(wrong, dataset, out=tmp_path / "out" if out else None, workers=2)


def test_a_type_error_of_some_items_is_collected(dataset: lw.Dataset) -> None:
    def sometimes(pixels: Any, item: Mapping[str, Any]) -> Any:
        return {"size": len(1) if pixels.shape[1] == 9 else 1}  # type: ignore[arg-type]

    assert map_items(sometimes, dataset)["error"].notna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"item_id": "mine"}, "'item_id', a column that each row has"),
        ({"error": 0.5}, "'error', a column that each row has"),
        ({"map": np.zeros((2, 3))}, r"2 dimensions \(2, 3\) as 'map'"),
        (np.zeros((2, 3)), "2 dimensions .* as 'value'"),
        ({"thing": object()}, "object as 'thing'"),
        ({"box": [[1, 2], [3, 4]]}, "list in a list as 'box'"),
        ({"more": {"a": 1}}, "dict as 'more'"),
        (object(), "object, which is no row"),
    ],
)
def test_what_is_no_row_names_its_key(dataset: lw.Dataset, value: Any, said: str) -> None:
    with pytest.raises(WorkflowError, match=said):
        map_items(lambda pixels, item: value, dataset, errors="raise")

    def sometimes(pixels: Any, item: Mapping[str, Any]) -> Any:
        return value if pixels.shape[1] == 9 else {"sound": 1}

    found = map_items(sometimes, dataset)
    assert found["error"].notna().tolist() == [False, True, False]
    assert found["item_id"].tolist() == dataset.items["id"].tolist()


def test_numbers_texts_and_arrays_are_rows() -> None:
    made = {"a": np.float32(0.5), "b": "b", "c": np.arange(2), "d": (1, 2), "e": None, "f": b"f"}
    assert rows_of(made) == [{"a": 0.5, "b": "b", "c": [0, 1], "d": [1, 2], "e": None, "f": b"f"}]
    assert rows_of(np.arange(3)) == [{"value": [0, 1, 2]}]
    assert rows_of([{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]
    assert rows_of(None) == rows_of([]) == []
