"""Cityscapes, in and out."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.cityscapes.classes import KNOWN
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Polygon, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from tests.formats.labels import items
from tests.formats.test_masks import box, picture, pixels_of

NAME = "aachen_000000_000019"
OBJECTS = [
    {"label": "road", "polygon": [[0, 30], [60, 30], [60, 50], [0, 50]]},
    {"label": "car", "polygon": [[5, 25], [25, 25], [25, 40], [5, 40]]},
    {"label": "cargroup", "polygon": [[40, 28], [58, 28], [58, 36], [40, 36]]},
    {"label": "polegroup", "polygon": [[1, 1], [3, 1], [3, 20], [1, 20]], "draw": True, "id": 7},
    {"label": "car", "polygon": [[20, 30], [35, 30], [35, 45], [20, 45]]},
    {"label": "license plate", "polygon": [[22, 40], [26, 40], [26, 42], [22, 42]]},
    {"label": "person", "polygon": [[50, 5], [55, 5], [55, 15]], "deleted": 1},
]


def dataset() -> Any:
    frame = items("a", "b", folder="aachen")
    frame["title"] = [f"{NAME}_leftImg8bit.png", "other.jpg"]
    frame["urls"] = [[f"/city/leftImg8bit/train/aachen/{NAME}_leftImg8bit.png"], ["/x/other.jpg"]]
    return frame


def written(path: Path, objects: Any = OBJECTS, **more: Any) -> Path:
    """Write a file of polygons as the dataset has them."""
    folder = path / "gtFine" / "train" / "aachen"
    folder.mkdir(parents=True, exist_ok=True)
    document = {"imgHeight": 50, "imgWidth": 60, "objects": objects} | more
    (folder / f"{NAME}_gtFine_polygons.json").write_text(json.dumps(document))
    return path


def test_polygons_are_read_with_groups_and_without_what_is_deleted(tmp_path: Path) -> None:
    back = formats.read(written(tmp_path), items=dataset())
    assert back.format == "cityscapes"
    assert [(one.class_name, one.origin.parameters) for one in back.annotations] == [
        ("road", {}),
        ("car", {}),
        ("car", {"iscrowd": 1}),
        ("polegroup", {"draw": True, "id": 7}),
        ("car", {}),
        ("license plate", {}),
    ]
    assert {one.item_id for one in back.annotations} == {"a"}
    assert back.annotations[1].geometry == Polygon([[[(5, 25), (25, 25), (25, 40), (5, 40)]]])
    assert back.ontology["car"].color == "#00008e"
    assert not back.ontology["road"].instances


def test_what_is_written_are_the_same_polygons_and_the_pictures_of_the_scripts(
    tmp_path: Path,
) -> None:
    back = formats.read(written(tmp_path / "in"), items=dataset())
    files = ("polygons", "instanceIds", "labelIds", "color")
    formats.write(back.annotations, tmp_path / "out", "cityscapes", items=dataset(), files=files)
    stem = tmp_path / "out" / "aachen" / f"{NAME}_gtFine_"
    document = json.loads(Path(f"{stem}polygons.json").read_text())
    kept = [
        {key: value for key, value in one.items() if key in ("label", "polygon")}
        for one in OBJECTS
        if not one.get("deleted")
    ]
    assert document == {"imgHeight": 50, "imgWidth": 60, "objects": kept}
    instances = np.asarray(Image.open(f"{stem}instanceIds.png"))
    assert instances.dtype == np.uint16
    assert np.array_equal(instances, _drawn("instanceIds"))
    assert np.array_equal(np.asarray(Image.open(f"{stem}labelIds.png")), _drawn("labelIds"))
    colours = np.asarray(Image.open(f"{stem}color.png"))
    assert colours[35, 58].tolist() == [128, 64, 128]
    assert colours[26, 6].tolist() == [0, 0, 142]
    # A picture without labels has its files too.
    assert json.loads((tmp_path / "out" / "aachen" / "other_gtFine_polygons.json").read_text()) == {
        "imgHeight": 50,
        "imgWidth": 60,
        "objects": [],
    }


def _drawn(what: str) -> Any:
    """Draw whole rectangles as the scripts of the dataset number them."""
    image = Image.new("I", (60, 50), 0)
    counts: dict[int, int] = {}
    for one in OBJECTS:
        name = str(one["label"])
        if one.get("deleted") or name == "license plate":
            continue
        id = KNOWN[name if name in KNOWN else name.removesuffix("group")].id
        number = id
        if what == "instanceIds" and name in KNOWN and KNOWN[name].instances:
            number = 1000 * id + counts.get(id, 0)
            counts[id] = counts.get(id, 0) + 1
        (left, top), _, (right, bottom), _ = one["polygon"]  # type: ignore[misc]
        ImageDraw.Draw(image).rectangle((left, top, right - 1, bottom - 1), number)
    return np.asarray(image)


@pytest.mark.parametrize("what", ["instanceIds", "labelIds"])
def test_masks_are_read_from_pictures_of_ids(tmp_path: Path, what: str) -> None:
    back = formats.read(written(tmp_path / "in"), items=dataset())
    formats.write(back.annotations, tmp_path / "out.zip", "cityscapes", items=dataset())
    seen = formats.read(tmp_path / "out.zip", items=dataset(), what=what)
    drawn = _drawn(what)
    assert len(seen.annotations) == len(np.unique(drawn)) - 1
    ids = {name: known.id for name, known in KNOWN.items()}
    for one in seen.annotations:
        said = one.origin.parameters
        number = ids[str(one.class_name)]
        number = number * 1000 + said["instance"] if "instance" in said else number
        assert np.array_equal(pixels_of(one.geometry), drawn == number)
    groups = [one.class_name for one in seen.annotations if one.origin.parameters.get("iscrowd")]
    assert groups == (["car"] if what == "instanceIds" else [])


def test_holes_and_parts_go_over_bridges_that_other_readers_fill_alike(tmp_path: Path) -> None:
    shape = Polygon(
        [
            [
                [(2.0, 2.0), (30.0, 2.0), (30.0, 30.0), (2.0, 30.0)],
                [(10.0, 10.0), (10.0, 20.0), (20.0, 20.0), (20.0, 10.0)],
            ],
            [[(40.0, 40.0), (50.0, 40.0), (50.0, 48.0), (40.0, 48.0)]],
        ]
    )
    formats.write(
        [Annotation(item_id="b", class_name="car", geometry=shape)],
        tmp_path / "out",
        "cityscapes",
        items=dataset(),
    )
    (one,) = formats.read(tmp_path / "out", items=dataset()).annotations
    assert isinstance(one.geometry, Polygon)
    assert sorted(len(part) for part in one.geometry.parts) == [1, 2]
    assert one.geometry.area == shape.area
    path = tmp_path / "out" / "aachen" / "other_gtFine_polygons.json"
    (said,) = json.loads(path.read_text())["objects"]
    image = Image.new("L", (60, 50))
    ImageDraw.Draw(image).polygon([tuple(point) for point in said["polygon"]], fill=1)
    inside = np.asarray(image)
    assert inside[5, 5] == inside[44, 45] == 1
    assert inside[15, 15] == inside[20, 40] == 0


def test_other_classes_get_ids_from_34_or_those_that_are_given(tmp_path: Path) -> None:
    own = Ontology([ObjectClass("tram"), ObjectClass("car"), ObjectClass("kerb", instances=False)])
    labels = [
        Annotation(item_id="b", class_name=name, geometry=box(9 * at, 3, 5, 5))
        for at, name in enumerate(("tram", "tram", "car", "kerb"))
    ]
    for given, expected in (
        (None, {34_000, 34_001, 26_000, 35}),
        ({"tram": 50}, {50_000, 50_001, 26_000, 34}),
        ({"tram": -1}, {26_000, 34}),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            formats.write(
                labels,
                tmp_path / "out",
                "cityscapes",
                items=dataset(),
                ontology=own,
                classes=given,
            )
        path = tmp_path / "out" / "aachen" / "other_gtFine_instanceIds.png"
        assert set(np.unique(Image.open(path)).tolist()) - {0} == expected
        back = formats.read(path, "cityscapes", items=dataset(), ontology=own, classes=given)
        assert len(back.annotations) == len(expected)
    with pytest.raises(FormatError, match="is of no class, and 25 pixels"):
        formats.read(path, "cityscapes", items=dataset(), classes={"car": 3})
    many = Ontology([ObjectClass(f"c{n}") for n in range(40)])
    with pytest.raises(FormatError, match="more classes than ids"):
        formats.write([], tmp_path / "n", "cityscapes", items=dataset(), ontology=many)
    for wrong in ({"a": 65}, {"a": True}, {"a": 3, "b": 3}):
        with pytest.raises(FormatError, match="classes, "):
            formats.write([], tmp_path / "n", "cityscapes", items=dataset(), classes=wrong)


def test_a_crowd_of_coco_is_a_group(tmp_path: Path) -> None:
    crowd = Annotation(
        item_id="b",
        class_name="person",
        geometry=Rectangle(1, 1, 9, 9),
        origin=Origin("import", "coco", parameters={"iscrowd": 1}),
    )
    with pytest.warns(formats.FormatWarning, match="1 rectangle"):
        formats.write([crowd], tmp_path / "out", "cityscapes", items=dataset())
    path = tmp_path / "out" / "aachen" / "other_gtFine_polygons.json"
    assert json.loads(path.read_text())["objects"][0]["label"] == "persongroup"
    assert np.unique(
        Image.open(str(path).replace("polygons.json", "instanceIds.png"))
    ).tolist() == [
        0,
        24,
    ]


@pytest.mark.parametrize("name", ["😀.png", "__a__.png", "trail .png"])
def test_pictures_with_signs_in_their_names_have_their_labels(tmp_path: Path, name: str) -> None:
    """Scripts put the end of a label file in place of that of the picture."""
    Image.new("RGB", (60, 40)).save(tmp_path / name)
    dataset = Dataset.open(tmp_path / name)
    (id,) = dataset
    label = Annotation(item_id=id, class_name="car", geometry=Polygon([[[(1, 1), (9, 1), (9, 9)]]]))
    formats.write([label], tmp_path / "set", "cityscapes", dataset=dataset, pictures=True)
    (picture,) = (tmp_path / "set/leftImg8bit").glob("*.png")
    labels = picture.name.replace("_leftImg8bit.png", "_gtFine_polygons.json")
    assert (tmp_path / "set/gtFine" / labels).is_file()
    formats.write([label], tmp_path / "alone", "cityscapes", dataset=dataset)
    assert (tmp_path / "alone" / labels).is_file()


def test_files_other_than_known_ones_are_refused(tmp_path: Path) -> None:
    for files in ("polygons", ("trainIds",), ()):
        with pytest.raises(FormatError, match="must be of polygons"):
            formats.write([], tmp_path / "n", "cityscapes", items=dataset(), files=files)
    with pytest.raises(FormatError, match="must be one of"):
        formats.read(written(tmp_path), items=dataset(), what="color")
    with pytest.raises(FormatError, match="no file that ends with _gtFine_labelIds"):
        formats.read(written(tmp_path), items=dataset(), what="labelIds")


BAD: dict[str, tuple[Any, str]] = {
    "no object": (5, "must be an object"),
    "no label": ({"polygon": [[0, 0], [1, 0], [1, 1]]}, "label"),
    "no polygon": ({"label": "car"}, "polygon"),
    "two points": ({"label": "car", "polygon": [[0, 0], [1, 1]]}, "at least 3"),
    "a line": ({"label": "car", "polygon": [[0, 0], [1, 1], [0, 0]]}, "at least 3"),
    "text": ({"label": "car", "polygon": [["0", 0], [1, 1], [2, 0]]}, "two numbers"),
    "truth": ({"label": "car", "polygon": [[True, 0], [1, 1], [2, 0]]}, "two numbers"),
    "nan": ({"label": "car", "polygon": [[float("nan"), 0], [1, 1], [2, 0]]}, "two numbers"),
    "far": ({"label": "car", "polygon": [[1e300, 0], [1, 1], [2, 0]]}, ""),
    "control characters": ({"label": "a\u0007", "polygon": [[0, 0], [1, 0], [1, 1]]}, "label"),
}


@pytest.mark.parametrize("row", BAD)
def test_an_object_that_is_wrong_is_told_and_the_others_are_read(tmp_path: Path, row: str) -> None:
    wrong, words = BAD[row]
    written(tmp_path, [OBJECTS[0], wrong, OBJECTS[1]])
    with pytest.raises(FormatError, match=rf"objects\[1\].*{words}"):
        formats.read(tmp_path, items=dataset())
    back = formats.read(tmp_path, items=dataset(), errors="collect")
    assert len(back.annotations) == 2
    assert len(back.left_out) == 1


def test_files_that_are_wrong_are_told(tmp_path: Path) -> None:
    for more, words in (
        ({"imgHeight": 51}, "60 x 51 pixels, the item"),
        ({"imgWidth": "60"}, "width"),
        ({"objects": {}}, "must be a list"),
    ):
        with pytest.raises(FormatError, match=words):
            formats.read(written(tmp_path, **more), items=dataset())
    path = tmp_path / f"{NAME}_gtFine_labelIds.png"
    for data, words in (
        (picture(np.zeros((50, 60, 3), np.uint8)), "in grey"),
        (picture(np.zeros((9, 9), np.uint8)), "9 x 9"),
        (b"\x89PNG\r\n\x1a\n", "damaged|cut short"),
    ):
        path.write_bytes(data)
        with pytest.raises(LabelwidgetsError, match=words):
            formats.read(path, "cityscapes", items=dataset())
