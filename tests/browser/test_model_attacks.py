"""Models and servers that mean harm, or are broken, before a page: it says why and stays usable."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.assist import registry
from labelwidgets.model_servers import MonaiLabel
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.lab import LabServer, Notebook
from tests.browser.test_scans import SIZE as SLICE
from tests.browser.test_scans import write_slice
from tests.browser.test_tools_of_functions import LAB_SETUP
from tests.browser.test_volume_growth import COUNT, values
from tests.model_servers.loopback import PAGE, Answer, in_parts
from tests.model_servers.monai_server import MonaiServer
from tests.model_servers.test_monai_label import bomb, huge, short

BOX = lw.Rectangle(5, 5, 20, 20)
MASK = np.ones((SIZE[1], SIZE[0]), np.float32)


def raises(pixels: Any) -> Any:
    raise ValueError("<img src=x onerror=alert(1)>")


def deepens(pixels: Any) -> Any:
    return deepens(pixels)


def writes(pixels: Any) -> Any:
    pixels[:] = 0


class Lies:
    """Says that it is an array."""

    shape, dtype, ndim = (SIZE[1], SIZE[0]), np.dtype(bool), 2

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no array after all")


MODELS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "raises": (raises, "ValueError"),
    "deepens": (deepens, "RecursionError"),
    "writes": (writes, "read-only"),
    "lies": (lambda pixels: Lies(), "no array after all"),
    "nan mask": (lambda pixels: MASK * np.nan, "NaN"),
    "nan confidence": (lambda pixels: (BOX, "car", float("nan")), "confidence nan"),
    "nan box": (
        lambda pixels: {"label": "car", "score": 0.9, "box": [0, 0, float("nan"), 9]},
        "NaN",
    ),
    "infinite box": (
        lambda pixels: {"label": "car", "score": 0.9, "box": [0, 0, float("inf"), 9]},
        "infinity",
    ),
    "another size": (lambda pixels: np.ones((7, 9), bool), "(7, 9)"),
    "off the picture": (lambda pixels: (lw.Rectangle(5000, 5000, 9, 9), "car"), "image"),
    "unknown class": (lambda pixels: (BOX, "zebra", 0.9), "zebra"),
    "unknown question": (lambda pixels: {"attributes": {"mood": "good"}}, "mood"),
    "unknown answer": (lambda pixels: {"attributes": {"weather": "hail"}}, "hail"),
    "a million shapes": (lambda pixels: [(BOX, "car", 0.9)] * 1_000_000, "10000"),
    "shapes without end": (lambda pixels: ((BOX, "car", 0.9) for _ in itertools.count()), "10000"),
    "a million corners": (
        lambda pixels: (lw.Polygon([[[(float(n % 390), 1.0) for n in range(1_000_000)]]]), "tree"),
        "points",
    ),
    "a page": (lambda pixels: "<html><script>alert(1)</script>", "<html>"),
    "bytes": (lambda pixels: b"\x00\xff" * 99, "text"),
    "an object": (lambda pixels: object(), "object"),
}


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    registry._made.clear()


def show(host: HostPage, project: lw.Project, size: tuple[int, int]) -> AnnotatorPage:
    host.kernel = KernelEnd(project)
    host.mount("image", host.kernel.traits())
    return AnnotatorPage(host.page, size).ready()


def test_what_a_model_does_wrong_is_said_and_changes_nothing(
    host_page: HostPage, project: lw.Project
) -> None:
    does: list[Callable[[Any], Any]] = []
    dialogs: list[str] = []
    host_page.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    registry.register(lw.assistant(lambda pixels: does[-1](pixels), name="net"), label="Net")
    annotator = show(host_page, project, SIZE)
    for number, (name, (function, said)) in enumerate(MODELS.items()):
        does.append(function)
        annotator.hover()
        annotator.root.get_by_role("button", name="Net").click()
        annotator.click((200, 160))
        notice = annotator.notices.last
        expect(notice, name).to_contain_text(said, timeout=15_000)
        expect(notice, name).to_contain_text("net")
        assert len(notice.inner_text()) < 1_000, name
        assert annotator.notices.locator("img, script").count() == 0, name
        expect(annotator.root.locator(".lw-proposal"), name).to_have_count(0)
        annotator.has_objects(number)
        # The same click, and the hand, work after it.
        does.append(lambda pixels: (BOX, "car", 0.9))
        annotator.click((200, 160))
        expect(annotator.root.locator(".lw-proposal"), name).to_contain_text("Proposed")
        annotator.hover()
        annotator.key("Escape")
        annotator.draw_box((120, 100 + 5 * number), (160, 140 + 5 * number))
        annotator.has_objects(number + 1)
    annotator.saved()
    assert dialogs == []
    assert {one.origin.kind for one in project.records()} == {"hand"}
    annotator.key("Control+z")
    annotator.has_objects(len(MODELS) - 1).saved()


HALF = in_parts(
    ("params", "", "application/json", b"{}"), ("image", "a.nii.gz", "x/y", bytes(4000))
)
REPLIES: dict[str, tuple[Answer | Callable[..., bytes], str]] = {
    "a page that failed": (PAGE, "answered 500"),
    "a page": (PAGE._replace(status=200), "a page, not with JSON"),
    "half of a JSON": (Answer(200, "application/json", b'{"params": '), "no JSON"),
    "half of a multipart": (HALF._replace(body=HALF.body[:2000]), "missing"),
    "a line that breaks": (HALF._replace(cut=500), "127.0.0.1"),
    "a head that lies": (huge, "at most 2147483648 are allowed"),
    "half of a scan": (short, "too early"),
    "no scan": (lambda labels, affine: b"<html>", "no NIfTI"),
}


@pytest.fixture
def server() -> Iterator[MonaiServer]:
    with MonaiServer() as made:
        yield made


@pytest.fixture
def scan(tmp_path: Path) -> Iterator[lw.Project]:
    folder = tmp_path / "scan"
    folder.mkdir()
    for number, pixels in enumerate(values()):
        write_slice(folder / f"{number}.dcm", number, pixels)
    classes = [lw.ObjectClass(name, tool="volumemask") for name in ("spleen", "liver")]
    dataset = lw.Dataset.open(folder)
    with lw.Project.create(
        tmp_path / "scan.db", dataset, lw.Ontology(classes), user="ana"
    ) as project:
        yield project


def segment(annotator: AnnotatorPage) -> None:
    annotator.hover()
    annotator.root.get_by_role("button", name="Organs").click()
    annotator.click((30.5, 24.5))


def test_what_a_server_replies_that_is_none_is_said_and_changes_nothing(
    host_page: HostPage, scan: lw.Project, server: MonaiServer
) -> None:
    registry.register(lw.assistant(MonaiLabel(server.url, "segmentation")), label="Organs")
    good = server.result
    annotator = show(host_page, scan, SLICE)
    for name, (reply, said) in REPLIES.items():
        if isinstance(reply, Answer):
            server.instead = reply
        else:
            server.result = reply
        segment(annotator)
        expect(annotator.notices.last, name).to_contain_text(said, timeout=15_000)
        expect(annotator.root.locator(".lw-proposal"), name).to_have_count(0)
        assert len(scan.annotations) == 0, name
        server.instead, server.result = None, good
        annotator.click((30.5, 24.5))
        bar = annotator.root.locator(".lw-proposal")
        expect(bar, name).to_contain_text("Proposed", timeout=15_000)
        annotator.hover()
        annotator.key("Escape")
        expect(bar, name).to_have_count(0)
    segment(annotator)
    expect(annotator.root.locator(".lw-proposal")).to_contain_text("Proposed")
    annotator.hover()
    annotator.key("Enter")
    annotator.saved()
    assert {one.class_name for one in scan.records()} == {"spleen"}


def test_of_a_bomb_no_more_is_unpacked_than_the_scan_has(
    host_page: HostPage, scan: lw.Project, server: MonaiServer
) -> None:
    registry.register(lw.assistant(MonaiLabel(server.url, "segmentation")), label="Organs")
    server.result = bomb
    annotator = show(host_page, scan, SLICE)
    segment(annotator)
    expect(annotator.root.locator(".lw-proposal")).to_contain_text("Proposed", timeout=15_000)
    annotator.hover()
    annotator.key("Enter")
    annotator.saved()
    (made,) = scan.records()
    assert max(made.geometry.slices) < COUNT  # type: ignore[union-attr]


LAB_MODELS = """
stuck, ended = threading.Event(), threading.Event()

