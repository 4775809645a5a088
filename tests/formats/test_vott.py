"""VoTT's JSON and CSV in, its export out, and what is wrong in such files."""

import json

import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats import registry
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from tests.formats.labels import items
from tests.formats.specimens import specimen

ITEMS = specimen("rectangle", registry.holds("vott")).items
BOX = {"left": 1, "top": 2, "width": 30, "height": 20}


def region(kind="RECTANGLE", tags=("car",), points=(), **more):
    said = {"id": "r", "type": kind, "tags": list(tags), "boundingBox": BOX}
    return said | {"points": [{"x": x, "y": y} for x, y in points]} | more


def export(*regions, name="one.jpg"):
    asset = {"name": name, "path": f"file:/C:/photos/{name}", "size": {"width": 96, "height": 64}}
    tags = [{"name": "car", "color": "#5db300"}, {"name": "dog", "color": "nonsense"}]
    return {"tags": tags, "assets": {"x1": {"asset": asset, "regions": list(regions)}}}


def read(tmp_path, said, name="a.json", **options):
    (tmp_path / name).write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return formats.read(tmp_path / name, "vott", **({"items": ITEMS} | options))


def test_the_file_of_datumaro_has_the_boxes_that_json_has(shared_data, tmp_path):
    path = shared_data / "imports" / "datumaro" / "vott_json" / "train-export.json"
    wanted = [
        (asset["asset"]["name"], tag, *(box["boundingBox"][key] for key in BOX))
        for asset in json.loads(path.read_text())["assets"].values()
        for box in asset["regions"]
        for tag in box["tags"] or ["thing"]
    ]
    # Its pictures are of 5 x 5 pixels, and its boxes lie outside of them.
    found = formats.read(path, unnamed="thing", errors="collect")
    assert found.format == "vott"
    assert len(found.annotations) == 0
    assert set(found.left_out["reason"].str.contains("outside of the image")) == {True}
    # Where nothing is said of sizes, they are as they are.
    document = json.loads(path.read_text())
    for asset in document["assets"].values():
        del asset["asset"]["size"]
    found = read(tmp_path, document, items=None, unnamed="thing")
    made = [(one.item_id, one.class_name, *one.geometry.bounds) for one in found.annotations]
    assert made == wanted
    assert found.ontology["dog"].color == "#e81123"


def test_every_kind_of_region_is_read_and_each_tag_is_a_label(tmp_path):
    three = [(1, 1), (9, 1), (5, 8)]
    found = read(
        tmp_path,
        export(
            region(tags=["car", "dog"]),
            region("POLYGON", points=three),
            region("POLYLINE", points=three),
            region("POINT", points=[(3, 4)]),
        ),
    )
    assert [one.class_name for one in found.annotations] == ["car", "dog", "car", "car", "car"]
    kinds = [one.geometry.type for one in found.annotations]
    assert kinds == ["rectangle", "rectangle", "polygon", "polyline", "point"]
    assert found.annotations[0].geometry == lw.Rectangle(1, 2, 30, 20)
    assert found.annotations[0].origin.parameters == {"id": "r", "tags": ["car", "dog"]}
    assert found.ontology["car"].color == "#5db300"


def test_projects_and_tables_are_read(tmp_path):
    asset = export(region())["assets"]["x1"]
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "x1-asset.json").write_text(json.dumps(asset))
    found = formats.read(tmp_path / "set", items=ITEMS)
    assert (found.format, len(found.annotations)) == ("vott", 1)
    table = '"image","xmin","ymin","xmax","ymax","label"\n"one.jpg",1,2,31,22,"car"\n'
    (label,) = read(tmp_path, table, "a.csv").annotations
    assert label.geometry == lw.Rectangle(1, 2, 30, 20)
    assert registry.sniff(tmp_path / "a.csv") == "vott"


TABLE = "image,xmin,ymin,xmax,ymax,label\n"
WRONG = {
    "half a file": (json.dumps(export(region()))[:-9], "is not JSON"),
    "deep": ('{"assets":' + "[" * 100_000, "nested too deeply"),
    "no assets": ({"tags": []}, "assets: must be an object"),
    "no asset": ({"assets": {"a": 3}}, "asset: must be an object"),
    "NaN": (export(region(boundingBox=BOX | {"left": float("nan")})), "left: must be a number"),
    "digits": (
        json.dumps(export(region())).replace('"left": 1', '"left": ' + "9" * 5000),
        "left: must be a number",
    ),
    "unknown": (export(region("CUBE")), "'CUBE' is no kind of shape"),
    "untagged": (export(region(tags=[])), "unnamed="),
    "far": (export(region(boundingBox=BOX | {"left": 500})), "outside of the image"),
    "points": (export(region("POINT", points=[(1, 1), (2, 2)])), "points: must be 1, not 2"),
    "columns": (TABLE + "one.jpg,1\n", "line 2: has 2 columns"),
    "number": (TABLE + "one.jpg,1,x,3,4,car\n", "line 2, ymin: must be a number"),
    "infinite": (TABLE + "one.jpg,1,inf,3,4,car\n", "ymin: must be a number"),
    "backwards": (TABLE + "one.jpg,9,1,3,4,car\n", "width: must be greater than 0"),
    "head": ("a,b\n", "line 1: must be image,xmin"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    said, expected = WRONG[row]
    table = row in ("columns", "number", "infinite", "backwards", "head")
    with pytest.raises(LabelwidgetsError, match=expected):
        read(tmp_path, said, "a.csv" if table else "a.json")


def test_what_is_wrong_is_collected_and_the_rest_is_read(tmp_path):
    said = export(region("CUBE"), region(tags=["<script>"]), 3)
    said["assets"] |= {"x2": export(name="../../etc/passwd")["assets"]["x1"]}
    found = read(tmp_path, said, errors="collect")
    assert [one.class_name for one in found.annotations] == ["<script>"]
    assert list(found.left_out["record"]) == ["assets.x1.regions[0]", "assets.x1.regions[2]"]
    assert found.unmatched["file_name"][0].endswith("etc/passwd")


def test_pictures_whose_names_look_like_addresses_are_told_apart(tmp_path):
    named = items("a.jpg", "50%25.jpg", "%2e%2e%2fa.jpg", "a b#1.jpg")
    labels = [
        Annotation(item_id=id, class_name="cup", geometry=Rectangle(at + 1, 2, 3, 4))
        for at, id in enumerate(named["id"])
    ]
    formats.write(labels, tmp_path / "a.json", "vott", items=named)
    found = formats.read(tmp_path / "a.json", items=named)
    assert [(one.item_id, one.geometry) for one in found.annotations] == [
        (one.item_id, one.geometry) for one in labels
    ]


def test_a_table_that_is_none_is_refused(tmp_path):
    (tmp_path / "b.csv").write_bytes(TABLE.encode() + b"\xff")
    with pytest.raises(FormatError, match="is not UTF-8"):
        formats.read(tmp_path / "b.csv", "vott")
