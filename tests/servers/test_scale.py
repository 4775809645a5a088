"""Long jobs on a real cluster of two workers, that read from S3 and write to it."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.scale import Parts, map_items, superpixels_ahead
from tests.servers.s3 import S3
from tests.servers.storage import Bucket

distributed = pytest.importorskip("distributed")

COUNT = 40


@pytest.fixture(scope="module")
def bucket(s3: S3) -> Bucket:
    made = s3.bucket()
    for number in range(COUNT):
        noise = np.random.default_rng(number).integers(0, 255, (48, 64, 3), np.uint8)
        file = io.BytesIO()
        Image.fromarray(noise).save(file, "PNG")
        made.write(f"photos/{number:03d}.png", file.getvalue())
    return made


@pytest.fixture
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


@pytest.mark.timeout(300)
def test_a_worker_that_is_killed_costs_nothing(bucket: Bucket, client: Any) -> None:
    dataset = lw.Dataset.open(f"{bucket.url}/photos/*.png", **bucket.options)
    options = dict(bucket.options)
    serial = map_items(slow_mean, dataset, workers=1)
    out = f"{bucket.url}/means"
    pids = {name: pid for name, pid in client.run(os.getpid).items()}

    def kill() -> None:
        while len(Parts(out, lambda: options)) < 2:
            time.sleep(0.05)
        os.kill(next(iter(pids.values())), 9)

    killer = threading.Thread(target=kill)
    killer.start()
    done = map_items(
        slow_mean, dataset, out=out, client=client, batch=2, storage_options=lambda: options
    )
    killer.join()
    assert isinstance(done, Parts)
    found = done.frame()
    assert found["item_id"].tolist() == serial["item_id"].tolist()
    assert found["mean"].tolist() == serial["mean"].tolist()
    assert found["error"].isna().all()
    after = set(client.run(os.getpid).values())
    assert after - set(pids.values()), "no worker was killed"


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


def slow_mean(pixels: Any, item: Mapping[str, Any]) -> dict[str, float]:
    time.sleep(0.1)
    return {"mean": float(pixels.mean())}
