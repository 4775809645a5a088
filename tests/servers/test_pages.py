"""Pages without a kernel prompt: a real Voila, a real browser, and people who write no code."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from PIL import Image
from playwright.sync_api import Page, expect
from websocket import WebSocket, WebSocketBadStatusException, create_connection

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.servers.conftest import running
from tests.servers.pages import PageServer

PROTOCOL = "v1.kernel.websocket.jupyter.org"
SIZE = (200, 150)
COUNT = 3
# A kernel is started, and a notebook run in it, before anything is shown.
PATIENCE = 120_000
TOLD = "# Cars\n\nDraw a box around **each** car."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where three pictures lie, and their project."""
    folder = tmp_path_factory.mktemp("pages")
    for number in range(COUNT):
        grey = np.full((SIZE[1], SIZE[0], 3), 60 + 50 * number, np.uint8)
        Image.fromarray(grey).save(folder / f"{number}.png")
    create(folder).close()
    return folder


def create(home: Path) -> lw.Project:
    """Make the project anew, with instructions, in the hands of who leads it."""
    for path in home.glob("cars.db*"):
        path.unlink()
    dataset = lw.Dataset.open(str(home / "*.png"))
    return lw.Project.create(home / "cars.db", dataset, ["car"], user="lead", instructions=TOLD)


@pytest.fixture
def project(home: Path, server: PageServer) -> Iterator[lw.Project]:
    """The project as at its beginning; nobody has a page of it open."""
    server.wait_for_kernels(0)
    with create(home) as made:
        yield made


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[PageServer]:
    """Ana's page of it."""
    yield from running(lambda own: PageServer(own, home / "cars.db", ["--user=ana"]))


@pytest.fixture
def ana(page: Page, server: PageServer, project: lw.Project) -> Iterator[AnnotatorPage]:
    """The page as Ana opens it, her guide read."""
    shown = opened(page, server.url)
    page.get_by_role("button", name="Close").first.click()
    yield shown
    page.goto("about:blank")


def opened(page: Page, url: str) -> AnnotatorPage:
    """Open a page, and wait for its picture."""
    page.goto(url)
    return shown(page)


def shown(page: Page) -> AnnotatorPage:
    page.wait_for_selector(".lw-annotator", timeout=PATIENCE)
    return AnnotatorPage(page, SIZE).ready()