def hangs(pixels):
    stuck.wait()
    return [(lw.Rectangle(1, 1, 9, 9), "car", 0.9)]

async def sleeps(pixels):
    import asyncio
    try:
        await asyncio.sleep(1e6)
    finally:
        ended.set()

def counts(pixels, context):
    for number in range(10**9):
        context.progress(0.4)
        time.sleep(0.01)

def leaves(pixels):
    raise SystemExit(3)

for model in (hangs, sleeps, counts, leaves):
    label = model.__name__.capitalize()
    lw.assist.register(lw.assistant(model), label=label)
"""


def test_a_model_that_hangs_is_given_up_by_escape_and_the_picture_is_free(
    notebook: Notebook, lab: LabServer
) -> None:
    notebook.open([LAB_SETUP.format(name="hang"), LAB_MODELS, "project.annotate()"])
    for cell in range(3):
        notebook.run_cell(cell)
    annotator = AnnotatorPage(notebook.page, SIZE).ready()
    hint = annotator.root.locator(".lw-hint")
    bar = annotator.root.locator(".lw-proposal")
    for label in ("Hangs", "Sleeps", "Counts"):
        annotator.root.get_by_role("button", name=label).click()
        annotator.click((180, 150))
        expect(hint).to_contain_text("Computing")
        expect(bar).to_contain_text("40 %" if label == "Counts" else "Computing")
        annotator.hover((20, 20))
        annotator.key("Escape")
        expect(hint).not_to_contain_text("Computing")
        expect(bar).to_have_count(0)
    annotator.root.get_by_role("button", name="Leaves").click()
    annotator.click((180, 150))
    expect(annotator.notices.last).to_contain_text("SystemExit")
    annotator.draw_box((50, 40), (150, 100))
    annotator.has_objects(1).saved()
    notebook.execute("assert ended.wait(5); stuck.set()")
    annotator.hover((20, 20))
    expect(bar).to_have_count(0)
    annotator.has_objects(1)
    with lw.Project.open(lab.files / "hang.db", user="auditor") as project:
        assert len(project.annotations) == 1, "what came too late is no label"
