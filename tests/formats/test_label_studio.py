"""Label Studio's JSON in and out: percent, brushes, skeletons, people, videos, wrong files."""

import base64
import io
import json
import math
import re
import warnings

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import FormatError, LimitError
from labelwidgets.formats import registry
from labelwidgets.formats.label_studio.brush import decode_brush, encode_brush
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.geometry import RLE
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from tests.formats.specimens import ONTOLOGY, specimen

SIZE = {"original_width": 96, "original_height": 64, "image_rotation": 0}
ITEMS = specimen("rectangle", registry.holds("label_studio")).items
FILMS = specimen("track", registry.holds("label_studio")).items


def region(kind="rectangle", labels=("car",), id="r1", **value):
    said = {"id": id, "type": f"{kind}labels", "from_name": "label", "to_name": "image", **SIZE}
    box = {"x": 25, "y": 50, "width": 25, "height": 25} if kind == "rectangle" else {}
    return said | {"value": box | value | {f"{kind}labels": list(labels)}}


def task(*results, image="one.jpg", field="image", **more):
    return {
        "id": 1,
        "data": {field: image},
        "annotations": [{"id": 7, "result": list(results)}],
    } | more


def read(tmp_path, document, items=ITEMS, **options):
    path = tmp_path / "tasks.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, "utf-8")
    return formats.read(path, "label_studio", items=items, **options)


def slow_decode(code):
    """Return the values of a brush, bit by bit, as the JavaScript of rle-pack goes."""
    bits = "".join(f"{byte:08b}" for byte in code)
    at = 0

    def take(count):
        nonlocal at
        at += count
        return int(bits[at - count : at], 2)

    count, word = take(32), take(5) + 1
    sizes = [take(4) + 1 for _ in range(4)]
    out = []
    while len(out) < count:
        same = take(1)
        length = take(sizes[take(2)]) + 1
        out += [take(word)] * length if same else [take(word) for _ in range(length)]
    return out


def slow_encode(values, sizes=(3, 4, 8, 16)):
    """Return a code with blocks of single values as well, as Label Studio's front end packs."""
    text = f"{len(values):032b}00111" + "".join(f"{one - 1:04b}" for one in sizes)
    at = 0
    while at < len(values):
        same = 1
        while at + same < len(values) and values[at + same] == values[at] and same < 256:
            same += 1
        if same > 1:
            text += f"110{same - 1:08b}{values[at]:08b}"
            at += same
        else:
            part = values[at : at + 5]
            text += f"000{len(part) - 1:03b}" + "".join(f"{one:08b}" for one in part)
            at += len(part)
    text += "0" * (-len(text) % 8)
    return [int(text[n : n + 8], 2) for n in range(0, len(text), 8)]


def test_brushes_are_decoded_as_the_front_end_packs_them():
    rng = np.random.default_rng(0)
    for width, height in ((1, 1), (7, 5), (33, 20)):
        pixels = rng.integers(0, 3, (height, width, 4)).astype(np.uint8) * 100
        pixels[:, : width // 2] = 0
        code = slow_encode(pixels.reshape(-1).tolist())
        assert slow_decode(code) == pixels.reshape(-1).tolist()
        assert np.array_equal(decode_brush(code, (width, height)), pixels[..., 3] > 0)


def test_brushes_are_encoded_so_that_the_front_end_reads_them():
    rng = np.random.default_rng(1)
    for mask in (rng.random((31, 17)) < 0.3, np.ones((300, 300), bool), np.zeros((4, 4), bool)):
        values = slow_decode(encode_brush(mask))
        assert values == np.repeat(mask.reshape(-1) * 255, 4).tolist()
        assert np.array_equal(decode_brush(encode_brush(mask), mask.shape[::-1]), mask)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ([], "ends before"),
        (encode_brush(np.ones((64, 96), bool))[:-1], "ends before"),
        (encode_brush(np.ones((64, 95), bool)), "picture of 96 x 64 pixels has 24576"),
        ([300], "from 0 to 255"),
        (["a"], "from 0 to 255"),
    ],
)
def test_brushes_that_do_not_fit_are_refused(tmp_path, code, expected):
    with pytest.raises(FormatError, match=expected):
        read(tmp_path, [task(region("brush", format="rle", rle=code))])


