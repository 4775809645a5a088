"""An import of any format is in the project wholly, or nothing of it is: no label, no class."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest
import tqdm.auto
from tqdm import tqdm as plain_tqdm

from labelwidgets import formats
from labelwidgets.errors import LabelwidgetsError
from labelwidgets.formats import registry
from labelwidgets.formats.holds import FEATURES
from labelwidgets.media import Dataset
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Tag, VolumeMask
from labelwidgets.store import late
from tests.formats.scans import make_ct
from tests.formats.specimens import HEIGHT, ONTOLOGY, WIDTH, specimen
from tests.formats.test_hostile_files import files_of
from tests.media.videos import small_video

# What is only written has nothing to import.
NAMES = [name for name in formats.names() if name != "slice_masks"]


class Case:
    """A sound file of a format, and a project that has neither its labels nor its classes."""

    def __init__(self, name: str, folder: Path, dataset: Dataset, items: pd.DataFrame) -> None:
        self.name, self.folder = name, folder
        holds = registry.holds(name)
        self.path = folder / "sound" / (holds.file or "labels")
        self.path.parent.mkdir()
        self._copies = 0
        labels = labels_of(name, items["id"].tolist())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            formats.write(
                labels, self.path, name, items=items, ontology=ONTOLOGY, **scans(name, dataset)
            )
        self.project = Project.create(
            folder / "labels.db", dataset, ["kept", *ONTOLOGY.classes[2:]], user="ana"
        )
        self.project.add(
            Annotation(item_id=items["id"].iloc[-1], class_name="kept", geometry=Tag())
        )

    def add(self, path: Path) -> formats.Imported:
        """Import a file."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.project.import_annotations(path, self.name, add_classes=True)

    def state(self) -> list[Any]:
        """Return all that the project is."""
        project = self.project
        frames = (project.annotations, project.tasks, project._store.items(), project.events)
        told = [frame.astype(str).to_dict("list") for frame in frames]
        return [project.ontology.to_json(), project.instructions, *told]

    def damaged(self) -> Iterator[tuple[str, Path]]:
        """Return copies of the file with one damage each."""
        for file in files_of(self.path):
            data = file.read_bytes()
            for number, bad in enumerate(damages(data, file.suffix)):
                folder = self.folder / f"{file.name}-{self._copies}"
                self._copies += 1
                shutil.copytree(self.path.parent, folder)
                (folder / file.relative_to(self.path.parent)).write_bytes(bad)
                yield f"{file.name}, damage {number}", folder / self.path.name


def damages(data: bytes, suffix: str) -> Iterator[bytes]:
    """Return half of a file, and one whose last record is wrong."""
    yield data[: len(data) // 2]
    if suffix in (".json", ".geojson", ".xml"):
        # The last number of the last record is a word.
        *_, last = re.finditer(rb"(?<=[:\[,\"(> ])-?\d+(\.\d+)?", data)
        word = b"nowhere" if suffix == ".xml" or data[last.end() :][:1] == b'"' else b'"nowhere"'
        yield data[: last.start()] + word + data[last.end() :]
    elif suffix in (".csv", ".txt"):
        yield data.rstrip(b"\n") + b"\nnowhere,1 nowhere\n"
    else:
        yield data[: len(data) * 9 // 10]


def labels_of(name: str, ids: list[str]) -> list[Annotation]:
    """Return labels that a format has a place for, more of them of another class."""
    holds = registry.holds(name)
    whole = ("volume mask", "track", "event", "image answers")
    found = []
    for feature in FEATURES:
        fits = holds.fate(feature).how in ("kept", "ours", "changed")
        if not fits or feature in ("empty pictures", "image answers"):
            continue
        if (feature in ("track", "event") and holds.on != "videos") or (
            feature == "volume mask" and holds.on != "scans"
        ):
            continue
        for one in specimen(feature, holds).labels:
            if holds.on == "scans":
                is_whole = feature in whole or isinstance(one.geometry, VolumeMask)
                one = msgspec.structs.replace(one, frame=None if is_whole else 1)
            name = "road" if len(found) % 2 and one.class_name == "car" else one.class_name
            answers = one.attributes if name == one.class_name else {}
            found.append(
                msgspec.structs.replace(one, item_id=ids[0], class_name=name, attributes=answers)
            )
    return found


def scans(name: str, dataset: Dataset) -> dict[str, Any]:
    return {"dataset": dataset} if registry.holds(name).on == "scans" else {}


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    name = request.param
    if registry.holds(name).on == "scans":
        make_ct(tmp_path / "ct" / "chest", (4, HEIGHT, WIDTH))
        dataset = Dataset.open(tmp_path / "ct")
    elif registry.holds(name).on == "videos":
        pytest.importorskip("av")
        for number in range(2):
            film = tmp_path / f"films/{number}.mp4"
            film.parent.mkdir(exist_ok=True)
            small_video(film, 10, size=(WIDTH, HEIGHT))
        dataset = Dataset.open(tmp_path / "films")
    else:
        dataset = Dataset.from_items(specimen("rectangle", registry.holds(name)).items)
    made = Case(name, tmp_path, dataset, dataset.items)
    with made.project:
        yield made


@pytest.mark.parametrize("case", NAMES, indirect=True)
def test_a_file_that_is_damaged_leaves_the_project_as_it_was(case: Case) -> None:
    before = case.state()
    refused = []
    for how, path in case.damaged():
        try:
            found = case.add(path)
        except LabelwidgetsError:
            refused.append(how)
            assert case.state() == before, how
        else:
            # What is read in spite of it is there wholly.
            assert found.added + found.there == len(found.annotations), how
            before = case.state()
    assert refused, "no damage is seen"


@pytest.mark.parametrize("case", NAMES, indirect=True)
def test_an_import_that_is_cancelled_leaves_the_project_as_it_was(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = case.state()
    count = len(
        formats.read(
            case.path,
            case.name,
            items=case.project._store.items(),
            ontology=case.project.ontology,
            **scans(case.name, case.project.dataset),
        ).annotations
    )
    # While they are read, when the last is read, and when the first is written.
    for calls in (1, count, count + 1):
        with monkeypatch.context() as patched:
            patched.setattr(tqdm.auto, "tqdm", impatient(calls))
            with pytest.raises(KeyboardInterrupt):
                case.add(case.path)
        assert case.state() == before, calls
    with monkeypatch.context() as patched:
        patched.setattr(late, "outcomes", interrupt)
        with pytest.raises(KeyboardInterrupt):
            case.add(case.path)
    assert case.state() == before, "when all is written but not committed"
    assert case.add(case.path).added == count


def interrupt(*_: Any) -> Any:
    raise KeyboardInterrupt


def impatient(calls: int) -> Any:
    """Return a progress bar that is interrupted when it has moved so often, with all others."""
    left = [calls]

    class Bar(plain_tqdm):  # type: ignore[type-arg]
        def update(self, n: float | None = 1) -> bool | None:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            return None

    return Bar