def test_it_fills_the_window_says_who_and_how_much_and_shows_no_code(
    page: Page, server: PageServer, project: lw.Project
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    ana = opened(page, server.url)
    expect(page.get_by_role("dialog")).to_contain_text("Draw a box around each car.")
    page.get_by_role("button", name="Close").first.click()
    assert ana.root.bounding_box() == {"x": 0, "y": 0, **(page.viewport_size or {})}
    expect(ana.root.locator(".lw-person")).to_have_text(f"ana · {COUNT} to do")
    assert page.locator(".jp-InputArea, .jp-CodeMirrorEditor, .cm-editor").count() == 0
    assert "labelwidgets.server.page" not in page.content()
    elsewhere = [url for url in asked if not url.startswith((server.address, "data:", "blob:"))]
    assert elsewhere == []
    page.goto("about:blank")
    server.wait_for_kernels(0)


def test_what_is_drawn_is_ana_s_and_what_she_does_next_is_offered(
    ana: AnnotatorPage, project: lw.Project
) -> None:
    ana.draw_box((20, 20), (80, 80))
    ana.saved()
    assert project.annotations["author"].tolist() == ["ana"]
    for left in (2, 1):
        ana.root.get_by_role("button", name="Submit", exact=True).click()
        expect(ana.root.locator(".lw-person")).to_have_text(f"ana · {left} to do")
        ana.ready()
    ana.root.get_by_role("button", name="Submit", exact=True).click()
    expect(ana.root.locator(".lw-cover")).to_contain_text("All done")
    # Looked at every few seconds.
    again = project.tasks["id"].iloc[1]
    project.requeue(again)
    expect(ana.root.locator(".lw-cover")).to_contain_text("A task waits for you.", timeout=20_000)
    assert project.tasks["state"].tolist() == ["submitted", "queued", "submitted"]
    ana.root.get_by_role("button", name="Begin").click()
    ana.ready().title("1.png")


def test_a_kernel_that_is_ended_costs_no_label_and_the_page_says_what_helps(
    ana: AnnotatorPage, server: PageServer, project: lw.Project
) -> None:
    ana.draw_box((20, 20), (60, 60))
    ana.saved()
    (kernel,) = server.kernels()
    kernel.kill()
    ana.draw_box((80, 20), (120, 60))
    expect(ana.badge).to_have_attribute("data-state", "kept", timeout=20_000)
    expect(ana.root.get_by_role("alert")).to_contain_text("What you drew is kept in this browser.")
    ana.root.get_by_role("button", name="Load the page again").click()
    shown(ana.page).has_objects(2).saved()
    assert len(project.annotations) == 2


def test_two_tabs_of_one_person_keep_the_labels_of_both(
    ana: AnnotatorPage, server: PageServer, project: lw.Project
) -> None:
    other = opened(ana.page.context.new_page(), server.address)
    other.draw_box((20, 20), (60, 60))
    other.saved()
    ana.draw_box((80, 20), (120, 60))
    ana.saved().has_objects(2)
    other.has_objects(2)
    other.root.get_by_role("button", name="Submit", exact=True).click()
    other.title("1.png")
    assert len(project.annotations) == 2
    other.page.close(run_before_unload=True)
    server.wait_for_kernels(1)


def test_light_and_dark_are_chosen_by_the_address(
    page: Page, server: PageServer, project: lw.Project
) -> None:
    shades = {}
    for theme in ("light", "dark"):
        ana = opened(page, f"{server.url}&theme={theme}")
        shades[theme] = ana.root.evaluate("it => getComputedStyle(it).backgroundColor")
    assert shades["light"] == "rgb(255, 255, 255)"
    assert shades["dark"] == "rgb(33, 33, 33)"
    page.goto("about:blank")


def status(url: str, method: str = "GET", **headers: str) -> int:
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def line_to(ana: AnnotatorPage, server: PageServer, protocols: list[str] | None) -> WebSocket:
    """Open the websocket of a page's kernel once more, as who has the page could."""
    kernel = json.loads(ana.page.locator("#jupyter-config-data").inner_text())["kernelId"]
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in ana.page.context.cookies())
    url = f"{server.address}api/kernels/{kernel}/channels?session_id=s"
    url = url.replace("http://", "ws://")
    return create_connection(url, cookie=cookies, timeout=20, subprotocols=protocols)


def test_a_page_s_line_to_its_kernel_carries_no_code(
    ana: AnnotatorPage, server: PageServer, tmp_path: Path
) -> None:
    line, session = line_to(ana, server, [PROTOCOL]), Session()
    trace = tmp_path / "trace"

    def send(kind: str, content: dict[str, Any]) -> str:
        message = session.msg(kind, content)
        line.send_binary(serialize_msg_to_ws_v1(message, "shell", session.pack))
        return str(message["header"]["msg_id"])

    code = f"open({str(trace)!r}, 'w').close()"
    send("execute_request", {"code": code, "silent": False, "store_history": False})
    wanted = send("comm_info_request", {})
    answered = False
    while not answered:
        _, parts = deserialize_msg_from_ws_v1(line.recv())
        answered = json.loads(parts[1]).get("msg_id") == wanted
    line.close()
    # Messages are taken one after the other.
    assert not trace.exists()


def test_an_older_protocol_is_refused_and_holds_nothing_up(
    ana: AnnotatorPage, server: PageServer
) -> None:
    with pytest.raises(WebSocketBadStatusException, match="400"):
        line_to(ana, server, None)
    assert status(server.address + "login") == 200


def test_nothing_else_is_to_be_had_from_the_server(ana: AnnotatorPage, server: PageServer) -> None:
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in ana.page.context.cookies())
    for path in ("api/terminals", "api/contents", "lab", "tree", "voila/files/cars.db"):
        # What Voila does not know it takes for a file, and sends nobody any.
        assert status(server.address + path, Cookie=cookies) in (403, 404), path
    assert status(f"{server.address}api/kernels", "POST", Cookie=cookies) in (403, 404, 405)


def test_nobody_is_let_in_without_the_token(page: Page, server: PageServer) -> None:
    server.wait_for_kernels(0)
    page.goto(server.address)
    assert "/login" in page.url
    assert server.kernels() == []
