"""What people are told whose file, folder or name of a format is not found."""

import json
import re
import time
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats import registry
from labelwidgets.formats.files import HEAD_BYTES
from labelwidgets.formats.results import FormatWarning

ITEMS = pd.DataFrame(
    [{"id": "a", "title": "a.jpg", "width": 60, "height": 40, "folder": "", "urls": ["a.jpg"]}]
)
BOX = lw.Annotation(item_id="a", class_name="cup", geometry=lw.Rectangle(5, 5, 20, 10))
OUTLINE = lw.Annotation(
    item_id="a", class_name="cup", geometry=lw.Polygon([[[(10, 10), (50, 20), (30, 30)]]])
)
TAG = lw.Annotation(item_id="a", class_name="cup", geometry=lw.Tag())
IMAGES = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 60, "height": 40}],
    "categories": [{"id": 1, "name": "cup"}],
}
RESULTS = [{"image_id": 1, "category_id": 1, "bbox": [5, 5, 20, 10], "score": 0.5}]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yolov8", "yolo"),
        ("YOLOv8-seg", "yolo"),
        ("pascal_voc", "voc"),
        ("cvat_images", "cvat"),
        ("labelstudio", "label_studio"),
        ("yolo-segmentation", "yolo_segment"),
        ("gejson", "geojson"),
    ],
)
def test_a_format_of_another_name_is_asked_about(said: str, meant: str) -> None:
    with pytest.raises(FormatError, match=f"Is '{meant}' meant"):
        lw.formats.read("labels", said)


def test_a_name_that_is_like_none_is_not_guessed_at() -> None:
    with pytest.raises(FormatError) as raised:
        lw.formats.read("labels", "qwq")
    assert "meant" not in str(raised.value)
    assert "Use one of: cityscapes, coco" in str(raised.value)


def test_a_folder_that_holds_a_file_of_labels_says_which(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    lw.formats.write(
        [BOX],
        tmp_path / "annotations/labels.json",
        "encord",
        items=ITEMS,
        size_of=lambda _: (60, 40),
    )
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(FormatError, match=r"annotations/labels.json in it is encord: give"):
        lw.formats.read(tmp_path)


def test_words_of_another_format_as_values_mislead_nobody(tmp_path: Path) -> None:
    path, label = tmp_path / "a.jsonl", BOX.replace(author="video_data")
    lw.formats.write([label], path, "json", items=ITEMS)
    assert lw.formats.read(path, items=ITEMS).annotations[0].author == "video_data"


def test_a_folder_of_nothing_known_names_the_formats(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{}")
    with pytest.raises(FormatError, match="Known are cityscapes, coco"):
        lw.formats.read(tmp_path)


@pytest.mark.parametrize("name", ["kitti", "voc", "labelme"])
def test_a_folder_in_a_bucket_is_found_out_like_one_of_this_machine(name: str) -> None:
    place = f"memory://found/{name}"
    lw.formats.write([BOX], place, name, items=ITEMS)
    assert [one.class_name for one in lw.formats.read(place, items=ITEMS).annotations] == ["cup"]
    with pytest.raises(SourceError, match="is not there"):
        lw.formats.read("memory://found/nothing")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty."),
        (b" \n\r\n", "is empty but for blanks."),
        (b"\0", "is no text: its one byte is zero."),
        (b"\0" * 4096, "is no text: all of its 4,096 bytes are zeros."),
        (b"\0\n" * 4, "is no text: it begins with zero bytes and blanks alone."),
        (b"\0" * 70_000, "is no text: its first 65,536 bytes are zeros."),
    ],
)
def test_of_a_file_without_anything_in_it_is_said_what_it_is(
    tmp_path: Path, data: bytes, said: str
) -> None:
    (tmp_path / "labels.json").write_bytes(data)
    with pytest.raises(FormatError) as caught:
        lw.formats.read(tmp_path / "labels.json")
    assert str(caught.value).startswith(f"{tmp_path}/labels.json: {said} Is it complete?")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["cvat", "voc"])
def test_xml_is_found_out_in_any_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    lw.formats.write([BOX], tmp_path / "made", name, items=ITEMS)
    (made,) = (one for one in (tmp_path / "made").rglob("*.xml"))
    text = made.read_text(encoding="utf-8")
    text = re.sub(r"<\?xml[^>]*\?>", "", text)
    (tmp_path / "labels.xml").write_text(text, encoding=encoding)
    found = lw.formats.read(tmp_path / "labels.xml", items=ITEMS)
    assert (found.format, [one.class_name for one in found.annotations]) == (name, ["cup"])