def bitmask(pixels, mode="RGBA"):
    """Return a region of the tag BitMaskLabels: black on a transparent ground."""
    rgba = np.zeros((*pixels.shape, 4), np.uint8)
    rgba[..., 3] = np.where(pixels, 255, 0)
    file = io.BytesIO()
    Image.fromarray(rgba).convert(mode).save(file, "PNG")
    code = base64.b64encode(file.getvalue()).decode()
    return region("bitmask", imageDataURL=f"data:image/png;base64,{code}")


def test_bitmasks_are_masks_and_are_written_as_brushes(tmp_path):
    pixels = np.zeros((64, 96), bool)
    pixels[5:20, 7:30] = True
    pixels[8, 9] = False
    found = read(tmp_path, [task(bitmask(pixels))])
    (label,) = found.annotations
    code = label.geometry.rle.to_coco()
    assert np.array_equal(decode_rle(code), pixels)
    formats.write(found, tmp_path / "again.json", "label_studio", items=ITEMS)
    text = (tmp_path / "again.json").read_text()
    assert "brushlabels" in text
    assert "imageDataURL" not in text
    (again,) = formats.read(tmp_path / "again.json", items=ITEMS).annotations
    assert again.geometry == label.geometry


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (bitmask(np.ones((64, 95), bool)), "is 95 x 64 pixels, the picture is 96 x 64"),
        (bitmask(np.ones((64, 96), bool), "RGB"), "has no pixels that are transparent"),
        (region("bitmask", imageDataURL="data:image/png;base64,!"), "is no base64"),
        (region("bitmask", imageDataURL="https://host/a.png"), "must be data:image/png"),
        (region("bitmask", imageDataURL="data:image/png;base64,R0lGODlhAQABAAAAACw="), "image"),
        (region("bitmask"), "must be data:image/png"),
    ],
)
def test_bitmasks_that_do_not_fit_are_refused(tmp_path, result, expected):
    with pytest.raises(FormatError, match=f"(?i){expected}"):
        read(tmp_path, [task(result)])


def plain(document):
    """Return (class, centre x, centre y) in pixels of all boxes and key points, by hand."""
    found = []
    for one in document:
        for annotation in one["annotations"]:
            for result in annotation["result"]:
                value = result.get("value", {})
                wide, high = result.get("original_width", 0), result.get("original_height", 0)
                if "rectanglelabels" in value:
                    turn = math.radians(value["rotation"])
                    w, h = value["width"] * wide / 200, value["height"] * high / 200
                    x = value["x"] * wide / 100 + w * math.cos(turn) - h * math.sin(turn)
                    y = value["y"] * high / 100 + w * math.sin(turn) + h * math.cos(turn)
                    found.append((value["rectanglelabels"][0], x, y))
    return found


