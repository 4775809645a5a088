"""CVAT's XML of videos in and out: what is between keyframes is what is on the screen."""

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.formats.shape_distance import distance
from labelwidgets.schema.geometry import RLE
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from tests.formats.test_mot import FRAMES, box, videos, written

SKELETON = lw.Skeleton(["head", "tail"], [(0, 1)])
ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass(
            "car",
            attributes=[
                lw.Radio("parked", ["false", "true"], mutable=True),
                lw.Text('make & "model" <x>'),
            ],
        ),
        lw.ObjectClass("fly", tool="keypoints", skeleton=SKELETON),
    ]
)


def mask(x, y):
    bits = np.zeros((100, 200), bool)
    bits[y : y + 20, x : x + 9] = True
    bits[y + 3, x + 2] = False
    code = encode_rle(bits)
    return lw.Mask(RLE(tuple(code["size"]), code["counts"]))


def moving(make):
    return Track(
        {
            2: Keyframe(make(0)),
            8: Keyframe(make(30), occluded=True),
            12: Keyframe(outside=True),
            20: Keyframe(make(10)),
            30: Keyframe(make(11)),
        }
    )


SHAPES = {
    "rectangle": lambda d: lw.Rectangle(5.25 + d, 6, 20, 10),
    "turned rectangle": lambda d: lw.Rectangle(40 + d, 36, 20, 10, 10 + d),
    "ellipse": lambda d: lw.Ellipse(50 + d, 40, 12, 7, 30),
    "polygon": lambda d: lw.Polygon([[[(10 + d, 10), (40 + d, 12), (30, 40)]]]),
    "polyline": lambda d: lw.Polyline([(10 + d, 10), (40 + d, 12), (30, 40)]),
    "point": lambda d: lw.Point(10.5 + d, 20),
    "cuboid": lambda d: lw.Cuboid([(10 + d + 3 * n, 10 + 2 * n) for n in range(8)]),
    "mask": lambda d: mask(10 + d, 20),
    "keypoints": lambda d: lw.Keypoints([(10 + d, 10, 2), (40 + d, 12, 1 if d else 2)]),
}


def same(was, now):
    for frame in range(FRAMES):
        a, b = was.at(frame), now.at(frame)
        assert (a is None) == (b is None), frame
        if a is not None:
            assert distance(a.geometry, b.geometry) < 1e-5, frame
            assert (a.occluded, a.attributes) == (b.occluded, b.attributes), frame


@pytest.mark.parametrize("frames", ["keyframes", "all"])
@pytest.mark.parametrize("kind", SHAPES)
def test_tracks_of_each_kind_come_back_frame_by_frame(tmp_path, kind, frames):
    track = moving(SHAPES[kind])
    name = "fly" if kind == "keypoints" else "car"
    labels = [lw.Annotation(item_id="film", class_name=name, geometry=track)]
    options = {"items": videos("film"), "ontology": ONTOLOGY}
    formats.write(labels, tmp_path / "a.xml", "cvat_video", frames=frames, **options)
    found = formats.read(tmp_path / "a.xml", **options)
    assert found.format == "cvat_video"
    (made,) = found.annotations
    same(track, made.geometry)
    assert len(made.geometry.keyframes) == len(track.keyframes)
    # And without the project, by what the file says.
    alone = formats.read(tmp_path / "a.xml")
    same(track, alone.annotations[0].geometry)
    assert alone.ontology[name].attributes == ONTOLOGY[name].attributes
    assert list(alone.items["id"]) == ["film.mp4"]


def test_answers_joints_and_shapes_of_one_frame_come_back(tmp_path):
    changing = Track(
        {
            0: Keyframe(box(1, 1), attributes={"parked": "true"}),
            5: Keyframe(box(9, 1)),
            7: Keyframe(box(9, 1), attributes={"parked": "false"}),
        }
    )
    some = Track(
        {
            0: Keyframe(lw.Keypoints([(1, 1, 2), (5, 5, 2)])),
            4: Keyframe(lw.Keypoints([(9, 1, 2), (5, 5, 2)]), joints=(0,)),
            10: Keyframe(lw.Keypoints([(9, 1, 2), (25, 5, 2)])),
        }
    )
    labels = [
        lw.Annotation(
            item_id="film",
            class_name="car",
            geometry=changing,
            attributes={'make & "model" <x>': "<a> & 'b' \" ü\n\tc"},
        ),
        lw.Annotation(item_id="film", class_name="fly", geometry=some),
        lw.Annotation(item_id="film", class_name="car", geometry=box(3, 4), frame=39),
    ]
    options = {"items": videos("film"), "ontology": ONTOLOGY}
    formats.write(labels, tmp_path / "a.zip", "cvat_video", **options)
    one, two, three = formats.read(tmp_path / "a.zip", **options).annotations
    same(changing, one.geometry)
    assert one.attributes == labels[0].attributes
    same(some, two.geometry)
    assert two.geometry.keyframes[4].joints == (0,)
    assert (three.frame, three.geometry) == (39, box(3, 4))


