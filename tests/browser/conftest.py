"""Fixtures of the browser tests: a browser, a page, the host page, a running JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import NoBrowserError, launch
from tests.browser.host import HostPage
from tests.browser.lab import LabServer, Notebook

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
