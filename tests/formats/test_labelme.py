"""LabelMe's JSON in and out, the website's XML in, and what is wrong in such files."""

import base64
import io
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import decode_rle
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats import registry
from labelwidgets.formats.results import FormatWarning
from tests.formats.specimens import ONTOLOGY, specimen

ITEMS = specimen("rectangle", registry.holds("labelme")).items


def shape(kind="rectangle", points=((1, 2), (30, 20)), label="car", **more):
    return {"label": label, "shape_type": kind, "points": [list(one) for one in points]} | more


def document(*shapes, image="one.jpg", **more):
    sides = {"imageHeight": 64, "imageWidth": 96}
    return {"version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": image} | (
        sides | {"imageData": None} | more
    )


def read(tmp_path, said, items=ITEMS, **options):
    path = tmp_path / "far.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return formats.read(path, "labelme", items=items, **options)


def png(values):
    held = io.BytesIO()
    Image.fromarray(values).save(held, "PNG")
    return base64.b64encode(held.getvalue()).decode()


def test_the_real_file_has_the_polygons_that_json_has(shared_data):
    path = shared_data / "imports" / "labelme_json" / "apc2016_obj3.json"
    found = formats.read(path)
    wanted = json.loads(path.read_text())["shapes"]
    assert found.format == "labelme"
    assert [one.class_name for one in found.annotations] == [one["label"] for one in wanted]
    for was, now in zip(wanted, found.annotations, strict=True):
        assert [list(point) for point in now.geometry.parts[0][0]] == was["points"]
    (row,) = found.items.to_dict("records")
    assert row["metadata"] == {"width": 1210, "height": 907}
    # That file names itself as its picture; the picture beside it is found all the same.
    items = ITEMS.assign(urls=[["/x/apc2016_obj3.jpg"], ["/x/two.jpg"]], title="x")
    items["metadata"] = [{"width": 1210, "height": 907}, {}]
    assert len(formats.read(path, items=items).annotations) == 4


def test_every_kind_of_shape_is_read(tmp_path):
    bits = np.zeros((3, 4), bool)
    bits[0, 1:] = bits[2, 0] = True
    said = document(
        shape(points=[(30, 20), (1, 2)]),
        shape("circle", [(20, 20), (23, 24)]),
        shape("line", [(1, 1), (5, 5)]),
        shape("linestrip", [(1, 1), (5, 5), (9, 1)]),
        shape("point", [(3, 4)]),
        shape("points", [(3, 4), (5, 6)], label="dots"),
        shape("mask", [(10, 20), (13, 22)], mask=png(bits.astype(np.uint8) * 255)),
        shape("rotation", [(20, 10), (30, 20), (25, 25), (15, 15)], direction=0.78),
        shape("polygon", [(1, 1), (9, 1), (5, 8)], group_id=3, description="note"),
    )
    found = read(tmp_path, said)
    box, circle, line, strip, point, dots, mask, turned, polygon = found.annotations
    assert box.geometry == lw.Rectangle(1, 2, 29, 18)
    assert circle.geometry == lw.Ellipse(20, 20, 5, 5)
    assert line.geometry == lw.Polyline([(1, 1), (5, 5)])
    assert len(strip.geometry.points) == 3
    assert point.geometry == lw.Point(3, 4)
    assert dots.geometry == lw.Keypoints([(3, 4, 2), (5, 6, 2)])
    pixels = decode_rle({"size": mask.geometry.rle.size, "counts": mask.geometry.rle.counts})
    assert np.array_equal(pixels[20:23, 10:14], bits)
    assert pixels.sum() == bits.sum()
    assert turned.geometry.angle == pytest.approx(45)
    assert np.allclose(turned.geometry.corners, [(20, 10), (30, 20), (25, 25), (15, 15)])
    assert polygon.origin.parameters == {"group_id": 3, "description": "note"}
    formats.write(found, tmp_path / "out", "labelme", items=ITEMS)
    back = formats.read(tmp_path / "out", items=ITEMS).annotations
    again = next(one for one in back if one.geometry == polygon.geometry)
    assert again.origin.parameters == {"group_id": 3, "description": "note"}
    assert mask.geometry in [one.geometry for one in back]


