"""Two people differ, a third settles it: versions, what is taken, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

CAR = lw.Rectangle(60, 60, 80, 60)
SHIFTED = lw.Rectangle(72, 66, 80, 60)
ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass("car", attributes=[lw.Radio("occluded", ["no", "yes"])]),
        lw.ObjectClass("van"),
        lw.ObjectClass("tree"),
    ]
)


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lw.Project]:
    """Two pictures that ana and ben have labelled: they agree on the first one alone."""
    path, dataset = tmp_path / "labels.db", lw.Dataset.open(photos)
    flow = lw.workflow.consensus(2)
    with lw.Project.create(path, dataset, ONTOLOGY, flow, user="lea") as made:
        items = made.tasks.query("copy == 0")["item_id"].tolist()
        for who in ("ana", "ben"):
            with lw.Project.open(path, user=who, dataset=dataset) as own:
                for _ in items[:2]:
                    task = own.session(role="annotator").open().task
                    own.add(opinion(who, task, disputed=task["item_id"] == items[1]))
                    own.submit(task["id"])
        yield made


def opinion(who: str, task: dict[str, str], *, disputed: bool) -> list[lw.Annotation]:
    at = {"item_id": task["item_id"], "task_id": task["id"]}
    if not disputed:
        return [lw.Annotation(class_name="car", geometry=CAR, attributes={"occluded": "no"}, **at)]
    ana = who == "ana"
    seen = [
        lw.Annotation(
            class_name="car",
            geometry=CAR if ana else SHIFTED,
            attributes={"occluded": "no" if ana else "yes"},
            **at,
        ),
        lw.Annotation(
            class_name="car" if ana else "van", geometry=lw.Rectangle(220, 60, 100, 70), **at
        ),
    ]
    if ana:
        tree = lw.Polygon([[[(220, 180), (320, 190), (300, 280), (230, 270)]]])
        seen.append(lw.Annotation(class_name="tree", geometry=tree, **at))
    return seen


def settling(page: HostPage, project: lw.Project, theme: str = "light") -> AnnotatorPage:
    kernel = KernelEnd(project, session=project.adjudication_session())
    page.kernel = kernel
    page.mount("image", kernel.traits(), theme=theme)
    return AnnotatorPage(page.page, SIZE).ready()


def answer(project: lw.Project) -> pd.DataFrame:
    """Return what there is of the disputed picture in its main task."""
    main = project.tasks.query("copy == 0 and title == 'two.jpg'")["id"].tolist()
    made = project.annotations
    return made[made["task_id"].isin(main)]


def test_what_people_differ_about_is_settled_by_the_keyboard_alone(
    host_page: HostPage, project: lw.Project
) -> None:
    lea = settling(host_page, project).title("two.jpg")
    panel = lea.root.get_by_label("Disagreements")
    rows = panel.locator(".lw-dispute > .lw-pick")
    expect(rows).to_contain_text(["class", "1 of 2", "occluded"])
    before = lea.zoom()
    lea.hover((10, 10))
    lea.key("j")
    expect(rows.nth(0)).to_have_attribute("aria-expanded", "true")
    expect(lea.root.locator(".lw-version[data-near=true]")).to_have_count(2)
    assert lea.zoom() > before, "The picture goes there."
    lea.key("2")
    expect(rows.nth(0)).to_contain_text("ben")
    lea.key("j")
    lea.key("x")
    expect(rows.nth(1)).to_contain_text("left out")
    lea.key("j")
    lea.key("f")
    expect(rows.nth(2)).to_contain_text("fused")
    expect(panel).to_contain_text("3 of 3 settled")
    lea.saved()
    made = answer(project).set_index("class_name")
    assert sorted(made.index) == ["car", "van"]
    assert made["origin"].tolist() == ["consensus", "consensus"]
    assert made.loc["car", "x"] == 66, "Between the two."
    main = made["task_id"].iloc[0]
    held = {one.class_name: one for one in project.records(f"task_id == '{main}'")}
    taken = held["van"].origin.parameters
    theirs = project.annotations.query("author == 'ben' and class_name == 'van'")["id"].tolist()
    assert (taken["taken"], taken["from"]) == ("ben", theirs)
    lea.key("Control+z")
    expect(panel).to_contain_text("2 of 3 settled")
    lea.key("Control+Shift+z")
    expect(panel).to_contain_text("3 of 3 settled")
    lea.saved()
    lea.key("a")
    lea.title("one.jpg")
    assert project.tasks.set_index("id").loc[main, "stage"] == "done"
    outcome = lea.root.get_by_label("Outcome")
    expect(outcome).to_have_count(0)
    lea.key("a")
    expect(outcome).to_contain_text("Accepted by lea")
    expect(lea.root.get_by_label("Verdict")).to_have_count(0)
    expect(lea.root).not_to_contain_text("Pick a class and draw")
    assert host_page.console == []


def test_all_of_one_person_is_taken_at_once_and_a_class_or_an_answer_is_chosen_by_itself(
    host_page: HostPage, project: lw.Project
) -> None:
    lea = settling(host_page, project).title("two.jpg")
    panel = lea.root.get_by_label("Disagreements")
    panel.get_by_role("button", name="Take all").first.click()
    expect(panel).to_contain_text("3 of 3 settled")
    lea.has_objects(3)
    lea.hover((10, 10))
    lea.key("j")
    panel.get_by_role("button", name="van", exact=True).click()
    lea.key("k")
    lea.key("j")
    lea.key("j")
    lea.key("j")
    panel.get_by_role("button", name="yes", exact=True).click()
    lea.saved()
    made = answer(project).set_index("class_name")
    assert sorted(made.index) == ["car", "tree", "van"]
    assert made.loc["car", "attributes"] == {"occluded": "yes"}
    assert made.loc["car", "x"] == 60, "The shape is still ana's."
    lea.key("Control+z")
    lea.key("Control+z")
    lea.key("Control+z")
    lea.has_objects(0)
    lea.key("Alt+Shift+Digit2")
    lea.has_objects(2)
    assert host_page.console == []


def test_an_answer_is_drawn_by_hand_with_the_keys_of_tools_until_one_goes_on(
    host_page: HostPage, project: lw.Project
) -> None:
    lea = settling(host_page, project).title("two.jpg")
    lea.hover((10, 10))
    for _ in range(3):
        lea.key("j")
    lea.key("e")
    lea.has_objects(1)
    lea.key("Alt+3")
    lea.key("Shift+ArrowRight")
    expect(lea.rows.first).to_contain_text("tree")
    lea.key("k")
    lea.key("3")
    expect(lea.notices).to_have_count(0)
    lea.has_objects(1)
    lea.saved()
    (made,) = answer(project).itertuples()
    assert (made.class_name, made.x) == ("tree", 76)
    assert host_page.console == []


def test_names_are_hidden_and_where_people_differ_lies_over_the_picture(
    host_page: HostPage, project: lw.Project, repository: Path
) -> None:
    lea = settling(host_page, project).title("two.jpg")
    panel = lea.root.get_by_label("Disagreements")
    lea.hover((10, 10))
    expect(panel).to_contain_text("ana")
    lea.key("Shift+A")
    expect(panel).to_contain_text("Person 2")
    assert "ana" not in lea.root.inner_text()
    assert "ben" not in lea.root.inner_text()
    lea.key("Shift+X")
    expect(lea.root.locator("canvas.lw-heat")).not_to_have_attribute("width", "0")
    lea.page.wait_for_timeout(100)
    red, green, _ = lea.pixels((270, 230), 1)[4]
    assert red > green + 30, "Only one of them has the tree."
    assert max(lea.pixels((100, 90), 1)[4]) - min(lea.pixels((100, 90), 1)[4]) < 20, "Both."
    axe = repository / "js" / "node_modules" / "axe-core" / "axe.min.js"
    lea.key("j")
    host_page.page.add_script_tag(path=axe)
    found = host_page.page.evaluate("async () => (await axe.run('.lw-annotator')).violations")
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert host_page.console == []


def test_each_person_has_a_pane_beside_the_answer_that_goes_along_and_can_be_pointed_at(
    host_page: HostPage, project: lw.Project
) -> None:
    lea = settling(host_page, project).title("two.jpg")
    panel = lea.root.get_by_label("Disagreements")
    lea.hover((10, 10))
    lea.key("Shift+C")
    names = lea.root.locator(".lw-maker")
    expect(names).to_have_text(["The answer", "ana", "ben"])
    panes = lea.root.locator(".lw-pane")
    expect(panes.nth(2)).to_have_attribute("data-status", "ready")
    zoom = lea.root.locator(".lw-zoom")
    whole = zoom.inner_text()
    lea.key("j")
    expect(panel.locator(".lw-dispute[data-current=true]")).to_contain_text("class")
    assert lea.zoom() > 100
    lea.key("0")
    expect(zoom).to_have_text(whole)
    lea.drawn()
    # The car of ben's pane lies where it does in the answer's: the panes see the same.
    at = lea.at((112, 96))
    first, third = (panes.nth(n).bounding_box() for n in (0, 2))
    assert first
    assert third
    lea.page.mouse.click(at[0] + third["x"] - first["x"], at[1])
    expect(panel.locator(".lw-dispute[data-current=true]")).to_contain_text("occluded")
    lea.hover((112, 96))
    lea.key("2")
    lea.has_objects(1)
    lea.saved()
    assert project.annotations.query("author == 'lea'")["x"].tolist() == [72]
    assert len(project.annotations.query("author == 'ben'")) == 3, "Nothing of theirs is touched."
    lea.key("Shift+C")
    expect(names).to_have_count(0)
    expect(panes).to_have_count(1)
    assert host_page.console == []
