import functools
import tempfile
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import ImageError, SourceError
from labelwidgets.media import Dataset
from labelwidgets.media.items import item_id
from labelwidgets.media.kinds import KINDS, kind_of, may_be_scan, video_mime
from labelwidgets.media.urls import url_id
from tests.media.builders import gradient, save
from tests.media.dicom.made import slice_bytes
from tests.media.videos import small_video

PNG = save(Image.fromarray(gradient()), "PNG")
UNNAMED = {"Modality": None, "SeriesDescription": None, "StudyInstanceUID": None}
DICOM = slice_bytes(**UNNAMED, SeriesInstanceUID=None, SOPInstanceUID=None)
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(120)
VIDEOS = {
    "video/mp4": MP4,
    "video/quicktime": b"\x00\x00\x00\x14ftypqt  " + bytes(120),
    "video/x-msvideo": b"RIFF\x00\x01\x00\x00AVI LIST" + bytes(120),
    "video/x-matroska": b"\x1a\x45\xdf\xa3\x01\x42\x82\x88matroska" + bytes(110),
    "video/mp2t": b"".join(b"\x47" + bytes(187) for _ in range(4)),
    "video/mpeg": b"\0\0\1\xba" + bytes(128),
    "video/webm": b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm" + bytes(110),
}


@functools.cache
def clip():
    with tempfile.TemporaryDirectory() as folder:
        return Path(small_video(f"{folder}/clip.mp4")).read_bytes()


