"""Long jobs: the same results wherever they run, and nothing computed twice."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.algorithms import label_runs, superpixels
from labelwidgets.assist import Prompt, find
from labelwidgets.assist.superpixels_ahead import forget_ahead
from labelwidgets.errors import FormatError, LabelwidgetsError, WorkflowError
from labelwidgets.media.worker_pixels import Pixels
from labelwidgets.scale import Parts, embed, map_items, superpixels_ahead, use_superpixels, validate
from labelwidgets.scale.mapping import Piece, Work

COUNT = 7


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(COUNT):
        noise = np.random.default_rng(number).integers(0, 255, (24, 32 + number, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def dataset(photos: Path) -> lw.Dataset:
    return lw.Dataset.open(str(photos / "*.png"))


def mean(pixels: Any, item: Mapping[str, Any]) -> dict[str, float]:
    return {"mean": float(pixels.mean()), "wide": pixels.shape[1]}


def test_each_picture_is_a_row_in_the_order_of_the_dataset(dataset: lw.Dataset) -> None:
    found = map_items(mean, dataset, batch=2, workers=3)
    assert found["item_id"].tolist() == dataset.items["id"].tolist()
    assert found["wide"].tolist() == [32 + number for number in range(COUNT)]
    assert found["error"].isna().all()
    some = dataset.items["id"].tolist()[3:1:-1]
    assert map_items(mean, dataset, some)["item_id"].tolist() == some


def test_processes_come_to_the_same(dataset: lw.Dataset) -> None:
    here = map_items(mean, dataset)
    there = map_items(mean, dataset, where="processes", workers=2, batch=3)
    assert there.equals(here)


def test_a_broken_picture_costs_its_row_and_no_other(photos: Path, dataset: lw.Dataset) -> None:
    (photos / "3.png").write_bytes((photos / "3.png").read_bytes()[:200])
    found = validate(dataset, batch=2)
    assert found["error"].notna().tolist() == [number == 3 for number in range(COUNT)]
    assert "3.png" in found["error"][3]
    assert found["width"].tolist()[:3] == [32, 33, 34]
    with pytest.raises(LabelwidgetsError, match=r"3\.png"):
        map_items(mean, dataset, errors="raise")


def deadly(pixels: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    if pixels.shape[1] == 33:
        os._exit(1)
    return {"wide": pixels.shape[1]}


@pytest.mark.parametrize("kept", [False, True])
def test_a_piece_that_kills_workers_costs_its_rows_and_no_other(
    tmp_path: Path, dataset: lw.Dataset, kept: bool
) -> None:
    some = dataset.items["id"].tolist()[:4]
    found = map_items(
        deadly,
        dataset,
        some,
        out=tmp_path / "out" if kept else None,
        where="processes",
        workers=1,
        batch=2,
    )
    frame = found.frame() if isinstance(found, Parts) else found
    assert frame["item_id"].tolist() == some
    assert frame["error"].str.contains("killed the workers").fillna(False).tolist() == [
        *(True, True),
        *(False, False),
    ]
    assert frame["wide"].tolist()[2:] == [34, 35]


def test_whether_anything_stays_is_said_where_workers_are_killed(
    tmp_path: Path, dataset: lw.Dataset
) -> None:
    piece = Piece(0, ({"id": "a"},))
    lost = Work(mean, Pixels(dataset.items, dataset), False, None).lost
    with pytest.raises(WorkflowError, match=r"killed the workers.*Pass out= to keep"):
        lost(piece)
    lost = Work(mean, Pixels(dataset.items, dataset), False, Parts(tmp_path)).lost
    with pytest.raises(WorkflowError, match="What is done stays"):
        lost(piece)


def test_a_part_whose_first_picture_failed_has_the_values_of_the_others(
    tmp_path: Path, photos: Path, dataset: lw.Dataset
) -> None:
    (photos / "0.png").write_bytes(b"no picture")
    parts = map_items(mean, dataset, out=tmp_path / "out", workers=1)
    assert isinstance(parts, Parts)
    frame = parts.frame()
    assert frame["error"].notna().tolist() == [number == 0 for number in range(COUNT)]
    assert frame["wide"].tolist()[1:] == [32 + number for number in range(1, COUNT)]


def test_values_of_several_kinds_under_one_name_are_no_column(
    tmp_path: Path, dataset: lw.Dataset
) -> None:
    def mixed(pixels: Any, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"odd": "wide" if pixels.shape[1] % 2 else 1}

    with pytest.raises(FormatError, match="'odd'"):
        map_items(mixed, dataset, out=tmp_path / "out", workers=1)


def test_what_a_function_raises_names_the_item(dataset: lw.Dataset) -> None:
    def broken(pixels: Any, item: Mapping[str, Any]) -> None:
        raise KeyError("nose")

    with pytest.raises(WorkflowError, match="KeyError: 'nose'"):
        map_items(broken, dataset, errors="raise")
    assert map_items(broken, dataset)["error"].str.startswith("KeyError").all()


def test_a_job_that_was_cut_off_goes_on_where_it_was(tmp_path: Path, dataset: lw.Dataset) -> None:
    seen: list[str] = []

    def slow(pixels: Any, item: Mapping[str, Any]) -> dict[str, Any]:
        if len(seen) == 5:
            raise KeyboardInterrupt
        seen.append(item["id"])
        return {"wide": pixels.shape[1]}

    with pytest.raises(KeyboardInterrupt):
        map_items(slow, dataset, out=tmp_path / "out", batch=2, workers=1, version="1")
    parts = Parts(tmp_path / "out")
    assert len(parts) == 2
    begun = list(seen)

    def rest(pixels: Any, item: Mapping[str, Any]) -> dict[str, Any]:
        seen.append(item["id"])
        return {"wide": pixels.shape[1]}

    rest.__name__ = "slow"
    done = map_items(rest, dataset, out=tmp_path / "out", batch=2, workers=1, version="1")
    assert isinstance(done, Parts)
    assert not {*seen[len(begun) :]} & {*begun[:4]}, "computed twice"
    assert done.frame()["wide"].tolist() == [32 + number for number in range(COUNT)]
    assert "parts of results" in done._repr_html_()


def test_a_batch_is_shared_by_all_workers(tmp_path: Path, dataset: lw.Dataset) -> None:
    both = threading.Barrier(2, timeout=20)
    some = dataset.items["id"].tolist()[:2]

    def meeting(pixels: Any, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"first": both.wait() == 0}

    found = map_items(meeting, dataset, some, workers=2)
    assert sorted(found["first"]) == [False, True]
    parts = map_items(mean, dataset, out=tmp_path / "out", workers=3)
    assert [len(part) for part in parts] == [3, 3, 1]


@pytest.mark.parametrize("older", [False, True])
def test_a_job_goes_on_with_the_parts_that_it_began_with(
    tmp_path: Path, dataset: lw.Dataset, older: bool
) -> None:
    workers = 1 if older else 3
    parts = map_items(mean, dataset, out=tmp_path / "out", workers=workers, batch=5)
    assert isinstance(parts, Parts)
    before = parts.frame()
    if older:
        # It did not say how many items a part has.
        said = json.loads((tmp_path / "out" / "job.json").read_text())
        del said["items in a part"]
        (tmp_path / "out" / "job.json").write_text(json.dumps(said))
    (tmp_path / "out" / parts.names()[0]).unlink()
    map_items(mean, dataset, out=tmp_path / "out", workers=2, batch=5)
    assert parts.frame().equals(before)


def test_no_picture_is_begun_after_ctrl_c(dataset: lw.Dataset) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    first, seen = dataset.items["id"][0], []

    def slow(pixels: Any, item: Mapping[str, Any]) -> None:
        if item["id"] == first:
            begun.wait(20)
            raise KeyboardInterrupt
        seen.append(item["id"])
        begun.set()
        goes_on.wait(20)

    with pytest.raises(KeyboardInterrupt):
        map_items(slow, dataset, batch=4, workers=2)
    goes_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("labelwidgets-worker"):
            thread.join(20)
    assert len(seen) == 1


def test_a_folder_is_of_one_job(tmp_path: Path, dataset: lw.Dataset) -> None:
    map_items(mean, dataset, out=tmp_path / "out", batch=4)
    with pytest.raises(WorkflowError, match="another job: batch differ"):
        map_items(mean, dataset, out=tmp_path / "out", batch=3)
    (tmp_path / "out" / "part-00000000.parquet").write_bytes(b"PAR1")
    with pytest.raises(FormatError, match="no Parquet"):
        Parts(tmp_path / "out").frame()
    (tmp_path / "out" / "job.json").write_text("[")
    with pytest.raises(FormatError, match="no description of a job"):
        map_items(mean, dataset, out=tmp_path / "out", batch=4)


def test_a_part_is_there_whole_or_not_at_all(
    tmp_path: Path, dataset: lw.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("labelwidgets.media.replacing.os.replace", full)
    with pytest.raises(LabelwidgetsError):
        map_items(mean, dataset, out=tmp_path / "out")
    assert len(Parts(tmp_path / "out")) == 0


def test_embeddings_are_a_frame_for_what_to_label_next(dataset: lw.Dataset) -> None:
    found = embed(dataset, lambda pixels: pixels.mean(axis=(0, 1)))
    assert found.shape == (COUNT, 3)
    assert set(lw.active_learning.core_set(found).index) == set(dataset.items["id"])
    with pytest.raises(FormatError, match="another length"):
        embed(dataset, lambda pixels: pixels[0, :, 0])


@pytest.fixture
def kinds_of_pixels(tmp_path: Path) -> lw.Dataset:
    folder = tmp_path / "kinds"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 255, (24, 32, 4), np.uint8)
    deep = np.random.default_rng(1).integers(0, 1 << 16, (24, 32), np.uint16)
    Image.fromarray(noise[..., 0]).save(folder / "grey.png")
    Image.fromarray(noise).save(folder / "clear.png")
    Image.fromarray(deep).save(folder / "deep.png")
    return lw.Dataset.open(str(folder / "*.png"))


def test_pixels_are_those_of_the_dataset(kinds_of_pixels: lw.Dataset) -> None:
    def seen(pixels: Any, item: Mapping[str, Any]) -> dict[str, Any]:
        same = kinds_of_pixels.pixels(item["id"])
        return {"same": pixels.dtype == same.dtype and np.array_equal(pixels, same)}

    assert map_items(seen, kinds_of_pixels)["same"].all()
    facts = validate(kinds_of_pixels)
    assert facts["channels"].tolist() == [4, 1, 1]  # clear, deep, grey
    assert facts["dtype"].tolist() == ["uint8", "uint16", "uint8"]


def test_an_embedding_has_colours_of_every_picture(kinds_of_pixels: lw.Dataset) -> None:
    found = embed(kinds_of_pixels, lambda pixels: pixels.shape)
    assert found.to_numpy().tolist() == [[24, 32, 3]] * 3


@pytest.fixture
def forgetting() -> Iterator[None]:
    yield
    forget_ahead()


@pytest.mark.usefixtures("forgetting")
def test_the_tool_takes_the_superpixels_that_are_there(
    tmp_path: Path, dataset: lw.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = find("superpixel")
    pixels = dataset.pixels(dataset.items["id"][0])
    before = tool.propose(pixels, Prompt(), {"size": 8})
    parts = superpixels_ahead(dataset, tmp_path / "ahead", size=8)
    assert use_superpixels(parts) == COUNT

    def computed(*_: Any, **__: Any) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("labelwidgets.assist.superpixel.superpixels", computed)
    after = tool.propose(pixels, Prompt(), {"size": 8})
    for name in ("lengths", "labels"):
        assert after.arrays[name].dtype == before.arrays[name].dtype
        assert (after.arrays[name] == before.arrays[name]).all()
    with pytest.raises(LabelwidgetsError, match="computed again"):
        tool.propose(pixels, Prompt(), {"size": 16})


def test_superpixels_come_back_as_maps(tmp_path: Path, dataset: lw.Dataset) -> None:
    from labelwidgets.scale.ahead import regions_in

    parts = superpixels_ahead(dataset, tmp_path / "ahead", size=8, batch=3)
    for item, regions in regions_in(parts):
        pixels = dataset.pixels(item)
        count = max(1, round(pixels.shape[0] * pixels.shape[1] / 64))
        assert (regions.map() == superpixels(pixels, count)).all()
        assert label_runs(regions.map()).lengths.tolist() == regions.lengths.tolist()


@pytest.mark.usefixtures("forgetting")
def test_superpixels_ahead_are_found_for_grey_and_clear_pictures(
    tmp_path: Path, kinds_of_pixels: lw.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = find("superpixel")
    every = [kinds_of_pixels.pixels(item) for item in kinds_of_pixels.items["id"]]
    before = [tool.propose(pixels, Prompt(), {"size": 8}) for pixels in every]
    parts = superpixels_ahead(kinds_of_pixels, tmp_path / "ahead", size=8)
    assert isinstance(parts, Parts)
    assert parts.frame()["error"].isna().all()
    use_superpixels(parts)
    monkeypatch.delattr("labelwidgets.assist.superpixel.superpixels")
    for pixels, expected in zip(every, before, strict=True):
        after = tool.propose(pixels, Prompt(), {"size": 8})
        assert (after.arrays["labels"] == expected.arrays["labels"]).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"workers": 0}, "from 1"),
        ({"where": "clouds"}, "threads"),
        ({"batch": 0}, "from 1"),
        ({"errors": "ignore"}, "collect"),
        ({"client": "tcp://1.2.3.4"}, "distributed.Client"),
        ({"items": ["nobody"]}, "no item"),
    ],
)
def test_impossible_settings_are_refused(
    dataset: lw.Dataset, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(WorkflowError, match=said):
        map_items(mean, dataset, **options)


def test_keys_do_not_travel(tmp_path: Path, dataset: lw.Dataset) -> None:
    with pytest.raises(LabelwidgetsError, match="must be a function"):
        Parts(tmp_path, {"key": "secret"})  # type: ignore[arg-type]
