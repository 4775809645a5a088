"""What a format of scans says that it holds is what comes back, cell by cell."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import FormatWarning, registry
from labelwidgets.formats.holds import FEATURES
from labelwidgets.formats.voxels import slices_of
from labelwidgets.media import Dataset
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import VolumeMask
from tests.formats.scans import make_ct, open_scan
from tests.formats.specimens import HEIGHT, ONTOLOGY, WIDTH, specimen
from tests.formats.test_holds import check_lost, close

SHAPE = (4, HEIGHT, WIDTH)
NAMES = [name for name in formats.names() if registry.holds(name).on == "scans"]
READ = [name for name in NAMES if name != "slice_masks"]
WHOLE = ("volume mask", "image answers", "track", "event")

Scan = tuple[Dataset, str]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    folder = tmp_path_factory.mktemp("ct")
    make_ct(folder / "chest", SHAPE)
    return open_scan(folder)


def labels_of(feature: str, item: str, name: str) -> list[Annotation]:
    """Return the label that has a feature, on slice 1 of the scan or on all of it."""
    return [
        msgspec.structs.replace(
            one,
            item_id=item,
            frame=None if feature in WHOLE or isinstance(one.geometry, VolumeMask) else 1,
        )
        for one in specimen(feature, registry.holds(name)).labels
    ]


def write(name: str, scan: Scan, feature: str, path: Path, strict: bool = False) -> list[str]:
    """Write a label; return what was warned of."""
    dataset, item = scan
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        formats.write(
            labels_of(feature, item, name),
            path,
            name,
            dataset=dataset,
            ontology=ONTOLOGY,
            strict=strict,
        )
    return [str(one.message) for one in said if issubclass(one.category, FormatWarning)]


def read(name: str, scan: Scan, path: Path) -> list[Annotation]:
    """Read back what is there; nothing has been written of a scan without areas."""
    if not path.exists():
        return []
    back = formats.read(path, name, dataset=scan[0], ontology=ONTOLOGY)
    assert back.left_out.empty
    assert back.unmatched.empty
    return back.annotations


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("feature", [key for key in FEATURES if key != "empty pictures"])
def test_what_is_written_comes_to_the_end_that_the_format_says(
    tmp_path: Path, scan: Scan, name: str, feature: str
) -> None:
    holds = registry.holds(name)
    fate, path = holds.fate(feature), tmp_path / holds.file
    (was,) = labels_of(feature, scan[1], name)
    said = write(name, scan, feature, path)
    back = read(name, scan, path)
    if fate.how == "kept":
        assert not said, "a warning of what is not lost"
        (now,) = back
        assert (now.class_name, now.frame) == (was.class_name, was.frame)
        assert close(was.geometry, now.geometry)
        return
    if fate.how == "silent":
        (now,) = back
        assert (now.id, now.author, now.state) != (was.id, was.author, was.state)
        return
    assert said, "nothing is said of what is lost"
    with pytest.raises(FormatError, match="no place for"):
        write(name, scan, feature, tmp_path / f"strict_{holds.file}", strict=True)
    assert not (tmp_path / f"strict_{holds.file}").exists()
    made: Any = specimen(feature, holds)
    check_lost(feature, fate, made, _imported(back))


def _imported(labels: list[Annotation]) -> Any:
    class Back:
        annotations = labels

    return Back()


@pytest.mark.parametrize("feature", [key for key in FEATURES if key != "empty pictures"])
def test_pictures_of_slices_have_the_pixels_of_what_they_are_said_to_hold(
    tmp_path: Path, scan: Scan, feature: str
) -> None:
    fate = registry.holds("slice_masks").fate(feature)
    (was,) = labels_of(feature, scan[1], "slice_masks")
    said = write("slice_masks", scan, feature, tmp_path / "masks")
    legend = json.loads((tmp_path / "masks" / "legend.json").read_text())
    numbers = {one["name"]: one["number"] for one in legend["classes"]}
    found = np.stack(
        [np.array(Image.open(tmp_path / "masks" / one["file_name"])) for one in legend["pictures"]]
    )
    covered = slices_of(was.geometry, was.frame, SHAPE) if was.class_name else None
    expected = np.zeros(SHAPE, bool)
    for index in covered or ():
        expected[index] = read_mask(was, index)
    assert np.array_equal(found == numbers["car"], expected)
    assert expected.any() == (covered is not None)
    if fate.how in ("left", "changed"):
        assert said
        with pytest.raises(FormatError, match="no place for"):
            write("slice_masks", scan, feature, tmp_path / "strict", strict=True)
    elif feature not in ("ids", "origin"):
        assert not said


def read_mask(label: Annotation, index: int) -> Any:
    """Return the pixels of a label on a slice, as the exporters' own room of voxels has them."""
    from labelwidgets.algorithms.runs import mask_from_runs

    return mask_from_runs((slices_of(label.geometry, label.frame, SHAPE) or {})[index])


@pytest.mark.parametrize("name", NAMES)
def test_a_scan_without_labels_is_no_file(tmp_path: Path, scan: Scan, name: str) -> None:
    holds = registry.holds(name)
    assert holds.fate("empty pictures").how == "silent"
    assert not write(name, scan, "empty pictures", tmp_path / "labels")
    files = [one.name for one in (tmp_path / "labels").rglob("*")]
    assert files == (["legend.json"] if name == "slice_masks" else [])


@pytest.mark.parametrize("name", READ)
def test_no_other_format_takes_it_for_its_own(tmp_path: Path, scan: Scan, name: str) -> None:
    path = tmp_path / registry.holds(name).file
    write(name, scan, "volume mask", path)
    assert registry.sniff(path) == name


@pytest.mark.parametrize("name", NAMES)
def test_objects_of_a_class_that_become_one_are_said(tmp_path: Path, scan: Scan, name: str) -> None:
    dataset, item = scan
    labels = labels_of("volume mask", item, name) + labels_of("volume mask", item, name)
    path = tmp_path / (registry.holds(name).file or "labels")
    with pytest.warns(FormatWarning, match="1 object .as one with others of its class"):
        formats.write(labels, path, name, dataset=dataset, ontology=ONTOLOGY)
