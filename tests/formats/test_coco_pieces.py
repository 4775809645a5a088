"""A large COCO file is read piece by piece: it gives what it gives as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError, LimitError, SourceError
from labelwidgets.formats.coco import pieces
from labelwidgets.formats.coco.pieces import Pieces, WholeFileError
from tests.formats.test_coco_frame import LABELS, document, label


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read small files piece by piece, too."""
    monkeypatch.setattr(pieces, "_SMALL", 0)
    monkeypatch.setattr(pieces, "_PIECE", 500)


def both(path: Path, **options: Any) -> tuple[Any, Any]:
    """Return what a file gives by pieces and as a whole, but for ids that are new each time."""
    by_pieces = formats.read_frame(path, "coco", **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_SMALL", 1 << 40)
        whole = formats.read_frame(path, "coco", **options)
    return by_pieces, whole


def same(path: Path, **options: Any) -> Any:
    """Raise unless both are the same."""
    one, other = both(path, **options)
    pd.testing.assert_frame_equal(
        one.annotations.drop(columns=["id", "geometry"]),
        other.annotations.drop(columns=["id", "geometry"]),
    )
    assert one.annotations["geometry"].tolist() == other.annotations["geometry"].tolist()
    assert one.left_out.equals(other.left_out)
    assert one.categories.equals(other.categories)
    assert one.items.equals(other.items)
    return one


def ordered(order: str, labels: list[Any], **said: Any) -> dict[str, Any]:
    """Return a file whose lists are in an order."""
    made = document(labels) | said
    names = {"i": "images", "c": "categories", "a": "annotations", "n": "info"}
    return {names[one]: made.get(names[one], {"year": 2026}) for one in order}


@pytest.mark.parametrize("order", ["ica", "ian", "aic", "niac", "caiin"[:4], "iac"])
@pytest.mark.parametrize("indent", [None, 2])
def test_lists_may_be_in_any_order(tmp_path: Path, order: str, indent: int | None) -> None:
    labels = [label(number, area=number + 0.5) for number in range(1, 40)] + LABELS[9:]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ordered(order, labels), indent=indent))
    if {"i", "c"} <= set(order):
        assert len(same(path).annotations) == 40
    found = Pieces(path, 1 << 30)
    if "i" in order:
        assert sum(len(piece.raws()) for piece in found) == 40


def test_labels_of_all_kinds_and_wrong_ones_are_what_they_are(tmp_path: Path) -> None:
    wrong = [label(100, image_id=9), label(101, bbox=[10, 10, 400, 50]), 7, label(1)]
    inner = [
        label(200 + n, attributes={"a": [{"id": 1}, {"id": 2, "b": "}, {"}]}) for n in range(9)
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document([*LABELS, *inner, *wrong])))
    found = same(path, errors="collect")
    assert len(found.left_out) == 3
    with pytest.raises(FormatError, match=r"annotations\[19\] \(id 100\)"):
        formats.read_frame(path, "coco")


def test_a_shape_that_is_wrong_names_its_record(tmp_path: Path) -> None:
    labels = [label(number) for number in range(1, 30)]
    labels[20]["segmentation"] = [[1, 2, 3]]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document(labels)))
    with pytest.raises(FormatError, match=r"a\.json, annotations\[20\] \(id 21\), segmentation"):
        formats.read_frame(path, "coco").annotations["geometry"][20]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"annotations": [{', '"annotations": [{,'),
        ("}]}", "}]"),
        ("}]}", "},]}"),
        ("1010.0", "NaN"),
        ("1010.0", "1010.0.0"),
        ('"images"', '"annotations": [], "images"'),
        ('"file_name"', '"annotations": [{"a": 1}], "file_name"'),
    ],
)
def test_what_cannot_be_cut_is_read_whole(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "a.json"
    text = json.dumps(document([label(number) for number in range(1, 30)]))
    assert old in text
    path.write_text(text.replace(old, new, 1) if old != "}]}" else text[: -len(old)] + new)
    said = []
    for read in (formats.read, formats.read_frame):
        try:
            said.append(str(len(read(path, "coco", errors="collect").annotations)))
        except FormatError as error:
            said.append(str(error))
    assert said[0] == said[1]
    if said[0].isdecimal():
        same(path, errors="collect")


def test_an_annotation_may_be_longer_than_a_piece(tmp_path: Path) -> None:
    long = [float(n % 90) + 0.25 for n in range(2000)]
    labels = [
        label(n, segmentation=[long] if n == 5 else [[1.5, 2, 30, 2, 30, 40]]) for n in range(9)
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document(labels)))
    assert len(same(path).annotations["geometry"][5].parts[0][0]) == 1000


def test_what_is_no_file_of_this_machine_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document([label(1)])))
    with pytest.raises(WholeFileError):
        Pieces(f"memory://{path}", 1 << 30)
    with pytest.raises(SourceError, match="is not there"):
        formats.read_frame(tmp_path / "none.json", "coco")
    with pytest.raises(LimitError, match="more than 10 bytes"):
        formats.read_frame(path, "coco", max_bytes=10)
