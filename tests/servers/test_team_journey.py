"""A team on one PostgreSQL project: each with a login, a notebook and a kernel of their own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import PAGE_SIZE, SIZE
from tests.browser.lab import LabServer, Notebook
from tests.servers.postgres import Postgres

ROLES = {"ana": "annotator", "ben": "annotator", "rex": "reviewer"}
OPEN = """
import labelwidgets as lw
project = lw.Project.open({place!r}, user={name!r})
"""

Desk: TypeAlias = Callable[[str, str], AnnotatorPage]


class Team:
    """A project of `lea`, who owns the database, and the logins of those whom she adds."""

    def __init__(self, server: Postgres, photos: Path, workflow: lw.workflow.Workflow) -> None:
        tail = uuid.uuid4().hex[:8]
        self.logins = {name: f"{name}_{tail}" for name in ("lea", *ROLES)}
        for name, login in self.logins.items():
            server.do(f"CREATE ROLE {login} LOGIN {'CREATEROLE' if name == 'lea' else ''}")
        self.database = server.database().rsplit("/", 1)[1]
        server.do(f"ALTER DATABASE {self.database} OWNER TO {self.logins['lea']}")
        server.do(f"ALTER SCHEMA public OWNER TO {self.logins['lea']}", self.database)
        self.places = {
            name: server.url(self.database, user=login) for name, login in self.logins.items()
        }
        self.lead = lw.Project.create(
            self.places["lea"], lw.Dataset.open(photos), ["car"], workflow, user="lea"
        )
        for name, role in ROLES.items():
            self.lead.add_person(name, role, login=self.logins[name])


class Desks:
    """Notebooks of several people, side by side in one browser."""

    def __init__(self, browser: Browser, lab: LabServer, pictures: Path) -> None:
        self._browser, self._lab, self._pictures = browser, lab, pictures
        self.notebooks: dict[str, Notebook] = {}

    def sit(self, team: Team, name: str, call: str) -> AnnotatorPage:
        """Open somebody's notebook, and in it what a call returns."""
        page = self._browser.new_context(viewport=PAGE_SIZE).new_page()
        notebook = Notebook(page, self._lab, f"{name}_{team.database}.ipynb")
        self.notebooks[name] = notebook
        notebook.open([OPEN.format(place=team.places[name], name=name), call])
        notebook.run_cell(0)
        notebook.run_cell(1)
        return AnnotatorPage(page, SIZE).ready()

    def picture(self, name: str, what: str) -> None:
        """Keep a picture of somebody's page."""
        self.notebooks[name].screenshot(self._pictures / f"team_{what}.png")

    def leave(self) -> None:
        for notebook in self.notebooks.values():
            notebook.close()
            notebook.page.context.close()


@pytest.fixture
def desks(browser: Browser, lab: LabServer, repository: Path) -> Iterator[Desks]:
    made = Desks(browser, lab, repository / "test-results" / "journeys")
    yield made
    made.leave()


