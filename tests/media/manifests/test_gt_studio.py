"""Rows 23 to 25 of the table of parameters, as far as they name data; and lists of URLs."""

import json

import pytest

from labelwidgets.errors import SourceError
from labelwidgets.media import Dataset
from tests.media.manifests.files import listed, opened

IMAGE = {
    "reference_id": "001",
    "data": {"image_url": "https://h.org/fff.jpg&text=1"},
    "tag": "boxes",
}
FRAMES = [{"frame_id": f"f{n}", "src": f"s3://b/{n}.jpg"} for n in (2, 1, 10)]
VIDEO = {
    "reference_id": "002",
    "batch_id": "b-7",
    "priority_weight": 5,
    "data": {"video_data": {"frames": FRAMES}},
}

SHAPES = {
    "one job": (IMAGE, [("image", "fff.jpg&text=1", ["fff.jpg&text=1"])]),
    "a sequence plays in the order of the list": (
        VIDEO,
        [("image_sequence", "002", ["2.jpg", "1.jpg", "10.jpg"])],
    ),
    "a list of jobs": (
        [IMAGE, VIDEO],
        [
            ("image", "fff.jpg&text=1", ["fff.jpg&text=1"]),
            ("image_sequence", "002", ["2.jpg", "1.jpg", "10.jpg"]),
        ],
    ),
    "an object of jobs": ({"jobs": [IMAGE]}, [("image", "fff.jpg&text=1", ["fff.jpg&text=1"])]),
    "a job build": (
        {"image_url": "s3://b/a.png", "maker_response": {"rectangles": {"data": []}}},
        [("image", "a.png", ["a.png"])],
    ),
    "a video build": (
        {"video_data": {"frames": FRAMES[:1]}},
        [("image_sequence", "2.jpg", ["2.jpg"])],
    ),
    "a result": (
        {"data": {"annotations": {"rectangles": []}, "image_url": "s3://b/a.png"}},
        [("image", "a.png", ["a.png"])],
    ),
    "a list of URLs": (
        ["s3://b/a.png", "s3://b/v.mp4"],
        [("image", "a.png", ["a.png"]), ("video", "v.mp4", ["v.mp4"])],
    ),
    "a list of objects": (
        [{"url": "s3://b/a.png", "title": "t"}, {"urls": ["s3://b/1.png", "s3://b/2.png"]}],
        [("image", "t", ["a.png"]), ("image_group", "1.png and 1 more", ["1.png", "2.png"])],
    ),
}


@pytest.mark.parametrize("row", SHAPES)
def test_shape(tmp_path, row):
    content, expected = SHAPES[row]
    assert listed(opened(tmp_path, "m.json", content)) == expected
    if isinstance(content, list):
        lines = "\n\n".join(map(json.dumps, content)) + "\n"
        if isinstance(content[0], str):
            lines = "\n".join(json.dumps({"url": url}) for url in content)
        assert listed(opened(tmp_path, "m.jsonl", lines)) == expected


def test_what_a_job_says_is_in_the_metadata(tmp_path):
    images = {
        "raster": {
            "images": [{"frame_id": "f1", "data": [{"label": "side", "image_url": "s3://b/s.jpg"}]}]
        }
    }
    job = {**VIDEO, "data": {**VIDEO["data"], "reference_data": images}}
    dataset = opened(tmp_path, "m.json", [IMAGE, job])
    assert dataset.items.metadata[0] == {"reference_id": "001", "tag": "boxes"}
    assert dataset.items.metadata[1] == {
        "reference_id": "002",
        "batch_id": "b-7",
        "priority_weight": 5,
        "frame_ids": ["f2", "f1", "f10"],
        "reference_data": images,
    }


def changed(**data):
    return {**VIDEO, "data": data}


WRONG = {
    "two frames of one id": (
        changed(video_data={"frames": [FRAMES[0], {**FRAMES[1], "frame_id": "f2"}]}),
        r"job, video_data\.frames\[1\]\.frame_id: 'f2' is that of frame 0",
    ),
    "a frame without an id": (
        changed(video_data={"frames": [{"src": "s3://b/1.jpg"}]}),
        r"frames\[0\]\.frame_id: must be text",
    ),
    "a frame without a file": (
        changed(video_data={"frames": [{"frame_id": "a"}]}),
        r"frames\[0\]\.src: is missing",
    ),
    "a frame that is text": (changed(video_data={"frames": ["s3://b/1.jpg"]}), "must be an object"),
    "no frames": (changed(video_data={"frames": []}), "at least one frame"),
    "no video": (changed(video_data=5), "at least one frame"),
    "point clouds": (changed(sensor_data={}), "is of point clouds"),
    "two jobs of one reference": (
        [IMAGE, {"reference_id": "001", "data": {"image_url": "s3://b/b.png"}}],
        r"\[1\], reference_id: '001' is that of \[0\]",
    ),
    "a picture twice": (
        [IMAGE, {**IMAGE, "reference_id": "003"}],
        r"\[1\]: has the URL of \[0\]",
    ),
    "a number for a batch": ({**VIDEO, "batch_id": 5}, "job, batch_id: must be text"),
    "text for a weight": ({**VIDEO, "priority_weight": "5"}, "priority_weight: must be a whole"),
    "no data": ([IMAGE, {"reference_id": "9", "data": {}}], r"\[1\], data: has neither image_url"),
    "white space": ({"image_url": "s3://b/a b.png"}, "job, .*white space"),
    "a private address": ({"image_url": "http://169.254.169.254/x.png"}, "private"),
    "no URL": ({"image_url": None}, "job, url: must be a URL"),
    "no row": (["s3://b/a.png", 5], r"\[1\]: must be a URL, or an object"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    content, words = WRONG[row]
    with pytest.raises(SourceError, match=words):
        opened(tmp_path, "m.json", content)


def test_wrong_jobs_are_rows_of_the_errors(tmp_path):
    jobs = [IMAGE, {"data": {"image_url": "s3://b/a b"}}, VIDEO, 5]
    lines = "\n".join(map(json.dumps, jobs))
    dataset = opened(tmp_path, "m.jsonl", lines, errors="collect")
    assert len(dataset) == 2
    assert list(dataset.errors.place) == ["line 2", "line 4"]
    assert list(dataset.errors.row) == [1, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is of another shape, or empty"),
        ('{"a": 1}\n', "is of another shape, or empty"),
        ('{"url": "s3://b/a.png"}\n{"url": ', "line 2: is not JSON"),
    ],
)
def test_lines_of_another_shape(tmp_path, text, words):
    with pytest.raises(SourceError, match=words):
        opened(tmp_path, "m.jsonl", text)


def test_jobs_may_be_given_as_they_are():
    assert listed(Dataset.open(VIDEO, validate=False))[0][0] == "image_sequence"
    assert Dataset.open(VIDEO, validate=False).items.trusted.all()
