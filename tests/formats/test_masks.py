"""Masks as pictures, in and out."""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from PIL import Image

from labelwidgets import formats
from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats import FormatWarning
from labelwidgets.media.limits import Limits
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import RLE, Ellipse, Mask, Polygon, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats.labels import items
from tests.formats.scans import SHAPE, make_ct, open_scan
from tests.formats.scans import label as voxel_label

WIDTH, HEIGHT = 60, 50
ONTOLOGY = Ontology(
    [
        ObjectClass("car", color="#c76e2a", tool="mask"),
        ObjectClass("road", color="#00008e", tool="mask"),
        ObjectClass("sky", tool="mask", instances=False),
    ]
)


def box(x: int, y: int, width: int, height: int) -> Mask:
    """Return the mask of a box of whole pixels."""
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    pixels[y : y + height, x : x + width] = True
    code = encode_rle(pixels)
    return Mask(RLE(tuple(code["size"]), code["counts"]))


def label(name: str, shape: Any, item: str = "a", **more: Any) -> Annotation:
    return Annotation(item_id=item, class_name=name, geometry=shape, **more)


def pixels_of(mask: Any) -> npt.NDArray[np.bool_]:
    return decode_rle({"size": list(mask.rle.size), "counts": mask.rle.counts})


def said(labels: Any, path: Path, **options: Any) -> str:
    """Write labels, and return what was warned of."""
    options = {"items": items("a", "b"), "ontology": ONTOLOGY} | options
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        formats.write(labels, path, "masks", **options)
    return " ".join(str(one.message) for one in told if issubclass(one.category, FormatWarning))


def picture(pixels: npt.ArrayLike, mode: str | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels), mode).save(buffer, "PNG", **options)
    return buffer.getvalue()


def folder(path: Path, legend: Any, **files: bytes) -> Path:
    """Make a folder of masks with a legend."""
    path.mkdir(exist_ok=True)
    if isinstance(legend, str):
        (path / "legend.csv").write_text(legend)
    elif legend is not None:
        (path / "legend.json").write_text(json.dumps(legend))
    for name, data in files.items():
        (path / f"{name}.png").write_bytes(data)
    return path


OBJECTS = [
    label("car", box(1, 2, 10, 8)),
    label("car", box(20, 2, 10, 8)),
    label("road", box(0, 30, 60, 20)),
    label("sky", box(40, 0, 5, 5)),
    label("car", box(5, 5, 7, 9), "b"),
]


@pytest.mark.parametrize("kind", ["color", "indexed", "grey"])
@pytest.mark.parametrize("target", ["masks", "masks.zip"])
def test_objects_that_do_not_overlap_come_back_equal(
    tmp_path: Path, kind: str, target: str
) -> None:
    assert said(OBJECTS, tmp_path / target, kind=kind) == ""
    for known in (ONTOLOGY, None):
        back = formats.read(tmp_path / target, items=items("a", "b"), ontology=known)
        assert back.format == "masks"
        assert {(one.item_id, one.class_name, one.geometry) for one in back.annotations} == {
            (one.item_id, one.class_name, one.geometry) for one in OBJECTS
        }
        cars = [one.origin.parameters for one in back.annotations if one.class_name == "car"]
        assert cars == [{"instance": 1}, {"instance": 2}, {"instance": 1}]
        assert back.ontology["sky"].tool == "mask"
        if kind != "grey" and known is None:
            assert back.ontology["car"].color == "#c76e2a"


@pytest.mark.parametrize("kind", ["color", "indexed", "grey"])
def test_classes_come_back_equal_and_objects_that_are_one_mask_are_counted(
    tmp_path: Path, kind: str
) -> None:
    told = said(OBJECTS, tmp_path / "m", kind=kind, by="classes")
    assert "2 objects (in one mask with others of their class)" in told
    back = formats.read(tmp_path / "m", items=items("a", "b"))
    found = {(one.item_id, one.class_name): one.geometry for one in back.annotations}
    assert len(found) == len(back.annotations) == 4
    assert found["a", "road"] == OBJECTS[2].geometry
    both = pixels_of(OBJECTS[0].geometry) | pixels_of(OBJECTS[1].geometry)
    assert np.array_equal(pixels_of(found["a", "car"]), both)