HEADS = {
    "braces": b'{"a":' * 20_000,
    "texts": b',"a"' * 20_000,
    "brackets": b"[" * 70_000,
    "tags": b"<a>" * 30_000,
    "blanks": b"x" + b" " * 70_000,
    "digits": b"1" * 70_000,
    "numbers": b"1 " * 40_000,
    "letters": b"a" * 70_000,
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", registry.names())
def test_no_beginning_of_a_file_takes_long_to_be_looked_at(name: str, head: str) -> None:
    data = HEADS[head][:HEAD_BYTES]
    began = time.process_time()
    assert not registry.module(name).sniff(data)
    assert not registry.module(name).sniff(b"\n" * 8 + data)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("suffix", [".csv", ".XML", ".txt"])
@pytest.mark.parametrize("name", ["coco", "createml", "json", "via", "via3"])
def test_json_is_not_written_into_a_file_that_says_to_be_something_else(
    tmp_path: Path, name: str, suffix: str
) -> None:
    path = tmp_path / f"labels{suffix}"
    with pytest.raises(FormatError, match=rf"is written as \.json\w*, not as {suffix.lower()}"):
        lw.formats.write([BOX], path, name, items=ITEMS)
    assert not path.exists()


@pytest.mark.parametrize("name", ["coco", "json", "via", "via3", "vott"])
def test_a_format_of_one_file_is_not_written_into_an_archive(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatError, match=r"is one file, not an archive. Name it like \w+.json"):
        lw.formats.write([BOX], tmp_path / "labels.zip", name, items=ITEMS)
    assert not list(tmp_path.iterdir())


def masks(folder: Path, mode: str, value: object = 1) -> Path:
    """Two pictures of numbers."""
    folder.mkdir(parents=True)
    for name in "ab":
        made = Image.new(mode, (60, 40))
        if mode == "P":
            made.putpalette([0, 0, 0, 200, 10, 10])
        made.paste(value, (5, 5, 25, 15))
        made.save(folder / f"{name}.png")
    return folder


def test_a_folder_of_masks_is_found_by_its_pictures_and_read_by_the_classes(tmp_path: Path) -> None:
    ontology = lw.Ontology([lw.ObjectClass("cup", color="#c80a0a")])
    for mode in ("P", "L"):
        found = lw.formats.read(masks(tmp_path / mode, mode), ontology=ontology)
        assert found.format == "masks"
        assert [label.class_name for label in found.annotations] == ["cup", "cup"]
    beside = tmp_path / "set"
    masks(beside / "masks", "L")
    (beside / "images").mkdir()
    for name in "ab":
        Image.new("RGB", (60, 40)).save(beside / f"images/{name}.jpg")
    assert lw.formats.registry.sniff(beside) == "masks"
    with pytest.raises(FormatError, match="no legend says of what"):
        lw.formats.read(beside)


def test_a_legend_that_is_passed_says_that_there_are_masks(tmp_path: Path) -> None:
    folder = masks(tmp_path / "color", "RGB", (199, 110, 42))
    assert len(lw.formats.read_frame(folder, legend={"#c76e2a": "cup"}).annotations) == 2
    found = lw.formats.read(folder, legend={"#c76e2a": "cup"})
    assert [label.class_name for label in found.annotations] == ["cup", "cup"]


def test_pictures_that_may_be_masks_are_asked_about(tmp_path: Path) -> None:
    folder = masks(tmp_path / "color", "RGB", (199, 110, 42))
    for path in (folder, folder / "a.png"):
        with pytest.raises(FormatError, match='pass format="masks" and what their colours'):
            lw.formats.read(path)
    Image.new("L", (60, 40)).save(folder / "notes.png")
    with pytest.raises(FormatError, match="format="):
        lw.formats.read(folder)


def test_results_of_coco_are_told_from_its_files(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(RESULTS))
    with pytest.raises(FormatError, match="list of results, which does not say"):
        lw.formats.read(path, items=ITEMS)
    path.write_text(json.dumps(IMAGES | {"annotations": RESULTS}))
    (label,) = lw.formats.read(path, items=ITEMS).annotations
    assert (label.geometry, label.confidence) == (BOX.geometry, 0.5)


def test_an_outline_that_crosses_itself_may_also_be_left_out(tmp_path: Path) -> None:
    bow = {"id": 3, "image_id": 1, "category_id": 1, "segmentation": [[5, 5, 50, 35, 50, 5, 5, 35]]}
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(IMAGES | {"annotations": [bow]}))
    with pytest.raises(FormatError, match=r"Pass repair=True to.*mended. Or pass errors=.collect"):
        lw.formats.read(path, items=ITEMS)
    found = lw.formats.read(path, items=ITEMS, errors="collect")
    (reason,) = found.left_out["reason"]
    assert reason.endswith("Pass repair=True to have such outlines mended.")


@pytest.mark.parametrize(
    ("labels", "changed", "left", "end"),
    [
        ([BOX, OUTLINE], 1, 0, r"1 polygon \(as its box\), written so\."),
        ([BOX, TAG], 0, 1, r"1 tag, left out\."),
        ([OUTLINE, TAG], 1, 1, r"1 tag: written so, and what names no such way is left out\."),
    ],
)
def test_what_is_changed_is_not_called_left_out(
    tmp_path: Path, labels: list[lw.Annotation], changed: int, left: int, end: str
) -> None:
    with pytest.warns(FormatWarning, match=end):
        done = lw.formats.write(labels, tmp_path / "labels.json", "createml", items=ITEMS)
    assert done.counts["changed"] == changed
    assert done.counts["left_out"] == left
    assert done.counts["annotations"] == len(labels) - left


def test_a_warning_names_the_line_that_exports(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (60, 40)).save(tmp_path / "photos/a.png")
    dataset = lw.Dataset.open(tmp_path / "photos")
    project = lw.Project.create(tmp_path / "labels.db", dataset, ["cup"])
    project.add(OUTLINE.replace(item_id=project.tasks["item_id"][0]))
    with pytest.warns(FormatWarning) as warned:
        project.export("createml", tmp_path / "labels.json")
    assert [one.filename for one in warned] == [__file__]
