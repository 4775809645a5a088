"""Files that workers make are the files that are made here, byte by byte."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import FormatError, WorkflowError
from labelwidgets.formats.drawing import BY_WORKERS
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.pending_files import PendingFiles
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import RLE
from tests.formats.scans import SHAPE, label, make_ct, open_scan

ONTOLOGY = lw.Ontology([lw.ObjectClass("car"), lw.ObjectClass("road")])
OF_PICTURES = [name for name in BY_WORKERS if name != "nifti"]
COUNT = 36


@pytest.fixture(scope="module")
def items() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"i{number}" for number in range(COUNT)],
            "kind": "image",
            "title": [f"{number}.png" for number in range(COUNT)],
            # Two that differ only by case, which some file systems do not tell apart.
            "urls": [[f"x/{'A' if number else 'a'}{number % 35}.png"] for number in range(COUNT)],
            "folder": ["x" if number < 30 else "y" for number in range(COUNT)],
            "metadata": [{"width": 40, "height": 30} for _ in range(COUNT)],
            "status": "ok",
            "trusted": True,
        }
    )


@pytest.fixture(scope="module")
def labels() -> list[Annotation]:
    draw = np.random.default_rng(5)
    made: list[Annotation] = []
    for number in range(0, COUNT, 2):
        mask = draw.random((30, 40)) < 0.3
        shapes: list[Any] = [
            lw.Mask(RLE(**encode_rle(mask))),
            lw.Rectangle(1, 2, 20, 10),
            lw.Polygon([[[(5, 5), (25, 8), (12, 28)]]]),
        ]
        if number % 4:
            shapes.append(lw.Point(3, 3))
        made += [
            Annotation(
                item_id=f"i{number}",
                class_name=("car", "road")[at % 2],
                geometry=shape,
                origin=Origin("model", "net", "1"),
                id=f"a{number}-{at}",
            )
            for at, shape in enumerate(shapes)
        ]
    return made


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Workers that get and send only what travels, and are done with the last first."""
    done: list[int] = []

    def there(what: Any) -> Any:
        return ForkingPickler.loads(ForkingPickler.dumps(what))

    def run(work: Any, pieces: Any, _: Any) -> Iterator[Any]:
        work = there(work)
        for piece in reversed(list(pieces)):
            done.append(piece[0])
            yield piece, there(work(there(piece)))

    monkeypatch.setattr("labelwidgets.formats.drawing.run", run)
    return done


