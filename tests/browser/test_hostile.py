"""The annotator among hostile names, lying kernels, odd pictures and stores that go away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.store.store import Store
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.store.making import create

CANARY = '<img src=x onerror="window.pwned=1">'


@contextmanager
def shown(
    page: HostPage, folder: Path, dataset: lw.Dataset, ontology: lw.Ontology, **traits: Any
) -> Iterator[tuple[lw.Project, KernelEnd]]:
    """Put a new project before the page."""
    path = folder / "hostile.db"
    with lw.Project.create(path, dataset, ontology, user="ana", name=CANARY) as project:
        kernel = KernelEnd(project)
        page.kernel = kernel
        page.mount("image", kernel.traits(**traits))
        yield project, kernel


def untroubled(page: HostPage) -> None:
    """Nothing was executed that came as a name, and no script failed."""
    assert page.page.evaluate("() => window.pwned") is None
    assert [line for line in page.console if line.startswith(("pageerror", "error"))] == []


NAMES = [
    CANARY,
    '"><svg onload=window.pwned=1>',
    "javascript:window.pwned=1",
    "\u202egpj.exe",
    "👩\u200d👩\u200d👧",
    "=1+1",
    "x" * 200,
]
# What every object of JavaScript has already.
# "__proto__" is tried without a browser: the line between page and test loses such a key.
INHERITED = ["constructor", "toString", "hasOwnProperty"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_hostile_name_is_a_name(
    tmp_path: Path, photos: Path, host_page: HostPage, name: str
) -> None:
    ontology = lw.Ontology(
        [lw.ObjectClass(name, attributes=[lw.Radio(name, [name, "b"], required=True)])],
        [lw.Checkbox(name, [name, "b"]), lw.Text(f"{name[:190]} note")],
    )
    frame = pd.DataFrame({"url": [str(photos / "a" / "one.jpg")], "title": name, "folder": name})
    dataset = lw.Dataset.open(frame)
    with shown(host_page, tmp_path, dataset, ontology) as (project, _):
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        answer_all(annotator, project, name)
        untroubled(host_page)
        assert annotator.root.locator("img[src=x], svg[onload]").count() == 0


def answer_all(annotator: AnnotatorPage, project: lw.Project, name: str) -> None:
    """Draw one object, answer every question, submit, and look at it again."""
    expect(annotator.root.locator(".lw-title")).to_have_attribute("title", name)
    annotator.draw_box((50, 40), (150, 100))
    annotator.has_objects(1).saved()
    annotator.key("1")
    annotator.saved()
    annotator.key("Escape")
    image = annotator.root.get_by_role("region", name="Image")
    image.get_by_role("checkbox").first.check(timeout=5_000)
    annotator.saved()
    box, about = project.records()
    kept = project.ontology.classes[0].name
    assert (box.class_name, box.attributes) == (kept, {kept: kept})
    assert about.attributes == {kept: [kept]}
    annotator.hover((300, 250))
    annotator.key("?")
    annotator.key("Escape")
    annotator.root.get_by_role("button", name="Submit").click()
    expect(annotator.root.locator(".lw-cover")).to_contain_text("All done")
    assert project.tasks["state"].tolist() == ["submitted"]


@pytest.mark.parametrize("name", INHERITED)
def test_a_name_that_every_object_has_is_a_name(
    tmp_path: Path, photos: Path, host_page: HostPage, name: str
) -> None:
    ontology = lw.Ontology(
        [lw.ObjectClass(name, attributes=[lw.Radio(name, [name, "b"], required=True)])],
        [lw.Checkbox(name, [name, "b"]), lw.Text("note")],
    )
    frame = pd.DataFrame({"url": [str(photos / "a" / "one.jpg")], "title": name})
    with shown(host_page, tmp_path, lw.Dataset.open(frame), ontology) as (project, _):
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        answer_all(annotator, project, name)
        untroubled(host_page)


def test_half_a_character_holds_nothing_else_up(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.hover((60, 60))
    annotator.key("3")
    annotator.drag((50, 40), (150, 100))
    annotator.saved()
    annotator.key("Escape")
    side = annotator.root.get_by_role("region", name="Attributes")
    note = side.get_by_label("note")
    note.evaluate("""it => {
      it.value = "half \\ud800";
      it.dispatchEvent(new Event("change", { bubbles: true }));
    }""")
    expect(annotator.notices).to_contain_text("Not saved")
    annotator.draw_box((200, 40), (300, 100))
    annotator.saved()
    assert len(project.annotations) == 2
    note.fill("whole")
    note.blur()
    annotator.saved()


# A kernel that lies

LIES: list[Any] = [
    {},
    {"type": "unknown"},
    {"type": "applied", "edits": []},
    {"type": "applied", "edits": [{"id": "x", "task": "t", "kind": "update", "annotation": "a",
                                   "revision": 5, "after": {"geometry": {"type": "rectangle"}}}]},
    {"type": "refused", "edits": [{"id": "x", "task": "t", "annotation": "a",
                                   "reason": "conflict", "message": CANARY}]},
    {"type": "moved", "task": {"id": "nobody", "state": "submitted"}},
    {"type": "stepped", "request": 9999, "annotations": ["nobody"]},
    {"type": "pixels", "request": 9999, "item": "x", "mime": "text/html", "width": 1, "height": 1},
    {"type": "thumbnail", "request": 9999, "item": "x", "mime": "text/html"},
    {"type": "failed", "request": 9999, "error": {"kind": "x", "message": CANARY}},
    {"type": "tasks", "request": 9999, "rows": [], "total": 10**9, "offset": 0, "folders": []},
]  # fmt: skip


def test_messages_that_nobody_asked_for_change_nothing(
    annotator: AnnotatorPage, host_page: HostPage, project: lw.Project
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    for lie in LIES:
        host_page.deliver(lie, [CANARY.encode()])
    annotator.has_objects(1)
    annotator.draw_box((200, 40), (300, 100))
    annotator.has_objects(2).saved()
    assert len(project.annotations) == 2
    untroubled(host_page)


def test_a_refusal_is_shown_as_text(
    annotator: AnnotatorPage, host_page: HostPage, kernel: KernelEnd
) -> None:
    def refuse(*_: object) -> Any:
        raise lw.errors.StoreLockedError(CANARY, where=CANARY)

    apply, kernel.session.apply = kernel.session.apply, refuse  # type: ignore[method-assign]
    annotator.draw_box((50, 40), (150, 100))
    expect(annotator.notices).to_contain_text(CANARY)
    kernel.session.apply = apply  # type: ignore[method-assign]
    annotator.badge.click()
    annotator.saved()
    untroubled(host_page)


def test_joints_and_instructions_are_shown_as_text(
    tmp_path: Path, photos: Path, host_page: HostPage
) -> None:
    names = [CANARY, '"><svg onload=window.pwned=1>', "\u202egpj.exe", "=1+1"]
    skeleton = lw.Skeleton(names, [(0, 1), (1, 2)], [(0, 0), (1, 0), (1, 1), (0, 1)])
    ontology = lw.Ontology([lw.ObjectClass("pose", tool="keypoints", skeleton=skeleton)])
    told = f"# {CANARY}\n\n[go](javascript:window.pwned=1) <script>window.pwned=1</script>"
    with shown(host_page, tmp_path, lw.Dataset.open(photos), ontology) as (project, kernel):
        project.instructions = told
        host_page.page.reload()
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        host_page.page.keyboard.press("Escape")
        annotator.hover()
        annotator.key("1")
        for name, at in zip(names, [(60, 60), (120, 60), (120, 120), (60, 120)], strict=True):
            expect(annotator.root.locator(".lw-status")).to_contain_text(name)
            annotator.click(at)
        annotator.key("Enter")
        annotator.has_objects(1).saved()
        annotator.key("i")
        (record,) = project.records()
        assert len(record.geometry.points) == 4
    untroubled(host_page)


# Pictures


@pytest.mark.parametrize("size", [(1, 1), (20_000, 100), (100, 20_000), (3, 2)])
def test_a_picture_of_odd_shape_can_be_labelled(
    tmp_path: Path, host_page: HostPage, ontology: lw.Ontology, size: tuple[int, int]
) -> None:
    path = tmp_path / "odd.png"
    Image.fromarray(np.full((size[1], size[0], 3), 90, np.uint8)).save(path)
    with shown(host_page, tmp_path, lw.Dataset.open(path), ontology) as (project, _):
        annotator = AnnotatorPage(host_page.page, size).ready()
        assert annotator.pixels((size[0] / 2, size[1] / 2), 0)[0] == (90, 90, 90)
        # All of it, from a little outside of one corner to a little outside of the other.
        (left, top), (right, bottom) = annotator.at((0, 0)), annotator.at(size)
        annotator.root.focus()
        annotator.key("Shift+c")
        mouse = host_page.page.mouse
        mouse.move(left - 5, top - 5)
        mouse.down()
        mouse.move(right + 5, bottom + 5, steps=3)
        mouse.up()
        annotator.has_objects(1).saved()
        (box,) = project.annotations.itertuples()
        assert (box.x, box.y, box.width, box.height) == (0, 0, *size)
        untroubled(host_page)


def test_a_picture_that_vanished_comes_back(
    annotator: AnnotatorPage, host_page: HostPage, project: lw.Project, photos: Path
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    picture = photos / "a" / "one.jpg"
    picture.rename(photos / "away.bin")
    host_page.reload()
    cover = annotator.root.locator(".lw-cover")
    expect(cover).to_contain_text("one.jpg: does not exist")
    (photos / "away.bin").rename(picture)
    # By key: playwright takes a click that moves its own button away for one that missed.
    cover.get_by_role("button", name="Try again").press("Enter")
    annotator.ready().has_objects(1)


def test_a_picture_of_another_size_is_not_shown_under_its_labels(
    annotator: AnnotatorPage, host_page: HostPage, project: lw.Project, photos: Path
) -> None:
    annotator.draw_box((350, 250), (390, 290))
    annotator.saved()
    Image.fromarray(np.full((100, 100, 3), 90, np.uint8)).save(photos / "a" / "one.jpg")
    host_page.reload()
    cover = annotator.root.locator(".lw-cover")
    expect(cover).to_contain_text("is 100 x 100 pixels now and was 400 x 300")
    assert len(project.annotations) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_a_project_of_next_to_nothing(
    tmp_path: Path, photos: Path, host_page: HostPage, ontology: lw.Ontology, count: int
) -> None:
    items = lw.Dataset.open(photos).items.head(count)
    dataset = lw.Dataset.from_items(items)
    with shown(host_page, tmp_path, dataset, ontology) as (project, _):
        annotator = AnnotatorPage(host_page.page, SIZE)
        if count:
            annotator.ready()
            annotator.key("d")
            annotator.key("a")
            annotator.root.get_by_role("button", name="Submit").click()
        expect(annotator.root.locator(".lw-cover")).to_contain_text("All done")
        untroubled(host_page)
        assert len(project.tasks) == count


def test_very_many_labels_on_one_picture(
    tmp_path: Path, photos: Path, host_page: HostPage, ontology: lw.Ontology
) -> None:
    dataset = lw.Dataset.open(photos / "a" / "one.jpg")
    with lw.Project.create(tmp_path / "many.db", dataset, ontology, user="ana") as project:
        item = project.tasks["item_id"].iloc[0]
        places = np.random.default_rng(0).uniform(0, 280, (50_000, 2)).round(1).tolist()
        project.add(
            [
                lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(x, y, 8, 6))
                for x, y in places
            ]
        )
        kernel = KernelEnd(project)
        host_page.kernel = kernel
        host_page.mount("image", kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready().has_objects(50_000)
        annotator.draw_box((350, 40), (390, 100))
        annotator.has_objects(50_001).saved()
        assert annotator.rows.count() < 200, "only rows in sight are in the page"
        annotator.key("Control+z")
        annotator.has_objects(50_000).saved()
        untroubled(host_page)


# Stores and notebooks


def test_a_store_that_is_moved_away_takes_nothing_with_it(
    annotator: AnnotatorPage, project: lw.Project, tmp_path: Path
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    store = tmp_path / "labels.db"
    store.rename(tmp_path / "away.db")
    annotator.draw_box((200, 40), (300, 100))
    expect(annotator.notices).to_contain_text("labels.db: was moved, deleted or replaced")
    expect(annotator.badge).to_have_attribute("data-state", "kept")
    annotator.has_objects(2)
    (tmp_path / "away.db").rename(store)
    annotator.badge.click()
    annotator.saved()
    assert len(project.annotations) == 2


def test_a_page_of_another_project_keeps_its_labels_to_itself(
    annotator: AnnotatorPage,
    host_page: HostPage,
    kernel: KernelEnd,
    tmp_path: Path,
    photos: Path,
    ontology: lw.Ontology,
) -> None:
    kernel.fault = lambda content: "drop" if content["type"] == "edits" else None
    annotator.draw_box((50, 40), (150, 100))
    expect(annotator.badge).to_have_attribute("data-state", "kept", timeout=15_000)
    dataset = lw.Dataset.open(photos)
    with lw.Project.create(tmp_path / "other.db", dataset, ontology, user="ana") as other:
        end = KernelEnd(other)
        host_page.kernel = end
        host_page.reload(end.traits())
        annotator.ready().has_objects(0).saved()
        assert len(other.annotations) == 0
    kernel.fault = lambda _: None
    host_page.kernel = kernel
    host_page.reload(kernel.traits())
    annotator.ready().has_objects(1).saved()


def test_classes_that_were_added_elsewhere(
    annotator: AnnotatorPage, host_page: HostPage, project: lw.Project, tmp_path: Path
) -> None:
    annotator.draw_box((50, 40), (150, 100))
    annotator.saved()
    with Store.open(tmp_path / "labels.db") as elsewhere:
        elsewhere.change_ontology(lambda now: now.extend(["boat"]), "ben")
        task = elsewhere.task_ids()[0]
        box = {"type": "rectangle", "x": 200, "y": 40, "width": 100, "height": 60}
        after = {"class_name": "boat", "geometry": box}
        elsewhere.apply([create(task, after=after)], "ben")
    # A class that this page does not know yet is shown all the same.
    host_page.reload()
    annotator.ready().has_objects(2)
    expect(annotator.rows.filter(has_text="boat")).to_have_count(1)
    host_page.set_state("ontology", project.ontology.to_dict())
    annotator.root.locator(".lw-class").filter(has_text="boat").click()
    annotator.hover((60, 200))
    annotator.drag((50, 200), (100, 250))
    annotator.has_objects(3).saved()
    assert project.annotations["class_name"].tolist() == ["car", "boat", "boat"]


def test_a_work_list_is_all_that_a_page_can_reach(host_page: HostPage, project: lw.Project) -> None:
    tasks = project.tasks
    box = {"type": "rectangle", "x": 123, "y": 1, "width": 5, "height": 5}
    secret = create(tasks["id"].iloc[3], after={"geometry": box})
    project.session().apply([secret])
    kernel = KernelEnd(project)
    kernel.session = project.session([tasks["id"].iloc[1]])
    kernel.link.close()
    kernel.link = type(kernel.link)(kernel.session, kernel._send, find_loop=lambda: None)
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    annotator = AnnotatorPage(host_page.page, SIZE).ready().title("two.jpg")
    expect(annotator.root.locator(".lw-counter")).to_have_text("1 of 1")
    heard: list[str] = []
    answer = host_page.kernel

    def listen(message: Any) -> Any:
        answers = list(answer(message))
        heard.extend(json.dumps(one.content) for one in answers)
        heard.extend(repr(one.buffers) for one in answers)
        return answers

    host_page.kernel = listen
    other, item = tasks["id"].iloc[3], tasks["item_id"].iloc[3]
    for forged in [
        {"type": "open", "request": 901, "task": other},
        {"type": "pixels", "request": 902, "item": item},
        {"type": "thumbnails", "request": 903, "items": [item]},
        {"type": "edits", "client": "x", "edits": [msgspec.to_builtins(secret)]},
        {"type": "tasks", "request": 904, "folder": None, "offset": 0, "limit": 500},
    ]:
        host_page.page.evaluate("it => lw.model.send(it)", forged)
    host_page.page.wait_for_timeout(300)
    assert sum("not in the work list" in text for text in heard) == 4
    assert not any("123" in text or "four.png" in text for text in heard)


def test_an_edit_that_no_kernel_can_read_holds_no_other_up(
    annotator: AnnotatorPage, host_page: HostPage, project: lw.Project, kernel: KernelEnd
) -> None:
    # What a page of another version may have left in this browser.
    odd = {"id": "odd1", "task": project.tasks["id"].iloc[0], "kind": "merge", "annotation": "odd2"}
    host_page.page.evaluate(
        """([project, edit]) => new Promise((resolve, reject) => {
          const opening = indexedDB.open("labelwidgets");
          opening.onerror = reject;
          opening.onsuccess = () => {
            const writing = opening.result.transaction("edits", "readwrite");
            writing.objectStore("edits").put({ id: edit.id, project, order: 0, edit });
            writing.oncomplete = resolve;
          };
        })""",
        [f"{project.store.uid}\nana", odd],
    )
    kernel.fault = lambda content: "drop" if content["type"] == "edits" else None
    annotator.draw_box((50, 40), (150, 100))
    expect(annotator.badge).to_have_attribute("data-state", "kept", timeout=15_000)
    kernel.fault = lambda _: None
    host_page.reload()
    annotator.ready().has_objects(1).saved()
    assert len(project.annotations) == 1
    assert [type(error).__name__ for error in kernel.errors] == ["LinkError"]
