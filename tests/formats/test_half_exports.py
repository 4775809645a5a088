"""An export of any format is there wholly, or what was there before is: also of who cancels it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from labelwidgets import formats
from labelwidgets.formats import registry
from labelwidgets.media import Dataset, replacing
from labelwidgets.media.replacing import Replacement
from tests.formats.scans import make_ct
from tests.formats.specimens import HEIGHT, ONTOLOGY, WIDTH, specimen
from tests.media.videos import small_video
from tests.project.test_half_imports import labels_of, scans

NAMES = formats.names()
WAYS = ("file", "memory")


class Case:
    """What a format is written of, and where it is written to."""

    def __init__(self, name: str, where: str, folder: Path) -> None:
        self.name = name
        holds = registry.holds(name)
        self.dataset = dataset_of(name, folder / "data")
        self.items = self.dataset.items
        # On the first item alone; what is there already is of the last one.
        self.labels = labels_of(name, self.items["id"].tolist())
        place = f"{'memory:/' if where == 'memory' else ''}{folder}/out"
        self.fs, self.top = fsspec.core.url_to_fs(place)
        self.fs.makedirs(self.top)
        suffix = holds.file or "labels"
        if name == "slice_masks":
            suffix = "labels.npz"
        self.path = f"{place}/{suffix}"

    def write(self, count: int | None = None) -> None:
        """Write the first labels, or all."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            labels, told = self.labels[:count], scans(self.name, self.dataset)
            formats.write(labels, self.path, self.name, items=self.items, ontology=ONTOLOGY, **told)

    def there(self) -> dict[str, Any]:
        """Return all that is in the folder, and what is in it."""
        found = self.fs.find(self.top, withdirs=True, detail=True)
        return {
            name: self.fs.cat_file(name) if one["type"] == "file" else "folder"
            for name, one in found.items()
        }


def dataset_of(name: str, folder: Path) -> Dataset:
    on = registry.holds(name).on
    if on == "scans":
        make_ct(folder / "chest", (4, HEIGHT, WIDTH))
        return Dataset.open(folder)
    if on == "videos":
        pytest.importorskip("av")
        folder.mkdir()
        small_video(folder / "0.mp4", 10, size=(WIDTH, HEIGHT))
        return Dataset.open(folder)
    return Dataset.from_items(specimen("rectangle", registry.holds(name)).items)


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    name, where = request.param
    yield Case(name, where, tmp_path)
    fsspec.filesystem("memory").store.clear()
    fsspec.filesystem("memory").pseudo_dirs[:] = [""]


def counted(patched: pytest.MonkeyPatch, owner: Any, name: str, stop: int = 0) -> list[int]:
    """Count the calls of a function, and interrupt one of them; the list has how many."""
    real, calls = getattr(owner, name), [0]

    def wrapped(*given: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == stop:
            raise KeyboardInterrupt
        return real(*given, **options)

    patched.setattr(owner, name, wrapped)
    return calls


@pytest.mark.parametrize(
    "case", [(name, where) for name in NAMES for where in WAYS], indirect=True, ids=str
)
def test_an_export_that_is_cancelled_leaves_what_was_there(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    # When a file is complete, and when it is put in its place.
    hooks: list[tuple[Any, str]] = [(Replacement, "complete")]
    if "memory" in case.path:
        hooks.append((replacing, "send"))
    case.write()
    whole = case.there()
    counts = []
    for owner, name in hooks:
        with monkeypatch.context() as patched:
            calls = counted(patched, owner, name)
            case.write()
        counts.append(calls[0])
    case.fs.rm(case.top, recursive=True)
    case.fs.makedirs(case.top)
    # Into a place where nothing is, then where an older export is.
    for older in (False, True):
        if older:
            case.write(len(case.labels) // 2)
        before = case.there()
        for (owner, name), count in zip(hooks, counts, strict=True):
            # What replaces files one after another cannot be half undone: that is finished.
            for stop in {1} if older and name == "send" else {1, count}:
                with monkeypatch.context() as patched:
                    counted(patched, owner, name, stop)
                    with pytest.raises(KeyboardInterrupt):
                        case.write()
                assert case.there() == before, (older, name, stop)
    case.write()
    assert set(case.there()) >= set(whole)
