"""Datumaro reads what we write, and we read what it writes: the same classes and shapes."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import decode_rle, encode_rle
from labelwidgets.errors import FormatError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    RLE,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.tracks import Keyframe, Track
from tests.judges import judge

SIZES = {"one": (60, 50), "two": (40, 30), "bare": (24, 20)}
FLY = ObjectClass(
    "fly", tool="keypoints", skeleton=Skeleton(["head", "thorax", "tip"], [(0, 1), (1, 2)])
)
ONTOLOGY = Ontology(["car", "tree"])
Seen = Counter[tuple[Any, ...]]
pytestmark = pytest.mark.filterwarnings("ignore::labelwidgets.formats.results.FormatWarning")


@pytest.fixture(scope="module")
def dm() -> Iterator[Any]:
    pandas = sys.modules["pandas"]
    yield judge("datumaro")
    # Some of its plugins, too, put another one there when they are first asked for.
    sys.modules["pandas"] = pandas


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> lw.Dataset:
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for name, (width, height) in SIZES.items():
        colors = random.integers(0, 255, (height, width, 3), np.uint8)
        Image.fromarray(colors).save(folder / f"{name}.jpg")
    return lw.Dataset.open(str(folder))


def ids_of(dataset: lw.Dataset) -> dict[str, str]:
    """Return the ids of the pictures by their names."""
    return {
        title.removesuffix(".jpg"): id
        for id, title in zip(dataset.items["id"], dataset.items["title"], strict=True)
    }


def pixels(item: str, *boxes: tuple[int, int, int, int]) -> np.ndarray:
    made = np.zeros(SIZES[item][::-1], bool)
    for x, y, right, bottom in boxes:
        made[y:bottom, x:right] = True
    return made


def mask(item: str, *boxes: tuple[int, int, int, int]) -> Mask:
    code = encode_rle(pixels(item, *boxes))
    return Mask(RLE(tuple(code["size"]), code["counts"]))


def label(item: str, name: str, geometry: Geometry) -> Annotation:
    return Annotation(item_id=item, class_name=name, geometry=geometry)


BOXES = [
    label("one", "car", Rectangle(5, 6, 20, 12)),
    label("one", "tree", Rectangle(30.5, 20.25, 10, 15)),
    label("two", "tree", Rectangle(0, 0, 40, 30)),
]
POLYGONS = [
    label("one", "car", Polygon([[[(5, 5), (20, 6), (18, 20)]]])),
    label("two", "tree", Polygon([[[(1, 1), (30, 2), (25.5, 20), (3, 18)]]])),
]
MASKS = [
    label("one", "car", mask("one", (2, 3, 12, 9))),
    label("one", "tree", mask("one", (20, 20, 40, 45), (45, 2, 55, 8))),
    label("two", "tree", mask("two", (1, 1, 5, 5))),
]
LINES = [
    label("one", "car", Polyline([(1, 2), (3, 4), (10.5, 12)])),
    label("one", "tree", Point(4, 5)),
]
TAGS = [label("two", "tree", Tag())]
ELLIPSES = [label("one", "car", Ellipse(20, 20, 10, 5))]
POSES = [
    label("one", "fly", Keypoints([(10, 10, 2), (20, 30, 1), (0, 0, 0)])),
    label("two", "fly", Keypoints([(1, 2, 2), (3.5, 4, 2), (5, 6, 2)])),
]
EVERYTHING = [*BOXES, *POLYGONS, *MASKS, *LINES, *TAGS, *ELLIPSES, *POSES]


def rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(value), 2) + 0.0 for value in values)


def ours(labels: Iterable[Annotation]) -> Seen:
    """Return what labels are: item, class, kind and numbers."""
    seen: Seen = Counter()
    for one in labels:
        shape: Any = one.geometry
        said: Any = ()
        if isinstance(shape, Rectangle):
            kind, said = "bbox", rounded(shape.bounds)
        elif isinstance(shape, Polygon):
            kind, said = "polygon", rounded(end for point in shape.parts[0][0] for end in point)
        elif isinstance(shape, Mask):
            kind = "mask"
            code = {"size": list(shape.rle.size), "counts": shape.rle.counts}
            said = decode_rle(code).astype(bool).tobytes()
        elif isinstance(shape, Polyline):
            kind, said = "polyline", rounded(end for point in shape.points for end in point)
        elif isinstance(shape, Keypoints):
            kind, said = "points", rounded(end for point in shape.points for end in point)
        elif isinstance(shape, Point):
            kind, said = "points", rounded((shape.x, shape.y, 2))
        elif isinstance(shape, Ellipse):
            kind, said = "ellipse", rounded(shape.bounds)
        else:
            kind = "label"
        seen[one.item_id, one.class_name, kind, said] += 1
    return seen


def theirs(dataset: Any, *, kinds: Iterable[str] = (), named: bool = True) -> Seen:
    """Return the same of a dataset of Datumaro, of some kinds of annotations or all."""
    seen: Seen = Counter()
    wanted, names = set(kinds), None
    for kind, category in dataset.categories().items():
        if kind.name == "label":
            names = [one.name for one in category]
    for item in dataset:
        for one in item.annotations:
            kind = one.type.name
            if wanted and kind not in wanted:
                continue
            if kind == "bbox":
                said: Any = rounded(one.get_bbox())
            elif kind == "mask":
                said = np.asarray(one.image, bool).tobytes()
            elif kind == "points":
                flags = [flag.value for flag in one.visibility]
                ends = np.array(one.points).reshape(-1, 2)
                said = rounded(np.column_stack([ends, flags]).ravel())
            elif kind == "ellipse":
                x, y, right, bottom = one.points
                said = rounded((x, y, right - x, bottom - y))
            else:
                said = () if kind == "label" else rounded(one.points)
            name = names[one.label] if named and names else None
            seen[str(item.id), name, kind, said] += 1
    return seen


def meta(folder: Path) -> None:
    """Say what the colours of our pictures mean in the way in which Datumaro looks for it."""
    legend = json.loads((folder / "legend.json").read_text())
    names = {"0": "background"} | {str(at): name for at, name in enumerate(legend.values(), 1)}
    colors = [[0, 0, 0]] + [[int(key[at : at + 2], 16) for at in (1, 3, 5)] for key in legend]
    said = {"label_map": names, "segmentation_colors": colors}
    (folder / "dataset_meta.json").write_text(json.dumps(said))


def moved(*moves: tuple[str, str]) -> Callable[[Path], None]:
    """Return what gives files the names that Datumaro looks for."""

    def move(folder: Path) -> None:
        for at, (source, _) in enumerate(moves):
            shutil.move(folder / source, folder / f"moved_{at}")
        for at, (_, target) in enumerate(moves):
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / f"moved_{at}", folder / target)

    return move


INSTANCES = moved(
    ("annotations.json", "annotations/instances_train.json"), ("images", "images/train")
)
JOINTS = moved(
    ("annotations.json", "annotations/person_keypoints_train.json"), ("images", "images/train")
)
PANOPTIC = moved(
    ("panoptic.json", "annotations/panoptic_train.json"),
    ("panoptic", "annotations/panoptic_train"),
    ("images", "images/train"),
)
WRITTEN = [
    ("voc", "voc_detection", BOXES, {"base": 0}, None, ()),
    ("voc", "voc", BOXES, {"base": 0}, None, ("bbox",)),
    ("voc", "voc_segmentation", MASKS, {}, None, ()),
    ("voc", "voc_instance_segmentation", MASKS, {}, None, ("mask",)),
    ("yolo", "yolo", BOXES, {"layout": "darknet"}, None, ()),
    ("yolo", "yolo", BOXES, {}, None, ()),
    ("coco", "coco_instances", [*BOXES, *MASKS], {}, INSTANCES, ("bbox", "mask")),
    ("coco", "coco_instances", POLYGONS, {}, INSTANCES, ("polygon",)),
    ("coco", "coco_person_keypoints", POSES, {}, JOINTS, ("points",)),
    ("coco_panoptic", "coco_panoptic", MASKS, {}, PANOPTIC, ()),
    ("cvat", "cvat", [*BOXES, *POLYGONS, *MASKS, *LINES, *TAGS], {}, None, ()),
    ("datumaro", "datumaro", EVERYTHING, {}, None, ()),
    ("kitti", "kitti_detection", BOXES, {}, None, ()),
    ("kitti", "kitti", BOXES, {}, None, ()),
    ("open_images", "open_images", [*BOXES, *MASKS, *TAGS], {}, None, ()),
    ("vott", "vott_json", BOXES, {}, moved(("export.json", "train-export.json")), ()),
    ("segment_anything", "segment_anything", MASKS, {}, None, ("mask",)),
    ("masks", "common_semantic_segmentation", MASKS, {"by": "classes"}, meta, ("mask",)),
]


@pytest.mark.parametrize(
    ("name", "reader", "labels", "options", "prepare", "kinds"),
    WRITTEN,
    ids=[f"{one[0]}-{one[1]}-{at}" for at, one in enumerate(WRITTEN)],
)
def test_datumaro_finds_what_was_written(
    dm: Any,
    dataset: lw.Dataset,
    tmp_path: Path,
    name: str,
    reader: str,
    labels: list[Annotation],
    options: dict[str, Any],
    prepare: Callable[[Path], None] | None,
    kinds: tuple[str, ...],
) -> None:
    wanted = ours(labels)
    ontology = ONTOLOGY
    if any(one.class_name == "fly" for one in labels):
        # All classes of a file of COCO's persons have joints.
        ontology = Ontology([FLY] if name == "coco" else ["car", "tree", FLY])
    ids = ids_of(dataset)
    formats.write(
        [msgspec.structs.replace(one, item_id=ids[one.item_id]) for one in labels],
        tmp_path / "out",
        name,
        dataset=dataset,
        ontology=ontology,
        pictures=True,
        **options,
    )
    if prepare is not None:
        prepare(tmp_path / "out")
    found = dm.Dataset.import_from(str(tmp_path / "out"), reader)
    assert {str(one.id).removesuffix(".jpg") for one in found} >= {"one", "two"}
    seen = theirs(found, kinds=kinds, named=name != "segment_anything")
    if name == "segment_anything":
        wanted = Counter((item, None, kind, said) for item, _, kind, said in wanted)
    if name == "coco":
        # A box beside each mask, and what CVAT calls a box is one, too.
        wanted_kinds = {kind for _, _, kind, _ in wanted}
        seen = Counter({key: count for key, count in seen.items() if key[2] in wanted_kinds})
        seen -= beside(labels)
    if reader == "common_semantic_segmentation":
        seen = Counter({key: count for key, count in seen.items() if key[1] != "background"})
    assert seen == wanted


def test_the_ids_of_cityscapes_are_those_that_datumaro_has(
    dm: Any, dataset: lw.Dataset, tmp_path: Path
) -> None:
    ids = ids_of(dataset)
    green = {"car": "car", "tree": "vegetation"}
    labels = [
        msgspec.structs.replace(
            one, item_id=ids[one.item_id], class_name=green[one.class_name or ""]
        )
        for one in MASKS
    ]
    ontology = Ontology(list(green.values()))
    out = tmp_path / "out"
    formats.write(labels, out, "cityscapes", dataset=dataset, ontology=ontology, pictures=True)
    moved(("gtFine", "gtFine/train"), ("leftImg8bit", "leftImg8bit/train"))(out)
    # It takes the picture of objects for one of classes.
    for path in sorted(out.rglob("*_instanceIds.png")):
        path.with_name(path.name.replace("instanceIds", "labelIds")).replace(path)
    found = dm.Dataset.import_from(str(out), "cityscapes")
    plain = {name: given for given, name in green.items()}
    seen = Counter((item, plain[str(name)], *more) for item, name, *more in theirs(found))
    assert seen == ours(MASKS)


def beside(labels: Iterable[Annotation]) -> Seen:
    """Return the boxes that COCO has beside masks."""
    return ours(
        label(one.item_id, one.class_name or "", Rectangle(*(one.geometry.bounds or ())))
        for one in labels
        if isinstance(one.geometry, Mask)
    )


def of_datumaro(dm: Any, dataset: lw.Dataset, labels: list[Annotation]) -> Any:
    """Return labels as a dataset of Datumaro."""
    classes = list(dict.fromkeys(one.class_name for one in labels))
    made: dict[str, list[Any]] = {name: [] for name in SIZES}
    for id, one in enumerate(labels, 1):
        shape: Any = one.geometry
        said: dict[str, Any] = {"id": id, "label": classes.index(one.class_name or "")}
        if not isinstance(shape, Tag):
            said["group"] = id
        if isinstance(shape, Rectangle):
            its = dm.Bbox(*shape.bounds, **said)
        elif isinstance(shape, Polygon):
            its = dm.Polygon([end for point in shape.parts[0][0] for end in point], **said)
        elif isinstance(shape, Mask):
            code = {"size": list(shape.rle.size), "counts": shape.rle.counts}
            its = dm.Mask(decode_rle(code).astype(bool), **said)
        elif isinstance(shape, Polyline):
            its = dm.PolyLine([end for point in shape.points for end in point], **said)
        elif isinstance(shape, Point):
            its = dm.Points([shape.x, shape.y], [2], **said)
        elif isinstance(shape, Keypoints):
            ends = [end for x, y, _ in shape.points for end in (x, y)]
            its = dm.Points(ends, [flag for *_, flag in shape.points], **said)
            if classes == ["fly"]:
                # It writes joints to COCO that have a box.
                made[one.item_id].append(dm.Bbox(*(shape.bounds or ()), **said))
        elif isinstance(shape, Ellipse):
            x, y, width, height = shape.bounds
            its = dm.Ellipse(x, y, x + width, y + height, **said)
        else:
            its = dm.Label(said["label"], id=id)
        made[one.item_id].append(its)
    categories = {dm.AnnotationType.label: dm.LabelCategories.from_iterable(classes)}
    if "fly" in classes:
        bones = (classes.index("fly"), FLY.skeleton.joints, {(1, 2), (2, 3)})  # type: ignore[union-attr]
        categories[dm.AnnotationType.points] = dm.PointsCategories.from_iterable([bones])
    urls = dict(zip(dataset.items["id"], dataset.items["urls"], strict=True))
    ids = ids_of(dataset)
    return dm.Dataset.from_iterable(
        [
            dm.DatasetItem(
                id=item,
                subset="train",
                media=dm.Image.from_file(path=urls[ids[item]][0]),
                annotations=some,
                attributes={"frame": at},
            )
            for at, (item, some) in enumerate(made.items())
        ],
        categories=categories,
    )


EXPORTED = [
    ("voc", "voc", BOXES),
    ("voc", "voc_detection", BOXES),
    ("voc", "voc_segmentation", MASKS),
    ("voc", "voc_instance_segmentation", MASKS),
    ("yolo", "yolo", BOXES),
    ("coco", "coco_instances", [*BOXES, *POLYGONS, *MASKS]),
    ("coco", "coco_person_keypoints", POSES),
    ("coco_panoptic", "coco_panoptic", MASKS),
    ("cvat", "cvat", [*BOXES, *POLYGONS, *MASKS, *LINES, *TAGS]),
    ("datumaro", "datumaro", EVERYTHING),
    ("kitti", "kitti", BOXES),
    ("kitti", "kitti_detection", BOXES),
    ("labelme", "label_me", [*BOXES, *POLYGONS, *MASKS]),
    ("open_images", "open_images", [*BOXES, *MASKS, *TAGS]),
    ("segment_anything", "segment_anything", MASKS),
]


@pytest.mark.parametrize(("name", "writer", "labels"), EXPORTED, ids=[one[1] for one in EXPORTED])
def test_what_datumaro_writes_is_found_by_us(
    dm: Any,
    dataset: lw.Dataset,
    tmp_path: Path,
    name: str,
    writer: str,
    labels: list[Annotation],
) -> None:
    made = of_datumaro(dm, dataset, labels)
    made.export(str(tmp_path / "out"), writer, save_media=True)
    found = formats.read(tmp_path / "out", items=dataset.items)
    assert found.format == name
    assert found.unmatched.empty
    names = {id: item for item, id in ids_of(dataset).items()}
    labelled = [
        msgspec.structs.replace(one, item_id=names[one.item_id]) for one in found.annotations
    ]
    wanted = ours(labels)
    if name == "segment_anything":
        wanted = Counter((item, "object", kind, said) for item, _, kind, said in wanted)
    assert ours(labelled) == wanted
    if "fly" in found.ontology:
        skeleton = found.ontology["fly"].skeleton
        assert skeleton is not None
        assert (skeleton.joints, sorted(skeleton.edges)) == (
            ["head", "thorax", "tip"],
            [(0, 1), (1, 2)],
        )


def test_which_objects_of_coco_are_meant_is_asked_where_both_kinds_are_there(
    dm: Any, dataset: lw.Dataset, tmp_path: Path
) -> None:
    made = of_datumaro(dm, dataset, [*BOXES, *MASKS])
    for writer in ("coco_instances", "coco_panoptic"):
        made.export(str(tmp_path / "out"), writer)
    with pytest.raises(FormatError, match=r"read\(path, \"coco\"\)"):
        formats.read(tmp_path / "out", items=dataset.items)
    for name, count in (("coco", 6), ("coco_panoptic", 3)):
        assert len(formats.read(tmp_path / "out", name, items=dataset.items).annotations) == count


@pytest.mark.parametrize("writer", ["yolo_ultralytics", "dota"])
def test_sets_of_datumaro_are_sets_here(
    dm: Any, dataset: lw.Dataset, tmp_path: Path, writer: str
) -> None:
    # Turned, they stay within their pictures.
    boxes = [*BOXES[:2], label("two", "tree", Rectangle(10, 10, 12, 8))]
    made = of_datumaro(dm, dataset, boxes)
    parts = {"one": "train", "two": "val", "bare": "val"}
    items = [item.wrap(subset=parts[item.id]) for item in made]
    if writer == "dota":
        turned = judge("datumaro.components.annotation").RotatedBbox
        for item in items:
            item.annotations[:] = [
                turned(one.x + one.w / 2, one.y + one.h / 2, one.w, one.h, 20, label=one.label)
                for one in item.annotations
            ]
    both = dm.Dataset.from_iterable(items, categories=made.categories())
    both.export(str(tmp_path / "out"), writer, save_media=True)
    found = formats.read(tmp_path / "out", items=dataset.items)
    names = {id: item for item, id in ids_of(dataset).items()}
    seen = sorted((names[one.item_id], one.class_name) for one in found.annotations)
    assert seen == [("one", "car"), ("one", "tree"), ("two", "tree")]
    plain = formats.read(tmp_path / "out")
    assert plain.items.set_index("title")["metadata"]["two.jpg"]["split"] == "val"
    for one in found.annotations:
        x, y, width, height = next(
            box.geometry.bounds or ()
            for box in boxes
            if (box.item_id, box.class_name) == (names[one.item_id], one.class_name)
        )
        shape: Any = one.geometry
        centre = (shape.x + shape.width / 2, shape.y + shape.height / 2)
        assert centre == pytest.approx((x + width / 2, y + height / 2), abs=0.01)
        assert sorted((shape.width, shape.height)) == pytest.approx(
            sorted((width, height)), abs=0.01
        )
        assert shape.angle % 90 == pytest.approx(20 if writer == "dota" else 0, abs=0.05)


@pytest.mark.parametrize("writer", ["mot_seq_gt", "mots_png"])
def test_tracks_that_datumaro_writes_are_found_by_us(dm: Any, tmp_path: Path, writer: str) -> None:
    classes = {dm.AnnotationType.label: dm.LabelCategories.from_iterable(["car", "tree"])}
    frames = []
    for frame in range(6):
        some = []
        for number, one in enumerate(TRACKS):
            sight = one.geometry.at(frame)  # type: ignore[union-attr]
            if sight is None:
                continue
            x, y, width, height = map(int, sight.geometry.bounds or ())
            said = {"label": number, "attributes": {"track_id": number + 1}}
            if writer == "mots_png":
                there = np.zeros((50, 60), bool)
                there[y : y + height, x : x + width] = True
                some.append(dm.Mask(there, **said))
            else:
                some.append(dm.Bbox(x, y, width, height, **said))
        media = dm.Image.from_numpy(np.zeros((50, 60, 3), np.uint8))
        frames.append(dm.DatasetItem(id=f"{frame + 1:06d}", media=media, annotations=some))
    made = dm.Dataset.from_iterable(frames, categories=classes)
    made.export(str(tmp_path / "film"), writer, save_media=True)
    found = formats.read(tmp_path / "film", items=FILMS, ontology=ONTOLOGY)
    assert found.format == ("mots" if writer == "mots_png" else "mot")
    seen = Counter(
        (frame, one.class_name, rounded(sight.geometry.bounds or ()))
        for one in found.annotations
        for frame in range(6)
        if (sight := one.geometry.at(frame)) is not None  # type: ignore[union-attr]
    )
    assert seen == sightings()
    assert len(found.annotations) == 2


def test_captions_of_datumaro_are_answers(dm: Any, dataset: lw.Dataset, tmp_path: Path) -> None:
    made = of_datumaro(dm, dataset, [])
    made.get("one", "train").annotations.append(dm.Caption("a bus", id=3))
    for writer in ("coco_captions", "datumaro"):
        made.export(str(tmp_path / writer), writer)
        (only,) = formats.read(tmp_path / writer, items=dataset.items).annotations
        asked = only.attributes or only.origin.parameters["attributes"]
        assert asked["caption"] == "a bus"


FILM = {"width": 60, "height": 50, "frames": 6, "fps": 5.0}
FILMS = pd.DataFrame(
    {
        "id": ["film"],
        "kind": "video",
        "title": ["film.mp4"],
        "folder": "",
        "urls": [["/films/film.mp4"]],
        "metadata": [FILM],
        "status": "ok",
    }
)
TRACKS = [
    label(
        "film",
        "car",
        Track(
            {
                0: Keyframe(Rectangle(2, 3, 10, 8)),
                4: Keyframe(Rectangle(6, 3, 10, 8)),
                5: Keyframe(outside=True),
            }
        ),
    ),
    label(
        "film",
        "tree",
        Track(
            {
                1: Keyframe(Rectangle(30, 30, 10, 12)),
                3: Keyframe(Rectangle(30, 30, 10, 12)),
                4: Keyframe(outside=True),
            }
        ),
    ),
]


def sightings() -> Counter[tuple[Any, ...]]:
    """Return where tracks are seen: frame, class, box."""
    return Counter(
        (frame, one.class_name, rounded(sight.geometry.bounds or ()))
        for one in TRACKS
        for frame in range(6)
        if (sight := one.geometry.at(frame)) is not None  # type: ignore[union-attr]
    )


@pytest.mark.parametrize("name", ["mot", "mots", "cvat_video"])
def test_datumaro_finds_tracks_that_were_written(dm: Any, tmp_path: Path, name: str) -> None:
    options: dict[str, Any] = {
        "mot": {"base": 0},
        "mots": {"as_": "png", "first_frame": 1},
        "cvat_video": {"frames": "all"},
    }[name]
    formats.write(TRACKS, tmp_path / "out", name, items=FILMS, ontology=ONTOLOGY, **options)
    if name == "cvat_video":
        # Datumaro reads frames that are pictures.
        (tmp_path / "out/images").mkdir()
        for frame in range(6):
            Image.new("RGB", (60, 50)).save(tmp_path / f"out/images/frame_{frame:06d}.PNG")
    place = tmp_path / "out/film" if name == "mot" else tmp_path / "out"
    reader = {"mot": "mot_seq", "mots": "mots", "cvat_video": "cvat"}[name]
    found = dm.Dataset.import_from(str(place), reader)
    (labels,) = (one for kind, one in found.categories().items() if kind.name == "label")
    assert [one.name for one in labels] == ["car", "tree"]
    seen: Counter[tuple[Any, ...]] = Counter()
    tracks: dict[str, set[int]] = {}
    for item in found:
        frame = int(str(item.id).rsplit("/", 1)[-1].rsplit("_", 1)[-1]) - (name != "cvat_video")
        for one in item.annotations:
            if one.attributes.get("outside"):
                continue
            seen[frame, labels[one.label].name, rounded(one.get_bbox())] += 1
            tracks.setdefault(labels[one.label].name, set()).add(int(one.attributes["track_id"]))
    assert seen == sightings()
    assert {name: len(ids) for name, ids in tracks.items()} == {"car": 1, "tree": 1}
    back = formats.read(tmp_path / "out", items=FILMS, ontology=ONTOLOGY)
    assert sorted(one.class_name or "" for one in back.annotations) == ["car", "tree"]
