"""Pascal VOC in and out, judged by its devkit, by supervision and by what Datumaro reads."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.formats.voc.classes import NAMES, color_of
from labelwidgets.schema.annotation import Origin
from labelwidgets.schema.geometry import RLE
from tests.formats import labels

WIDTH, HEIGHT = labels.WIDTH, labels.HEIGHT
# What a file about a.jpg makes where there is no dataset.
ITEMS = labels.items("a").assign(id="a.jpg")


def label(name: str, shape: object, item: str = "a", **more: object) -> lw.Annotation:
    return lw.Annotation(item_id=item, class_name=name, geometry=shape, **more)


def mask(top: int, bottom: int, left: int, right: int) -> lw.Mask:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[top:bottom, left:right] = True
    code = encode_rle(pixels)
    return lw.Mask(RLE(tuple(code["size"]), code["counts"]))


def pixels_of(shape: lw.Mask) -> np.ndarray:
    return decode_rle({"size": list(shape.rle.size), "counts": shape.rle.counts})


def xml(objects: str = "", size: str = "<width>60</width><height>50</height>") -> str:
    return (
        f"<annotation><filename>a.jpg</filename><size>{size}<depth>3</depth></size>"
        f"{objects}</annotation>"
    )


def thing(box: str = "1 1 10 10", more: str = "", name: str = "car") -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), box.split(), strict=True)
    inside = "".join(f"<{side}>{value}</{side}>" for side, value in sides)
    return f"\n<object><name>{name}</name><bndbox>{inside}</bndbox>{more}</object>"


def made(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path / "set"


def root_of(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 - written by us


def png(values: np.ndarray, palette: bool = True) -> bytes:
    picture = Image.fromarray(values.astype(np.uint8), "L")
    if palette:
        colors = [color_of(at) for at in range(256)]
        picture.putpalette([color >> shift & 255 for color in colors for shift in (16, 8, 0)])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_pixels_count_from_1_and_both_ends_are_inside(tmp_path: Path) -> None:
    # The devkit: the top left pixel is (1, 1), so the whole picture is 1, 1, width, height.
    (tmp_path / "a.xml").write_text(xml(thing("1 1 60 50")))
    (one,) = formats.read(tmp_path / "a.xml").annotations
    assert one.geometry == lw.Rectangle(0, 0, 60, 50)
    (other,) = formats.read(tmp_path / "a.xml", base=0).annotations
    assert other.geometry == lw.Rectangle(1, 1, 59, 49)
    formats.write([one], tmp_path / "out", "voc", items=ITEMS)
    root = root_of(tmp_path / "out/Annotations/a.xml")
    assert [side.text for side in root.find("object/bndbox")] == ["1", "1", "60", "50"]


@pytest.mark.parametrize("base", [0, 1])
def test_what_the_first_pixel_is_called_is_told_by_the_map_of_classes(
    tmp_path: Path, base: int
) -> None:
    one = label("car", lw.Rectangle(3, 4, 10.5, 20))
    formats.write([one], tmp_path / "out", "voc", items=labels.items("a"), base=base)
    root = root_of(tmp_path / "out/Annotations/a.xml")
    assert root.findtext("object/bndbox/xmin") == str(3 + base)
    assert root.findtext("object/bndbox/xmax") == "13.5"
    (back,) = formats.read(tmp_path / "out").annotations
    assert back.geometry == one.geometry


def test_supervision_reads_the_same_boxes(tmp_path: Path) -> None:
    sv = pytest.importorskip("supervision")
    shapes = [lw.Rectangle(0, 0, 60, 50), lw.Rectangle(7, 8, 12, 3)]
    made = [label("car", shapes[0]), label("Straße", shapes[1])]
    formats.write(made, tmp_path / "out", "voc", items=labels.items("a"))
    (tmp_path / "out/JPEGImages").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "out/JPEGImages/a.jpg")
    found = sv.DetectionDataset.from_pascal_voc(
        str(tmp_path / "out/JPEGImages"), str(tmp_path / "out/Annotations")
    )
    (seen,) = found.annotations.values()
    assert seen.xyxy.tolist() == [[0, 0, 60, 50], [7, 8, 19, 11]]
    assert [found.classes[number] for number in seen.class_id] == ["car", "Straße"]


def test_supervision_fills_the_same_polygon(tmp_path: Path) -> None:
    sv = pytest.importorskip("supervision")
    shape = lw.Polygon([[[(10, 10), (40, 10), (40, 40), (10, 40)]]])
    formats.write([label("car", shape)], tmp_path / "out", "voc", items=labels.items("a"))
    (tmp_path / "out/JPEGImages").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "out/JPEGImages/a.jpg")
    found = sv.DetectionDataset.from_pascal_voc(
        str(tmp_path / "out/JPEGImages"), str(tmp_path / "out/Annotations"), force_masks=True
    )
    (seen,) = found.annotations.values()
    # OpenCV paints the line too, so that it has a pixel more to the right and below.
    filled = np.argwhere(seen.mask[0])
    assert filled.min(axis=0).tolist() == [10, 10]
    assert (filled.max(axis=0) <= 40).all()
    assert (filled.max(axis=0) >= 39).all()


def test_masks_are_pictures_as_the_devkit_has_them(tmp_path: Path) -> None:
    one, two = mask(5, 20, 5, 30), mask(30, 45, 2, 9)
    made = [
        label("cat", one),
        label("person", lw.Rectangle(40, 3, 10, 10)),
        label("person", two),
    ]
    formats.write(made, tmp_path / "out", "voc", items=labels.items("a", "b"))
    classes = Image.open(tmp_path / "out/SegmentationClass/a.png")
    objects = Image.open(tmp_path / "out/SegmentationObject/a.png")
    assert (classes.mode, objects.mode) == ("P", "P")
    # The colours of the devkit's own map for aeroplane, bicycle, cat, person and void.
    flat = classes.getpalette()
    table = {at: tuple(flat[3 * at : 3 * at + 3]) for at in (1, 2, 8, 15, 255)}
    assert table == {
        1: (128, 0, 0),
        2: (0, 128, 0),
        8: (64, 0, 0),
        15: (192, 128, 128),
        255: (224, 224, 192),
    }
    assert np.array_equal(np.asarray(classes) == 8, pixels_of(one))
    assert np.array_equal(np.asarray(classes) == 15, pixels_of(two))
    assert np.array_equal(np.asarray(objects) == 1, pixels_of(one))
    assert np.array_equal(np.asarray(objects) == 3, pixels_of(two))
    sets = tmp_path / "out/ImageSets"
    assert (sets / "Main/train.txt").read_text() == "a\nb\n"
    assert (sets / "Segmentation/train.txt").read_text() == "a\n"
    assert root_of(tmp_path / "out/Annotations/a.xml").findtext("segmented") == "1"
    back = formats.read(tmp_path / "out", items=labels.items("a", "b"))
    assert back.format == "voc"
    assert [one.geometry for one in back.annotations] == [one.geometry for one in made]


def test_classes_of_our_own_have_colours_by_a_map(tmp_path: Path) -> None:
    ontology = lw.Ontology([lw.ObjectClass("Straße: nass"), lw.ObjectClass("#1")])
    one = label("Straße: nass", mask(0, 9, 0, 9))
    formats.write([one], tmp_path / "out", "voc", items=labels.items("a"), ontology=ontology)
    lines = (tmp_path / "out/labelmap.txt").read_text("utf-8").splitlines()
    assert lines[-2:] == ["Straße: nass:128,0,0::", "#1:0,128,0::"]
    back = formats.read(tmp_path / "out")
    assert [made.name for made in back.ontology.classes] == ["Straße: nass", "#1"]
    assert back.annotations[0].class_name == "Straße: nass"


def test_edges_can_be_of_no_class(tmp_path: Path) -> None:
    one = label("cat", mask(10, 30, 10, 30))
    formats.write([one], tmp_path / "out", "voc", items=labels.items("a"), border=2)
    values = np.asarray(Image.open(tmp_path / "out/SegmentationClass/a.png"))
    assert np.unique(values).tolist() == [0, 8, 255]
    assert (values == 8).sum() == 16 * 16
    (back,) = formats.read(tmp_path / "out").annotations
    assert back.geometry.bounds == (12, 12, 16, 16)
    assert back.origin.parameters["bbox"] == [10, 10, 20, 20]
    again = tmp_path / "again"
    formats.write([back], again, "voc", items=ITEMS)
    box = root_of(again / "Annotations/a.xml").find("object/bndbox")
    assert [side.text for side in box] == ["11", "11", "30", "30"]


def test_masks_over_one_another_are_cut_and_that_is_said(tmp_path: Path) -> None:
    some = [label("cat", mask(0, 10, 0, 10)), label("dog", mask(5, 10, 0, 10))]
    with pytest.warns(FormatWarning, match="50 pixels under a later label"):
        formats.write(some, tmp_path / "out", "voc", items=labels.items("a"))
    back = formats.read(tmp_path / "out").annotations
    assert [one.geometry.area for one in back] == [50, 50]
    with pytest.raises(FormatError, match="no place for"):
        formats.write(some, tmp_path / "s", "voc", items=labels.items("a"), strict=True)
    assert not (tmp_path / "s").exists()


def test_what_else_is_said_of_people_is_kept_and_written_again(tmp_path: Path) -> None:
    more = (
        "<pose>Left</pose><truncated>1</truncated><difficult>0</difficult><occluded>1</occluded>"
        "<part><name>head</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>5.5</xmax>"
        "<ymax>6</ymax></bndbox></part><actions><phoning>1</phoning><running>0</running></actions>"
        "<attributes><attribute><name>hat</name><value>red &amp; blue</value></attribute>"
        "</attributes><difficulty>7</difficulty>"
    )
    folder = made(tmp_path, {"Annotations/a.xml": xml(thing(more=more, name="person"))})
    (one,) = formats.read(folder).annotations
    kept = {
        "pose": "Left",
        "truncated": True,
        "occluded": True,
        "parts": [{"name": "head", "bbox": [1, 2, 4.5, 4]}],
        "actions": {"phoning": True, "running": False},
        "hat": "red & blue",
        "difficulty": "7",
    }
    assert one.origin.parameters == kept
    formats.write([one], tmp_path / "out", "voc", items=ITEMS)
    (back,) = formats.read(tmp_path / "out").annotations
    same = {"pose", "truncated", "occluded", "parts", "actions"}
    assert {k: back.origin.parameters.get(k) for k in same} == {k: kept[k] for k in same}


def test_flags_and_actions_are_answers_where_there_are_questions(tmp_path: Path) -> None:
    ontology = lw.Ontology(
        [
            lw.ObjectClass(
                "person",
                attributes=[
                    lw.Dropdown("truncated", ["yes", "no"]),
                    lw.Dropdown("pose", ["Left", "Right"]),
                    lw.Checkbox("actions", ["phoning", "running"]),
                    lw.Checkbox("bags", ["one", "two"]),
                ],
            )
        ]
    )
    more = "<pose>Left</pose><truncated>1</truncated><actions><phoning>1</phoning></actions>"
    folder = made(tmp_path, {"Annotations/a.xml": xml(thing(more=more, name="person"))})
    (one,) = formats.read(folder, ontology=ontology).annotations
    assert one.attributes == {"truncated": "yes", "pose": "Left", "actions": ["phoning"]}
    one.attributes["bags"] = ["one"]
    formats.write([one], tmp_path / "out", "voc", items=ITEMS, ontology=ontology)
    text = (tmp_path / "out/Annotations/a.xml").read_text()
    assert "<truncated>1</truncated>" in text
    assert "<phoning>1</phoning>" in text
    (back,) = formats.read(tmp_path / "out", ontology=ontology).annotations
    assert back.attributes == one.attributes


def test_the_sample_of_datumaro(shared_data: Path) -> None:
    # Datumaro's test of these files has a cat at 1, 2, 2, 2, a person at 4, 5, 2, 2 with a head
    # at 5.5, 6, 2, 2, and a mask of class 2 all over; its pixels count from 0.
    found = formats.read(shared_data / "imports/datumaro/voc", base=0)
    assert found.format == "voc"
    shapes = [(one.class_name, one.geometry.type) for one in found.annotations]
    assert shapes[:3] == [("cat", "rectangle"), ("person", "rectangle"), ("bicycle", "mask")]
    cat, person, bicycle = found.annotations[:3]
    assert cat.geometry == lw.Rectangle(1, 2, 2, 2)
    assert cat.origin.parameters == {"truncated": True}
    assert person.geometry == lw.Rectangle(4, 5, 2, 2)
    assert person.origin.parameters["parts"] == [{"name": "head", "bbox": [5.5, 6, 2, 2]}]
    assert person.origin.parameters["actions"]["walking"] is True
    assert bicycle.geometry.area == 200
    # What lists of classes say beyond that is a tag: Datumaro has all of them as labels.
    tags = {one.class_name for one in found.annotations[3:]}
    lists = shared_data / "imports/datumaro/voc/ImageSets/Main"
    there = {
        path.stem.removesuffix("_train")
        for path in lists.glob("*_train.txt")
        if path.read_text().split()[-1] == "1"
    }
    assert tags == there - {"cat", "person", "bicycle"}
    assert found.items["metadata"].tolist() == [
        {"width": 20, "height": 10, "split": "train"},
        {"split": "test"} | found.items["metadata"][1],
    ]


def test_the_sets_of_pictures_come_back(tmp_path: Path) -> None:
    items = labels.items("a", "b", "c", folder="day one")
    formats.write([], tmp_path / "out", "voc", items=items, split={"b": "val"})
    with pytest.raises(FormatError, match="split, 'zzz': is the id of no item"):
        formats.write([], tmp_path / "wrong", "voc", items=items, split={"zzz": "test"})
    found = formats.read(tmp_path / "out")
    assert found.items["id"].tolist() == [f"day one/{name}.jpg" for name in "abc"]
    assert [said["split"] for said in found.items["metadata"]] == ["train", "val", "train"]
    assert found.items["metadata"][0]["width"] == 60


def test_classes_alone_are_a_mask_each(tmp_path: Path) -> None:
    values = np.zeros((50, 60))
    values[:10], values[10:12], values[30:] = 3, 255, 20
    found = formats.read(made(tmp_path, {"SegmentationClass/a.png": png(values)}))
    seen = [(one.class_name, one.geometry.area) for one in found.annotations]
    assert seen == [("bird", 600), ("tvmonitor", 1200)]
    grey = formats.read(made(tmp_path, {"SegmentationClass/a.png": png(values, palette=False)}))
    assert [one.class_name for one in grey.annotations] == ["bird", "tvmonitor"]


def test_objects_without_xml_have_the_class_of_their_pixels(tmp_path: Path) -> None:
    classes, objects = np.zeros((50, 60)), np.zeros((50, 60))
    classes[:10], objects[:10, :30], objects[:10, 30:] = 3, 1, 2
    files = {"SegmentationClass/a.png": png(classes), "SegmentationObject/a.png": png(objects)}
    found = formats.read(made(tmp_path, files)).annotations
    assert [(one.class_name, one.origin.parameters) for one in found] == [
        ("bird", {"object": 1}),
        ("bird", {"object": 2}),
    ]


@pytest.mark.parametrize("kind", ["polygon", "mask"])
def test_polygons_and_pixels_are_taken_for_nothing_else(tmp_path: Path, kind: str) -> None:
    shapes = {"polygon": lw.Polygon([[[(1, 1), (9, 1), (5, 8)]]]), "mask": mask(0, 9, 0, 9)}
    formats.write([label("car", shapes[kind])], tmp_path / "out", "voc", items=labels.items("a"))
    assert formats.read(tmp_path / "out").format == "voc"
    assert formats.read(tmp_path / "out/Annotations/a.xml").format == "voc"


def test_all_numbers_of_the_challenge_have_their_colours() -> None:
    assert len(NAMES) == 20
    assert len({color_of(number) for number in range(256)}) == 256
    assert [f"{color_of(at):06x}" for at in (0, 3, 20, 21)] == [
        "000000",
        "808000",
        "004080",
        "804080",
    ]


def test_turned_boxes_are_those_of_rolabelimg(tmp_path: Path) -> None:
    more = "<robndbox><cx>30</cx><cy>20</cy><w>20</w><h>8</h><angle>0.5</angle></robndbox>"
    (tmp_path / "a.xml").write_text(
        xml(f"<object><type>robndbox</type><name>car</name>{more}</object>")
    )
    (one,) = formats.read(tmp_path / "a.xml", base=0).annotations
    assert one.geometry.angle == pytest.approx(28.6479, abs=1e-4)
    assert (one.geometry.x, one.geometry.width) == (20, 20)


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
WRONG = {
    "no box": ("<object><name>car</name></object>", "bndbox: has no box"),
    "no name": (thing(name=" "), "name: has no name"),
    "nan": (thing("nan 1 5 5"), "bndbox, xmin: must be a number of pixels, not 'nan'"),
    "huge": (thing(f"1 1 5 {'9' * 5000}"), "bndbox, ymax: must be a number of pixels"),
    "turned round": (thing("9 1 5 5"), "bndbox: ends at 5, 5, and begins at 9, 1"),
    "half a box": (
        "<object><name>car</name><bndbox><xmin>1</xmin></bndbox></object>",
        "bndbox, ymin: is not there",
    ),
    "off the picture": (thing("1 1 90 10"), "outside of the image"),
    "a flag": (
        thing(more="<difficult>perhaps</difficult>"),
        "difficult: must be 0 or 1, not 'perhaps'",
    ),
    "a polygon": (
        thing(more="<polygon><x1>1</x1><y1>1</y1><x2>4</x2></polygon>"),
        "polygon: must have x1, y1",
    ),
    "a part": (
        thing(more="<part><name>head</name></part>"),
        "part: must have a name and a box",
    ),
    "an answer": (
        thing(more="<attributes><attribute><name>x</name></attribute></attributes>"),
        "attributes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_object_that_is_wrong_is_named_and_left_out(tmp_path: Path, name: str) -> None:
    text, match = WRONG[name]
    line = text if text.startswith("\n") else f"\n{text}"
    folder = made(tmp_path, {"Annotations/a.xml": xml(f"{thing()}{line}")})
    with pytest.raises(FormatError, match=match) as caught:
        formats.read(folder)
    assert "Annotations/a.xml, line 3" in str(caught.value)
    found = formats.read(folder, errors="collect")
    assert found.left_out["record"].tolist() == ["Annotations/a.xml, line 3"]
    assert len(found.annotations) == 1


BROKEN = {
    "entities": BOMB + xml(),
    "half a file": xml(thing())[:-30],
    "nesting": "<annotation>" + "<a>" * 5000,
    "another root": "<annotations></annotations>",
    "a size": xml(size="<width>-5</width><height>50</height>"),
    "a huge size": xml(size=f"<width>{'9' * 400}</width><height>50</height>"),
    "an encoding": '<?xml version="1.0" encoding="latin-9"?>' + xml(),
    "nothing": "",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_broken_is_refused_and_others_are_read(tmp_path: Path, name: str) -> None:
    files = {
        "Annotations/a.xml": BROKEN[name],
        "Annotations/b.xml": xml(thing()).replace("a.jpg", "b.jpg"),
    }
    folder = made(tmp_path, files)
    with pytest.raises(FormatError, match=r"Annotations/a\.xml"):
        formats.read(folder, "voc")
    found = formats.read(folder, "voc", errors="collect")
    assert found.left_out["record"].tolist() == ["Annotations/a.xml"]
    assert [one.item_id for one in found.annotations] == ["b.jpg"]


def test_utf_16_with_its_mark_is_xml_as_well(tmp_path: Path) -> None:
    text = xml(thing(name="Straße"))
    folder = made(tmp_path, {"Annotations/a.xml": text.encode("utf-16")})
    assert formats.read(folder, "voc").annotations[0].class_name == "Straße"
    folder = made(tmp_path, {"Annotations/a.xml": b"\xef\xbb\xbf" + text.encode()})
    assert formats.read(folder).annotations[0].class_name == "Straße"


@pytest.mark.parametrize("name", ["../../x.jpg", "/etc/passwd.jpg", r"C:\x\x.jpg", "..\\x.jpg"])
def test_names_of_files_lead_nowhere_else(tmp_path: Path, name: str) -> None:
    text = xml(thing()).replace("a.jpg", name)
    files = {"Annotations/x.xml": text, "ImageSets/Main/train.txt": "../../etc/passwd\n"}
    found = formats.read(made(tmp_path, files))
    assert all(".." not in id and not id.startswith(("/", "C:")) for id in found.items["id"])
    formats.write(found, tmp_path / "out.zip", "voc")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert not any(".." in one or one.startswith("/") for one in archive.namelist())


def test_pixels_that_do_not_fit_are_named(tmp_path: Path) -> None:
    good = png(np.full((50, 60), 3))
    folder = made(
        tmp_path,
        {"SegmentationClass/a.png": good, "SegmentationObject/a.png": png(np.ones((4, 4)))},
    )
    with pytest.raises(FormatError, match="different sizes"):
        formats.read(folder)
    folder = made(
        tmp_path, {"SegmentationObject/a.png": good, "SegmentationClass/a.png": good[:90]}
    )
    with pytest.raises(LabelwidgetsError, match=r"SegmentationObject/a\.png"):
        formats.read(folder)
    folder = made(
        tmp_path,
        {
            "SegmentationObject/a.png": png(np.zeros((50, 60))),
            "SegmentationClass/a.png": png(np.full((50, 60), 77)),
        },
    )
    (folder / "SegmentationObject/a.png").unlink()
    with pytest.raises(FormatError, match="that of no class"):
        formats.read(folder)


def test_a_picture_has_at_most_254_objects_with_pixels(tmp_path: Path) -> None:
    some = [label("cat", lw.Rectangle(1, 1, 3, 3)) for _ in range(254)]
    with pytest.raises(FormatError, match="mask of object 255"):
        formats.write(
            [*some, label("cat", mask(0, 9, 0, 9))], tmp_path / "o", "voc", items=labels.items("a")
        )


def test_a_map_of_classes_that_is_malformed_is_named(tmp_path: Path) -> None:
    for text, match in (
        ("car\n", "line 1: must be name"),
        ("a:0,0,0::\ncar:1,2,999::", "line 2: must be r,g,b"),
    ):
        with pytest.raises(FormatError, match=match):
            formats.read(made(tmp_path, {"labelmap.txt": text, "Annotations/a.xml": xml()}))
    with pytest.raises(LimitError):
        formats.read(made(tmp_path, {"labelmap.txt": "#" * (1 << 21), "Annotations/a.xml": xml()}))


def test_lines_of_lists_that_are_wrong_are_named(tmp_path: Path) -> None:
    folder = made(
        tmp_path, {"Annotations/a.xml": xml(), "ImageSets/Main/cat_train.txt": "a 1\na 7\n"}
    )
    with pytest.raises(FormatError, match=r"cat_train\.txt, line 2"):
        formats.read(folder)
    found = formats.read(folder, errors="collect")
    assert len(found.left_out) == 1


def test_a_box_that_leaves_its_picture_is_cut_and_that_is_said(tmp_path: Path) -> None:
    one = label("car", lw.Rectangle(-0.5, 2, 20, 10))
    with pytest.warns(FormatWarning, match="1 part outside of its picture"):
        formats.write([one], tmp_path / "out", "voc", items=labels.items("a"))
    assert formats.read(tmp_path / "out").annotations[0].geometry == lw.Rectangle(0, 2, 19.5, 10)


def test_two_files_about_one_picture_are_told(tmp_path: Path) -> None:
    files = {"Annotations/a.xml": xml(thing()), "Annotations/b.xml": xml(thing())}
    found = formats.read(made(tmp_path, files), items=labels.items("a"))
    assert found.unmatched["record"].tolist() == ["Annotations/b.xml"]


def test_what_is_not_asked_for_sensibly_is_refused(tmp_path: Path) -> None:
    for options, match in (
        ({"base": 2}, "base"),
        ({"border": -1}, "border"),
        ({"split": {"a": "../x"}}, "split"),
    ):
        with pytest.raises(FormatError, match=match):
            formats.write([], tmp_path / "out", "voc", items=labels.items("a"), **options)
    with pytest.raises(FormatError, match="folder"):
        formats.write([], tmp_path / "out.xml", "voc", items=labels.items("a"))
    with pytest.raises(FormatError, match="no XML"):
        formats.read(made(tmp_path, {"x.txt": "x"}), "voc")


def test_an_origin_that_is_no_box_or_part_does_no_harm(tmp_path: Path) -> None:
    wild = {"bbox": ["x"], "parts": [3, {"bbox": 5}], "actions": {"<x>": True, "ok": 1}, "pose": 5}
    one = label("car", mask(0, 5, 0, 5), origin=Origin("import", "voc", parameters=wild))
    formats.write([one], tmp_path / "out", "voc", items=labels.items("a"))
    (back,) = formats.read(tmp_path / "out").annotations
    assert back.geometry == one.geometry