def test_the_file_of_datumaro(shared_data):
    folder = shared_data / "imports" / "datumaro" / "cvat_video"
    found = formats.read(folder)
    assert found.format == "cvat_video"
    first, dots, line = found.annotations
    assert first.geometry.at(10) == (lw.Rectangle(3, 4, 7, 1), True, {}, True)
    assert first.geometry.at(13) is None
    assert dots.geometry.at(10).attributes == {"hgl": "hgkf"}
    assert len(dots.geometry.at(10).geometry.points) == 3
    assert line.geometry.at(13).geometry.points[0] == (7.85, 13.88)
    assert found.ontology["klhg"].attributes == [lw.Dropdown("hgl", ["jk", "hgkf"], mutable=True)]
    assert found.items["metadata"][0] == {"frames": 20, "width": 25, "height": 20}
    assert list(found.categories["name"]) == ["klhg", "z U k", "II"]


def xml(inside, meta=""):
    track = f"<track id='0' label='car'>{inside}</track>"
    return f"<annotations><version>1.1</version>{meta}{track}</annotations>"


def el(frame, x=1, **more):
    said = {"outside": 0, "occluded": 0, "keyframe": 1, "xtl": x, "ytl": 1, "xbr": x + 9, "ybr": 9}
    said |= more
    return f"<box frame='{frame}' " + " ".join(f"{k}='{v}'" for k, v in said.items()) + "/>"


def test_shapes_in_between_become_keyframes_only_where_a_line_does_not_say_them(tmp_path):
    line = [el(n, 1 + round(n / 3, 2), keyframe=int(n in (0, 20))) for n in range(21)]
    path = written(tmp_path / "a.xml", xml("".join(line)))
    (made,) = formats.read(path, items=videos("film")).annotations
    assert sorted(made.geometry.keyframes) == [0, 20]
    line[7] = el(7, 50, keyframe=0)
    path = written(tmp_path / "a.xml", xml("".join(line)))
    (made,) = formats.read(path, items=videos("film")).annotations
    for n in range(21):
        wanted = 50 if n == 7 else 1 + n / 3
        assert made.geometry.at(n).geometry.x == pytest.approx(wanted, abs=0.012)


def test_the_task_ends_before_the_video_and_so_does_the_track(tmp_path):
    meta = "<meta><task><stop_frame>9</stop_frame></task></meta>"
    path = written(tmp_path / "a.xml", xml(el(0), meta))
    (made,) = formats.read(path, items=videos("film")).annotations
    assert made.geometry.at(9) is not None
    assert made.geometry.at(10) is None


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]>'
    "<annotations><track>&c;</track></annotations>"
)
WRONG = {
    "entities": (BOMB, "line 1: declares a document type"),
    "cut off": (xml(el(0))[:-20], "is no XML"),
    "another root": ("<annotation/>", "must begin with <annotations>"),
    "images": ("<annotations><image id='0'/></annotations>", "for images"),
    "no number": (xml(el(0, xtl="a")), "line 1, box, xtl: must be a finite number"),
    "NaN": (xml(el(0, ybr="nan")), "ybr: must be a finite"),
    "negative size": (xml(el(0, xbr=0)), "xbr: must be greater than 1, not 0"),
    "frame": (xml(el(-1)), "frame: must be a whole number from 0"),
    "frame beyond": (xml(el(40)), "is frame 40 .from 0., and the video 'film' has 40"),
    "frame twice": (xml(el(3) + el(3)), "frame: is 3, as that"),
    "no shapes": (xml(""), "has no shapes"),
    "two kinds": (xml(el(0) + "<polygon frame='1' points='1,1;2,2;3,1'/>"), "shapes of one kind"),
    "points": (xml("<polygon frame='0' points='1,1;2;3,1'/>"), r"points\[1\]"),
    "mask": (xml("<mask frame='0' rle='3,4' left='0' top='0' width='2' height='2'/>"), "rle: .*4"),
    "mask off": (
        xml("<mask frame='0' rle='0,4' left='199' top='0' width='2' height='2'/>"),
        "not on",
    ),
    "size": (
        xml(
            el(0),
            "<meta><task><original_size><width>9</width><height>9</height>"
            "</original_size></task></meta>",
        ),
        "resized copy",
    ),
    "not UTF-8": (xml(el(0)).encode() + b"\xff\xfe", "is no XML"),
    "encoding": (b'<?xml version="1.0" encoding="utf-99"?><annotations/>', "XML|encoding"),
    "empty": ("", "is no XML|empty"),
    "outside": (xml(el(0, 500)), "outside of the image"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    text, expected = WRONG[row]
    path = written(tmp_path / "a.xml", text)
    with pytest.raises((FormatError, LimitError), match=expected):
        formats.read(path, "cvat_video", items=videos("film"))


def test_depth_is_bounded(tmp_path):
    path = written(tmp_path / "a.xml", "<annotations>" + "<a>" * 10_000)
    with pytest.raises(LimitError, match="nested too deeply"):
        formats.read(path, "cvat_video")


def test_what_has_no_place_is_said(tmp_path):
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=Interval(1, 2)),
        lw.Annotation(item_id="film", class_name="car", geometry=box(1, 1), frame=1),
    ]
    with pytest.warns(FormatWarning, match="1 event"):
        formats.write(labels, tmp_path / "a.xml", "cvat_video", items=videos("film"))
    path = written(tmp_path / "b.xml", xml(el(0, z_order=2)))
    with pytest.warns(FormatWarning, match="z_order"):
        formats.read(path, items=videos("film"))