def test_what_is_written_again_keeps_its_numbers(tmp_path: Path) -> None:
    folder(tmp_path / "m", {"#c76e2a": "car # 5", "#0000ff": "car # 2"}, a=picture(_two()))
    once = formats.read(tmp_path / "m", items=items("a"))
    formats.write(once, tmp_path / "n", "masks", kind="indexed")
    assert json.loads((tmp_path / "n" / "legend.json").read_text()) == {
        "1": "car # 2",
        "2": "car # 5",
    }
    again = formats.read(tmp_path / "n", items=items("a"))
    assert {(one.geometry, one.origin.parameters["instance"]) for one in again.annotations} == {
        (one.geometry, one.origin.parameters["instance"]) for one in once.annotations
    }


def _two() -> npt.NDArray[np.uint8]:
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:10, :10] = 0xC7, 0x6E, 0x2A
    pixels[20:30, 20:50] = 0, 0, 255
    return pixels


def test_the_legend_of_gt_studio_names_colours_and_objects(tmp_path: Path) -> None:
    folder(tmp_path / "m", {"#c76e2a": "car # 5", "#0000FF": "road"}, a=picture(_two()))
    back = formats.read(tmp_path / "m", items=items("a"))
    assert [(one.class_name, one.origin.parameters) for one in back.annotations] == [
        ("road", {}),
        ("car", {"instance": 5}),
    ]
    assert np.array_equal(pixels_of(back.annotations[1].geometry), _two()[..., 0] == 0xC7)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("class_dict.csv", "name,r,g,b\ncar,199,110,42\nroad,0,0,255\nVoid,0,0,0\n"),
        ("label_colors.txt", "199 110 42\tcar\n0 0 255\t\troad\n"),
        ("labelmap.txt", "# label:color_rgb\nbackground:0,0,0::\ncar:199,110,42::\nroad:0,0,255::"),
        ("legend.csv", "car,199,110,42\nroad,0,0,255\n"),
    ],
)  # fmt: skip
def test_legends_of_others_are_read(tmp_path: Path, name: str, text: str) -> None:
    folder(tmp_path / "m", None, a=picture(_two()))
    (tmp_path / "m" / name).write_text(text)
    back = formats.read(tmp_path / "m", "masks", items=items("a"))
    assert sorted(str(one.class_name) for one in back.annotations) == ["car", "road"]


def test_a_table_of_numbers_is_a_legend(tmp_path: Path) -> None:
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[3:5] = 7
    folder(tmp_path / "m", "id,name\n0,road\n7,car\n", a=picture(pixels))
    back = formats.read(tmp_path / "m", items=items("a"))
    # What a legend gives a name is of that class, be it number 0.
    assert {one.class_name for one in back.annotations} == {"car", "road"}


def test_without_a_legend_numbers_and_colours_are_those_of_the_ontology(tmp_path: Path) -> None:
    said(OBJECTS[2:3], tmp_path / "m", by="classes", kind="grey")
    said(OBJECTS[2:3], tmp_path / "n", by="classes", kind="color")
    for made in ("m", "n"):
        (tmp_path / made / "legend.json").unlink()
        back = formats.read(tmp_path / made, "masks", items=items("a", "b"), ontology=ONTOLOGY)
        assert [one.class_name for one in back.annotations] == ["road"]
        with pytest.raises(FormatError, match="no legend says of what"):
            formats.read(tmp_path / made, "masks", items=items("a", "b"))


def test_a_palette_is_named_by_its_colours_too(tmp_path: Path) -> None:
    image = Image.fromarray(np.pad(np.full((10, 10), 3, np.uint8), ((0, 40), (0, 50))), "P")
    image.putpalette([0, 0, 0, 9, 9, 9, 8, 8, 8, 0xC7, 0x6E, 0x2A])
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    folder(tmp_path / "m", {"#c76e2a": "car"}, a=buffer.getvalue())
    (one,) = formats.read(tmp_path / "m", items=items("a")).annotations
    assert one.geometry == box(0, 0, 10, 10)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("palette", [False, True])
