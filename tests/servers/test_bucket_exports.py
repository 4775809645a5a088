"""Exports from a bucket into a bucket, read from there again with the pictures that lie beside."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest
from pyarrow import fs as pafs

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms.runs import runs_from_mask
from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.media.replacing import Replacement
from labelwidgets.project import Project
from labelwidgets.schema.geometry import Keypoints, Mask, Polygon, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from tests.formats.scans import label as voxels_of
from tests.formats.scans import make_ct
from tests.media.builders import png
from tests.servers.s3 import S3, SECRET

pytestmark = [
    pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning"),
    pytest.mark.filterwarnings("ignore::labelwidgets.media.dicom.copying.PrivacyWarning"),
]

ONTOLOGY = Ontology(
    classes=[
        ObjectClass("car"),
        ObjectClass("mouse", tool="keypoints", skeleton=Skeleton(["snout", "tail"], [])),
    ]
)
PIXELS = np.zeros((30, 40), np.bool_)
PIXELS[4:12, 5:20] = True
PIXELS[6, 8] = False
BOX, MASK = Rectangle(4, 5, 20, 10), mask_of(runs_from_mask(PIXELS))
OUTLINE = Polygon([[[(4, 5), (24, 5), (24, 15)]]])
POSE = Keypoints([(10.5, 10, 2), (20, 25.25, 2)])


class Form(NamedTuple):
    """A format: what is written of, where its pictures lie, and what is told besides."""

    shape: Rectangle | Mask | Polygon | Keypoints
    folder: str
    scorer: str | None = None

    @property
    def told(self) -> dict[str, Any]:
        """What the writer is told besides."""
        return {"scorer": self.scorer} if self.scorer else {}


FORMS = {
    "cityscapes": Form(OUTLINE, "leftImg8bit"),
    "coco_panoptic": Form(MASK, "images"),
    "deeplabcut": Form(POSE, "labeled-data", "Ana"),
    "kitti": Form(BOX, "training/image_2"),
    "masks": Form(MASK, "images"),
    "voc": Form(BOX, "JPEGImages"),
}


@pytest.fixture
def project(s3: S3, tmp_path: Path) -> Any:
    """Return a project whose pictures are in a bucket."""
    photos = s3.bucket()
    for at in range(3):
        photos.write(f"day{at % 2}/{at}[1].png", png(np.full((30, 40, 3), 20 * at, np.uint8)))
    dataset = lw.Dataset.open(f"{photos.url}/**/*.png", progress=False, **s3.options)
    with Project.create(tmp_path / "cars.db", dataset, ONTOLOGY, user="ana") as made:
        yield made


def label(project: Project, shape: Rectangle | Mask | Polygon | Keypoints) -> None:
    name = "mouse" if isinstance(shape, Keypoints) else "car"
    project.add(
        [lw.Annotation(item_id=one, class_name=name, geometry=shape) for one in project.dataset]
    )


def contents(s3: S3, path: str) -> dict[str, bytes]:
    """Return the objects below a path, and see that no key of ours is in them."""
    fs = s3.filesystem()
    found = {one: fs.cat_file(one) for one in fs.find(path)}
    assert not [one for one, data in found.items() if SECRET.encode() in data]
    return found


def by_stem(dataset: lw.Dataset) -> dict[str, str]:
    """Return the items by what a picture and its copy have in common."""
    items = dataset.items
    names = [urls[0].rsplit("/", 1)[-1][:1] for urls in items["urls"]]
    return dict(zip(names, items["id"], strict=True))


@pytest.mark.parametrize("name", FORMS)
def test_what_is_in_a_bucket_is_read_with_the_pictures_beside_it(
    s3: S3, project: Project, name: str
) -> None:
    form = FORMS[name]
    label(project, form.shape)
    path = f"{s3.bucket().url}/sets/one"
    done = project.export(name, path, pictures=True, **form.told, **s3.options)
    assert SECRET not in repr(done)
    contents(s3, path)
    beside = lw.Dataset.open(f"{path}/{form.folder}/**/*.png", progress=False, **s3.options)
    originals, copies = by_stem(project.dataset), by_stem(beside)
    assert copies.keys() == originals.keys()
    for key, id in originals.items():
        assert beside.read(copies[key]) == project.dataset.read(id)
    found = formats.read(path, name, items=beside.items, ontology=ONTOLOGY, **s3.options)
    assert found.left_out.empty
    assert found.unmatched.empty
    names = {id: key for key, id in copies.items()}
    assert sorted(names[one.item_id] for one in found.annotations) == sorted(copies)
    for one in found.annotations:
        assert one.class_name == ("mouse" if name == "deeplabcut" else "car")
        assert one.geometry == form.shape


def asked(options: dict[str, Any]) -> dict[str, Any]:
    return options


@pytest.mark.parametrize(
    ("name", "workers"),
    [
        ("cityscapes", 1),
        ("coco_panoptic", None),
        ("deeplabcut", None),
        ("kitti", None),
        ("masks", 1),
        ("voc", None),
    ],
)
def test_an_export_into_a_bucket_that_fails_leaves_what_was_there(
    s3: S3, project: Project, monkeypatch: pytest.MonkeyPatch, name: str, workers: int | None
) -> None:
    form = FORMS[name]
    label(project, form.shape)
    path = f"{s3.bucket().url}/sets/one"
    told = {"pictures": True, **form.told, **s3.options}
    if workers:
        told = {"pictures": True, "workers": 1, "storage_options": partial(asked, s3.options)}
    calls = 0

    def interrupted(self: Any, real: Any = Replacement.commit) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        real(self)

    gone = project.dataset.items["urls"].iloc[-1][0]
    data = s3.filesystem().cat_file(gone)
    for older in (False, True):
        if older:
            project.export(name, path, pictures=True, **form.told, **s3.options)
        before = contents(s3, path)
        assert bool(before) == older
        # A picture that is no longer there, then a person who does not wait.
        s3.filesystem().rm_file(gone)
        with pytest.raises(SourceError) as caught:
            project.export(name, path, **told)
        assert SECRET not in f"{caught.value}{caught.value.__cause__}"
        s3.filesystem().pipe_file(gone, data)
        assert contents(s3, path) == before
        if not older:
            with monkeypatch.context() as patched:
                patched.setattr(Replacement, "commit", interrupted)
                with pytest.raises(KeyboardInterrupt):
                    project.export(name, path, **told)
            assert contents(s3, path) == before
            calls = 0


def scan(s3: S3, folder: Path) -> tuple[lw.Dataset, lw.Annotation]:
    """Return a CT in a bucket, and a label on its first three slices."""
    bucket = s3.bucket()
    make_ct(folder, (4, 30, 40))
    for file in folder.iterdir():
        bucket.write(f"chest/{file.name}", file.read_bytes())
    dataset = lw.Dataset.open(f"{bucket.url}/chest", progress=False, **s3.options)
    voxels = np.stack([PIXELS, PIXELS, np.roll(PIXELS, 3), np.zeros_like(PIXELS)])
    return dataset, voxels_of(next(iter(dataset)), "car", voxels)


@pytest.mark.parametrize(
    "file", ["nifti/a.nii.gz", "dicom_seg/a.dcm", "rtstruct/a.dcm", "nifti/", "dicom_seg/"]
)
def test_labels_of_a_scan_in_a_bucket_are_written_to_a_bucket(
    s3: S3, tmp_path: Path, file: str
) -> None:
    dataset, made = scan(s3, tmp_path / "ct")
    name, path = file.partition("/")[0], f"{s3.bucket().url}/{file}"
    told: dict[str, Any] = {"dataset": dataset, "ontology": ONTOLOGY, **s3.options}
    with pytest.raises(LabelwidgetsError) as caught:
        formats.write([made], path, name, pictures=True, **told)
    assert SECRET not in str(caught.value)
    assert not contents(s3, path)
    formats.write([made], path, name, **told)
    (place,) = contents(s3, path)
    (one,) = formats.read(f"s3://{place}", name, **told).annotations
    assert one.item_id == made.item_id
    if name == "rtstruct":
        # Outlines, not voxels.
        assert one.geometry.area == pytest.approx(made.geometry.area, rel=0.1)
    else:
        assert one.geometry == made.geometry


def test_slices_of_a_scan_in_a_bucket_are_pictures_beside_their_masks(
    s3: S3, tmp_path: Path
) -> None:
    dataset, made = scan(s3, tmp_path / "ct")
    path, told = f"{s3.bucket().url}/one", {"dataset": dataset, "ontology": ONTOLOGY, **s3.options}
    formats.write([made], path, "masks", items=dataset.items, pictures=True, **told)
    beside = lw.Dataset.open(f"{path}/images/**/*.png", progress=False, **s3.options)
    found = formats.read(path, "masks", items=beside.items, **s3.options).annotations
    assert [one.geometry.area for one in found] == [PIXELS.sum()] * 3
    assert {one.item_id for one in found} == set(beside)
    formats.write([made], f"{path}/slices", "slice_masks", **told)
    assert len(contents(s3, f"{path}/slices")) == 5


def test_a_table_in_a_bucket_is_read_where_it_lies(s3: S3) -> None:
    names = ["car", "Straße", "a/b=c", None]
    made = [
        lw.Annotation(item_id="a", class_name=one, geometry=BOX if one else lw.Tag())
        for one in names
        for _ in range(2)
    ]
    path = f"{s3.bucket().url}/labels"
    formats.write(made, path, "parquet", partition_by="class_name", **s3.options)
    contents(s3, path)
    table, fs = f"{path}/annotations", s3.filesystem()
    frame = pd.read_parquet(table, storage_options=s3.options)
    own = pafs.S3FileSystem(
        access_key="moto", secret_key=SECRET, endpoint_override=s3.server.url, region="eu-central-1"
    )
    place = table.removeprefix("s3://")
    hives = [ds.dataset(place, filesystem=one, partitioning="hive") for one in (fs, own)]
    with duckdb.connect() as db:
        db.register_filesystem(fs)
        rows = db.sql(
            f"select class_name, class_name_is from "  # noqa: S608 of the test
            f"read_parquet('{table}/**/*.parquet', hive_partitioning=true)"
        ).fetchall()
    assert len(frame) == len(rows) == len(made)
    assert [one.count_rows() for one in hives] == [len(made)] * 2
    for name in names[:-1]:
        assert rows.count((name, name)) == 2
        assert (frame["class_name"] == name).sum() == 2
        chosen = ("class_name_is", "=", name)
        assert len(pd.read_parquet(table, storage_options=s3.options, filters=[chosen])) == 2
        for one in hives:
            assert one.count_rows(filter=ds.field("class_name_is") == name) == 2
    back = formats.read(path, **s3.options).annotations
    assert sorted(back, key=lambda one: one.id) == sorted(made, key=lambda one: one.id)
