"""VIA's JSON and CSV in, its project out, and what is wrong in such files."""

import json
import math

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats import registry
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.geometry import RLE
from tests.formats.specimens import ONTOLOGY, specimen

ITEMS = specimen("rectangle", registry.holds("via")).items
RECT = {"name": "rect", "x": 1, "y": 2, "width": 30, "height": 20}


def region(shape=None, **attributes):
    return {"shape_attributes": shape or RECT, "region_attributes": attributes or {"class": "car"}}


def entries(*regions, name="one.jpg", about=None):
    one = {"filename": name, "size": 5, "regions": list(regions), "file_attributes": about or {}}
    return {f"{name}5": one}


def read(tmp_path, said, name="via.json", **options):
    (tmp_path / name).write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return formats.read(tmp_path / name, "via", **({"items": ITEMS} | options))


def test_every_kind_of_shape_is_read(tmp_path):
    rows = {"all_points_x": [1, 9, 5], "all_points_y": [1, 1, 8]}
    found = read(
        tmp_path,
        entries(
            region(),
            region({"name": "circle", "cx": 20, "cy": 20, "r": 5}),
            region({"name": "ellipse", "cx": 20, "cy": 20, "rx": 9, "ry": 5, "theta": math.pi / 6}),
            region({"name": "polygon"} | rows),
            region({"name": "polyline"} | rows),
            region({"name": "point", "cx": 3, "cy": 4}),
        ),
    )
    box, circle, ellipse, polygon, line, point = [one.geometry for one in found.annotations]
    assert box == lw.Rectangle(1, 2, 30, 20)
    assert circle == lw.Ellipse(20, 20, 5, 5)
    assert (ellipse.rx, ellipse.angle) == (9, pytest.approx(30))
    assert polygon == lw.Polygon([[[(1, 1), (9, 1), (5, 8)]]])
    assert line == lw.Polyline([(1, 1), (9, 1), (5, 8)])
    assert point == lw.Point(3, 4)


def test_projects_annotations_of_both_versions_and_csv_say_the_same(tmp_path):
    plain = entries(region())
    project = {"_via_settings": {}, "_via_img_metadata": plain, "_via_attributes": {}}
    first = {"one.jpg5": plain["one.jpg5"] | {"regions": {"0": region()}}}
    head = "#filename,file_size,file_attributes,region_count,region_id,"
    shape, said = (json.dumps(one).replace('"', '""') for one in (RECT, {"class": "car"}))
    row = f'one.jpg,5,"{{}}",1,0,"{shape}","{said}"'
    table = f"{head}region_shape_attributes,region_attributes\n{row}\n"
    for name, text in (
        ("a.json", plain),
        ("b.json", project),
        ("c.json", first),
        ("d.csv", table),
        ("e.csv", table.lstrip("#")),
    ):
        (label,) = read(tmp_path, text, name).annotations
        assert (label.class_name, label.geometry) == ("car", lw.Rectangle(1, 2, 30, 20))
        assert registry.sniff(tmp_path / name) == "via"


def test_the_class_is_the_usual_attribute_the_only_one_or_the_one_that_is_named(tmp_path):
    (only,) = read(tmp_path, entries(region(species="cat"))).annotations
    assert only.class_name == "cat"
    two = entries(region(species="cat", mood="<b>good"))
    with pytest.raises(FormatError, match="class: is not said"):
        read(tmp_path, two)
    (label,) = read(tmp_path, two, class_attribute="species").annotations
    assert label.class_name == "cat"
    assert label.origin.parameters == {"attributes": {"mood": "<b>good"}}
    several = entries(region(**{"class": {"cat": True, "dog": True, "cow": False}}))
    assert [one.class_name for one in read(tmp_path, several).annotations] == ["cat", "dog"]
    (thing,) = read(tmp_path, entries(region(mood="x", kind="y")), unnamed="thing").annotations
    assert thing.class_name == "thing"


def test_file_attributes_are_tags_and_answers(tmp_path):
    about = {"class": {"road": True}, "weather": "rain", "by": "Ana"}
    tag, answers = read(tmp_path, entries(about=about), ontology=ONTOLOGY).annotations
    assert (tag.class_name, tag.geometry.type) == ("road", "tag")
    assert answers.attributes == {"weather": "rain"}
    assert answers.origin.parameters == {"attributes": {"by": "Ana"}}


def test_a_mask_is_written_as_the_rings_of_its_parts(tmp_path):
    bits = np.zeros((64, 96), bool)
    bits[2:5, 3:9] = bits[20:30, 40:50] = True
    code = encode_rle(bits)
    made = [
        lw.Annotation(
            item_id="one",
            class_name="car",
            geometry=lw.Mask(RLE(tuple(one["size"]), one["counts"])),
        )
        for one in (code, encode_rle(np.zeros((64, 96), bool)))
    ]
    with pytest.warns(FormatWarning, match="1 mask without pixels"):
        formats.write(made, tmp_path / "a.json", "via", items=ITEMS)
    back = formats.read(tmp_path / "a.json", items=ITEMS).annotations
    assert sorted(one.geometry.area for one in back) == [18, 100]
    said = json.loads((tmp_path / "a.json").read_text())
    assert said["_via_image_id_list"] == list(said["_via_img_metadata"])
    assert list(said["_via_attributes"]["region"]["class"]["options"]) == ["car"]


HEAD = "filename,file_size,file_attributes,region_count,region_id,"
HEAD += "region_shape_attributes,region_attributes\n"
WRONG = {
    "half a file": (json.dumps(entries(region()))[:-9], "is not JSON"),
    "deep": ('{"a":' + "[" * 100_000, "nested too deeply"),
    "NaN": (entries(region(RECT | {"x": float("nan")})), "x: must be a number"),
    "digits": (
        json.dumps(entries(region())).replace('"x": 1', '"x": ' + "9" * 5000),
        "x: must be a number",
    ),
    "unknown": (entries(region({"name": "star"})), "'star' is no kind of shape"),
    "rows": (
        entries(region({"name": "polygon", "all_points_x": [1], "all_points_y": [1, 2]})),
        "has 2 numbers, not 1",
    ),
    "far": (entries(region(RECT | {"x": 500})), "outside of the image"),
    "no name": (entries(region(), name=""), "filename: must be"),
    "regions": ({"a": {"filename": "one.jpg", "regions": 3}}, "regions: must be a list"),
    "column": ("filename,region_shape_attributes\n", "lacks the column region_attributes"),
    "cell": (HEAD + 'one.jpg,1,{},1,0,"{""name"":","{}"\n', "line 2, region_shape_attributes"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    said, expected = WRONG[row]
    with pytest.raises(LabelwidgetsError, match=expected):
        read(tmp_path, said, "a.csv" if row in ("column", "cell") else "a.json")


def test_what_is_wrong_is_collected_and_the_rest_is_read(tmp_path):
    said = entries(region({"name": "star"}), region(), 3) | entries(name="../../etc/passwd")
    found = read(tmp_path, said, errors="collect")
    assert len(found.annotations) == 1
    assert list(found.left_out["record"]) == [
        "'one.jpg5'.regions[0]",
        "'one.jpg5'.regions[2]",
    ]
    assert list(found.unmatched["file_name"]) == ["../../etc/passwd"]


def test_a_picture_whose_regions_are_null_has_none(tmp_path):
    said = entries()
    said["one.jpg5"]["regions"] = None
    (tmp_path / "via.json").write_text(json.dumps(said))
    found = formats.read(tmp_path / "via.json", items=ITEMS)
    assert (found.format, found.annotations, len(found.left_out)) == ("via", [], 0)
