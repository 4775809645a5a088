"""What a page shows, and what Voila is told, without a server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.server.commands import main
from labelwidgets.server.page import show
from labelwidgets.server.voila_server import NOTEBOOK, Address, hub_address, serve, settings


@pytest.fixture
def place(tmp_path: Path) -> str:
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / "a.png")
    dataset = lw.Dataset.open(str(tmp_path / "a.png"))
    flow = lw.workflow.maker_reviewer()
    lw.Project.create(tmp_path / "cars.db", dataset, ["car"], flow, user="lead").close()
    return str(tmp_path / "cars.db")


def test_a_page_is_the_annotator_of_its_person_in_the_whole_window(place: str) -> None:
    shown = show({"LABELWIDGETS_PROJECT": place, "LABELWIDGETS_USER": "ana"})
    assert isinstance(shown, lw.ImageAnnotator)
    assert (shown.session.user, shown.session.role, shown.height) == ("ana", "annotator", None)


def test_a_blind_opinion_that_nobody_has_yet_is_shown_to_whom_it_is_given(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / "a.png")
    dataset = lw.Dataset.open(str(tmp_path / "a.png"))
    flow = lw.workflow.consensus(3)
    with lw.Project.create(tmp_path / "cars.db", dataset, ["car"], flow, user="lea") as led:
        led.add_people({"ana": "annotator", "ben": "annotator"})
        first, second, third = led.tasks.query("copy > 0")["id"]
    seen = {"LABELWIDGETS_PROJECT": str(tmp_path / "cars.db")}
    shown = show({**seen, "LABELWIDGETS_USER": "ana"})
    assert isinstance(shown, lw.ImageAnnotator), shown
    bundle = shown._repr_mimebundle_()
    assert bundle is not None
    assert "image/jpeg" in bundle[0]
    ana, ben = shown.session, show({**seen, "LABELWIDGETS_USER": "ben"}).session
    assert ana.open().task["id"] == first
    # What others have, or may get, is not hers, and hers is nobody else's.
    for session, task in ((ana, second), (ana, third), (ben, first), (ben, third)):
        with pytest.raises(lw.errors.RightsError):
            session.open(task)
    assert ben.open(second).task["assignee"] is None


def test_the_hub_says_who_it_is(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ben")
    shown = show({"LABELWIDGETS_PROJECT": place, "LABELWIDGETS_WORK": "review"})
    assert isinstance(shown, lw.ImageAnnotator)
    assert (shown.session.user, shown.session.role) == ("ben", "reviewer")
    assert shown.session.judging


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "LABELWIDGETS_PROJECT"),
        ({"LABELWIDGETS_PROJECT": "<b>gone</b>.db"}, "&lt;b&gt;gone"),
        ({"LABELWIDGETS_PROJECT": "x.db", "LABELWIDGETS_WORK": "cook"}, "annotate or review"),
    ],
)
def test_a_page_that_cannot_be_says_why_in_words(
    environment: dict[str, str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = show(environment)
    assert isinstance(shown, ipywidgets.HTML)
    assert "This page cannot be shown." in shown.value
    assert reason in shown.value


def test_the_hub_says_where_a_page_is_served() -> None:
    assert hub_address({}) is None
    service = {
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:4711/user/ana/",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ana/",
    }
    assert hub_address(service) == Address("127.0.0.1", 4711, "/user/ana/", None)
    assert Address("::1", 80, "/", "secret").url == "http://[::1]:80/?token=secret"


def test_kernels_of_pages_that_are_gone_are_ended_and_sources_are_nobody_s() -> None:
    pytest.importorskip("jupyter_server")
    address = Address("127.0.0.1", 8866, "/", "secret")
    told = settings(address, NOTEBOOK, "dark")
    assert told.MappingKernelManager.cull_idle_timeout > 0
    assert not told.MappingKernelManager.get("cull_connected")
    assert told.VoilaConfiguration.strip_sources
    assert not told.VoilaConfiguration.show_tracebacks
    assert told.VoilaConfiguration.file_allowlist == []
    assert told.Voila.token == address.token
    assert told.Voila.kernel_websocket_connection_class.sends_at_once


def test_what_cannot_be_served_is_said_before_anything_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABELWIDGETS_PROJECT", raising=False)
    assert main(["page"]) == 2
    assert "labelwidgets page cars.db" in capsys.readouterr().err
    assert main(["page", str(tmp_path / "gone.db")]) == 2
    assert "gone.db" in capsys.readouterr().err
    assert main(["page", "--notebook", str(tmp_path / "gone.ipynb")]) == 2
    assert "gone.ipynb" in capsys.readouterr().err


def test_nobody_says_who_somebody_is_below_a_hub(
    place: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:4711/user/ana/")
    before = dict(os.environ)
    assert main(["page", place, "--user", "ben"]) == 2
    assert "what the hub says" in capsys.readouterr().err
    assert dict(os.environ) == before


def test_a_missing_voila_is_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "labelwidgets.server.voila_app", None)
    with pytest.raises(lw.errors.MissingExtraError, match=r"labelwidgets\[pages\]"):
        serve(Address("127.0.0.1", 8866, "/", "secret"))
