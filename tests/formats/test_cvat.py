"""CVAT's XML of images in and out, and what is wrong in such files."""

import re

import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats import cvat, cvat_video, registry
from labelwidgets.formats.results import FormatWarning
from tests.formats.specimens import ONTOLOGY, specimen

TASK = "<meta><task><mode>annotation</mode></task></meta>"


def written(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def xml(inside, meta=TASK, name="one.jpg", size="width='96' height='64'"):
    image = f"<image id='0' name='{name}' {size}>{inside}</image>"
    return f"<annotations><version>1.1</version>{meta}{image}</annotations>"


def box(x=1, label="car", inside="", **more):
    said = {"label": label, "xtl": x, "ytl": 1, "xbr": 9, "ybr": 9} | more
    return "<box " + " ".join(f"{k}='{v}'" for k, v in said.items()) + f">{inside}</box>"


def counted(text):
    """Return how often each shape is there with each class, as a plain search finds it."""
    found = {}
    for kind, label in re.findall(r'<(box|polyline|polygon|points)\b[^>]*\blabel="(\w*)"', text):
        found[kind, label] = found.get((kind, label), 0) + 1
    return found


KINDS = {"rectangle": "box", "keypoints": "points", "polygon": "polygon", "polyline": "polyline"}


@pytest.mark.parametrize("name", ["export_project", "export_task/train.xml"])
def test_files_of_datumaro_have_what_a_plain_search_finds_in_them(shared_data, name):
    path = shared_data / "imports" / "datumaro" / "cvat_images" / name
    found = formats.read(path, unnamed="thing")
    text = (path if path.is_file() else path / "annotations.xml").read_text()
    counts = {}
    for one in found.annotations:
        key = KINDS[one.geometry.type], "" if one.class_name == "thing" else one.class_name
        counts[key] = counts.get(key, 0) + 1
    assert (found.format, counts) == ("cvat", counted(text))
    first = found.annotations[0]
    assert first.geometry == lw.Rectangle(0, 2, 4, 2)
    assert first.attributes == {"a1": "true", "a2": "v3", "a3": "0003", "a4": "2.4"}
    assert first.origin.parameters["occluded"] is True
    assert first.origin.parameters["z_order"] == 1
    assert found.ontology["label1"].attributes[1] == lw.Radio("a2", ["v1", "v2", "v3"])


def test_a_project_has_its_pictures_by_subset(shared_data):
    found = formats.read(shared_data / "imports" / "datumaro" / "cvat_images" / "export_project")
    names = [f"{part}/img{n}.jpg" for part in ("Test", "Train", "Validation") for n in (0, 1)]
    assert list(found.items["id"]) == names
    assert found.items["metadata"][0] == {"width": 8, "height": 8}
    assert {one.origin.parameters["subset"] for one in found.annotations} == {
        "Test",
        "Train",
        "Validation",
    }


def test_a_shape_without_a_class_is_said_and_can_be_given_one(shared_data):
    path = shared_data / "imports" / "datumaro" / "cvat_images" / "export_task" / "train.xml"
    with pytest.raises(FormatError, match=r"line 50, polyline.*label: is not said. Pass unnamed="):
        formats.read(path)
    found = formats.read(path, errors="collect")
    assert (len(found.annotations), len(found.left_out)) == (2, 2)


META = """<meta><task><labels>
  <label><name>car</name><color>#1234aB</color><type>any</type><attributes>
    <attribute><name>parked</name><mutable>False</mutable><input_type>checkbox</input_type>
      <default_value>false</default_value><values>false</values></attribute>
    <attribute><name>seats</name><mutable>False</mutable><input_type>number</input_type>
      <default_value>2</default_value><values>1;9;1</values></attribute>
    <attribute><name>make</name><input_type>select</input_type><default_value>a b</default_value>
      <values>a b\nc d</values></attribute></attributes></label>
  <label><name>fly</name><type>skeleton</type><attributes></attributes>
    <svg>&lt;line x1="20" data-node-from="2" data-node-to="1"&gt;&lt;/line&gt;
      &lt;circle cx="20" cy="30" data-node-id="1" data-label-name="head"&gt;&lt;/circle&gt;
      &lt;circle cx="40" cy="50.5" data-node-id="2" data-label-name="tail"&gt;&lt;/circle&gt;</svg>
  </label>
  <label><name>tail</name><type>points</type><parent>fly</parent></label>
  <label><name>head</name><type>points</type><parent>fly</parent></label>
</labels></task></meta>"""


def test_classes_colours_questions_and_bones_are_those_of_the_file(tmp_path):
    inside = (
        "<polygon label='car' points='1,1;9,1;5,8'/><ellipse label='car' cx='9' cy='9' rx='4' "
        "ry='3' rotation='350' group_id='7' source='auto'/>"
        "<polygon label='car' points='1,1;9,1;5,8'/>"
        "<skeleton label='fly'><points label='head' points='3,4' occluded='1' outside='0'/>"
        "<points label='tail' points='5,6' outside='1'/></skeleton><tag label='car'/>"
    )
    found = formats.read(written(tmp_path / "a.xml", xml(inside, META)))
    car, fly = found.ontology.classes
    assert (car.color, car.tool) == ("#1234ab", "polygon")
    assert car.attributes == [
        lw.Radio("parked", ["false", "true"]),
        lw.Text("seats"),
        lw.Dropdown("make", ["a b", "c d"]),
    ]
    assert fly.skeleton == lw.Skeleton(["tail", "head"], [(0, 1)], [(0.4, 0.505), (0.2, 0.3)])
    _, ellipse, _, bones, tag = found.annotations
    assert ellipse.geometry == lw.Ellipse(9, 9, 4, 3, 350)
    assert ellipse.origin.parameters == {"source": "auto", "group_id": "7"}
    assert bones.geometry == lw.Keypoints([(5, 6, 0), (3, 4, 1)])
    assert tag.geometry.type == "tag"
    again = formats.write(found, tmp_path / "b.xml", "cvat")
    assert again.counts == {"images": 1, "annotations": 5, "changed": 0, "left_out": 0}
    back = formats.read(tmp_path / "b.xml")
    assert back.ontology == found.ontology
    for was, now in zip(found.annotations, back.annotations, strict=True):
        kept = {"source": "manual"} | was.origin.parameters
        assert (now.geometry, now.origin.parameters) == (was.geometry, kept)


def test_points_in_different_numbers_become_joints_some_of_which_are_not_there(tmp_path):
    inside = "<points label='dots' points='1,1;2,2'/><points label='dots' points='1,1;2,2;3,3'/>"
    inside += "<points label='dots' points='4,4'/>"
    found = formats.read(written(tmp_path / "a.xml", xml(inside)))
    two, three, one = [label.geometry for label in found.annotations]
    assert two == lw.Keypoints([(1, 1, 2), (2, 2, 2), (0, 0, 0)])
    assert three == lw.Keypoints([(1, 1, 2), (2, 2, 2), (3, 3, 2)])
    assert one == lw.Point(4, 4)
    assert found.ontology["dots"].skeleton.joints == ["p1", "p2", "p3"]


def test_frames_of_a_video_that_went_out_as_images_come_to_the_video(tmp_path):
    items = specimen("track", registry.holds("cvat")).items
    meta = "<meta><task><mode>interpolation</mode><source>one.mp4</source></task></meta>"
    path = written(tmp_path / "a.xml", xml(box(), meta, "frame_000004"))
    (label,) = formats.read(path, "cvat", items=items).annotations
    assert (label.item_id, label.frame) == ("one", 4)


def test_answers_that_nobody_asks_for_and_several_at_once_come_back(tmp_path):
    made = lw.ObjectClass("car", attributes=[lw.Checkbox("seen", ["left", "right", "top"])])
    items = specimen("rectangle", registry.holds("cvat")).items
    label = lw.Annotation(
        item_id="one",
        class_name="car",
        geometry=lw.Rectangle(1, 2, 3, 4),
        attributes={"seen": ["left", "top"]},
    )
    options = {"items": items, "ontology": lw.Ontology([made])}
    formats.write([label], tmp_path / "a.xml", "cvat", **options)
    (back,) = formats.read(tmp_path / "a.xml", **options).annotations
    assert back.attributes == {"seen": ["left", "top"]}
    inside = box(inside="<attribute name='&lt;b&gt;'>&lt;i&gt; 1</attribute>")
    found = formats.read(written(tmp_path / "b.xml", xml(inside)), **options)
    assert found.annotations[0].origin.parameters == {"attributes": {"<b>": "<i> 1"}}
    formats.write(found, tmp_path / "c.xml", "cvat", **options)
    (back,) = formats.read(tmp_path / "c.xml", **options).annotations
    assert back.origin.parameters["attributes"] == {"<b>": "<i> 1"}


def test_html_in_the_names_of_classes_stays_text(tmp_path):
    name = "<img src=x onerror=alert(1)>\"'&"
    label = lw.Annotation(item_id="one", class_name=name, geometry=lw.Point(1, 2))
    formats.write([label], tmp_path / "a.xml", "cvat", size_of=lambda _: (96, 64))
    assert b"<img" not in (tmp_path / "a.xml").read_bytes()
    assert formats.read(tmp_path / "a.xml").annotations[0].class_name == name


def test_names_that_lead_upwards_lead_nowhere(tmp_path):
    path = written(tmp_path / "a.xml", xml(box(), name="../../../etc/one.jpg"))
    items = specimen("rectangle", registry.holds("cvat")).items
    (label,) = formats.read(path, items=items).annotations
    assert label.item_id == "one"
    (row,) = formats.read(path).items.to_dict("records")
    assert (row["folder"], row["title"], row["urls"], row["trusted"]) == (
        "etc",
        "one.jpg",
        [],
        False,
    )


def test_the_two_formats_of_cvat_know_each_other_apart(tmp_path):
    video = b"<annotations><track id='0' label='a'></track></annotations>"
    for head, images in ((xml("").encode(), True), (video, False)):
        assert (cvat.sniff(head), cvat_video.sniff(head)) == (images, not images)
    far = b"<annotations><meta><task><mode>%s</mode></task></meta>"
    assert cvat.sniff(far % b"annotation")
    assert cvat_video.sniff(far % b"interpolation")
    with pytest.raises(FormatError, match='Read it as "cvat_video"'):
        formats.read(written(tmp_path / "a.xml", video), "cvat")


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]>'
    "<annotations><image name='a'>&c;</image></annotations>"
)
WRONG = {
    "entities": (BOMB, "line 1: declares a document type"),
    "cut off": (xml(box())[:-20], "is no XML"),
    "another root": ("<annotation/>", "must begin with <annotations>"),
    "not UTF-8": (xml(box()).encode() + b"\xff\xfe", "is no XML"),
    "no name": (xml(box(), name=""), "line 1, image.* name: must be the name of a picture"),
    "NaN": (xml(box(xbr="nan")), "line 1, box .id car., xbr: must be a finite"),
    "digits": (xml(box(xbr="9" * 5000)), "xbr: must be a finite number"),
    "size": (xml(box(), size="width='9e9' height='1'"), "width: must be a whole number"),
    "digits of a size": (xml("", size=f"width='{'9' * 5000}' height='1'"), "width: must be"),
    "half a size": (xml(box(), size="width='96'"), "height: must be a whole number"),
    "another size": (xml(box(), size="width='97' height='64'"), "resized copy"),
    "unknown shape": (xml("<brush label='car'/>"), "shape: 'brush' is no kind of shape"),
    "outside": (xml(box(500, xbr=600)), "outside of the image"),
    "mask": (
        xml("<mask label='car' rle='3,4' left='0' top='0' width='2' height='2'/>"),
        "rle: has runs of 7 pixels, its box has 4",
    ),
    "joint": (
        xml("<skeleton label='fly'><points label='wing' points='1,1'/></skeleton>"),
        "'wing' is no joint",
    ),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    text, expected = WRONG[row]
    items = specimen("rectangle", registry.holds("cvat")).items
    with pytest.raises((FormatError, LimitError), match=expected):
        formats.read(written(tmp_path / "a.xml", text), "cvat", items=items, ontology=ONTOLOGY)


def test_what_is_wrong_is_collected_and_the_rest_is_read(tmp_path):
    inside = box() + "<brush label='car'/>" + box(label="") + box(xtl="x") + "<tag label='car'/>"
    found = formats.read(written(tmp_path / "a.xml", xml(inside)), errors="collect")
    assert [one.geometry.type for one in found.annotations] == ["rectangle", "tag"]
    assert list(found.left_out["field"]) == ["shape", "label", "xtl"]


def test_a_picture_that_is_there_twice_is_said(tmp_path):
    image = "<image name='one.jpg' width='96' height='64'/>"
    path = written(tmp_path / "a.xml", f"<annotations>{image}{image}</annotations>")
    items = specimen("rectangle", registry.holds("cvat")).items
    found = formats.read(path, "cvat", items=items, errors="collect")
    assert "already" in found.unmatched["reason"][0]


def test_depth_is_bounded(tmp_path):
    path = written(tmp_path / "a.xml", "<annotations>" + "<image name='a'>" * 10_000)
    with pytest.raises(LimitError, match="nested too deeply"):
        formats.read(path, "cvat")


def test_a_hole_becomes_pixels_which_is_said(tmp_path):
    made = specimen("holes", registry.holds("cvat"))
    with pytest.warns(FormatWarning, match="its pixels"):
        formats.write(made.labels, tmp_path / "a.zip", "cvat", items=made.items)
    (back,) = formats.read(tmp_path / "a.zip", items=made.items).annotations
    (was,) = made.labels
    assert back.geometry.area == was.geometry.area
    assert back.class_name == "car"
