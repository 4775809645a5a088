"""Rows 23 to 25 of the table of parameters, as far as they are labels."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.media import Dataset
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats.test_cvat_video import moving
from tests.formats.test_masks import bomb
from tests.formats.test_mot import videos
from tests.media.builders import save

WIDTH, HEIGHT = 200, 100
CORNERS = [(0.12, 0.12), (0.24, 0.12), (0.24, 0.24), (0.12, 0.24)]


def xy(*points):
    return [{"x": x, "y": y} for x, y in points]


def named(*points, **more):
    return {f"p{n}": {"x": x, "y": y, **more} for n, (x, y) in enumerate(points, start=1)}


def ring(*names):
    return {f"e{n}": [a, b] for n, (a, b) in enumerate(itertools.pairwise(names), start=1)}


TRIANGLE = ring("p1", "p2", "p3", "p1")


@pytest.fixture
def project(tmp_path):
    picture = save(Image.new("RGB", (WIDTH, HEIGHT)), "PNG")
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(picture)
    (tmp_path / "small.png").write_bytes(save(Image.new("RGB", (50, 50)), "PNG"))
    frame = pd.DataFrame(
        {
            "urls": [
                [str(tmp_path / "a.png")],
                [str(tmp_path / name) for name in ("b.png", "small.png", "c.png")],
            ],
            "kind": ["image", "image_sequence"],
        }
    )
    made = lw.Project.create(tmp_path / "p.db", Dataset.open(frame), ["Dog"])
    yield made
    made.close()


def job(tmp_path, **labels):
    return {"image_url": str(tmp_path / "a.png"), "maker_response": labels}


def imported(project, tmp_path, content, name="jobs.json", **options):
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    options = {"format": "gt_studio", "add_classes": True, **options}
    return project.import_annotations(tmp_path / name, **options)


def label(**more):
    return {"_id": "i1", "label": "Car", "state": "editable", **more}


SHAPES = {
    "rectangles": (
        {"coordinates": xy(*CORNERS)},
        lw.Rectangle(24, 12, 24, 12),
    ),
    "polygons": (
        {
            "points": named((0.1, 0.1), (0.5, 0.1), (0.5, 0.5)),
            "edges": TRIANGLE,
        },
        lw.Polygon([[[(20, 10), (100, 10), (100, 50)]]]),
    ),
    "polygons, edges in another order": (
        {
            "points": named((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)),
            "edges": {"a": ["p2", "p4"], "b": ["p3", "p1"], "c": ["p4", "p1"], "d": ["p2", "p3"]},
        },
        lw.Polygon([[[(20, 10), (100, 10), (100, 50), (20, 50)]]]),
    ),
    "polygons, two rings": (
        {
            "points": named((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.6, 0.6), (0.7, 0.6), (0.7, 0.7)),
            "edges": {
                **ring("p1", "p2", "p3", "p1"),
                "f1": ["p4", "p5"],
                "f2": ["p5", "p6"],
                "f3": ["p6", "p4"],
            },
        },
        lw.Polygon([[[(20, 10), (40, 10), (40, 20)]], [[(120, 60), (140, 60), (140, 70)]]]),
    ),
    "polygons, no edges, ten points": (
        {
            "points": named(
                *[(0.5 - 0.04 * (n - 5) ** 2 / 10, 0.05 + 0.05 * n) for n in range(10)],
            )
        },
        None,
    ),
    "lines": (
        {"points": named((0.5, 0.5), (0.1, 0.1), (0.2, 0.9)), "edges": ring("p2", "p1", "p3")},
        lw.Polyline([(20, 10), (100, 50), (40, 90)]),
    ),
    "lines, without edges": (
        {"points": named((0.1, 0.1), (0.2, 0.9))},
        lw.Polyline([(20, 10), (40, 90)]),
    ),
    "lines, closed": (
        {
            "points": named((0.1, 0.1), (0.5, 0.1), (0.5, 0.5)),
            "edges": TRIANGLE,
        },
        lw.Polyline([(20, 10), (100, 10), (100, 50), (20, 10)]),
    ),
    "landmarks": ({"points": named((0.25, 0.5))}, lw.Point(50, 50)),
    "landmarks, several": (
        {
            "points": {
                "p1": {"x": 0.1, "y": 0.2, "label": 10},
                "p2": {"x": 0.3, "y": 0.4, "label": 9},
            }
        },
        lw.Keypoints([(60, 40, 2), (20, 20, 2)]),
    ),
    "cuboids": (
        {"points": named(*[(0.1 + 0.05 * n, 0.2) for n in range(8)])},
        lw.Cuboid([(20 + 10 * n, 20) for n in range(8)]),
    ),
}


def flat(geometry):
    return [round(number, 6) for number in _numbers(geometry.__class__, geometry)]


def _numbers(kind, geometry):
    import msgspec

    def walk(value):
        if isinstance(value, int | float):
            yield float(value)
        elif isinstance(value, dict):
            for name in sorted(value):
                yield from walk(value[name])
        elif isinstance(value, list | tuple):
            for one in value:
                yield from walk(one)

    return walk(msgspec.to_builtins(geometry))


@pytest.mark.parametrize("row", SHAPES)
def test_shape(project, tmp_path, row):
    said, expected = SHAPES[row]
    kind = row.partition(",")[0]
    found = imported(project, tmp_path, job(tmp_path, **{kind: {"data": [label(**said)]}}))
    (made,) = found.annotations
    if expected is None:
        assert len(made.geometry.parts[0][0]) == 10
        assert made.geometry.parts[0][0][9][1] == pytest.approx(50)
    else:
        assert type(made.geometry) is type(expected)
        assert flat(made.geometry) == flat(expected)
    assert made.class_name == "Car"
    assert made.origin.name == "gt_studio"
    assert made.origin.parameters["id"] == "i1"
    rows = project.annotations
    assert list(rows.class_name) == ["Car"]
    assert rows.author[0] == project.user
    project.undo()
    assert len(project.annotations) == 0


def test_states_attributes_and_all_types_of_a_job(project, tmp_path):
    project.extend([lw.ObjectClass("Car", attributes=[lw.Radio("occlusion", ["0%", "100%"])])])
    box = {"coordinates": xy(*CORNERS)}
    attributes = {
        "occlusion": {"value": "100%"},
        "pose": {"value": ["a", "b"]},
        "none": {"value": None},
    }
    labels = {
        "rectangles": {
            "data": [
                label(**box, attributes=attributes),
                label(
                    **box, _id="i2", state="non_editable", attributes={"occlusion": {"value": "7%"}}
                ),
            ]
        },
        "landmarks": {"data": [label(_id="i3", label="nose", points=named((0.5, 0.5)))]},
        "cuboids": {"data": []},
    }
    found = imported(project, tmp_path, job(tmp_path, **labels))
    first, second, third = found.annotations
    assert first.attributes == {"occlusion": "100%"}
    assert first.origin.parameters == {"id": "i1", "attributes": {"pose": ["a", "b"]}}
    assert (first.state, second.state) == ("editable", "locked")
    assert second.origin.parameters["attributes"] == {"occlusion": "7%"}
    assert isinstance(third.geometry, lw.Point)
    assert list(found.categories.name) == ["Car", "nose"]
    assert project.ontology["nose"].tool == "point"
    assert list(project.annotations.state) == ["editable", "locked", "editable"]


def frames(tmp_path):
    return [
        {"frame_id": f"f-{name}", "src": str(tmp_path / f"{name}.png")}
        for name in ("b", "small", "c")
    ]


def tracked(**more):
    box = {"type": "rectangle", "label": "bicycle", "coordinates": xy(*CORNERS)}
    return [
        {
            "_id": "24a46dde",
            "type": "rectangle",
            "label": "bicycle",
            "frames": {"f-b": {"_id": "x1", **box}, "f-small": {"_id": "x2", **box}, **more},
        }
    ]


@pytest.mark.parametrize("shape", ["build", "job", "result", "lines"])
def test_objects_are_tracked_through_the_frames_of_a_sequence(project, tmp_path, shape):
    video = {"frames": frames(tmp_path)}
    build = {
        "video_data": video,
        "maker_response": {"video2d": {"data": {"annotations": tracked()}}},
    }
    content = {
        "build": build,
        "job": [{"reference_id": "1", "data": build}],
        "result": {"data": {"video_data": video, "annotation_data": {"annotations": tracked()}}},
        "lines": json.dumps({"data": build}),
    }[shape]
    name = "m.jsonl" if shape == "lines" else "m.json"
    found = imported(project, tmp_path, content, name)
    (made,) = found.annotations
    assert (made.frame, made.track_id) == (None, "24a46dde")
    # All pictures of a sequence are labelled at the size of the first.
    for frame in (0, 1):
        seen = made.geometry.at(frame).geometry
        assert flat(seen) == flat(lw.Rectangle(24, 12, 24, 12))
    assert made.geometry.at(2) is None
    assert made.origin.parameters["ids"] == {"0": "x1", "1": "x2"}
    again = imported(project, tmp_path, content, name)
    assert (again.added, again.there) == (0, 1)


def test_results_have_plain_lists_and_are_matched_by_their_urls(project, tmp_path):
    labels = {"rectangles": [label(coordinates=xy(*CORNERS))], "polygons": []}
    result = {"data": {"annotations": labels, "image_url": f"file://{tmp_path}/a.png"}}
    other = {"image_url": "s3://bucket/zzz.png", "maker_response": {"lines": {"data": [label()]}}}
    found = imported(project, tmp_path, [result, other])
    assert len(found.annotations) == 1
    assert list(found.items.id) == [project.dataset.items.id[0]]
    assert list(found.unmatched.file_name) == ["s3://bucket/zzz.png"]
    assert list(found.unmatched.annotations) == [1]


def test_the_file_is_recognised_by_what_is_in_it(project, tmp_path):
    content = job(tmp_path, rectangles={"data": [label(coordinates=xy(*CORNERS))]})
    found = imported(project, tmp_path, content, format=None)
    assert found.format == "gt_studio"


BOX = {"coordinates": xy(*CORNERS)}
WRONG = {
    "three corners": ("rectangles", {"coordinates": xy(*CORNERS[:3])}, "list of 4 points"),
    "corners of a turned box": (
        "rectangles",
        {"coordinates": xy((0.5, 0.1), (0.9, 0.5), (0.5, 0.9), (0.1, 0.5))},
        "upright box",
    ),
    "corners in another order": ("rectangles", {"coordinates": xy(*CORNERS[::-1])}, "upright box"),
    "pixels": ("rectangles", {"coordinates": xy((10, 10), (20, 10), (20, 20), (10, 20))}, "0 to 1"),
    "text": ("rectangles", {"coordinates": [{"x": "0", "y": 0}] * 4}, r"coordinates\[0\]\.x"),
    "no points": ("polygons", {}, "points"),
    "an edge to nowhere": (
        "polygons",
        {"points": named((0, 0), (1, 0), (1, 1)), "edges": {"e1": ["p1", "p9"]}},
        "edges.e1: must be the names of two points",
    ),
    "an open polygon": (
        "polygons",
        {"points": named((0, 0), (1, 0), (1, 1)), "edges": ring("p1", "p2", "p3")},
        "do not go round",
    ),
    "a polygon that crosses itself": (
        "polygons",
        {"points": named((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5))},
        "cross",
    ),
    "a line that branches": (
        "lines",
        {
            "points": named((0, 0), (1, 0), (1, 1), (0, 1)),
            "edges": {"a": ["p1", "p2"], "b": ["p1", "p3"], "c": ["p1", "p4"]},
        },
        "no single line",
    ),
    "two lines": (
        "lines",
        {
            "points": named((0, 0), (1, 0), (1, 1), (0, 1)),
            "edges": {"a": ["p1", "p2"], "b": ["p3", "p4"]},
        },
        "no single line",
    ),
    "seven corners": ("cuboids", {"points": named(*[(0.1, 0.1)] * 7)}, "exactly 8|at least 8"),
    "a class that is a number": ("rectangles", {**BOX, "label": 5}, "label: must be the name"),
    "an unknown state": ("rectangles", {**BOX, "state": "frozen"}, "state: must be editable"),
    "a state that is a list": ("rectangles", {**BOX, "state": []}, "state: must be editable"),
    "attributes as a list": ("rectangles", {**BOX, "attributes": []}, "attributes: must be an"),
    "an unknown type": ("circles", BOX, "'circles' is no type of shape"),
}


@pytest.mark.parametrize("row", WRONG)
def test_a_wrong_label_is_named_or_left_out(project, tmp_path, row):
    kind, said, words = WRONG[row]
    good = label(_id="good", **BOX)
    content = job(tmp_path, **{kind: {"data": [label(**said)]}})
    content["maker_response"].setdefault("rectangles", {"data": []})["data"].append(good)
    with pytest.raises(FormatError, match=words) as caught:
        imported(project, tmp_path, content)
    assert f"job.maker_response.{kind}[0]" in str(caught.value)
    assert len(project.annotations) == 0
    found = imported(project, tmp_path, content, errors="collect")
    assert len(found.annotations) == 1
    assert list(found.left_out.id) == ["i1"]


OTHER = {
    "no job": ({"a": 1}, "has no job"),
    "not JSON": ("{", "is not JSON"),
    "NaN": (
        '{"image_url": "a.png", "maker_response": {"rectangles": {"data": [{"label": "x", '
        '"coordinates": [{"x": NaN, "y": 0}, 1, 2, 3]}]}}}',
        "must be a number",
    ),
    "deep": ("[" * 100_000, "nested too deeply|not JSON"),
    "no item": ({"image_url": "s3://b/zzz.png"}, "its one job is not one of the dataset"),
    "a label twice": (
        {"image_url": "a.png", "maker_response": {"rectangles": {"data": [label(**BOX)] * 2}}},
        "_id: is the id of a label before it",
    ),
    "a mask": ({"image_url": "a.png", "maker_response": {"raster": {"data": {}}}}, "raster, url"),
    "labels as text": ({"image_url": "a.png", "maker_response": "x"}, "must be an object"),
    "a type as text": ({"image_url": "a.png", "maker_response": {"lines": "x"}}, "must be a list"),
}


@pytest.mark.parametrize("row", OTHER)
def test_a_wrong_file_is_told(project, tmp_path, row):
    content, words = OTHER[row]
    with pytest.raises(FormatError, match=words):
        imported(project, tmp_path, content)
    assert len(project.annotations) == 0


def test_a_frame_that_the_job_does_not_have(project, tmp_path):
    box = {"label": "x", "type": "rectangle", **BOX}
    build = {
        "video_data": {"frames": frames(tmp_path)},
        "maker_response": {"video2d": {"data": {"annotations": tracked(**{"f-z": box})}}},
    }
    with pytest.raises(FormatError, match="frame_id: is no frame of the job"):
        imported(project, tmp_path, build)


def test_sizes_have_to_be_known(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(job(tmp_path, rectangles={"data": [label(**BOX)]})))
    with pytest.raises(FormatError, match="needs the items for their sizes"):
        formats.read(tmp_path / "m.json", "gt_studio")
    dataset = Dataset.open([tmp_path / "a.png"], validate=False)
    with pytest.raises(FormatError, match="whose size is not known"):
        formats.read(tmp_path / "m.json", items=dataset.items)


@pytest.mark.parametrize("name", ["image", "image_sequence"])
def test_what_is_written_is_read_again(project, tmp_path, name):
    item = project.dataset.items.set_index("kind").loc[name, "id"]
    shapes = [
        lw.Rectangle(20, 10, 24, 12),
        lw.Polygon([[[(20, 10), (40, 10), (40, 20)]], [[(60, 10), (80, 10), (80, 20)]]]),
        lw.Polyline([(20, 10), (100, 50), (40, 90)]),
        lw.Point(50, 50),
        lw.Keypoints([(60, 40, 2), (20, 20, 2)]),
        lw.Cuboid([(20 + 10 * n, 20) for n in range(8)]),
    ]
    if name == "image_sequence":
        moved = {0: lw.Rectangle(20, 10, 24, 12), 1: lw.Rectangle(22, 10, 24, 12)}
        keys = {frame: Keyframe(one) for frame, one in moved.items()}
        shapes = [
            Track(keys | {2: Keyframe(outside=True)}),
            *[Track({0: Keyframe(one)}) for one in shapes],
        ]
    labels = [
        lw.Annotation(item_id=item, class_name=f"c{n}", geometry=one)
        for n, one in enumerate(shapes)
    ]
    path = tmp_path / "jobs.json"
    formats.write(labels, path, "gt_studio", items=project.dataset.items)
    found = formats.read(path, items=project.dataset.items)
    assert len(found.annotations) == len(labels)
    for was, made in zip(labels, found.annotations, strict=True):
        assert made.class_name == was.class_name
        for frame in range(3) if name == "image_sequence" else ():
            one, other = was.geometry.at(frame), made.geometry.at(frame)
            assert (one is None) == (other is None)
            assert one is None or flat(one.geometry) == flat(other.geometry)
        if name == "image":
            assert flat(was.geometry) == flat(made.geometry)


def test_a_video_is_written_with_a_number_for_each_frame_and_read_again(tmp_path):
    items = videos("film")
    track = moving(lambda d: lw.Rectangle(5 + d, 6, 20, 10))
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=track),
        lw.Annotation(item_id="film", class_name="car", geometry=lw.Ellipse(9, 9, 3, 3), frame=1),
    ]
    with pytest.warns(FormatWarning, match="1 ellipse .as its outline., 1 occlusion of a track"):
        formats.write(labels, tmp_path / "m.json", "gt_studio", items=items)
    job = json.loads((tmp_path / "m.json").read_text())[0]
    assert [one["frame_id"] for one in job["video_data"]["frames"]] == [str(n) for n in range(40)]
    made, round_ = formats.read(tmp_path / "m.json", items=items).annotations
    assert round_.geometry.shape_type == "polygon"
    for frame in range(40):
        was, now = track.at(frame), made.geometry.at(frame)
        assert (was is None) == (now is None)
        assert was is None or flat(was.geometry) == flat(now.geometry)


def test_one_file_brings_the_data_and_their_labels(project, tmp_path):
    content = [job(tmp_path, rectangles={"data": [label(**BOX)]})]
    (tmp_path / "jobs.json").write_text(json.dumps(content))
    dataset = Dataset.open(tmp_path / "jobs.json")
    with lw.Project.create(tmp_path / "q.db", dataset, []) as other:
        other.import_annotations(tmp_path / "jobs.json", format="gt_studio", add_classes=True)
        assert list(other.annotations[["x", "y", "width", "height"]].iloc[0]) == [24, 12, 24, 12]


MASK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
MASK[10:20, 30:60] = 0xC7, 0x6E, 0x2A
MASK[50:70, 80:90] = 0, 0, 255
LEGEND = {"#c76e2a": "car # 5", "#0000ff": "road"}


def raster(tmp_path, url="masks/m.png", legend=LEGEND, pixels=MASK):
    """Return a job whose labels are a picture of masks, and write that."""
    (tmp_path / "masks").mkdir(exist_ok=True)
    (tmp_path / "masks" / "m.png").write_bytes(save(Image.fromarray(pixels), "PNG"))
    return job(tmp_path, raster={"data": {"url": url, "legend": legend}})


def test_a_picture_of_masks_is_read_by_its_legend(project, tmp_path):
    found = imported(project, tmp_path, raster(tmp_path))
    made = {one.class_name: one for one in found.annotations}
    assert made["car"].origin.parameters == {"instance": 5}
    for name, color in (("car", 0xC7), ("road", 0)):
        rle = made[name].geometry.rle
        inside = lw.algorithms.decode_rle({"size": list(rle.size), "counts": rle.counts})
        assert np.array_equal(inside, MASK.any(axis=2) & (MASK[..., 0] == color))
    # As results have it, beside shapes.
    result = {"image_url": str(tmp_path / "a.png")}
    result["annotations"] = {
        "raster": {"url": str(tmp_path / "masks" / "m.png"), "legend": LEGEND},
        "rectangles": [label(**BOX)],
    }
    assert len(imported(project, tmp_path, result, "result.json").annotations) == 3


RASTERS = {
    "a private address": ({"url": "http://127.0.0.1:9/m.png"}, "private or local"),
    "a file elsewhere": ({"url": "/etc/passwd"}, "lies outside"),
    "a path upwards": ({"url": "../../../../etc/passwd"}, "lies outside"),
    "a URL of a file": ({"url": "file:///etc/passwd"}, "lies outside"),
    "a chain": ({"url": "zip://m.png::file:///etc/x.zip"}, "chain|scheme|outside"),
    "another scheme": ({"url": "ftp://host.example/m.png"}, "scheme|protocol"),
    "no picture": ({"url": "masks/none.png"}, "does not exist"),
    "a number": ({"url": 5}, "must be the address"),
    "no legend": ({"legend": None}, "legend: must be an object"),
    "two names": ({"legend": {"#c76e2a": "car", "#C76E2A": "road"}}, "'car' and 'road'"),
    "a name that is none": ({"legend": {"#c76e2a": "a\u0007"}}, "legend, 'a"),
    "a colour without a name": (
        {"legend": {"#c76e2a": "car"}},
        "#0000ff: is in no legend, and 200",
    ),
    "another size": ({"pixels": MASK[:50]}, "200 x 50 pixels, the item is 200 x 100"),
}


@pytest.mark.parametrize("row", RASTERS)
def test_a_picture_of_masks_that_is_wrong_is_told(project, tmp_path, row):
    more, words = RASTERS[row]
    content = raster(tmp_path, **more)
    content["maker_response"]["rectangles"] = {"data": [label(**BOX)]}
    with pytest.raises(FormatError, match=words) as caught:
        imported(project, tmp_path, content)
    assert "job.maker_response.raster" in str(caught.value)
    found = imported(project, tmp_path, content, errors="collect")
    assert [one.class_name for one in found.annotations][-1] == "Car"
    assert list(found.left_out.record) == ["job.maker_response.raster"]


def test_a_bomb_is_not_decoded(project, tmp_path):
    content = raster(tmp_path)
    (tmp_path / "masks" / "m.png").write_bytes(bomb())
    with pytest.raises(FormatError, match="60000 x 60000"):
        imported(project, tmp_path, content)


def test_masks_are_written_beside_the_jobs(project, tmp_path):
    item = project.dataset.items.set_index("kind").loc["image", "id"]
    pixels = [np.zeros((HEIGHT, WIDTH), bool) for _ in range(3)]
    pixels[0][10:30, 10:30] = pixels[1][20:40, 20:40] = pixels[2][60:70, 60:90] = True
    labels = [
        lw.Annotation(
            item_id=item, class_name=name, geometry=lw.Mask(lw.algorithms.encode_rle(one))
        )
        for name, one in zip(("car", "car", "road"), pixels, strict=True)
    ]
    with pytest.warns(FormatWarning, match="100 pixels under a later label"):
        formats.write(labels, tmp_path / "jobs.json", "gt_studio", items=project.dataset.items)
    jobs = json.loads((tmp_path / "jobs.json").read_text())
    assert len(jobs) == 2  # of the sequence too, which has no labels
    said = jobs[0]["maker_response"]["raster"]["data"]
    assert said["url"] == "jobs_masks/a.png"
    assert sorted(said["legend"].values()) == ["car # 1", "car # 2", "road # 1"]
    with Image.open(tmp_path / "jobs_masks" / "a.png") as picture:
        assert picture.mode == "RGB"
    back = formats.read(tmp_path / "jobs.json", items=project.dataset.items).annotations
    areas = {(one.class_name, one.origin.parameters["instance"]): one.geometry.area for one in back}
    assert areas == {("car", 1): 300, ("car", 2): 400, ("road", 1): 300}
    with pytest.raises(FormatError, match="no place for"):
        formats.write(
            labels, tmp_path / "s.json", "gt_studio", items=project.dataset.items, strict=True
        )
    assert not (tmp_path / "s.json").exists()
    assert not (tmp_path / "s_masks").exists()


def test_pictures_of_masks_have_the_address_that_is_given(project, tmp_path):
    item = project.dataset.items.set_index("kind").loc["image", "id"]
    whole = lw.Mask(lw.algorithms.encode_rle(np.ones((HEIGHT, WIDTH), bool)))
    formats.write(
        [lw.Annotation(item_id=item, class_name="car", geometry=whole)],
        tmp_path / "jobs.json",
        "gt_studio",
        items=project.dataset.items,
        mask_url="https://bucket.example/masks/",
    )
    (said, _) = json.loads((tmp_path / "jobs.json").read_text())
    url = said["maker_response"]["raster"]["data"]["url"]
    assert url == "https://bucket.example/masks/a.png"


def test_shapes_are_written_in_the_order_of_the_documentation(project, tmp_path):
    item = project.dataset.items.set_index("kind").loc["image", "id"]
    shapes = [
        lw.Rectangle(20, 10, 40, 30),
        lw.Polygon([[[(20, 10), (40, 10), (40, 20)]]]),
        lw.Polyline([(20, 10), (40, 10), (40, 20)]),
    ]
    labels = [lw.Annotation(item_id=item, class_name="car", geometry=one) for one in shapes]
    formats.write(labels, tmp_path / "jobs.json", "gt_studio", items=project.dataset.items)
    said = json.loads((tmp_path / "jobs.json").read_text())[0]["maker_response"]
    (box,) = said["rectangles"]["data"]
    assert box["coordinates"] == xy((0.1, 0.1), (0.3, 0.1), (0.3, 0.4), (0.1, 0.4))
    (polygon,), (line,) = said["polygons"]["data"], said["lines"]["data"]
    assert polygon["points"] == line["points"] == named((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))
    assert polygon["edges"] == TRIANGLE
    assert line["edges"] == ring("p1", "p2", "p3")
    assert box["state"] == "editable"
