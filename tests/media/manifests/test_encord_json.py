"""Rows 17 to 20 and 22 of the table of parameters, and the rules for their contradictions."""

import json

import pytest

from labelwidgets.errors import LabelwidgetsError, LimitError, SourceError
from labelwidgets.media import Dataset, Limits
from tests.media.manifests.files import listed, opened, write

BASE = "s3://bucket/"


def urls(*names):
    return {f"objectUrl_{number}": BASE + name for number, name in enumerate(names)}


def one(**more):
    return {"objectUrl": BASE + "a", **more}


FULL = {
    "images": [{"objectUrl": "https://b.s3.eu-west-2.amazonaws.com/Image1.png"}],
    "videos": [
        {"objectUrl": "https://b.s3.eu-west-2.amazonaws.com/Cooking.mp4"},
        {
            "objectUrl": "https://b.s3.eu-west-2.amazonaws.com/Oranges.mp4",
            "title": "my-custom-video-title.mp4",
            "clientMetadata": {"optional": "metadata"},
        },
    ],
    "image_sequences": [
        {"title": "apple-light", "createVideo": True, **urls("1+(32).jpg", "1+(33).jpg")}
    ],
    "image_groups": [{"title": "apple-ios", "createVideo": False, **urls("3.jpg", "4.jpg")}],
    "dicom_series": [{"title": "series", **urls("0", "1", "2", "3")}],
}


def test_all_types_in_one_file(tmp_path):
    dataset = opened(tmp_path, "all.json", FULL)
    assert listed(dataset) == [
        ("image", "Image1.png", ["Image1.png"]),
        ("video", "Cooking.mp4", ["Cooking.mp4"]),
        ("video", "my-custom-video-title.mp4", ["Oranges.mp4"]),
        ("image_sequence", "apple-light", ["1+(32).jpg", "1+(33).jpg"]),
        ("image_group", "apple-ios", ["3.jpg", "4.jpg"]),
        ("dicom_series", "series", ["0", "1", "2", "3"]),
    ]
    assert dataset.items.metadata[2] == {"clientMetadata": {"optional": "metadata"}}
    assert not dataset.items.trusted.any()
    assert set(dataset.items.status) == {"unchecked"}


