"""Long jobs on a real cluster of two workers, that read from S3 and write to it."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
from msgspec.json import encode
from PIL import Image

import labelwidgets as lw
from labelwidgets.algorithms import encode_rle
from labelwidgets.assist.cancelling import telling
from labelwidgets.errors import AssistantError
from labelwidgets.scale import Parts, map_items, superpixels_ahead
from labelwidgets.schema.geometry import RLE
from tests.servers.s3 import S3
from tests.servers.storage import Bucket

distributed = pytest.importorskip("distributed")

COUNT = 24


@pytest.fixture(scope="module")
def bucket(s3: S3) -> Bucket:
    made = s3.bucket()
    for number in range(COUNT):
        noise = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).save(file, "PNG")
        made.write(f"photos/{number:03d}.png", file.getvalue())
    return made


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs="CRITICAL",
        ) as cluster,
        distributed.Client(cluster) as made,
    ):
        yield made


@contextmanager
def one_killed(client: Any, when: Callable[[], bool]) -> Iterator[None]:
    """Kill a worker as soon as something is so."""
    pids = set(client.run(os.getpid).values())

    def kill() -> None:
        while not when():
            time.sleep(0.05)
        os.kill(min(pids), 9)

    killer = threading.Thread(target=kill)
    killer.start()
    yield
    killer.join()
    # The nanny has another one in its place.
    client.wait_for_workers(2, timeout=60)
    assert set(client.run(os.getpid).values()) - pids, "no worker was killed"


@pytest.mark.timeout(300)
def test_a_worker_that_is_killed_costs_nothing(bucket: Bucket, client: Any) -> None:
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", **bucket.options)
    options = dict(bucket.options)
    serial = map_items(slow_mean, dataset, workers=1)
    out = f"{bucket.url}/means"
    with one_killed(client, lambda: len(Parts(out, lambda: options)) >= 2):
        done = map_items(
            slow_mean, dataset, out=out, client=client, batch=2, storage_options=lambda: options
        )
    assert isinstance(done, Parts)
    found = done.frame()
    assert found["item_id"].tolist() == serial["item_id"].tolist()
    assert found["mean"].tolist() == serial["mean"].tolist()
    assert found["error"].isna().all()


@pytest.mark.timeout(300)
def test_superpixels_are_those_of_this_machine(bucket: Bucket, client: Any) -> None:
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", **bucket.options)
    options = dict(bucket.options)

    def told() -> Mapping[str, Any]:
        return options

    some = dataset.items["id"].tolist()[:8]
    there = superpixels_ahead(
        dataset, f"{bucket.url}/there", 16, some, client=client, batch=2, storage_options=told
    )
    here = superpixels_ahead(dataset, f"{bucket.url}/here", 16, some, batch=2, storage_options=told)
    assert there.frame().equals(here.frame())


@pytest.mark.timeout(300)
def test_a_model_goes_to_the_workers_and_what_it_says_comes_back(
    bucket: Bucket, client: Any, tmp_path: Path
) -> None:
    options = dict(bucket.options)
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", **options)
    ontology = lw.Ontology([lw.ObjectClass("bright", tool="polygon")])

    def bright(pixels: Any) -> Any:
        time.sleep(0.05)
        if pixels[0, 0, 0] < 8:
            raise ValueError("too dark")
        return pixels[:, :, 0] > pixels[:, :, 0].mean() + 100

    model = lw.assistant(bright, version="1")
    with (
        lw.Project.create(tmp_path / "here.db", dataset, ontology, user="ana") as here,
        lw.Project.create(tmp_path / "there.db", dataset, ontology, user="ana") as there,
    ):
        expected = here.predict(model, batch_size=2, progress=False)
        with one_killed(client, lambda: len(there.annotations) > 0):
            found = there.predict(
                model,
                batch_size=2,
                progress=False,
                client=client,
                storage_options=lambda: options,
            )
        assert 0 < expected["error"].notna().sum() < COUNT
        columns = ["item_id", "added", "replaced", "kept", "error"]
        pd.testing.assert_frame_equal(found[columns], expected[columns])
        assert labels(there) == labels(here)
        assert there.predict(model, progress=False)["added"].sum() == 0, "they have other ids"
        there.undo()
        assert not len(there.annotations), "it is not one gesture"


@pytest.mark.timeout(300)
def test_whoever_stops_it_has_whole_items_and_nothing_goes_on(
    bucket: Bucket, client: Any, tmp_path: Path
) -> None:
    options = dict(bucket.options)
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", **options)
    ontology = lw.Ontology([lw.ObjectClass("car")])

    def two(pixels: Any) -> Any:
        time.sleep(0.1)
        return [(lw.Rectangle(at, 1, 5, 5), "car", 0.9) for at in (1, 20)]

    def stop(share: float) -> None:
        if share > 0.2:
            raise KeyboardInterrupt

    with lw.Project.create(tmp_path / "p.db", dataset, ontology, user="ana") as project:
        with telling(stop), pytest.raises(KeyboardInterrupt):
            project.predict(
                two, batch_size=2, progress=False, client=client, storage_options=lambda: options
            )
        by_item = project.annotations.groupby("item_id").size()
        assert 0 < len(by_item) < COUNT
        assert set(by_item) == {2}
        until = time.monotonic() + 30
        while any(client.processing().values()) and time.monotonic() < until:
            time.sleep(0.1)
        assert not any(client.processing().values())
        project.undo()
        assert not len(project.annotations)


def labels(project: lw.Project) -> list[Any]:
    return sorted(
        (one.item_id, encode(one.geometry), one.confidence, one.origin, one.author)
        for one in project.records()
    )


@pytest.mark.timeout(300)
def test_no_key_goes_to_the_workers_and_a_server_is_asked_from_here(
    bucket: Bucket, client: Any, tmp_path: Path
) -> None:
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", **bucket.options)
    ontology = lw.Ontology([lw.ObjectClass("bright")])
    server = lw.model_servers.LabelStudioML("http://127.0.0.1:9", headers={"Authorization": "key"})
    with lw.Project.create(tmp_path / "p.db", dataset, ontology, user="ana") as project:
        some = project.tasks["id"].tolist()[:2]
        with pytest.raises(AssistantError, match="goes to no other process"):
            project.predict(lw.assistant(server), some, progress=False, client=client)
        # Nobody told them how to read, and what is known here was not sent.
        with pytest.raises(AssistantError, match="failed on every task"):
            project.predict(lambda pixels: None, some, progress=False, client=client)


@pytest.mark.timeout(300)
def test_agreement_on_workers_is_that_of_this_machine(client: Any) -> None:
    draw = np.random.default_rng(3)
    rows = []
    for item in range(40):
        for rater in ("ana", "bob", "cy"):
            mask = np.zeros((40, 40), bool)
            top, left = draw.integers(0, 20, 2).tolist()
            mask[top : top + 15, left : left + 15] = draw.random((15, 15)) < 0.9
            rows.append((f"i{item}", rater, "car", lw.Mask(RLE(**encode_rle(mask)))))
    frame = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"])
    for measure in ("boundary_iou", "surface_distance", "kalos", "krippendorff"):
        pd.testing.assert_frame_equal(
            lw.agreement(frame, measure, client=client),
            lw.agreement(frame, measure),
            check_exact=True,
        )


@pytest.mark.timeout(300)
def test_masks_are_written_into_the_bucket_by_the_workers(
    bucket: Bucket, client: Any, tmp_path: Path
) -> None:
    options = dict(bucket.options)
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", validate=True, **options)
    ontology = lw.Ontology([lw.ObjectClass("car", tool="mask")])

    def told() -> Mapping[str, Any]:
        # Who asks for it: only a worker can write with it.
        askers.append(os.getpid())
        return options

    askers: list[int] = []
    with lw.Project.create(tmp_path / "p.db", dataset, ontology, user="ana") as project:
        shape = lw.Mask(RLE(**encode_rle(np.eye(48, 64, dtype=bool))))
        project.add(
            [
                lw.Annotation(item_id=item, class_name="car", geometry=shape)
                for item in project.tasks["item_id"]
            ]
        )
        project.export("masks", tmp_path / "here")
        counts = project.export(
            "masks", f"{bucket.url}/masks", client=client, storage_options=told
        ).counts
        assert counts["images"] == COUNT
        assert len(askers) == 1, "files were written from here"
        # Without being told they send back what they made, and no key is sent.
        project.export("masks", f"{bucket.url}/back", client=client, **options)
        project.export("masks", tmp_path / "there", client=client)
    here = files_in(tmp_path / "here")
    assert len(here) == COUNT + 1
    assert files_in(tmp_path / "there") == here
    for folder in ("masks", "back"):
        files = fsspec.open_files([f"{bucket.url}/{folder}/{name}" for name in here], **options)
        found = {}
        for name, file in zip(here, files, strict=True):
            with file as opened:
                found[name] = opened.read()
        assert found == here


def files_in(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def slow_mean(pixels: Any, item: Mapping[str, Any]) -> dict[str, float]:
    time.sleep(0.05)
    return {"mean": float(pixels.mean())}
