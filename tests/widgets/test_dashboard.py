from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree
from PIL import Image

import labelwidgets as lw
from labelwidgets.workflow.charts import shares, stacked_bars

NASTY = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lw.Project]:
    for name in ("a", "b", "c"):
        Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / f"{name}.png")
    dataset = lw.Dataset.open(str(tmp_path / "*.png"))
    classes = [lw.ObjectClass("car"), lw.ObjectClass(NASTY)]
    with lw.Project.create(tmp_path / "p.db", dataset, classes, user="ana") as made:
        yield made


def label(project: lw.Project, number: int, class_name: str) -> str:
    task = project.tasks.iloc[number]
    box = lw.Rectangle(1, 2, 30, 40)
    project.add([lw.Annotation(item_id=task["item_id"], class_name=class_name, geometry=box)])
    return str(task["id"])


def test_a_new_project_has_a_dashboard(project: lw.Project) -> None:
    board = project.dashboard()
    assert board.table.empty
    assert "0 of 3 tasks finished. No forecast yet" in board._head.value
    assert board._open.disabled


def test_rows_lead_to_the_tasks_behind_them(project: lw.Project) -> None:
    first, second = label(project, 0, "car"), label(project, 1, NASTY)
    project.submit(first)
    board = project.dashboard()
    assert "1 of 3 tasks finished. At " in board._head.value
    assert board.table["person"].tolist() == ["ana"]
    assert set(board.tasks_of("ana")) == {first, second}
    board._by.value = "class"
    assert board.tasks_of("car") == [first]
    assert board.tasks_of(NASTY) == [second]
    board._by.value = "day"
    assert set(board.tasks_of(board.table["day"].iloc[0])) == {first, second}
    board._row.value = board.table["day"].iloc[0]
    board._open.click()
    assert len(board._out.outputs) == 1


def test_what_people_wrote_is_no_markup(project: lw.Project) -> None:
    label(project, 0, NASTY)
    board = project.dashboard()
    board._by.value = "class"
    for shown in (board._head, board._people, board._pace):
        assert "<img" not in shown.value
    assert "&lt;img" in board._people.value


def test_a_query_that_says_nothing_leaves_the_tasks_as_they_are(project: lw.Project) -> None:
    viewer = project.view()
    assert len(viewer.page) == 3
    viewer._query.value = "colour == 3"
    assert len(viewer.page) == 3
    assert "colour" in viewer._said.value
    viewer._query.value = "title == 'b.png'"
    assert viewer.page["title"].tolist() == ["b.png"]


def test_a_click_on_a_picture_opens_its_task(project: lw.Project) -> None:
    viewer = project.view()
    viewer._pressed(140.0, 20.0)
    assert len(viewer._out.outputs) == 1
    viewer._pressed(700.0, 400.0)
    assert len(viewer._out.outputs) == 1, "there is no task at that place"


def test_pages_end_at_the_first_and_the_last(tmp_path: Path) -> None:
    rows = [{"url": str(tmp_path / f"{n}.png"), "title": f"{n:02}"} for n in range(40)]
    for row in rows:
        Image.fromarray(np.zeros((6, 8, 3), np.uint8)).save(row["url"])
    dataset = lw.Dataset.open([row["url"] for row in rows])
    with lw.Project.create(tmp_path / "p.db", dataset, ["car"], user="ana") as project:
        viewer = project.view()
        sizes = [len(viewer.page)]
        for _ in range(3):
            viewer.turn(1)
            sizes.append(len(viewer.page))
        assert sizes == [18, 18, 4, 4]
        viewer.turn(-5)
        assert viewer._said.value == "1 to 18 of 40"


@pytest.mark.parametrize(
    "html", [shares({NASTY: 3, "b": 0}, NASTY), stacked_bars([NASTY], {NASTY: [2.0]}, NASTY)]
)
def test_charts_are_well_formed_and_escape_what_they_say(html: str) -> None:
    for svg in re.findall(r"<svg.*?</svg>", html, re.S):
        ElementTree.fromstring(svg)
    assert "<img" not in html


def test_the_parts_of_a_bar_are_as_high_as_their_numbers() -> None:
    html = stacked_bars(["mon", "tue"], {"a": [1, 2], "b": [3, 2]}, "work")
    heights = [float(found) for found in re.findall(r'<rect[^>]* height="([\d.]+)"', html)]
    assert heights[0] * 3 == pytest.approx(heights[1], abs=0.5)
    assert heights[2] == pytest.approx(heights[3], abs=0.1)
