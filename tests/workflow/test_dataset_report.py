"""What a dataset is like: counts that are right, odd labels that are found, a page that is safe."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets import Annotation, Rectangle, Tag
from labelwidgets.errors import SchemaError

EVIL = "<img src=x onerror=alert(1)>"


def items(*names: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"id": name, "title": f"{name}.jpg", "metadata": {"width": 200, "height": 100}}
            for name in names
        ]
    )


def box(item: str, name: str, *corners: float, **more: str) -> Annotation:
    return Annotation(item_id=item, class_name=name, geometry=Rectangle(*corners), **more)  # type: ignore[arg-type]


SOME = [
    box("a", "car", 0, 0, 20, 20),
    box("a", "tree", 100, 50, 40, 40),
    box("b", "car", 150, 0, 10, 40),
    Annotation(item_id="b", geometry=Tag(), attributes={"weather": "dry"}),
    Annotation(item_id="c", class_name="tree", geometry=Tag()),
]


def test_labels_are_counted_by_class_size_and_company() -> None:
    told = lw.report(SOME, items("a", "b", "c", "d"), ["car", "tree", "bus"])
    assert told.classes["labels"].to_dict() == {"car": 2, "tree": 2, "bus": 0}
    assert told.classes.loc["car", ["items", "small", "medium"]].tolist() == [2, 2, 0]
    assert told.classes.loc["tree", ["items", "small", "medium"]].tolist() == [2, 0, 1]
    assert told.classes.loc["car", "width"] == 15
    assert told.together.loc["car", "tree"] == 1
    assert told.together.loc["car", "car"] == 2
    assert told.without_labels["title"].tolist() == ["d.jpg"]
    assert told.summary["labels_per_item"] == 1
    assert told.histogram("labels")["labels"].tolist() == [1, 2, 1]
    assert told.histogram("size")["labels"].sum() == 3
    assert told.histogram("aspect", "car", bins=2)["labels"].tolist() == [1, 1]


def test_positions_are_where_the_middles_lie_in_their_pictures() -> None:
    told = lw.report(SOME, items("a", "b", "c"))
    assert told.positions(bins=2).tolist() == [[1, 1], [0, 1]]
    assert told.positions("car", bins=2).tolist() == [[1, 1], [0, 0]]
    assert lw.report(SOME).positions().sum() == 0


def test_a_frame_is_reported_as_its_records_are() -> None:
    frame = pd.DataFrame(
        [
            {
                **{name: getattr(one, name) for name in ("id", "task_id", "item_id", "frame")},
                "class_name": one.class_name,
                "geometry_type": one.geometry.type,
                **dict(zip(("x", "y", "width", "height"), one.geometry.bounds, strict=True)),
                "area": one.geometry.area,
            }
            for one in SOME[:3]
        ]
    )
    one, other = lw.report(SOME[:3], items("a", "b")), lw.report(frame, items("a", "b"))
    assert one.classes.equals(other.classes)
    assert one.outliers.equals(other.outliers)


def test_odd_labels_are_found_and_the_others_are_not() -> None:
    usual = [box(f"i{n}", "car", 20, 20, 30 + n % 3, 30, id=f"u{n}") for n in range(30)]
    odd = [
        box("i0", "car", 20, 20, 30, 30, id="twice"),
        box("i1", "car", 150, 20, 60, 30, id="beyond"),
        box("i2", "car", 60, 60, 1, 30, id="thin"),
        box("i3", "car", 0, 0, 200, 100, id="huge"),
        box("i4", "car", 0, 0, 180, 5, id="flat"),
        box("i5", "tree", 20, 20, 30, 30, id="another"),
    ]
    told = lw.report([*usual, *odd], items(*(f"i{n}" for n in range(30))))
    found = told.outliers.groupby("id")["kind"].agg(sorted).to_dict()
    assert found == {
        "twice": ["duplicate"],
        "beyond": ["outside"],
        "thin": ["tiny"],
        "huge": ["size"],
        "flat": ["aspect"],
    }
    detail = told.outliers.set_index("id")["detail"]
    assert detail["twice"].startswith("of u0, IoU 1.00")
    assert detail["beyond"] == "by 10 pixels"


def test_nothing_is_no_error() -> None:
    for told in (lw.report([]), lw.report([], items("a")), lw.report([], items("a"), ["car"])):
        assert len(told.outliers) == 0
        assert "labels" in told._repr_html_()


def test_a_page_runs_nothing_that_people_wrote_and_needs_no_other_file(tmp_path: Path) -> None:
    labels = [
        box(EVIL, EVIL, 0, 0, 20, 20),
        box(EVIL, EVIL, 0, 0, 20, 20),
        box("b", "car", 0, 0, 9, 9),
    ]
    groups = {EVIL: pd.Series({EVIL: EVIL})}
    told = lw.report(labels, items(EVIL, "b", f"{EVIL}2"), groups=groups, name=EVIL)
    told.save(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<img" not in text
    assert "<script" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?http", text)
    assert "prefers-color-scheme: dark" in text


def test_groups_are_counted_by_class() -> None:
    groups = {"part": pd.Series({"a": "train", "b": "val"})}
    told = lw.report(SOME, items("a", "b", "c"), groups=groups)
    assert told.by("part").loc["car"].to_dict() == {"-": 0, "train": 1, "val": 1}
    assert told.by("part").loc["tree"].to_dict() == {"-": 1, "train": 1, "val": 0}
    with pytest.raises(SchemaError, match="part"):
        told.by("state")


def test_what_is_asked_for_must_be_possible() -> None:
    told = lw.report(SOME, items("a"))
    with pytest.raises(SchemaError, match="size, aspect or labels"):
        told.histogram("colour")
    with pytest.raises(SchemaError, match="bins"):
        told.histogram("size", bins=0)
    with pytest.raises(SchemaError, match="bins"):
        told.positions(bins=1000)
    with pytest.raises(SchemaError, match="metadata"):
        lw.report(SOME, pd.DataFrame({"id": ["a"]}))


def test_the_real_photos_are_described(shared_data: Path) -> None:
    dataset = lw.Dataset.open(shared_data / "coco" / "images", progress=False)
    path = shared_data / "coco" / "instances.json"
    read = lw.formats.read(path, "coco", items=dataset.items, errors="collect")
    told = lw.report(read.annotations, dataset.items)
    counts = pd.Series([one.class_name for one in read.annotations]).value_counts()
    assert told.classes["labels"].to_dict() == counts.to_dict()
    assert told.positions().sum() == len(read.annotations)
    assert not told.outliers["kind"].eq("outside").any()
    assert np.isclose(told.classes["share"].sum(), 1)
    assert msgspec.json.encode(told._repr_html_())
