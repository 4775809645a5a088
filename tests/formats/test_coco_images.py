"""COCO of many pictures at once: their records are those of one picture after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import clips
from labelwidgets.formats.coco import places, text_columns
from labelwidgets.formats.plain_pictures import plain_pictures
from labelwidgets.schema.geometry import Rectangle, Tag

MANY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = st.sampled_from(
    ["a.jpg", "Straße.png", 'q"\\.png', "人/b.jpg", "..", "", "c\\d.jpg", "e,f"]
)
URLS = st.sampled_from(
    [
        ["https://pictures.example/x%20y.jpg"],
        ["https://pictures.example/z.jpg?key=1"],
        ["s3://bucket/a/z.png"],
        ["/home/me/w.png"],
        [],
        None,
        ("C:\\p\\v.png",),
    ]
)


@st.composite
def datasets(draw: st.DrawFn) -> pd.DataFrame:
    """Draw the items of a dataset of pictures, some of which are named alike or not sized."""
    several = range(draw(st.integers(1, 5)))
    sizes = st.sampled_from([{"width": 60, "height": 50}, {"width": 7, "height": 900, "p": 1}, {}])
    linked = draw(st.booleans())
    told = st.sampled_from([{}, {}, {"neg_category_ids": ["car"]}])
    return pd.DataFrame(
        {
            "id": [f"item-{number}" for number in several],
            "kind": "image",
            "title": [draw(NAMES) for _ in several],
            "folder": [draw(st.sampled_from(["", "", "f", "../g/h"])) for _ in several],
            "urls": [draw(URLS) if linked else [] for _ in several],
            "metadata": [draw(sizes) | draw(told) for _ in several],
            "status": "ok",
        }
    )


def one_by_one(monkeypatch: pytest.MonkeyPatch, call: Callable[[], Any]) -> Any:
    with monkeypatch.context() as patched:
        patched.setattr(clips, "plain_pictures", lambda _: None)
        return call()


@MANY
@given(datasets(), st.data(), st.booleans())
def test_pictures_are_written_as_they_are_one_by_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    items: pd.DataFrame,
    data: st.DataObject,
    in_columns: bool,
) -> None:
    ontology = lw.Ontology([lw.ObjectClass("car"), lw.ObjectClass("day", tool="tag")])
    # Answers about pictures are kept on their records.
    shapes = st.sampled_from([("car", Rectangle(1, 2, 3, 4)), ("day", Tag()), (None, Tag())])
    labels = [
        lw.Annotation(item_id=id, class_name=name, geometry=shape)
        for id in data.draw(st.lists(st.sampled_from(items["id"].tolist()), max_size=6))
        for name, shape in [data.draw(shapes)]
    ]
    known: dict[str, Any] = {"items": items, "ontology": ontology, "size_of": lambda _: (60, 50)}
    with monkeypatch.context() as patched:
        if in_columns:
            patched.setattr(text_columns, "FEW_ROWS", 0)
        counts = formats.write(labels, tmp_path / "a.json", "coco", **known).counts
    slow = one_by_one(
        monkeypatch, lambda: formats.write(labels, tmp_path / "b.json", "coco", **known).counts
    )
    assert counts == slow
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def pictures(count: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"i{number}" for number in range(count)],
            "kind": "image",
            "title": [f"{number}.jpg" for number in range(count)],
            "metadata": [{"width": 60 + number, "height": 50} for number in range(count)],
        }
    )


def test_a_frame_with_an_odd_row_has_the_same_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = pictures(60)
    labels = [
        lw.Annotation(item_id=id, class_name="car", geometry=Rectangle(1, 2, 3, 4))
        for id in items["id"]
    ]
    labels.append(lw.Annotation(item_id="i5", class_name=None, geometry=Tag()))
    formats.write(labels, tmp_path / "a.json", "coco", items=items)
    found = formats.read_frame(tmp_path / "a.json", "coco")
    formats.write(found, tmp_path / "b.json", "coco")
    one_by_one(monkeypatch, lambda: formats.write(found, tmp_path / "c.json", "coco"))
    text = (tmp_path / "b.json").read_bytes()
    assert text == (tmp_path / "c.json").read_bytes()
    images = json.loads(text)["images"]
    assert [one["width"] for one in images] == [60 + number for number in range(60)]
    assert [len(one["labelwidgets"].get("annotations", [])) for one in images] == [
        int(number == 5) for number in range(60)
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": ["image", "video", "image"]},
        {"kind": ["image", None, "image"]},
        {"id": ["i0", "i0", "i2"]},
        {"title": ["0.jpg", "0.jpg", "2.jpg"]},
        {"metadata": [{"width": 6, "height": 5}, None, {"width": 6, "height": 5}]},
        {"metadata": [{"width": 6, "height": 5}, {"width": 6}, {"width": 6, "height": 5}]},
        {"metadata": [{"width": 6, "height": 5}] * 2 + [{"width": "6", "height": 5}]},
        {"metadata": [{"width": 6, "height": 5}] * 2 + [{"width": True, "height": 5}]},
        {"metadata": [{"width": 6, "height": 5}] * 2 + [{"width": 6, "height": 0}]},
    ],
)
def test_what_is_not_plain_is_seen(change: dict[str, list[Any]]) -> None:
    assert plain_pictures(pictures()) is not None
    assert plain_pictures(pictures().assign(**change)) is None


def test_no_pictures_are_no_plain_ones() -> None:
    found = plain_pictures(pictures(0))
    assert found is None or not found.ids


def test_urls_may_be_arrays() -> None:
    urls = [np.array(["s3://b/x.png", "s3://b/y.png"], object), np.array([], object), None]
    found = plain_pictures(pictures().assign(urls=pd.Series(urls, dtype=object)))
    assert found is not None
    assert found.urls == ["s3://b/x.png", "", ""]
    assert found.names == ["x.png", "1.jpg", "2.jpg"]


def test_an_id_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"'i0'.*is there twice"):
        formats.write([], tmp_path / "a.json", "coco", items=pictures().assign(id="i0"))


ODD = [
    {},
    {"file_name": "b/0.jpg"},
    {"file_name": "1.jpg"},
    {"file_name": ""},
    {"file_name": "", "coco_url": "https://pictures.example/t/9.jpg"},
    {"coco_url": "https://pictures.example/t/9.jpg"},
    {"width": None},
    {"width": 0},
    {"height": 10**7},
    {"id": 2},
    {"id": "one"},
    {"id": 10**31},
    {"id": 1.5},
    {"neg_category_ids": [1]},
    {"labelwidgets": {"item": "x"}},
    {"labelwidgets": None},
    {"video_id": 7},
]


@pytest.mark.parametrize("odd", ODD)
def test_pictures_are_read_as_they_are_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: dict[str, Any]
) -> None:
    images = [
        {"id": number, "file_name": f"{number}.jpg", "width": 60, "height": 50}
        for number in range(3)
    ]
    images[0] |= odd
    label = {"id": 1, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]}
    file = {"images": images, "categories": [{"id": 1, "name": "car"}], "annotations": [label]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(file))

    def found() -> list[Any]:
        read = formats.read(path, "coco", errors="collect")
        labels = [(one.item_id, one.frame) for one in read.annotations]
        return [read.items.to_dict("list"), labels, read.left_out.to_dict("list")]

    quick = found()
    with monkeypatch.context() as patched:
        patched.setattr(places, "plain_images", lambda _: None)
        assert quick == found()
    assert len(quick[1]) == 1