def test_numbers_of_few_bits_are_what_is_stored(tmp_path: Path, bits: int, palette: bool) -> None:
    most = 2**bits - 1
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[:5] = most
    folder(tmp_path / "m", {str(most): "car"}, a=_stored(values, bits, palette))
    (one,) = formats.read(tmp_path / "m", items=items("a")).annotations
    assert one.geometry == box(0, 0, 60, 5)


def _stored(values: npt.NDArray[np.uint8], bits: int, palette: bool, plte: bool = True) -> bytes:
    """Return a PNG of so many bits, written chunk by chunk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    spread = np.unpackbits(values[..., None], axis=2)[..., 8 - bits :]
    rows = np.packbits(spread.reshape(len(values), -1), axis=1)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", values.shape[1], len(values), bits, 3 if palette else 0, 0, 0, 0)
    colours = (
        chunk(b"PLTE", bytes(range(3 * 2**bits % 768)) or bytes(768)) if palette and plte else b""
    )
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + colours
        + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    )  # fmt: skip


def test_later_labels_lie_above_and_what_they_cover_is_counted(tmp_path: Path) -> None:
    labels = [
        label("car", Rectangle(0, 0, 20, 20)),
        label("road", Polygon([[[(10, 10), (30, 10), (30, 30), (10, 30)]]])),
        label("car", Rectangle(12, 12, 4, 4)),
        label("sky", Ellipse(14, 14, 6, 6)),
    ]
    told = said(labels, tmp_path / "m")
    back = formats.read(tmp_path / "m", items=items("a", "b")).annotations
    road = next(one for one in back if one.class_name == "road")
    sky = next(one for one in back if one.class_name == "sky")
    yy, xx = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    round_ = ((xx - 14) / 6) ** 2 + ((yy - 14) / 6) ** 2 <= 1
    square = (xx > 10) & (xx < 30) & (yy > 10) & (yy < 30)
    assert np.array_equal(pixels_of(sky.geometry), round_)
    assert np.array_equal(pixels_of(road.geometry), square & ~round_)
    # 100 under the road, 16 under the second car, and all that is under the sky.
    first = (xx < 20) & (yy < 20) & ~square
    assert f"{100 + 16 + (round_ & (square | first)).sum()} pixels under a later label" in told
    assert "1 object wholly under later labels" in told
    assert "1 polygon (as its pixels)" in told
    with pytest.raises(FormatError, match="no place for"):
        said(labels, tmp_path / "strict", strict=True)
    assert not (tmp_path / "strict").exists()


def test_a_shape_between_the_centres_of_pixels_is_said(tmp_path: Path) -> None:
    told = said([label("car", Rectangle(3.6, 3.6, 0.2, 0.2))], tmp_path / "m")
    assert "1 label without pixels" in told


def test_more_than_255_objects_take_16_bits(tmp_path: Path) -> None:
    labels = [label("car", box(n % 60, n // 60, 1, 1)) for n in range(300)]
    said(labels, tmp_path / "m", kind="grey")
    with Image.open(tmp_path / "m" / "a.png") as image:
        assert image.mode == "I;16"
        assert np.asarray(image).max() == 300
    assert len(formats.read(tmp_path / "m", items=items("a", "b")).annotations) == 300
    said(labels, tmp_path / "c")
    back = formats.read(tmp_path / "c", items=items("a", "b")).annotations
    assert {one.geometry for one in back} == {one.geometry for one in labels}
    with pytest.raises(FormatError, match="at most 255 fit"):
        said(labels, tmp_path / "n", kind="indexed")
    with pytest.raises(FormatError, match="at most 255 fit"):
        said(labels, tmp_path / "n", kind="grey", bits=8)
    assert not (tmp_path / "n").exists()


def test_numbers_and_colours_can_be_given(tmp_path: Path) -> None:
    numbers = {"car": 7, "road": 1, "sky": 255}
    said(OBJECTS, tmp_path / "m", kind="grey", by="classes", numbers=numbers)
    assert set(np.unique(Image.open(tmp_path / "m" / "a.png"))) == {0, 7, 1, 255}
    back = formats.read(tmp_path / "m", items=items("a", "b"), void=255)
    assert {one.class_name for one in back.annotations} == {"car", "road"}
    said(OBJECTS, tmp_path / "c", colors={"sky": "#e0e0c0"}, by="classes")
    back = formats.read(tmp_path / "c", items=items("a", "b"), void="#E0E0C0")
    assert {one.class_name for one in back.annotations} == {"car", "road"}
    for wrong in ({"car": 0, "road": 1, "sky": 2}, {"car": 1}, {"car": 1, "road": 1, "sky": 2}):
        with pytest.raises(FormatError, match="numbers"):
            said(OBJECTS, tmp_path / "n", kind="grey", by="classes", numbers=wrong)
    with pytest.raises(FormatError, match="of its own"):
        said(OBJECTS, tmp_path / "n", colors={"car": "#000000"})


def test_an_object_has_its_number_on_all_frames(tmp_path: Path) -> None:
    film = items("film")
    film["kind"], film["title"], film["urls"] = "video", "film.mp4", [["/films/film.mp4"]]
    film["metadata"] = [{"width": WIDTH, "height": HEIGHT, "frames": 3, "fps": 25.0}]
    labels = [
        label("car", Track({at: Keyframe(box(9 * n + at, 3, 4, 4)) for at in range(n, 3)}), "film")
        for n in range(2)
    ]
    told = said(labels, tmp_path / "m", items=film)
    assert "2 tracks (as a mask on each frame)" in told
    back = formats.read(tmp_path / "m", items=film).annotations
    assert [(one.frame, one.track_id) for one in back] == [
        (0, "car # 1"),
        (1, "car # 1"),
        (1, "car # 2"),
        (2, "car # 1"),
        (2, "car # 2"),
    ]
    assert back[-1].geometry == box(11, 3, 4, 4)


def test_pictures_of_any_name_find_back(tmp_path: Path) -> None:
    frame = items("a", "b", "c", folder="my day (1)")
    frame["urls"] = [["/x/my day (1)/un été.jpg"], ["/x/my day (1)/d.jpg"], ["/x/my day (1)/d.png"]]
    labels = [label("car", box(n, n, 5, 5), id) for n, id in enumerate("abc")]
    said(labels, tmp_path / "m.zip", items=frame)
    assert zipfile.ZipFile(tmp_path / "m.zip").namelist() == [
        "my_day_1/un_été.png",
        "my_day_1/d.jpg.png",
        "my_day_1/d.png.png",
        "legend.json",
    ]
    back = formats.read(tmp_path / "m.zip", items=frame)
    assert {(one.item_id, one.geometry) for one in back.annotations} == {
        (one.item_id, one.geometry) for one in labels
    }


def test_a_class_that_is_called_like_an_object_stays_one(tmp_path: Path) -> None:
    lane = Ontology([ObjectClass("lane # 2"), ObjectClass("lane")])
    labels = [label("lane # 2", box(1, 1, 3, 3)), label("lane", box(9, 9, 3, 3))]
    for by in ("classes", "instances"):
        said(labels, tmp_path / by, ontology=lane, by=by)
        for known in (lane, None):
            back = formats.read(tmp_path / by, items=items("a", "b"), ontology=known)
            assert {one.class_name for one in back.annotations} == {"lane", "lane # 2"}


def test_colours_without_a_name_are_collected_with_counts(tmp_path: Path) -> None:
    folder(tmp_path / "m", {"#c76e2a": "car"}, a=picture(_two()))
    with pytest.raises(FormatError, match=r"a\.png, #0000ff: is in no legend, and 300 pixels"):
        formats.read(tmp_path / "m", items=items("a"))
    back = formats.read(tmp_path / "m", items=items("a"), errors="collect")
    assert [one.class_name for one in back.annotations] == ["car"]
    assert back.left_out[["record", "field"]].values.tolist() == [["a.png", "#0000ff"]]
    noise = np.random.default_rng(1).integers(1, 255, (HEIGHT, WIDTH, 3), np.uint8)
    folder(tmp_path / "m", {"#c76e2a": "car"}, a=picture(noise))
    back = formats.read(tmp_path / "m", items=items("a"), errors="collect")
    assert len(back.left_out) == 21
    assert "resized" in back.left_out["reason"].iloc[-1]


LEGENDS: dict[str, tuple[Any, str]] = {
    "two names": ({"#c76e2a": "car", "#C76E2A": "road"}, "'car' and 'road'"),
    "no colour": ({"red": "car"}, "must be a colour"),
    "css": ({"#c76e2a;background:url(x)": "car"}, "must be a colour"),
    "no name": ({"#c76e2a": 5}, "must be the name"),
    "a list": (["car"], "must be an object"),
    "too large": ({"70000": "car"}, "must be a colour"),
    "not a colour": ("name,r,g,b\ncar,300,0,0\n", "0 to 255"),
    "few fields": ("name,r,g,b\ncar,3\n", "red, green and blue"),
    "rows with two names": ("name,r,g,b\ncar,1,1,1\nroad,1,1,1\n", "'car' and 'road'"),
}  # fmt: skip


@pytest.mark.parametrize("row", LEGENDS)
def test_a_legend_that_is_wrong_is_told(tmp_path: Path, row: str) -> None:
    legend, words = LEGENDS[row]
    folder(tmp_path / "m", legend, a=picture(_two()))
    with pytest.raises(FormatError, match=words):
        formats.read(tmp_path / "m", "masks", items=items("a"))


def test_a_legend_with_a_key_twice_is_told(tmp_path: Path) -> None:
    folder(tmp_path / "m", None, a=picture(_two()))
    (tmp_path / "m" / "legend.json").write_text('{"#c76e2a": "car", "#c76e2a": "road"}')
    with pytest.raises(FormatError, match="there twice"):
        formats.read(tmp_path / "m", "masks", items=items("a"))


def bomb() -> bytes:
    """Return a PNG that claims more pixels than any, and has none."""
    data = _stored(np.zeros((1, 1), np.uint8), 8, False)
    head = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(_two()).save(buffer, "JPEG")
    return buffer.getvalue()


BAD: dict[str, tuple[Any, str]] = {
    "a bomb": (bomb, "60000 x 60000"),
    "another size": (lambda: picture(np.zeros((9, 9), np.uint8)), "9 x 9 pixels, the item"),
    "JPEG": (jpeg, "must be a PNG"),
    "cut short": (lambda: picture(_two())[:-20], "cut short"),
    "damaged": (lambda: picture(_two()).replace(b"IDAT", b"IDAX"), "damaged|cut short"),
    "text": (lambda: b"#c76e2a", "not a picture"),
    "nothing": (lambda: b"", "empty"),
    "no palette": (lambda: _stored(np.ones((50, 60), np.uint8), 8, True, plte=False), "palette"),
}  # fmt: skip


@pytest.mark.parametrize("row", BAD)
def test_a_picture_that_is_wrong_is_told_and_the_others_are_read(tmp_path: Path, row: str) -> None:
    make, words = BAD[row]
    folder(tmp_path / "m", {"#c76e2a": "car", "#0000ff": "road"}, a=make(), b=picture(_two()))
    with pytest.raises(LabelwidgetsError, match=words):
        formats.read(tmp_path / "m", items=items("a", "b"))
    back = formats.read(tmp_path / "m", items=items("a", "b"), errors="collect")
    assert len(back.left_out) == 1
    assert {one.item_id for one in back.annotations} == {"b"}


def test_limits_are_those_that_are_given(tmp_path: Path) -> None:
    folder(tmp_path / "m", {"#c76e2a": "car", "#0000ff": "road"}, a=picture(_two()))
    with pytest.raises(LabelwidgetsError, match="at most 100 "):
        formats.read(tmp_path / "m", items=items("a"), limits=Limits(pixels=100))
    assert issubclass(LimitError, LabelwidgetsError)


def test_names_that_lead_elsewhere_name_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("legend.json", '{"#c76e2a": "car", "#0000ff": "road"}')
        archive.writestr("../../a.png", picture(_two()))
    back = formats.read(tmp_path / "m.zip", items=items("a"))
    assert {one.item_id for one in back.annotations} == {"a"}
    back = formats.read(tmp_path / "m.zip")
    assert ".." not in str(back.items[["folder", "title"]].values.tolist())
    frame = pd.DataFrame(
        {
            "id": ["../../evil"],
            "title": ["../../evil.jpg"],
            "metadata": [{"width": WIDTH, "height": HEIGHT}],
        }
    )
    said([label("car", box(1, 1, 2, 2), "../../evil")], tmp_path / "deep" / "m", items=frame)
    assert [one.name for one in (tmp_path / "deep" / "m").iterdir()].count("evil.png") == 1


def test_transparent_pixels_are_none(tmp_path: Path) -> None:
    pixels = np.dstack([_two(), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    pixels[20:, :, 3] = 0
    folder(tmp_path / "m", {"#c76e2a": "car"}, a=picture(pixels))
    (one,) = formats.read(tmp_path / "m", items=items("a")).annotations
    assert one.geometry == box(0, 0, 10, 10)


def test_other_pictures_in_the_folder_are_passed_over_by_suffix(tmp_path: Path) -> None:
    folder(
        tmp_path / "m",
        {"#c76e2a": "car", "#0000ff": "road"},
        a=picture(255 - _two()),
        a_L=picture(_two()),
    )
    back = formats.read(tmp_path / "m", items=items("a"), suffix="_L")
    assert {one.item_id for one in back.annotations} == {"a"}
    assert len(back.annotations) == 2


def test_panoptic_pictures_of_coco_have_the_areas_that_coco_says(shared_data: Path) -> None:
    root = shared_data / "coco_panoptic"
    document = json.loads((root / "panoptic.json").read_text())
    names = {one["id"]: one["name"] for one in document["categories"]}
    for entry in document["annotations"][:4]:
        legend, areas = {}, {}
        for segment in entry["segments_info"]:
            number = segment["id"]
            color = f"#{number & 255:02x}{number >> 8 & 255:02x}{number >> 16:02x}"
            legend[color] = f"{names[segment['category_id']]} # {number}"
            areas[number] = segment["area"]
        path = root / "panoptic" / entry["file_name"]
        back = formats.read(path, "masks", legend=legend)
        found = {one.origin.parameters["instance"]: one.geometry.area for one in back.annotations}
        assert found == areas


def test_pictures_of_pascal_voc_have_the_pixels_that_pillow_sees(shared_data: Path) -> None:
    root = shared_data / "imports" / "datumaro" / "voc"
    for path, color in (
        (root / "SegmentationObject" / "2007_000001.png", "#800000"),
        (root / "SegmentationClass" / "2007_000001.png", "#008000"),
    ):
        (one,) = formats.read(path, "masks", legend={color: "thing # 1"}).annotations
        assert one.geometry.area == np.asarray(Image.open(path)).any(axis=2).sum()


def test_pictures_of_slices_are_read(tmp_path: Path) -> None:
    make_ct(tmp_path / "ct")
    dataset, scan = open_scan(tmp_path / "ct")
    voxels = np.zeros(SHAPE, bool)
    voxels[1, 2:5, 3:6] = voxels[2, 3:5, 3:6] = True
    formats.write(
        [voxel_label(scan, "car", voxels)],
        tmp_path / "m",
        "slice_masks",
        dataset=dataset,
        ontology=ONTOLOGY,
    )
    back = formats.read(tmp_path / "m", dataset=dataset)
    assert [(one.item_id, one.frame, one.class_name) for one in back.annotations] == [
        (scan, 1, "car"),
        (scan, 2, "car"),
    ]
    for one in back.annotations:
        assert np.array_equal(pixels_of(one.geometry), voxels[one.frame])