def test_flags_are_answers_or_tags(tmp_path):
    made = lw.Ontology(
        [lw.ObjectClass("car", attributes=[lw.Radio("parked", ["yes", "no"])])],
        image_attributes=[lw.Radio("blurred", ["yes", "no"])],
    )
    flags = {"blurred": False, "road": True, "sky": False}
    said = document(shape(flags={"parked": True, "odd": False}), flags=flags, other=1)
    box, tag, picture = read(tmp_path, said, ontology=made).annotations
    assert box.attributes == {"parked": "yes"}
    assert box.origin.parameters["attributes"] == {"odd": False}
    assert (tag.class_name, tag.geometry.type) == ("road", "tag")
    assert picture.attributes == {"blurred": "no"}
    assert picture.origin.parameters == {"other": 1}


def test_a_picture_in_the_file_is_neither_read_nor_written(tmp_path):
    said = document(shape(), imageData="!" * 10_000)
    found = read(tmp_path, said)
    assert len(found.annotations) == 1
    formats.write(found, tmp_path / "b.json", "labelme", items=ITEMS[:1])
    assert json.loads((tmp_path / "b.json").read_text())["imageData"] is None
    with pytest.raises(LimitError, match="more than 1000 bytes"):
        read(tmp_path, said, max_bytes=1000)