def files_in(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def written(labels: Any, path: Path, name: str, **options: Any) -> tuple[Any, list[str]]:
    """Counts, and what was warned of but for the name of the file."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        made = formats.write(labels, path, name, ontology=ONTOLOGY, **options)
    return made.counts, [str(one.message).partition(": ")[2] for one in said]


@pytest.mark.parametrize("name", OF_PICTURES)
def test_a_folder_is_the_same(
    name: str, labels: Any, items: Any, tmp_path: Path, elsewhere: list[int]
) -> None:
    rows = {"rows": 20} if name == "parquet" else {}
    kept = labels if name != "yolo_pose" else labels[:0]
    here = written(kept, tmp_path / "here", name, items=items, **rows)
    there = written(kept, tmp_path / "there", name, items=items, workers=2, **rows)
    assert there == here
    assert elsewhere == sorted(elsewhere, reverse=True)
    assert name == "yolo_pose" or len(elsewhere) > 1
    if name == "parquet":
        # In several parts, as many as workers can be busy with.
        assert len(files_in(tmp_path / "there")) == 1 + len(elsewhere)
        back = [
            formats.read(tmp_path / one, ontology=ONTOLOGY).annotations for one in ("here", "there")
        ]
        assert sorted(map(repr, back[1])) == sorted(map(repr, back[0]))
        assert len(back[0]) == len(labels)
    else:
        assert files_in(tmp_path / "there") == files_in(tmp_path / "here")


@pytest.mark.parametrize("name", ["masks", "coco_panoptic"])
def test_a_zip_is_the_same_in_whatever_order_its_files_are_made(
    name: str, labels: Any, items: Any, tmp_path: Path, elsewhere: list[int]
) -> None:
    written(labels, tmp_path / "here.zip", name, items=items)
    written(labels, tmp_path / "there.zip", name, items=items, workers=2)
    assert (tmp_path / "there.zip").read_bytes() == (tmp_path / "here.zip").read_bytes()
    assert len(elsewhere) > 1


@pytest.mark.parametrize("split", [False, True])
def test_scans_are_opened_where_their_files_are_made(
    split: bool, tmp_path: Path, elsewhere: list[int]
) -> None:
    make_ct(tmp_path / "scans" / "chest")
    dataset, item = open_scan(tmp_path / "scans")
    voxels = np.zeros(SHAPE, bool)
    voxels[1:, 2:6, 3:7] = True
    some = [label(item, "car", voxels), label(item, "road", ~voxels)]
    for folder, options in (("here", {}), ("there", {"workers": 1})):
        formats.write(
            some,
            tmp_path / folder,
            "nifti",
            dataset=dataset,
            ontology=ONTOLOGY,
            split=split,
            **options,
        )
    assert files_in(tmp_path / "there") == files_in(tmp_path / "here")
    assert len(files_in(tmp_path / "here")) == 1 + split
    assert elsewhere == [0]


@pytest.mark.usefixtures("elsewhere")
def test_what_has_no_place_is_an_error_there_as_here(
    labels: Any, items: Any, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match="no place for"):
        written(labels, tmp_path / "out", "masks", items=items, strict=True, workers=2)
    assert not (tmp_path / "out").exists()
    whole = lw.Mask(RLE(**encode_rle(np.ones((9, 9), bool))))
    broken = [Annotation(item_id="i3", class_name="car", geometry=whole, id="odd")]
    with pytest.raises(FormatError, match="annotation 'odd'"):
        written(broken, tmp_path / "out", "masks", items=items, workers=2)
    assert not (tmp_path / "out").exists()


def test_a_format_that_is_made_in_one_go_says_which_are_not(
    labels: Any, items: Any, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=r"coco is made in one go.*cityscapes, coco_panoptic"):
        formats.write(labels, tmp_path / "a.json", "COCO", items=items, workers=2)
    with pytest.raises(WorkflowError, match=r"distributed\.Client"):
        formats.write(labels, tmp_path / "a", "masks", items=items, client="tcp://1.2.3.4")
    assert not list(tmp_path.iterdir())


def told() -> dict[str, Any]:
    return {"key": "mine"}


def test_workers_write_into_a_bucket_only_with_what_they_were_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket = "s3://bucket/labels"
    # Where there is something already, this process writes: it can put that back.
    monkeypatch.setattr(PendingFiles, "may_replace", True)
    assert Output(bucket, (".png",)).folder_of_workers(None) is None
    monkeypatch.setattr(PendingFiles, "may_replace", False)
    found = Output(bucket, (".png",)).folder_of_workers(None)
    assert found is not None
    assert found.path == bucket
    assert found.storage_options is None
    assert Output(bucket, (".png",), key="secret").folder_of_workers(None) is None
    found = Output(bucket, (".png",), key="mine").folder_of_workers(told)
    assert found is not None
    assert b"mine" not in bytes(ForkingPickler.dumps(found))
    for path in ("/labels", "file:///labels", "memory://labels", f"{bucket}.zip", f"{bucket}.png"):
        assert Output(path, (".png",)).folder_of_workers(told) is None


def test_labels_that_travelled_are_written_as_before() -> None:
    made = Annotation(item_id="i", class_name="car", geometry=lw.Rectangle(1, 2, 3, 4))
    there = ForkingPickler.loads(ForkingPickler.dumps(made))
    assert there == made
    assert there.to_dict() == made.to_dict()
    assert "angle" not in there.to_dict()["geometry"]