def test_two_people_differ_and_a_third_settles_it(
    postgres: Postgres, photos: Path, desks: Desks
) -> None:
    team = Team(postgres, photos / "a", lw.workflow.consensus(2))
    ana, ben = (desks.sit(team, name, "project.annotate()") for name in ("ana", "ben"))
    for person, shift in ((ana, 0), (ben, 24)):
        person.title("one.jpg")
        person.draw_box((60 + shift, 60), (180 + shift, 160))
        person.has_objects(1).saved()
    # Each sees their own alone, in the page and in the kernel.
    for name in ("ana", "ben"):
        seen = desks.notebooks[name].execute("print(sorted(set(project.annotations['author'])))")
        assert seen.strip() == f"['{name}']"
    for person in (ana, ben):
        person.hover((10, 10))
        person.key("Control+Enter")
        person.title("two.jpg")
    rex = desks.sit(team, "rex", "project.adjudicate()").title("one.jpg")
    panel = rex.root.get_by_label("Disagreements")
    rows = panel.locator(".lw-dispute > .lw-pick")
    expect(rows).to_have_count(1)
    rex.hover((10, 10))
    rex.key("j")
    expect(rex.root.locator(".lw-version[data-near=true]")).to_have_count(2)
    desks.picture("rex", "adjudicated")
    rex.key("2")
    expect(rows).to_contain_text("ben")
    rex.saved()
    rex.key("a")
    expect(rex.root.get_by_label("Outcome")).to_contain_text("Accepted by rex")
    main = team.lead.tasks.query("copy == 0 and title == 'one.jpg'").iloc[0]
    assert (main["stage"], main["state"]) == ("done", "done")
    (settled,) = team.lead.records(f"task_id == '{main['id']}'")
    assert settled.origin.parameters["taken"] == "ben"
    assert settled.geometry.x == pytest.approx(84, abs=2)
    iou = team.lead.agreement(by="pair")["value"].iloc[0]
    assert iou == pytest.approx(96 / 144, abs=0.04)
    for notebook in desks.notebooks.values():
        assert not [line for line in notebook.console if "error" in line.split(":")[0]]


def test_work_is_rejected_mended_and_accepted(
    postgres: Postgres, photos: Path, desks: Desks
) -> None:
    team = Team(postgres, photos / "a", lw.workflow.maker_reviewer())
    ana = desks.sit(team, "ana", "project.annotate()").title("one.jpg")
    ana.draw_box((60, 60), (180, 160))
    ana.has_objects(1).saved()
    ana.hover((10, 10))
    ana.key("Control+Enter")
    ana.title("two.jpg")
    task = team.lead.tasks.query("title == 'one.jpg'")["id"].iloc[0]
    # Her own kernel may say what it will: the database lets nobody judge what is their own.
    forged = f"""
from labelwidgets.errors import LabelwidgetsError
try:
    project.session(role="admin").accept({task!r})
except LabelwidgetsError as error:
    print("refused:", error)
"""
    assert desks.notebooks["ana"].execute(forged).startswith("refused:")
    rex = desks.sit(team, "rex", "project.review()").title("one.jpg")
    rex.click((100, 90))
    rex.key("i")
    rex.page.keyboard.type("Where are its wheels?")
    rex.key("Enter")
    rex.hover((10, 10))
    rex.key("c")
    rex.page.keyboard.type("Too small.")
    rex.key("Escape")
    rex.root.focus()
    rex.key("r")
    expect(rex.root.get_by_text("All done")).to_be_visible()
    # His page goes on before his kernel has said so.
    until = time.monotonic() + 30
    while "reject" not in team.lead.history(task)["kind"].tolist() and time.monotonic() < until:
        time.sleep(0.05)
    ana.hover((10, 10))
    ana.key("Control+Enter")
    ana.title("one.jpg")
    told = ana.root.get_by_label("Outcome")
    expect(told).to_contain_text("Returned to you")
    expect(told).to_contain_text("Too small.")
    desks.picture("ana", "returned")
    ana.key("v")
    ana.drag((180, 110), (220, 110))
    ana.saved()
    ana.hover((10, 10))
    ana.key("Control+Enter")
    expect(ana.root.get_by_text("All done")).to_be_visible()
    desks.notebooks["rex"].run_cell(1)
    rex.ready()
    for title in ("one.jpg", "two.jpg"):
        rex.title(title)
        rex.hover((10, 10))
        rex.key("a")
    expect(rex.root.get_by_text("All done")).to_be_visible()
    assert team.lead.reviews["verdict"].tolist() == ["reject", "accept", "accept"]
    assert set(team.lead.tasks["state"]) == {"done"}
    row = team.lead.performance().set_index("person").loc["ana"]
    assert row["acceptance_rate"] == pytest.approx(2 / 3)
    assert set(team.lead.access["person"]) >= {"ana", "rex"}