def test_written_files_are_as_labelme_wants_them(tmp_path):
    made = specimen("mask", registry.holds("labelme"))
    formats.write(made.labels, tmp_path / "out", "labelme", items=made.items)
    names = sorted(one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*.json"))
    assert names == ["out/day/one.json", "out/day/two.json"]
    said = json.loads((tmp_path / "out" / "day" / "one.json").read_text())
    assert (said["imagePath"], said["imageHeight"], said["imageWidth"]) == ("one.jpg", 64, 96)
    (one,) = said["shapes"]
    (left, top), (right, bottom) = one["points"]
    values = np.array(Image.open(io.BytesIO(base64.b64decode(one["mask"]))))
    # As LabelMe pastes it: both corners are in it.
    assert values.shape == (bottom - top + 1, right - left + 1)
    with pytest.raises(FormatError, match="2 pictures to write"):
        formats.write(made.labels, tmp_path / "a.json", "labelme", items=made.items)


def test_a_circle_is_one_and_other_ellipses_are_said_to_be_polygons(tmp_path):
    circle = lw.Annotation(item_id="one", class_name="car", geometry=lw.Ellipse(20, 20, 5, 5))
    formats.write([circle], tmp_path / "a", "labelme", items=ITEMS)
    (back,) = formats.read(tmp_path / "a", items=ITEMS).annotations
    assert back.geometry == circle.geometry
    longer = lw.Annotation(item_id="one", class_name="car", geometry=lw.Ellipse(20, 20, 9, 5))
    with pytest.warns(FormatWarning, match="1 ellipse .as its outline"):
        formats.write([longer], tmp_path / "b", "labelme", items=ITEMS)


def test_the_websites_xml_has_what_a_plain_reader_finds(shared_data):
    folder = shared_data / "imports" / "datumaro" / "labelme_xml"
    path = folder / "Annotations" / "subset1" / "img1.xml"
    objects = ET.parse(path).getroot().findall("object")  # noqa: S314 - a file that is known
    for place in (folder, path):
        found = formats.read(place)
        assert found.format == "labelme"
        made = found.annotations
        assert [one.class_name for one in made] == [one.findtext("name") for one in objects]
        kinds = [one.geometry.type for one in made]
        assert kinds == ["polygon", "mask", "polygon", "polygon", "rectangle", "mask", "polygon"]
        first = [(float(pt.findtext("x")), float(pt.findtext("y"))) for pt in objects[0].iter("pt")]
        assert made[0].geometry.parts[0][0] == first
        assert made[4].geometry == lw.Rectangle(13, 19, 10, 11)
        assert [one.author for one in made[:3]] == ["admin", "brussell", "anonymous"]
        assert made[2].origin.parameters["has_parts"] == "3,4"
        mask = np.array(Image.open(folder / "Masks" / "subset1" / "img1_mask_1.png"))
        assert made[1].geometry.area == np.count_nonzero(mask[..., :3].any(axis=2))


def test_deleted_objects_of_the_website_are_told(tmp_path):
    thing = "<object><name>a</name><deleted>1</deleted><polygon></polygon></object>"
    text = f"<annotation><filename>one.jpg</filename>{thing}</annotation>"
    (tmp_path / "a.xml").write_text(text)
    with pytest.warns(FormatWarning, match="1 deleted object, not read"):
        assert not formats.read(tmp_path / "a.xml").annotations


WRONG = {
    "half a file": (json.dumps(document(shape()))[:-9], "is not JSON"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "no shapes": ({"shapes": 3}, "list of shapes"),
    "unknown shape": (document(shape("cube")), "'cube' is no kind of shape"),
    "NaN": (document(shape(points=[(float("nan"), 1), (2, 3)])), r"points\[0\]: must be a number"),
    "digits": (
        json.dumps(document(shape(points=[(777, 1), (2, 3)]))).replace("777", "7" * 5000),
        r"points\[0\]: must be a number",
    ),
    "corners": (document(shape(points=[(1, 1)])), "points: must be 2, not 1"),
    "no size": (document(shape(points=[(1, 1), (1, 9)])), "width: must be greater than 0"),
    "far": (document(shape(points=[(1, 1), (900, 9)])), "outside of the image"),
    "no label": (document(shape(label="")), "unnamed="),
    "sides": (document(imageHeight=0), "height: must be from 1"),
    "another size": (document(imageHeight=65), "resized copy"),
    "no base64": (document(shape("mask", [(0, 0), (1, 1)], mask="%")), "is no base64"),
    "no PNG": (document(shape("mask", [(0, 0), (1, 1)], mask="aGFsbG8=")), "mask"),
    "another mask": (
        document(shape("mask", [(0, 0), (5, 1)], mask=png(np.ones((2, 2), np.uint8)))),
        "is 2 x 2 pixels, its points say 6 x 2",
    ),
    "mask off": (
        document(shape("mask", [(95, 0), (96, 1)], mask=png(np.ones((2, 2), np.uint8)))),
        "not on the picture",
    ),
    "flags": (document(shape(flags=[1])), "flags: must be an object"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    said, expected = WRONG[row]
    with pytest.raises(LabelwidgetsError, match=expected):
        read(tmp_path, said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'x'>]><annotation><polygon/>&b;</annotation>", "document type"),
        ("<annotation><filename>one.jpg</filename><object><name>a</name>", "is no XML"),
        (
            "<annotation><filename>one.jpg</filename><object><name>a</name><segm><mask>"
            "../../../etc/passwd</mask></segm></object></annotation>",
            "must be the name of a file",
        ),
        ("<annotation><filename>one.jpg</filename><object><name>a</name></object></annotation>",
         "no polygon"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_xml_is_named(tmp_path, text, expected):
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(FormatError, match=expected):
        formats.read(tmp_path / "a.xml", "labelme", items=ITEMS)


def test_masks_of_the_website_lie_in_its_folder_of_masks_and_nowhere_else(tmp_path):
    inside = tmp_path / "set" / "Annotations" / "day"
    inside.mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    Image.fromarray(np.ones((64, 96), np.uint8)).save(tmp_path / "secret" / "a.png")
    segm = "<object><name>a</name><segm><mask>a.png</mask></segm></object>"
    for folder in ("../../secret", "day/../../../secret", "/secret"):
        text = f"<annotation><filename>one.jpg</filename><folder>{folder}</folder>{segm}"
        (inside / "one.xml").write_text(f"{text}</annotation>")
        with pytest.raises(LabelwidgetsError, match="is not there"):
            formats.read(inside / "one.xml", "labelme", items=ITEMS)


def test_what_is_wrong_is_collected_and_the_rest_is_read(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    good = document(shape(label="<b>"), shape("cube"), 3, image="../../x/one.jpg")
    (folder / "one.json").write_text(json.dumps(good))
    (folder / "two.json").write_text("{")
    found = formats.read(folder, "labelme", items=ITEMS, errors="collect", ontology=ONTOLOGY)
    assert [(one.class_name, one.item_id) for one in found.annotations] == [("<b>", "one")]
    assert list(found.left_out["record"]) == [
        "one.json, shapes[1]",
        "one.json, shapes[2]",
        "two.json",
    ]


def test_a_picture_lies_in_the_folder_of_its_file_also_where_its_path_tells_of_that(tmp_path):
    for folder, image in (("train", "one.jpg"), ("a/val", "val/two.jpg"), ("a/b", "a/b/three.jpg")):
        place = tmp_path / folder / "far.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(document(shape(), image=image)))
    found = formats.read(tmp_path, "labelme")
    paths = {f"{row.folder}/{row.title}" for row in found.items.itertuples()}
    assert paths == {"train/one.jpg", "val/two.jpg", "a/b/three.jpg"}
