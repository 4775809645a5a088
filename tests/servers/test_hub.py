"""Pages below JupyterHub: who somebody is, and whose page is whose, is the hub's word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.servers.conftest import running
from tests.servers.hub import PASSWORD, Hub

SIZE = (200, 150)
# A server is started for each person, then a kernel.
PATIENCE = 240_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two pictures."""
    home = tmp_path_factory.mktemp("hub")
    for number in range(2):
        grey = np.full((SIZE[1], SIZE[0], 3), 60 + 50 * number, np.uint8)
        Image.fromarray(grey).save(home / f"{number}.png")
    dataset = lw.Dataset.open(str(home / "*.png"))
    lw.Project.create(home / "cars.db", dataset, ["car"], user="lea").close()
    return home / "cars.db"


@pytest.fixture(scope="module")
def hub(place: Path) -> Iterator[Hub]:
    """A hub for it."""
    yield from running(lambda home: Hub(home, place))


def log_in(browser: Browser, hub: Hub, name: str, path: str = "") -> Page:
    page = browser.new_context(viewport={"width": 1000, "height": 700}).new_page()
    page.goto(f"{hub.url}/{path}")
    page.fill("#username_input", name)
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    return page


@pytest.mark.timeout(600)
def test_two_people_label_one_project_each_under_their_name_and_none_on_the_other_s_page(
    browser: Browser, hub: Hub, place: Path
) -> None:
    shown = {}
    for name in ("ana", "ben"):
        page = log_in(browser, hub, name)
        page.wait_for_selector(".lw-annotator", timeout=PATIENCE)
        shown[name] = AnnotatorPage(page, SIZE).ready()
        expect(shown[name].root.locator(".lw-person b")).to_have_text(name)
        shown[name].draw_box((20, 20), (80, 80))
        shown[name].saved()
    with lw.Project.open(place, user="lea") as project:
        tasks = project.tasks.set_index("assignee")["id"]
        assert set(tasks.index) == {"ana", "ben"}, "each has a task that the other has not"
        made = project.annotations.set_index("author")["task_id"]
        assert made.to_dict() == tasks.to_dict()

    ben = shown["ben"].page
    answer = ben.goto(f"{hub.url}/user/ana/")
    assert answer is not None
    assert answer.status in (403, 404)
    # Who may look at all servers, as a lead may, would label under another's name.
    lea = log_in(browser, hub, "lea", "hub/home")
    answer = lea.goto(f"{hub.url}/user/ana/")
    if lea.get_by_role("button", name="Authorize").count():
        with lea.expect_response(lambda said: said.url.endswith("/user/ana/")) as last:
            lea.get_by_role("button", name="Authorize").click()
        answer = last.value
    assert answer is not None
    assert answer.status == 403
    expect(lea.locator("body")).not_to_contain_text("Submit")
    for page in (shown["ana"].page, ben, lea):
        page.context.close()