ROWS = {
    "the title of a group is the name of its first file by default": (
        {"image_groups": [urls("a.jpg", "b.jpg")]},
        [("image_group", "a.jpg and 1 more", ["a.jpg", "b.jpg"])],
    ),
    "an empty title is none": ({"images": [one(title="")]}, [("image", "a", ["a"])]),
    "a group may have one picture": (
        {"image_groups": [{"title": "t", **urls("a.jpg")}]},
        [("image_group", "t", ["a.jpg"])],
    ),
    "a group may say objectUrl": (
        {"image_groups": [one(title="t")]},
        [("image_group", "t", ["a"])],
    ),
    "positions are ordered as numbers": (
        {"image_groups": [{"title": "t", **urls(*"0123456789", "ten", "eleven")}]},
        [("image_group", "t", [*"0123456789", "ten", "eleven"])],
    ),
    "positions may stand in any order": (
        {"image_groups": [{**dict(list(urls("a", "b", "c").items())[::-1]), "title": "t"}]},
        [("image_group", "t", ["a", "b", "c"])],
    ),
    "positions may count from 1": (
        {"image_groups": [{"title": "t", "objectUrl_1": BASE + "a", "objectUrl_2": BASE + "b"}]},
        [("image_group", "t", ["a", "b"])],
    ),
    "createVideo is false by default, and may say so": (
        {"images": [one(createVideo=False)]},
        [("image", "a", ["a"])],
    ),
    "a group with createVideo is a sequence": (
        {"image_groups": [{"title": "t", "createVideo": True, **urls("a", "b")}]},
        [("image_sequence", "t", ["a", "b"])],
    ),
    "a sequence is one without createVideo": (
        {"image_sequences": [{"title": "t", **urls("a", "b")}]},
        [("image_sequence", "t", ["a", "b"])],
    ),
    "a series may have createVideo": (
        {"dicom_series": [{"title": "t", "createVideo": True, **urls("a", "b")}]},
        [("dicom_series", "t", ["a", "b"])],
    ),
    "names of keys in any case": (
        {"images": [{"OBJECTURL": BASE + "a", "Title": "t"}]},
        [("image", "t", ["a"])],
    ),
    "two items may have one title": (
        {"images": [one(title="t"), {"objectUrl": BASE + "b", "title": "t"}]},
        [("image", "t", ["a"]), ("image", "t", ["b"])],
    ),
    "an empty list beside another": ({"videos": [], "images": [one()]}, [("image", "a", ["a"])]),
    "duplicates are skipped on demand, by URL": (
        {"images": [one(), one(title="again")], "skip_duplicate_urls": True},
        [("image", "a", ["a"])],
    ),
    "of groups all URLs have to be the same": (
        {
            "image_groups": [urls("a", "b"), urls("a", "c"), urls("b", "a"), urls("a", "b")],
            "skip_duplicate_urls": True,
        },
        [("image_group", f"{first} and 1 more", [first, second]) for first, second in
         (("a", "b"), ("a", "c"), ("b", "a"))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_rule(tmp_path, row):
    manifest, expected = ROWS[row]
    assert listed(opened(tmp_path, "m.json", manifest)) == expected
    assert listed(Dataset.open(manifest, validate=False)) == expected


def test_reverse_gives_the_order_that_encord_stores(tmp_path):
    manifest = {"image_groups": [urls("a", "b", "c")], "dicom_series": [urls("x", "y")]}
    dataset = opened(tmp_path, "m.json", manifest, reverse=True)
    assert [names for *_, names in listed(dataset)] == [["c", "b", "a"], ["y", "x"]]
    with pytest.raises(SourceError, match="reverse: is for Encord's JSON only"):
        Dataset.open([BASE + "a"], validate=False, reverse=True)
    with pytest.raises(SourceError, match="reverse: is for Encord's JSON only"):
        opened(tmp_path, "list.json", [BASE + "a"], reverse=True)


WRONG = {
    "no object": ({"images": ["s3://b/a"]}, r"images\[0\]: must be an object, not str"),
    "no URL": ({"images": [{"title": "t"}]}, r"images\[0\], objectUrl: is missing"),
    "no URL of a group": ({"image_groups": [{}]}, r"image_groups\[0\], objectUrl_0, .* is missing"),
    "a number for a URL": ({"images": [{"objectUrl": 5}]}, r"images\[0\], url: must be a URL"),
    "a missing position": (
        {"image_groups": [{"objectUrl_0": BASE, "objectUrl_2": BASE}]},
        r"image_groups\[0\], objectUrl_1: is missing, and others have higher numbers",
    ),
    "a first position that is missing": (
        {"image_groups": [{"objectUrl_3": BASE + "a"}]},
        r"objectUrl_1: is missing",
    ),
    "a repeated position": (
        {"image_groups": [{"objectUrl_1": BASE + "a", "objectUrl_01": BASE + "b"}]},
        r"objectUrl_1: is there twice",
    ),
    "a huge position": (
        {"image_groups": [{"objectUrl_" + "9" * 5000: BASE + "a"}]},
        r"objectUrl_99999999999999999999: is too large a number",
    ),
    "both ways to say it": (
        {"image_groups": [one(objectUrl_0=BASE)]},
        r"objectUrl: is there more than once",
    ),
    "several files of a picture": ({"images": [urls("a", "b")]}, r"objectUrl: is missing"),
    "createVideo as text": ({"videos": [one(createVideo="no")]}, r"createVideo: must be true or"),
    "createVideo of a picture": ({"images": [one(createVideo=True)]}, r"must be false for images"),
    "createVideo of a video": ({"videos": [one(createVideo=True)]}, r"must be false for videos"),
    "a sequence that is none": (
        {"image_sequences": [{"createVideo": False, **urls("a")}]},
        r"must be true for a sequence",
    ),
    "a number for a title": ({"images": [one(title=5)]}, r"images\[0\], title: must be text"),
    "client metadata as text": ({"images": [one(clientMetadata="x")]}, "clientMetadata: must be"),
    "video metadata of a picture": ({"images": [one(videoMetadata={})]}, "is for videos only"),
    "video metadata as text": ({"videos": [one(videoMetadata="x")]}, "must be an object"),
    "an unknown list": ({"images": [one()], "pictures": []}, r"pictures: is no list of items"),
    "no list": ({"images": one()}, r"images: must be a list, not dict"),
    "skip as text": (
        {"images": [one()], "skip_duplicate_urls": "yes"},
        "skip_duplicate_urls: must",
    ),
    "nothing": ({"images": []}, "names nothing to label"),
    "duplicates": ({"images": [one(), one()]}, r"images\[1\]: has the URL of images\[0\]"),
    "white space": ({"images": [{"objectUrl": BASE + "a b"}]}, r"images\[0\], .*white space"),
    "white space around": ({"images": [{"objectUrl": " " + BASE}]}, "begins or ends with white"),
    "a line end": ({"images": [{"objectUrl": BASE + "a\nb"}]}, r"(?s)images\[0\], .*white space"),
    "a local path elsewhere": ({"images": [{"objectUrl": "/etc/passwd"}]}, "lies outside"),
    "a path that leads up": ({"images": [{"objectUrl": "../a.png"}]}, "lies outside"),
    "a file URL": ({"images": [{"objectUrl": "file:///etc/passwd"}]}, "lies outside"),
    "a chain": ({"images": [{"objectUrl": "zip://a.png::s3://b/c.zip"}]}, "chain"),
    "another scheme": ({"images": [{"objectUrl": "ftp://h/a.png"}]}, "scheme"),
    "a private address": ({"images": [{"objectUrl": "http://127.0.0.1/a.png"}]}, "private"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named(tmp_path, row):
    manifest, words = WRONG[row]
    with pytest.raises(LabelwidgetsError, match=words):
        opened(tmp_path, "m.json", manifest)


def test_every_wrong_entry_is_a_row_of_the_errors(tmp_path):
    entries = [one(), {"title": "no url"}, {"objectUrl": BASE + "x y.png?sig=hunter2"}, one()]
    dataset = opened(tmp_path, "m.json", {"images": entries}, errors="collect")
    errors = dataset.errors
    assert len(dataset) == 1
    assert list(errors.row) == [1, 2, 3]
    assert list(errors.place) == ["images[1]", "images[2]", "images[3]"]
    assert list(errors.url) == ["no url", BASE + "x y.png?sig=***", BASE + "a"]
    assert "hunter2" not in errors.to_csv()
    group = {"image_groups": [{"title": "t", **urls("a", "b c", "d")}]}
    broken = opened(tmp_path, "m.json", group, errors="collect")
    assert len(broken) == 0
    assert list(broken.errors.url) == [BASE + "b c"]


VIDEO = {
    "fps": 23.98,
    "duration": 29.09,
    "width": 1280,
    "height": 720,
    "file_size": 5468354,
    "mime_type": "video/mp4",
}


def test_video_metadata_is_trusted_and_nothing_is_fetched(tmp_path):
    manifest = {
        "videos": [{"objectUrl": "https://no.such.host.invalid/v.mp4", "videoMetadata": VIDEO}]
    }
    dataset = Dataset.open(write(tmp_path, "m.json", manifest))
    assert dataset.items.status[0] == "ok"
    assert dataset.items.metadata[0] == {
        "fps": 23.98,
        "duration": 29.09,
        "width": 1280,
        "height": 720,
        "file_size": 5468354,
        "mime": "video/mp4",
        "frame_count": 698,
    }
    reads = dataset.traffic
    assert set(reads.item_id) <= {None}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fps", "24"),
        ("fps", 0),
        ("fps", float("nan")),
        ("fps", True),
        ("duration", -1),
        ("width", 1280.5),
        ("height", 10**30),
        ("file_size", float("inf")),
        ("mime_type", 5),
    ],
)
def test_impossible_video_metadata_is_named(tmp_path, name, value):
    manifest = {"videos": [one(videoMetadata={**VIDEO, name: value})]}
    with pytest.raises(SourceError, match=rf"videos\[0\], videoMetadata.{name}: must be"):
        opened(tmp_path, "m.json", manifest)


def test_video_metadata_may_be_in_part(tmp_path):
    part = {"fps": 25, "codec": "h264"}
    dataset = opened(tmp_path, "m.json", {"videos": [one(videoMetadata=part)]})
    assert dataset.items.metadata[0] == {"fps": 25, "videoMetadata": {"codec": "h264"}}


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f600"])
def test_client_metadata_up_to_10_mb_exactly(tmp_path, letter):
    most = Limits().metadata_bytes
    assert most == 10_000_000
    width = len(letter.encode())
    # {"k":"..."} has 8 bytes around the text.
    text = letter * ((most - 8) // width) + "y" * ((most - 8) % width)
    fits = {"images": [one(clientMetadata={"k": text})]}
    dataset = opened(tmp_path, "m.json", fits)
    assert dataset.items.metadata[0]["clientMetadata"]["k"] == text
    with pytest.raises(LimitError, match=r"images\[0\], clientMetadata: has 10000001 bytes"):
        opened(tmp_path, "m.json", {"images": [one(clientMetadata={"k": text + "y"})]})
    small = Limits(metadata_bytes=100)
    with pytest.raises(LimitError, match="at most 100 are allowed"):
        opened(tmp_path, "m.json", fits, limits=small)


def test_of_a_key_that_is_there_twice_the_last_value_counts_in_client_metadata(tmp_path):
    text = '{"images": [{"objectUrl": "s3://b/a", "clientMetadata": {"k": 1, "z": 2, "k": 3}}]}'
    dataset = opened(tmp_path, "m.json", text)
    assert dataset.items.metadata[0]["clientMetadata"] == {"k": 3, "z": 2}
    twice = '{"image_groups": [{"objectUrl_0": "s3://b/a", "objectUrl_0": "s3://b/b"}]}'
    with pytest.raises(SourceError, match="objectUrl_0: is there twice"):
        opened(tmp_path, "m.json", twice)
    single = '{"images": [{"objectUrl": "s3://b/a", "objectUrl": "s3://b/b"}]}'
    with pytest.raises(SourceError, match="objectUrl: is there more than once"):
        opened(tmp_path, "m.json", single)


def test_unknown_keys_are_kept_in_the_metadata(tmp_path):
    dataset = opened(tmp_path, "m.json", {"images": [one(site="A", camera={"id": 3})]})
    assert dataset.items.metadata[0] == {"site": "A", "camera": {"id": 3}}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings(tmp_path, encoding):
    manifest = json.dumps({"images": [one(title="Größe 日本")]}, ensure_ascii=False)
    path = write(tmp_path, "m.json", manifest, encoding)
    assert Dataset.open(path, validate=False).items.title[0] == "Größe 日本"


BROKEN = {
    "empty": (b"", "is not JSON"),
    "cut off": (b'{"images": [', "is not JSON: .*line 1"),
    "not text": (b'{"images": "\xff\xfe\xfa"}', r"not text in UTF-8 or UTF-16 \(byte 12\)"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not text|not JSON"),
    "100,000 lists deep": (b"[" * 100_000, "nested too deeply|not JSON"),
    "100,000 objects deep": (b'{"a":' * 100_000, "nested too deeply|not JSON"),
    "metadata too deep": (
        b'{"images":[{"objectUrl":"s3://b/a","x":' + b"[" * 40 + b"]" * 40 + b"}]}",
        r"images\[0\], x: is nested too deeply",
    ),
    "a huge integer": (
        b'{"images":[{"objectUrl":"s3://b/a","x":' + b"9" * 5000 + b"}]}",
        r"images\[0\], x: is a whole number of 5000 digits",
    ),
    "an integer beyond 64 bits": (
        b'{"images":[{"objectUrl":"s3://b/a","x":{"y":9223372036854775808}}]}',
        r"images\[0\], x\.y: is a whole number of 19 digits",
    ),
    "NaN": (b'{"images":[{"objectUrl":"s3://b/a","x":NaN}]}', r"x: is NaN"),
    "infinity": (b'{"images":[{"objectUrl":"s3://b/a","x":1e999}]}', "beyond all others"),
    "half a character": (b'{"images":[{"objectUrl":"s3://b/a","title":"\\ud800"}]}', "Unicode"),
    "a URL that is half a character": (b'{"images":[{"objectUrl":"s3://b/\\ud800"}]}', "Unicode"),
    "a number": (b"5", "JSON of another shape"),
    "null": (b"null", "JSON of another shape"),
    "labels": (b'{"images": [], "annotations": [], "categories": []}', "is a COCO file"),
    "another object": (b'{"rows": []}', r"another shape: an object with 'rows'. Expected is"),
    "a list of lists": (b"[[]]", "another shape: a list. Expected is"),
}


@pytest.mark.parametrize("row", BROKEN)
def test_a_broken_file_ends_in_an_error_that_names_it(tmp_path, row):
    data, words = BROKEN[row]
    path = tmp_path / "m.json"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=words):
        Dataset.open(path, validate=False)


def test_the_largest_numbers_of_64_bits_are_kept(tmp_path):
    kept = {"low": -(1 << 63), "high": (1 << 63) - 1, "real": 0.1}
    dataset = opened(tmp_path, "m.json", {"images": [one(clientMetadata=kept)]})
    assert dataset.items.metadata[0]["clientMetadata"] == kept