@pytest.mark.parametrize(
    ("name", "boxes", "others"),
    [
        ("test_export_coco/data.json", 1, {"polygon": 1, "point": 2}),
        ("test_export_json_min/data.json", 0, {"polygon": 1}),
        ("test_export_yolo/data.json", 6, {}),
        ("test_export_yolo/data_obb.json", 25, {}),
        ("test_export_yolo/data_polygons.json", 0, {"polygon": 1}),
        ("test_export_yolo/data_keypoints.json", 1, {"keypoints": 1}),
    ],
)
def test_real_files_have_what_is_counted_in_them_by_hand(shared_data, name, boxes, others):
    path = shared_data / "imports" / "label_studio" / name
    wanted = plain(json.loads(path.read_text()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        found = formats.read(path, errors="collect")
    assert found.format == "label_studio"
    assert found.left_out.empty
    kinds = [one.geometry.type for one in found.annotations]
    assert len(wanted) == kinds.count("rectangle")
    assert {kind: kinds.count(kind) for kind in set(kinds) - {"rectangle"}} == others
    made = [
        (one.class_name, *centre(one.geometry.corners))
        for one in found.annotations
        if one.geometry.type == "rectangle"
    ]
    for was, now in zip(wanted, made, strict=True):
        assert now[0] == was[0]
        assert now[1:] == pytest.approx(was[1:], abs=1e-6)
    assert boxes == len(made)


def centre(corners):
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


def test_joints_and_colours_come_from_the_labelling_interface(shared_data):
    folder = shared_data / "imports" / "label_studio" / "test_export_yolo"
    found = formats.read(
        folder / "data_keypoints.json", config=folder / "label_config_keypoints.xml"
    )
    bones = next(one for one in found.annotations if one.geometry.type == "keypoints")
    joints = found.ontology["person"].skeleton.joints
    assert (len(joints), joints[:2], joints[-1]) == (17, ["nose", "left_eye"], "right_ankle")
    seen = {
        name: (x, y) for name, (x, y, v) in zip(joints, bones.geometry.points, strict=True) if v
    }
    assert set(seen) == {"nose", "left_eye", "right_eye"}
    assert seen["nose"] == pytest.approx((0.6444444444 * 216, 0.39290780141 * 174))
    assert bones.author == "sergei@heartex.test"
    assert bones.origin.parameters["joints"]["nose"] == "YuLAREYKpq"
    (box,) = [one for one in found.annotations if one.geometry.type == "rectangle"]
    assert {one["to"] for one in box.origin.parameters["relations"]} >= {"qwGtX1L1Nm"}


def test_each_person_is_the_author_and_can_be_chosen(shared_data):
    path = shared_data / "imports" / "label_studio" / "test_export_yolo" / "data.json"
    everybody = formats.read(path)
    assert {one.author for one in everybody.annotations} == {"1", "2"}
    with pytest.warns(FormatWarning, match="2 annotations, not read"):
        second = formats.read(path, who=2)
    assert {one.author for one in second.annotations} == {"2"}
    assert 0 < len(second.annotations) < len(everybody.annotations)


def test_boxes_turn_about_their_top_left_corner(tmp_path):
    (box,) = read(tmp_path, [task(region(rotation=90))]).annotations
    # 24 x 16 pixels at (24, 32), turned by a quarter: it lies to the left of its corner.
    assert box.geometry.bounds == pytest.approx((8, 32, 16, 24))
    assert (box.geometry.width, box.geometry.height, box.geometry.angle) == (24, 16, 90)


def test_coordinates_of_a_picture_that_was_turned_on_the_screen_are_turned_back(tmp_path):
    # A quarter clockwise: what was at the top left, (0, 0), lies at the top right.
    turned = region(x=75, y=0, width=25, height=50) | {"image_rotation": 90}
    (box,) = read(tmp_path, [task(turned)]).annotations
    assert box.geometry == lw.Rectangle(0, 0, 48, 16)
    polygon = region("polygon", points=[[100, 0], [100, 50], [50, 0]]) | {"image_rotation": 90}
    (outline,) = read(tmp_path, [task(polygon)]).annotations
    assert outline.geometry.parts == [[[(0, 0), (48, 0), (0, 32)]]]
    half = region(x=0, y=0, width=25, height=50, rotation=0) | {"image_rotation": 180}
    (box,) = read(tmp_path, [task(half)]).annotations
    assert box.geometry == lw.Rectangle(72, 32, 24, 32)


def test_labels_of_a_smaller_copy_fit_the_item_and_those_of_another_picture_are_refused(tmp_path):
    small = region() | {"original_width": 48, "original_height": 32}
    (box,) = read(tmp_path, [task(small)]).annotations
    assert box.geometry == lw.Rectangle(24, 32, 24, 16)
    other = region() | {"original_width": 64, "original_height": 96}
    with pytest.raises(FormatError, match="picture of 64 x 96 pixels, the item is 96 x 64"):
        read(tmp_path, [task(other)])


@pytest.mark.parametrize(
    "url",
    [
        "day/one.jpg",
        "/data/upload/29/e97d4735-one.jpg",
        "/data/local-files/?d=photos%2Fday%2Fone.jpg",
        "https://host/x/one.jpg?signature=abc",
        "../../etc/one.jpg",
    ],
)
def test_pictures_are_found_by_the_ways_in_which_they_are_called(tmp_path, url):
    (box,) = read(tmp_path, [task(region(), image=url)]).annotations
    assert box.item_id == "one"


def test_predictions_are_read_on_demand_with_their_scores_and_what_is_passed_over_is_told(tmp_path):
    model = {"id": 3, "model_version": "v2", "score": 0.5, "result": [region(id="p")]}
    cancelled = {"id": 8, "was_cancelled": True, "result": [region(id="c")]}
    one = task(region(), predictions=[model], drafts=[{}])
    one["annotations"].append(cancelled)
    with pytest.warns(FormatWarning, match="1 skipped annotation, 1 prediction, 1 draft, not"):
        assert len(read(tmp_path, [one]).annotations) == 1
    with pytest.warns(FormatWarning, match="1 annotation,"):
        (label,) = read(tmp_path, [one], take="predictions").annotations
    assert label.confidence == 0.5
    assert label.origin.parameters == {"prediction": 3, "model_version": "v2", "id": "p"}


def test_answers_are_those_of_the_region_with_their_id_or_of_the_picture(tmp_path):
    def about(kind, field, said, name, id):
        return {"id": id, "type": kind, "from_name": name, "value": {field: said}}

    results = [
        region(),
        about("choices", "choices", ["blue"], "colour", "r1"),
        about("textarea", "text", ["AB <b>", "2"], "plate", "r1"),
        about("taxonomy", "taxonomy", [["a", "b"], ["c"]], "kind", "r1"),
        about("choices", "choices", ["rain"], "weather", "q1"),
        about("rating", "rating", 4, "how", "q2"),
        about("choices", "choices", ["road"], "scene", "q3"),
    ]
    box, tag, picture = read(tmp_path, [task(*results)], ontology=ONTOLOGY).annotations
    assert box.attributes == {"colour": "blue", "plate": "AB <b>\n2"}
    assert box.origin.parameters["attributes"] == {"kind": ["a / b", "c"]}
    assert (tag.class_name, tag.geometry.type) == ("road", "tag")
    assert picture.attributes == {"weather": "rain"}
    assert picture.origin.parameters["attributes"] == {"how": "4"}
    found = read(tmp_path, [task(*results)], ontology=ONTOLOGY)
    formats.write(found, tmp_path / "b.json", "label_studio", items=ITEMS, ontology=ONTOLOGY)
    again = formats.read(tmp_path / "b.json", items=ITEMS, ontology=ONTOLOGY).annotations
    for was, now in zip(found.annotations, again, strict=True):
        assert now.attributes == was.attributes
        kept = was.origin.parameters.get("attributes")
        assert now.origin.parameters.get("attributes") == kept


def test_shapes_without_labels_can_be_given_a_class_and_labels_come_by_id_too(tmp_path):
    bare = region()
    del bare["value"]["rectanglelabels"]
    bare["type"] = "rectangle"
    with pytest.raises(FormatError, match="unnamed="):
        read(tmp_path, [task(bare)])
    assert read(tmp_path, [task(bare)], unnamed="thing").annotations[0].class_name == "thing"
    beside = bare | {"type": "labels", "value": {"labels": ["road"]}}
    assert read(tmp_path, [task(bare, beside)]).annotations[0].class_name == "road"
    two = read(tmp_path, [task(region(labels=["car", "road"]))]).annotations
    assert [one.class_name for one in two] == ["car", "road"]


def test_json_min_and_a_file_for_each_annotation_are_read(tmp_path):
    box = {"x": 25, "y": 50, "width": 25, "height": 25, "rotation": 0, "rectanglelabels": ["car"]}
    box |= {"original_width": 96, "original_height": 64}
    one = {"image": "one.jpg", "id": 1, "label": [box], "scene": "road", "annotator": 2}
    one |= {"created_at": "2024-01-01", "lead_time": 3.5, "annotation_id": 4}
    box_label, tag = read(tmp_path, [one]).annotations
    assert box_label.geometry == lw.Rectangle(24, 32, 24, 16)
    assert (tag.class_name, tag.author) == ("road", "2")
    assert registry.sniff(tmp_path / "tasks.json") == "label_studio"
    stored = {"id": 5, "result": [region()], "task": {"id": 1, "data": {"image": "one.jpg"}}}
    assert len(read(tmp_path, stored).annotations) == 1


def test_relations_and_notes_come_back(tmp_path):
    results = [
        region() | {"meta": {"text": ["look"]}},
        region(id="r2", x=1),
        {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"},
    ]
    found = read(tmp_path, [task(*results)])
    assert found.annotations[0].origin.parameters["notes"] == ["look"]
    formats.write(found, tmp_path / "b.json", "label_studio", items=ITEMS)
    one, two = formats.read(tmp_path / "b.json", items=ITEMS).annotations
    assert one.origin.parameters["relations"] == [{"to": two.id, "direction": "right"}]
    assert one.origin.parameters["notes"] == ["look"]


def film(*keys, **more):
    value = {"sequence": list(keys), "labels": ["car"], "framesCount": 10} | more
    return {"id": "t", "type": "videorectangle", "to_name": "video", "value": value, **SIZE}


def key(frame, x=25, enabled=True, rotation=0):
    box = {"x": x, "y": 50, "width": 25, "height": 25, "rotation": rotation}
    return {"frame": frame, "enabled": enabled, "time": 0.1} | box


def seen(track):
    return {n: track.at(n).geometry for n in range(10) if track.at(n) is not None}


def test_keyframes_of_videos_become_a_track(tmp_path):
    document = [task(film(key(2), key(6, 50, False), key(8)), image="one.mp4", field="video")]
    (label,) = read(tmp_path, document, items=FILMS).annotations
    boxes = seen(label.geometry)
    # From 1 there, from 0 here; the last frame of a stretch is the one that is not enabled.
    assert sorted(boxes) == [1, 2, 3, 4, 5, 7, 8, 9]
    assert boxes[3] == lw.Rectangle(36, 32, 24, 16)
    assert sorted(label.geometry.keyframes) == [1, 5, 6, 7]
    alone = formats.read(tmp_path / "tasks.json")
    assert alone.items[["kind", "metadata"]].to_dict("records") == [
        {"kind": "video", "metadata": {"frames": 10, "width": 96, "height": 64}}
    ]


def test_boxes_that_turn_between_keyframes_turn_about_their_corner(tmp_path):
    document = [task(film(key(1), key(5, rotation=40)), image="one.mp4", field="video")]
    (label,) = read(tmp_path, document, items=FILMS).annotations
    corners = [seen(label.geometry)[n].corners[0] for n in range(5)]
    assert np.allclose(corners, (24, 32))
    formats.write([label], tmp_path / "b.json", "label_studio", items=FILMS)
    (again,) = formats.read(tmp_path / "b.json", items=FILMS).annotations
    for n, box in seen(label.geometry).items():
        assert np.allclose(again.geometry.at(n).geometry.corners, box.corners)


def test_tracks_with_gaps_boxes_of_one_frame_and_events_come_back(tmp_path):
    box = lw.Rectangle(10, 10, 20, 20)
    track = Track(
        {
            1: Keyframe(box),
            4: Keyframe(lw.Rectangle(40, 10, 20, 20)),
            6: Keyframe(outside=True),
            8: Keyframe(box),
        }
    )
    shapes = [(track, None), (box, 9), (Interval(2, 5), None)]
    made = [
        lw.Annotation(item_id="one", class_name="car", geometry=shape, frame=frame)
        for shape, frame in shapes
    ]
    counts = formats.write(made, tmp_path / "a.json", "label_studio", items=FILMS).counts
    assert counts == {"tasks": 2, "annotations": 3, "changed": 0, "left_out": 0}
    back = formats.read(tmp_path / "a.json", items=FILMS).annotations
    assert seen(back[0].geometry) == seen(track)
    assert [(one.geometry, one.frame) for one in back[1:]] == shapes[1:]


def test_other_shapes_on_videos_are_left_out_which_is_said(tmp_path):
    track = Track({1: Keyframe(lw.Point(1, 2))})
    made = [lw.Annotation(item_id="one", class_name="car", geometry=track)]
    with pytest.warns(FormatWarning, match="1 track of something else than boxes"):
        formats.write(made, tmp_path / "a.json", "label_studio", items=FILMS)


def test_a_folder_has_the_labelling_interface_too(tmp_path):
    bits = np.zeros((64, 96), bool)
    bits[3:9, 4:20] = True
    code = encode_rle(bits)
    made = [
        lw.Annotation(
            item_id="one",
            class_name="road",
            geometry=lw.Mask(RLE(tuple(code["size"]), code["counts"])),
        ),
        lw.Annotation(
            item_id="one",
            class_name="fly",
            geometry=lw.Keypoints([(1, 2, 1), (0, 0, 0), (5, 6, 2)]),
        ),
    ]
    formats.write(made, tmp_path / "out", "label_studio", items=ITEMS, ontology=ONTOLOGY)
    text = (tmp_path / "out" / "label_config.xml").read_text()
    controls = set(re.findall(r"<(\w+Labels|Choices|TextArea)", text))
    assert controls >= {"BrushLabels", "RectangleLabels", "KeyPointLabels", "Choices", "TextArea"}
    found = formats.read(tmp_path / "out", items=ITEMS)
    assert found.ontology["fly"].skeleton.joints == ["head", "thorax", "tip"]
    assert found.ontology["road"].color == ONTOLOGY["road"].color
    mask, bones = found.annotations
    again = decode_rle({"size": mask.geometry.rle.size, "counts": mask.geometry.rle.counts})
    assert np.array_equal(again, bits)
    assert bones.geometry == lw.Keypoints([(1, 2, 1), (0, 0, 0), (5, 6, 2)])


def test_keys_in_addresses_are_not_written(tmp_path):
    items = ITEMS.copy()
    items["urls"] = [["https://host/one.jpg?signature=secret"], ["https://host/two.jpg"]]
    formats.write([], tmp_path / "a.json", "label_studio", items=items)
    text = (tmp_path / "a.json").read_text()
    assert "secret" not in text
    assert '"https://host/two.jpg"' in text


WRONG = {
    "half a file": (json.dumps([task(region())])[:-20], "is not JSON"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "no list": ("3", "must be a list of tasks"),
    "no task": ([3], "data: must be an object"),
    "no picture": ([task(region(), image=3)], "names no picture"),
    "NaN": (
        json.dumps([task(region(x=1))]).replace('"x": 1', '"x": NaN'),
        r"annotations\[0\].result\[0\] .id r1., x: must be a number",
    ),
    "5,000 digits": (
        json.dumps([task(region(x=1))]).replace('"x": 1', '"x": ' + "9" * 5000),
        "x: must be a number",
    ),
    "over 100": ([task(region(x=90))], "outside of the image"),
    "nothing wide": ([task(region(width=0))], "width: must be greater than 0"),
    "unknown type": ([task(region("cuboid"))], "'cuboid' is no type"),
    "no value": ([task({"type": "rectanglelabels"})], "value: must be an object"),
    "turned": ([task(region() | {"image_rotation": 45})], "multiple of 90"),
    "size": ([task(region() | {"original_width": "9"})], "original_width: must be from 1"),
    "curve": (
        [task(region("vector", vertices=[{"x": 1, "y": 2, "isBezier": True}] * 3))],
        "is a curve",
    ),
    "frames": ([task(film(key(0)), image="one.mp4", field="video")], "whole number from 1"),
    "beyond": ([task(film(key(11)), image="one.mp4", field="video")], "has 10"),
    "twice": ([task(film(key(1), key(1)), image="one.mp4", field="video")], "keyframe before it"),
    "name": ([task(region(labels=["x" * 300]))], "label"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    document, expected = WRONG[row]
    items = FILMS if row in ("frames", "beyond", "twice") else ITEMS
    with pytest.raises((FormatError, LimitError), match=expected):
        read(tmp_path, document, items=items)


def test_what_is_wrong_is_collected_and_the_rest_is_read(tmp_path):
    good = region(id="good", labels=["<script>alert(1)</script>"])
    bad = [region(id="b1", x="left"), region("cuboid", id="b2"), 7]
    found = read(tmp_path, [task(good, *bad), task(region(), image="far.jpg")], errors="collect")
    assert [one.class_name for one in found.annotations] == ["<script>alert(1)</script>"]
    assert sorted(found.left_out["field"]) == ["", "type", "x"]
    assert list(found.unmatched["file_name"]) == ["far.jpg"]
