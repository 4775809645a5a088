"""Open Images in and out: tables of boxes, of whole pictures, of masks and of classes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.geometry import RLE
from tests.formats import labels

WIDTH, HEIGHT = labels.WIDTH, labels.HEIGHT
HEAD = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,"
    "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
)
# Rows of the page that describes the format.
BOXES = f"""{HEAD}
a,xclick,/m/0cmf2,1,0.022673031,0.9642005,0.07103825,0.80054647,0,0,0,0,0
a,activemil,/m/02xwb,1,0.45655376,0.6097202,0.20399113,0.50554323,1,0,1,-1,0
b,freeform,/m/0cmf2,0.75,0.1,0.2,0.3,0.4,-1,-1,-1,-1,-1
"""
CLASSES = '/m/0cmf2,Airplane\n/m/02xwb,Fruit\n/m/01xgg_,"Lathe, wood"\n'
TAGS = "ImageID,Source,LabelName,Confidence\na,verification,/m/02xwb,0\nb,verification,/m/0cmf2,1\n"
BOX, TAG, CLASS = (
    "train-annotations-bbox.csv",
    "train-annotations-human-imagelabels.csv",
    "class-descriptions.csv",
)


def made(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return tmp_path / "set"


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8) * 255, "L").save(buffer, "PNG")
    return buffer.getvalue()


def mask(pixels: np.ndarray) -> lw.Mask:
    code = encode_rle(pixels)
    return lw.Mask(RLE(tuple(code["size"]), code["counts"]))


def test_rows_are_kept_and_written_again(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: BOXES, TAG: TAGS, CLASS: CLASSES})
    found = formats.read(folder, items=labels.items("a", "b"))
    assert found.format == "open_images"
    plane, fruit, other, absent, seen = found.annotations
    assert (plane.class_name, plane.confidence) == ("Airplane", None)
    x, y, width, height = plane.geometry.bounds
    assert (x, x + width) == pytest.approx((0.022673031 * WIDTH, 0.9642005 * WIDTH))
    assert (y, y + height) == pytest.approx((0.07103825 * HEIGHT, 0.80054647 * HEIGHT))
    assert plane.origin.parameters == {"Source": "xclick"}
    assert fruit.origin.parameters == {
        "Source": "activemil",
        "IsOccluded": 1,
        "IsGroupOf": 1,
        "IsDepiction": -1,
    }
    assert (other.item_id, other.confidence, other.origin.parameters["IsInside"]) == ("b", 0.75, -1)
    assert (absent.geometry.type, absent.class_name, absent.confidence) == ("tag", "Fruit", 0)
    assert (seen.item_id, seen.class_name, seen.confidence) == ("b", "Airplane", None)
    assert [one.name for one in found.ontology.classes] == ["Airplane", "Fruit", "Lathe, wood"]
    assert found.ontology["Fruit"].code == ("MID", "/m/02xwb", "Fruit")
    formats.write(found, tmp_path / "out", "open_images")
    was, now = table(folder / BOX), table(tmp_path / "out" / BOX)
    assert [list(row) for row in was] == [list(row) for row in now]
    for before, after in zip(was, now, strict=True):
        for column in before:
            if column[1:] in ("Min", "Max"):
                assert float(before[column]) == pytest.approx(float(after[column]), abs=1e-9)
            else:
                assert before[column] == after[column]
    assert [row["Confidence"] for row in table(tmp_path / "out" / TAG)] == ["0.0", "1"]
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / CLASS).read_text("utf-8"))))
    assert rows == list(csv.reader(io.StringIO(CLASSES)))


def test_ids_of_classes_come_back_where_a_project_does_not_know_them(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: BOXES, CLASS: CLASSES})
    ontology = lw.Ontology([lw.ObjectClass("Airplane"), lw.ObjectClass("Fruit")])
    options = {"items": labels.items("a", "b"), "ontology": ontology}
    found = formats.read(folder, **options)
    formats.write(found, tmp_path / "out", "open_images", **options)
    ids = {row["LabelName"] for row in table(tmp_path / "out" / BOX)}
    assert ids == {"/m/0cmf2", "/m/02xwb"}


def test_flags_are_answers_where_there_are_questions(tmp_path: Path) -> None:
    asked = [lw.Radio("IsOccluded", ["yes", "no"]), lw.Text("note")]
    ontology = lw.Ontology([lw.ObjectClass("Fruit", attributes=asked)])
    folder = made(
        tmp_path, {BOX: BOXES.split("\n")[0] + "\n" + BOXES.split("\n")[2], CLASS: CLASSES}
    )
    options = {"items": labels.items("a"), "ontology": ontology}
    (one,) = formats.read(folder, **options).annotations
    assert one.attributes == {"IsOccluded": "yes"}
    assert "IsOccluded" not in one.origin.parameters
    formats.write([one], tmp_path / "out", "open_images", **options)
    assert table(tmp_path / "out" / BOX)[0]["IsOccluded"] == "1"
    one.attributes["note"] = "x"
    with pytest.warns(FormatWarning, match="1 set of answers"):
        formats.write([one], tmp_path / "more", "open_images", **options)


def test_masks_are_pictures_that_a_table_names(tmp_path: Path) -> None:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[5:20, 10:30] = True
    pixels[8:12, 14:20] = False
    one = lw.Annotation(item_id="a", class_name="cat", geometry=mask(pixels), confidence=0.5)
    formats.write([one], tmp_path / "out", "open_images", items=labels.items("a"))
    (row,) = table(tmp_path / "out/train-annotations-object-segmentation.csv")
    assert (row["ImageID"], row["LabelName"], row["PredictedIoU"]) == ("a", "cat", "0.5")
    picture = Image.open(tmp_path / "out/masks/train" / row["MaskPath"])
    assert picture.mode == "1"
    assert np.array_equal(np.asarray(picture), pixels)
    edges = [float(row[f"Box{side}"]) for side in ("XMin", "XMax", "YMin", "YMax")]
    assert edges == pytest.approx([10 / 60, 30 / 60, 5 / 50, 20 / 50], abs=1e-6)
    (back,) = formats.read(tmp_path / "out", items=labels.items("a")).annotations
    assert (back.geometry, back.confidence) == (one.geometry, 0.5)


def test_masks_of_another_size_are_stretched_to_their_picture(tmp_path: Path) -> None:
    small = np.zeros((25, 20), bool)
    small[5:10, 4:8] = True
    head = "MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks"
    row = "a_m0cmf2_1.png,a,/m/0cmf2,1a2b,0.2,0.4,0.2,0.4,,0.3 0.3 1;0.1 0.1 0"
    files = {"train-annotations-object-segmentation.csv": f"{head}\n{row}\n"}
    folder = made(tmp_path, {**files, "train-masks-0/a_m0cmf2_1.png": png(small)})
    (one,) = formats.read(folder, items=labels.items("a")).annotations
    seen = decode_rle({"size": list(one.geometry.rle.size), "counts": one.geometry.rle.counts})
    assert np.array_equal(seen, np.repeat(np.repeat(small, 2, axis=0), 3, axis=1))
    assert one.origin.parameters["BoxID"] == "1a2b"
    assert one.origin.parameters["Clicks"] == "0.3 0.3 1;0.1 0.1 0"
    formats.write([one], tmp_path / "out", "open_images", items=labels.items("a"))
    (again,) = table(tmp_path / "out/train-annotations-object-segmentation.csv")
    assert (again["BoxID"], again["Clicks"]) == ("1a2b", "0.3 0.3 1;0.1 0.1 0")


def test_sets_of_pictures_come_back(tmp_path: Path) -> None:
    items = labels.items("a", "b", folder="day one")
    formats.write([], tmp_path / "out", "open_images", items=items, split={"b": "val"})
    (row,) = table(tmp_path / "out/validation-images-with-rotation.csv")
    assert (row["ImageID"], row["Subset"]) == ("day one/b", "validation")
    found = formats.read(tmp_path / "out")
    parts = {one["id"]: one["metadata"] for one in found.items.to_dict("records")}
    assert parts == {"day one/a": {"split": "train"}, "day one/b": {"split": "val"}}
    assert formats.read(tmp_path / "out", items=items).unmatched.empty


def test_sizes_are_those_of_pictures_that_lie_there(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: BOXES, CLASS: CLASSES})
    with pytest.raises(FormatError, match="size is not known"):
        formats.read(folder)
    (folder / "images/train").mkdir(parents=True)
    for name in "ab":
        Image.new("RGB", (100, 200)).save(folder / f"images/train/{name}.jpg")
    found = formats.read(folder)
    assert found.items["id"].tolist() == ["a.jpg", "b.jpg"]
    assert found.annotations[2].geometry.bounds == pytest.approx((10, 60, 10, 20))


def test_one_table_is_read_with_the_classes_beside_it(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: BOXES, CLASS: CLASSES})
    found = formats.read(folder / BOX, items=labels.items("a", "b"))
    assert [one.class_name for one in found.annotations] == ["Airplane", "Fruit", "Airplane"]
    (folder / CLASS).unlink()
    found = formats.read(folder / BOX, items=labels.items("a", "b"))
    assert found.annotations[0].class_name == "/m/0cmf2"


FORMULAS = ["=cmd()", "+1+2", "-2+3", "@SUM(A1)", "'=x", "''@y", "-5", "'plain", 'a,b"c']


def test_no_cell_is_a_formula_and_all_names_come_back(tmp_path: Path) -> None:
    ontology = lw.Ontology([lw.ObjectClass(name) for name in FORMULAS])
    items = labels.items(*FORMULAS)
    items["urls"] = [[f"/x/{name}.jpg"] for name in FORMULAS]
    some = [
        lw.Annotation(item_id=name, class_name=name, geometry=lw.Rectangle(1, 2, 3, 4))
        for name in FORMULAS
    ]
    formats.write(some, tmp_path / "out", "open_images", items=items, ontology=ontology)
    for path in (tmp_path / "out").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8"))):
            for cell in row:
                number = cell.lstrip("-").replace(".", "").isdigit()
                assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    back = formats.read(tmp_path / "out", items=items, ontology=ontology)
    assert [one.class_name for one in back.annotations] == FORMULAS
    assert [one.item_id for one in back.annotations] == FORMULAS


WRONG = {
    "pixels": ("a,x,c,1,10,20,30,40,0,0,0,0,0", "XMin: must be from 0 to 1, not 10"),
    "negative": ("a,x,c,1,-.5,.2,.3,.4,0,0,0,0,0", "XMin: must be from 0 to 1, not -0.5"),
    "turned round": ("a,x,c,1,.5,.2,.3,.4,0,0,0,0,0", "is a box without area"),
    "nan": ("a,x,c,1,nan,.2,.3,.4,0,0,0,0,0", "XMin: must be a finite number, not 'nan'"),
    "digits": (f"a,x,c,1,.1,{'9' * 5000},.3,.4,0,0,0,0,0", "XMax: must be a finite number"),
    "nothing": ("a,x,c,1,,.2,.3,.4,0,0,0,0,0", "XMin: must be a finite number, not ''"),
    "a flag": ("a,x,c,1,.1,.2,.3,.4,7,0,0,0,0", "IsOccluded: must be 1, 0 or -1, not '7'"),
    "too sure": ("a,x,c,7,.1,.2,.3,.4,0,0,0,0,0", "Confidence: must be from 0 to 1"),
    "no picture": (",x,c,1,.1,.2,.3,.4,0,0,0,0,0", "ImageID: must be the name of a picture"),
    "no class": ("a,x,,1,.1,.2,.3,.4,0,0,0,0,0", "LabelName"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_row_that_is_wrong_is_named_and_left_out(tmp_path: Path, name: str) -> None:
    row, match = WRONG[name]
    folder = made(tmp_path, {BOX: f"{BOXES}{row}\n{BOXES.splitlines()[1]}\n", CLASS: CLASSES})
    options = {"items": labels.items("a", "b")}
    with pytest.raises(FormatError, match=match) as caught:
        formats.read(folder, **options)
    assert f"{BOX}, line 5" in str(caught.value)
    found = formats.read(folder, errors="collect", **options)
    assert found.left_out["record"].tolist() == [f"{BOX}, line 5"]
    assert len(found.annotations) == 4


BROKEN = {
    "half a row": (f"{BOXES}a,x", "has 2 columns, the first line has 13"),
    "a quote": (f'{BOXES}a,"x', "is no CSV"),
    "zeros": (f"{BOXES}a,\0", "has 2 columns|is no CSV"),
    "utf-16": (BOXES.encode("utf-16"), "no table of Open Images"),
    "latin-1": (f"{HEAD}\nä,x,c,1,.1,.2,.3,.4,0,0,0,0,0\n".encode("latin-1"), "is not UTF-8 text"),
    "a huge cell": (f"{BOXES}{'x' * 200_000},", "is no CSV"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_table_that_is_broken_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    text, match = BROKEN[name]
    folder = made(tmp_path, {BOX: text})
    with pytest.raises(FormatError, match=match) as caught:
        formats.read(folder, "open_images", items=labels.items("a", "b"))
    assert "set" in str(caught.value.where)


def test_a_table_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: f"{BOXES}a,x", TAG: TAGS})
    found = formats.read(folder, items=labels.items("a", "b"), errors="collect")
    assert len(found.annotations) == 5
    assert found.left_out["record"].tolist() == [BOX]


def test_classes_that_are_malformed_are_named(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: BOXES, CLASS: "/m/1,Cat\n/m/2\n"})
    with pytest.raises(FormatError, match=r"class-descriptions\.csv, line 2: must have the id"):
        formats.read(folder)


@pytest.mark.parametrize("path", ["../../secret.png", "/etc/passwd", "C:\\x.png", "not_there.png"])
def test_masks_lie_nowhere_else(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.png").write_bytes(png(np.ones((HEIGHT, WIDTH), bool)))
    text = f"MaskPath,ImageID,LabelName,BoxID\n{path},a,cat,1\n"
    folder = made(tmp_path, {"x-annotations-object-segmentation.csv": text, "masks/b.png": b""})
    with pytest.raises(FormatError, match=r"MaskPath: .* is not there"):
        formats.read(folder, items=labels.items("a"))


def test_masks_that_are_none_are_named(tmp_path: Path) -> None:
    text = "MaskPath,ImageID,LabelName,BoxID\nb.png,a,cat,1\n"
    name = "x-annotations-object-segmentation.csv"
    for data, match in (
        (png(np.zeros((9, 9), bool)), "has no pixels"),
        (b"\x89PNG\r\n\x1a\n12", "masks/b.png"),
    ):
        folder = made(tmp_path, {name: text, "masks/b.png": data})
        with pytest.raises(LabelwidgetsError, match=match):
            formats.read(folder, items=labels.items("a"))


def test_pictures_of_no_item_are_said_with_how_much_is_on_them(tmp_path: Path) -> None:
    folder = made(tmp_path, {BOX: BOXES, TAG: TAGS, CLASS: CLASSES})
    found = formats.read(folder, items=labels.items("b"))
    assert found.unmatched[["file_name", "annotations"]].values.tolist() == [["a", 3]]
    assert {one.item_id for one in found.annotations} == {"b"}


def test_what_has_no_place_is_said(tmp_path: Path) -> None:
    some = [
        lw.Annotation(item_id="a", class_name="c", geometry=lw.Rectangle(-0.5, 2, 20, 10)),
        lw.Annotation(item_id="a", class_name="c", geometry=lw.Point(3, 4)),
    ]
    with pytest.warns(FormatWarning, match="1 part outside of its picture, 1 point"):
        formats.write(some, tmp_path / "out", "open_images", items=labels.items("a"))
    assert table(tmp_path / "out" / BOX)[0]["XMin"] == "0"
    two = lw.Ontology([lw.ObjectClass("a", code=("MID", "b", "x")), lw.ObjectClass("b")])
    with pytest.raises(FormatError, match="have the same id"):
        formats.write([], tmp_path / "x", "open_images", items=labels.items("a"), ontology=two)
