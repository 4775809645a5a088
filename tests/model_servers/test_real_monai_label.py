"""A real MONAI Label server, where one is installed: it wants packages that few others want.

`LABELWIDGETS_MONAILABEL` names the Python that has it (`pip install monailabel` in an environment
of its own), else it is looked for in this one.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.assist.cancelling import while_wanted
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError, ToolError
from labelwidgets.model_servers import MonaiLabel
from labelwidgets.model_servers.scan_files import scan_file

PHANTOM = "ct_phantom_5mm"
# Slice, row and column within the cube of the phantom.
CUBE = (15, 192, 285)
# What the app finds, and how far around a click it looks.
REACH = 4
LEVEL = 50
START_SECONDS = 120


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    python = os.environ.get("LABELWIDGETS_MONAILABEL", "")
    if not python and importlib.util.find_spec("monailabel") is None:
        pytest.skip("monailabel is not installed: LABELWIDGETS_MONAILABEL names a Python with it")
    home = tmp_path_factory.mktemp("monai")
    (home / "studies").mkdir()
    # It writes its log beside its app.
    shutil.copytree(Path(__file__).parent / "monai_app", home / "app")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [python or sys.executable, "-m", "monailabel.main", "start_server"]
    command += ["--app", "app", "--studies", "studies"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    plain = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=home, env=plain | {"HOME": str(home)}, stdout=log, stderr=log
        )
    made = f"http://127.0.0.1:{port}"
    try:
        _wait(made, server, home / "log")
        yield made
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            MonaiLabel(url).info()
        except AssistantError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def scan(shared_data: Path) -> lw.Scan:
    dataset = lw.Dataset.open(str(shared_data / "dicom" / PHANTOM))
    return dataset.scan(dataset.items["id"].iloc[0])


def context(class_name: str) -> lw.Context:
    classes = [lw.ObjectClass(name, tool="volumemask") for name in ("cube", "sphere", "dense")]
    ontology = lw.Ontology(classes=classes)
    return lw.Context(item_id="ct", kind="dicom", ontology=ontology, class_name=class_name)


def voxels(proposal: lw.Proposal, shape: tuple[int, ...]) -> tuple[str | None, Any]:
    (one,) = proposal.shapes
    assert isinstance(one.geometry, lw.VolumeMask)
    made = np.zeros(shape, bool)
    for index, code in one.geometry.slices.items():
        made[index] = lw.algorithms.decode_rle({"size": code.size, "counts": code.counts})
    return one.class_name, made


def test_it_segments_a_scan_exactly(url: str, scan: lw.Scan) -> None:
    server = MonaiLabel(url, "dense")
    assistant = lw.assistant(server)
    assert (assistant.version, assistant.prompts) == ("7", ())
    name, made = voxels(assistant.propose(scan, None, context("dense")), scan.shape)
    assert name == "dense"
    assert (made == (scan.slab(0, scan.shape[0]) > LEVEL)).all()
    server.close()


def test_clicks_land_where_they_were_made(url: str, scan: lw.Scan) -> None:
    assistant = lw.assistant(MonaiLabel(url, "near"))
    slice_, row, column = CUBE
    clicks = [lw.Click(column + 0.5, row + 0.5, slice=slice_)]
    name, made = voxels(
        assistant.propose(scan, Prompt(clicks=clicks), context("sphere")), scan.shape
    )
    assert name == "sphere"
    reach = tuple(slice(at - REACH, at + REACH + 1) for at in CUBE)
    expected = np.zeros(scan.shape, bool)
    expected[reach] = (scan.slab(0, scan.shape[0]) > LEVEL)[reach]
    assert expected.sum() > 200
    assert (made == expected).all()
    away = [lw.Click(column + 4.5, row + 0.5, slice=slice_, positive=False)]
    _, less = voxels(
        assistant.propose(scan, Prompt(clicks=clicks + away), context("sphere")), scan.shape
    )
    assert 0 < less.sum() < made.sum()
    assistant.close()


def test_its_datastore_learns_what_was_labelled(url: str, scan: lw.Scan) -> None:
    server = MonaiLabel(url, "dense", images={"ct": "ct_7"})
    file = ("ct_7.nii.gz", scan_file(scan, lw.Context()), "application/octet-stream")
    server.client.ask("PUT", "/datastore/", query={"image": "ct_7"}, files={"file": file})
    sample = server.next_sample("first")
    assert sample is not None
    assert (sample.image, sample.item_id) == ("ct_7", "ct")
    with pytest.raises(AssistantError, match="It has: first"):
        server.next_sample("margin")
    found = lw.assistant(server).propose(scan, None, context("dense"))
    labels = [
        lw.Annotation(item_id="ct", class_name="dense", geometry=one.geometry)
        for one in found.shapes
    ]
    server.save_label("ct_7", labels, scan)
    assert server.info(again=True)["datastore"]["completed"] == 1
    assert server.next_sample("first") is None


def test_a_training_is_done_or_given_up(url: str) -> None:
    server = MonaiLabel(url, "dense")
    said = server.train(params={"max_epochs": 2}, every=0.5)
    assert said["status"] == "DONE"
    end = time.monotonic() + 3

    def give_up() -> Any:
        with while_wanted(lambda: time.monotonic() < end):
            return server.train(params={"max_epochs": 500}, every=0.2)

    with pytest.raises(ToolError, match="given up"):
        give_up()
    assert server.client.ask("GET", "/train/").json()["status"] == "STOPPED"
