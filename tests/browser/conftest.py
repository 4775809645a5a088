"""Fixtures of the browser tests: a browser, a page, the host page, a running JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.chromium import NoBrowserError, launch
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.lab import LabServer, Notebook

# Of the pictures that the annotator is tried on: width, height.
SIZE = (400, 300)
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
PAGE_SIZE = {"width": 1280, "height": 900}
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        try:
            running = launch(playwright)
        except NoBrowserError as error:
            pytest.fail(str(error), pytrace=False)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page with storage of its own; what it showed is kept when the test fails."""
    context = browser.new_context(viewport=PAGE_SIZE, device_scale_factor=1)
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        RESULTS.mkdir(exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.nodeid).strip("-")
        page.screenshot(path=RESULTS / f"{name}.png")
    context.close()


@pytest.fixture
def host_page(page: Page) -> HostPage:
    """A plain page for one widget, whose kernel is the test."""
    return HostPage(page)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A running JupyterLab with settings of its own."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def notebook(page: Page, lab: LabServer, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """A notebook of the test's own in the running JupyterLab; its kernel ends with the test."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    notebook = Notebook(page, lab, f"{name}.ipynb")
    yield notebook
    notebook.close()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Four pictures of a plain colour each, in two folders."""
    folder = tmp_path / "photos"
    colors = {"a/one.jpg": 90, "a/two.jpg": 120, "b/three.png": 150, "b/four.png": 180}
    for name, grey in colors.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((SIZE[1], SIZE[0], 3), grey, np.uint8)).save(path)
    return folder


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        classes=[
            lw.ObjectClass("car", color="#ff0000", hotkey="Shift+C"),
            lw.ObjectClass("tree", tool="polygon", color="#00ff00"),
            lw.ObjectClass(
                "person",
                color="#0000ff",
                attributes=[
                    lw.Radio("occluded", ["no", "partly", "fully"], required=True),
                    lw.Checkbox("wears", ["hat", "bag"]),
                    lw.Text("note"),
                ],
            ),
        ],
        image_attributes=[lw.Dropdown("weather", ["dry", "rain"])],
    )


@pytest.fixture
def project(tmp_path: Path, photos: Path, ontology: lw.Ontology) -> Iterator[lw.Project]:
    dataset = lw.Dataset.open(photos)
    with lw.Project.create(tmp_path / "labels.db", dataset, ontology, user="ana") as made:
        yield made


@pytest.fixture
def kernel(project: lw.Project) -> KernelEnd:
    return KernelEnd(project)


@pytest.fixture
def annotator(host_page: HostPage, kernel: KernelEnd) -> AnnotatorPage:
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    return AnnotatorPage(host_page.page, SIZE).ready()