def put(folder, **files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def mixed(tmp_path):
    files = {"a.png": PNG, "clip.mp4": clip(), "ct/2.dcm": DICOM, "ct/10.dcm": DICOM}
    files |= {"ct/sub/b.png": PNG, "mr/IM0001": DICOM, "mr/IM0002": DICOM, "mr/DICOMDIR": DICOM}
    files |= {"one/scan.DCM": DICOM, "notes/README": b"text", "set.zip": b"PK\x03\x04"}
    put(tmp_path, **files)
    return tmp_path


ITEMS = [
    ("image", "a.png", "", 1),
    ("video", "clip.mp4", "", 1),
    ("dicom_series", "ct", "ct", 2),
    ("image", "b.png", "ct/sub", 1),
    ("dicom_series", "mr", "mr", 2),
    ("dicom_series", "scan.DCM", "one", 1),
]


def listed(dataset):
    items = dataset.items
    return [
        (kind, title, folder, len(urls))
        for kind, title, folder, urls in zip(
            items.kind, items.title, items.folder, items.urls, strict=True
        )
    ]


def test_a_folder_lists_pictures_videos_and_each_folder_of_scans_as_one_series(mixed):
    dataset = Dataset.open(mixed)
    assert listed(dataset) == ITEMS
    assert set(dataset.items.status) == {"ok"}
    series = dataset.items.urls[2]
    assert [url.rpartition("/")[2] for url in series] == ["2.dcm", "10.dcm"]
    video = dataset.items.metadata[1]
    assert video["mime"] == "video/mp4"
    assert (video["frames"], video["width"], video["height"]) == (12, 64, 48)
    assert dataset.items.metadata[2]["mime"] == "application/dicom"


def test_a_bucket_lists_the_same(mixed):
    fs = fsspec.filesystem("memory")
    fs.put(str(mixed), "/mixed", recursive=True)
    assert listed(Dataset.open("memory://mixed")) == ITEMS
    pattern = Dataset.open("memory://mixed/**", validate=False)
    assert listed(pattern) == ITEMS
    fs.rm("/mixed", recursive=True)


@pytest.mark.parametrize("mime", VIDEOS)
def test_videos_are_known_by_their_first_bytes(mime):
    assert video_mime(VIDEOS[mime]) == mime


@pytest.mark.parametrize("head", [b"", PNG[:64], DICOM, b"RIFF\0\0\0\0WEBPVP8 ", b"<html>"])
def test_other_files_are_no_videos(head):
    assert video_mime(head) is None


@pytest.mark.parametrize("name", ["v.mp4", "v.mov", "v.avi", "v.mkv", "v.webm", "s.dcm"])
def test_a_file_with_the_wrong_content_fails_by_name(tmp_path, name):
    put(tmp_path, **{name: PNG})
    with pytest.raises(ImageError, match=rf"{name}: is (not a video|no DICOM file)"):
        Dataset.open(tmp_path)
    dataset = Dataset.open(tmp_path, errors="collect")
    assert list(dataset.items.status) == ["failed"]


def test_one_bad_slice_is_one_row_of_the_errors_and_not_the_end_of_its_series(tmp_path):
    put(tmp_path, **{"1.dcm": DICOM, "2.dcm": PNG, "3.dcm": b""})
    dataset = Dataset.open(tmp_path, errors="collect")
    assert list(dataset.items.status) == ["ok"]
    assert len(dataset.items.urls[0]) == 3
    assert len(dataset.volume(dataset.items.id[0])) == 1
    assert [url.rpartition("/")[2] for url in dataset.errors.url] == ["2.dcm", "3.dcm"]
    assert set(dataset.errors.id) == set(dataset.items.id)


@pytest.mark.parametrize(
    ("urls", "kind"),
    [
        (["/a.png"], "image"),
        (["/a"], "image"),
        (["/a.png", "/b.png"], "image_group"),
        (["s3://b/a.MOV"], "video"),
        (["https://h/a.mp4?sig=x"], "video"),
        (["/a.dcm"], "dicom_series"),
        (["/a.dcm", "/b.dcm"], "dicom_series"),
        (["dicomweb://h/studies/1/series/2"], "dicom_series"),
    ],
)
def test_what_files_are_by_their_names(urls, kind):
    assert kind_of(urls) == kind


def test_names_of_scans():
    names = ("IM0001", "1.2.840.1", "42", "I.10")
    assert all(may_be_scan(name) for name in names)
    assert not any(may_be_scan(name) for name in ("DICOMDIR", "a.txt", "a.json", "x.d1c"))


def test_the_id_of_an_item_tells_kinds_apart_and_keeps_when_urls_are_signed_anew():
    urls = ["s3://b/1.png", "s3://b/2.png"]
    several = {item_id(kind, urls) for kind in KINDS[1:3] + KINDS[4:5]}
    assert len(several) == 3
    assert item_id("image", urls[:1]) == url_id(urls[0]) == item_id("video", urls[:1])
    assert item_id("image_group", urls) != item_id("image_group", urls[::-1])

    def signed(signature):
        return [f"https://h/{n}.png?X-Amz-Signature={signature}" for n in (1, 2)]

    assert item_id("image_group", signed("a")) == item_id("image_group", signed("b"))
    others = [*signed("a")[:1], "https://h/3.png?X-Amz-Signature=a"]
    assert item_id("image_group", signed("a")) != item_id("image_group", others)


def test_the_same_pictures_may_be_a_group_and_a_sequence(tmp_path):
    put(tmp_path, **{"1.png": PNG, "2.png": PNG})
    urls = [str(tmp_path / name) for name in ("1.png", "2.png")]
    frame = pd.DataFrame({"urls": [urls, urls], "kind": ["image_group", "image_sequence"]})
    assert list(Dataset.open(frame).items.kind) == ["image_group", "image_sequence"]
    with pytest.raises(SourceError, match="row 2: has the URL of row 1"):
        Dataset.open(pd.concat([frame, frame[1:]]))
    assert len(Dataset.open(pd.concat([frame, frame]), skip_duplicates=True)) == 2


def test_a_video_is_shown_where_scans_and_pictures_are(mixed, tmp_path):
    dataset = Dataset.open(mixed)
    name = dataset.items.id[1]
    assert dataset.pixels(name, 3).shape == (48, 64, 3)
    assert dataset.read(name) == clip()
    with lw.Project.create(tmp_path / "p.db", dataset, ["car"]) as project:
        assert list(project.tasks.title) == [title for _, title, *_ in ITEMS]
        again = project.dataset.items
        assert list(again.kind) == [kind for kind, *_ in ITEMS]
        session = project.session()
        assert (session.picture(again.id[1]).width, len(session.video(again.id[1]))) == (64, 12)
        widget = project.annotate(task=project.tasks.id[1])
        assert "image/jpeg" in widget._repr_mimebundle_()[0]
        np.testing.assert_array_equal(session.pixels(again.id[0]), gradient())


def test_a_file_that_is_only_named_like_a_video_fails_by_name(tmp_path):
    put(tmp_path, **{"clip.mp4": MP4, "empty.mov": b"", "code.ts": b"export const a = 1;\n"})
    dataset = Dataset.open(tmp_path, errors="collect")
    assert set(dataset.items.status) == {"failed"}
    reasons = dict(zip(dataset.items.title, dataset.errors.reason, strict=True))
    assert all(name in reason for name, reason in reasons.items())
    assert "is not a video" in reasons["code.ts"]
    assert "empty" in reasons["empty.mov"]
