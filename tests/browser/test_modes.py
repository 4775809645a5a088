"""Modes of the annotator, and the guide: classification by keys, segmentation alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.schema.instructions import read_instructions
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import RESULTS, SIZE
from tests.browser.host import HostPage, Message
from tests.browser.kernel_end import KernelEnd
from tests.browser.lab import Notebook

COUNT = 24
ANIMALS = ["cat", "dog", "bird", "fish"]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(COUNT):
        grey = np.full((SIZE[1], SIZE[0], 3), 40 + number * 8, np.uint8)
        Image.fromarray(grey).save(folder / f"{number:02}.png")
    return folder


@pytest.fixture
def animals(tmp_path: Path, many: Path) -> Iterator[lw.Project]:
    ontology = lw.Ontology([], [lw.Radio("animal", ANIMALS, required=True)])
    dataset = lw.Dataset.open(many)
    with lw.Project.create(tmp_path / "animals.db", dataset, ontology, user="ana") as made:
        yield made


def mount(
    host: HostPage,
    project: lw.Project,
    mode: Any = None,
    theme: Literal["light", "dark"] = "light",
    **traits: Any,
) -> KernelEnd:
    kernel = KernelEnd(project, session=project.session(mode=mode))
    host.kernel = kernel
    mode = kernel.session.mode
    state = kernel.traits(mode=mode, advance=mode == "classification", **traits)
    host.mount("image", state, theme=theme)
    return kernel


# Presses each key in the frame after its picture came, and returns how long all of it took.
PRESS = """async keys => {
  const root = document.querySelector(".lw-annotator");
  const frame = () => new Promise(requestAnimationFrame);
  const started = performance.now();
  let before = "";
  for (const key of keys) {
    const title = () => root.querySelector(".lw-title").textContent;
    while (title() === before || root.querySelector(".lw-cover")) await frame();
    before = title();
    root.dispatchEvent(new KeyboardEvent("keydown", { key, code: `Digit${key}`, bubbles: true }));
  }
  return performance.now() - started;
}"""


def answers(project: lw.Project) -> dict[str, str]:
    frame = project.annotations.merge(project.tasks, left_on="task_id", right_on="id")
    return {row.title: row.attributes["animal"] for row in frame.itertuples()}


def test_one_key_answers_submits_and_goes_on(host_page: HostPage, animals: lw.Project) -> None:
    mount(host_page, animals)
    page = AnnotatorPage(host_page.page, SIZE).ready().title("00.png")
    expect(page.root.locator(".lw-tool[data-tool=rectangle]")).to_have_count(0)
    page.hover()
    page.key("2")
    page.title("01.png")
    page.key("1")
    page.title("02.png").saved()
    host_page.page.wait_for_timeout(300)
    assert answers(animals) == {"00.png": "dog", "01.png": "cat"}
    assert animals.tasks["state"].tolist()[:2] == ["submitted", "submitted"]


def test_a_burst_of_keys_lands_on_the_pictures_in_their_order_and_none_is_lost(
    host_page: HostPage, animals: lw.Project
) -> None:
    mount(host_page, animals)
    page = AnnotatorPage(host_page.page, SIZE).ready().title("00.png")
    page.hover()
    host_page.page.wait_for_timeout(500)
    keys = [str(1 + (number * 7) % 4) for number in range(COUNT)]
    for key in keys:
        page.key(key)
    expect(page.root.locator(".lw-cover")).to_contain_text("done", timeout=20_000)
    host_page.page.wait_for_timeout(500)
    wanted = {f"{number:02}.png": ANIMALS[int(key) - 1] for number, key in enumerate(keys)}
    assert answers(animals) == wanted
    assert set(animals.tasks["state"]) == {"submitted"}


def test_a_held_key_answers_once(host_page: HostPage, animals: lw.Project) -> None:
    mount(host_page, animals)
    page = AnnotatorPage(host_page.page, SIZE).ready().title("00.png")
    page.hover()
    for _ in range(5):
        host_page.page.keyboard.down("3")
    host_page.page.keyboard.up("3")
    page.title("01.png").saved()
    host_page.page.wait_for_timeout(200)
    assert answers(animals) == {"00.png": "bird"}


def test_keys_pressed_long_before_the_picture_is_there_do_nothing_and_say_so(
    host_page: HostPage, animals: lw.Project
) -> None:
    kernel = mount(host_page, animals)
    page = AnnotatorPage(host_page.page, SIZE).ready().title("00.png")
    page.hover()
    host_page.page.wait_for_timeout(500)
    held: list[Message] = []

    def slow(message: Message) -> Any:
        if message.content["type"] == "open":
            held.append(message)
            return []
        return kernel(message)

    host_page.kernel = slow
    for _ in range(6):
        page.key("1")
        host_page.page.wait_for_timeout(150)
    host_page.page.wait_for_timeout(1_500)
    host_page.kernel = kernel
    for message in held:
        for answer in kernel(message):
            host_page.deliver(answer.content, answer.buffers)
    expect(page.notices).to_contain_text("pressed before the picture was there")
    page.saved()
    found = answers(animals)
    assert set(found.values()) == {"cat"}
    assert len(found) == 5, "What was made ready was answered, and nothing else."


def test_several_questions_take_the_keys_one_after_the_other(
    host_page: HostPage, tmp_path: Path, many: Path
) -> None:
    ontology = lw.Ontology(
        [],
        [
            lw.Radio("usable", ["yes", "no"], required=True),
            lw.Dropdown("why", ["blur", "dark"], required=True, shown_if={"usable": ["no"]}),
            lw.Checkbox("seen", ["people", "cars"]),
        ],
    )
    with lw.Project.create(tmp_path / "p.db", lw.Dataset.open(many), ontology) as project:
        mount(host_page, project)
        page = AnnotatorPage(host_page.page, SIZE).ready().title("00.png")
        page.hover()
        focus = page.root.locator('.lw-questionnaire [data-focus="true"]')
        expect(focus).to_contain_text("usable")
        page.key("2")
        expect(focus).to_contain_text("why")
        page.key("ArrowUp")
        expect(focus).to_contain_text("usable")
        page.key("ArrowDown")
        page.key("1")
        expect(focus).to_contain_text("seen")
        page.key("1")
        page.key("2")
        page.key("Enter")
        page.title("01.png").saved()
        host_page.page.wait_for_timeout(200)
        (row,) = project.annotations.itertuples()
        assert row.attributes == {"usable": "no", "why": "blur", "seen": ["people", "cars"]}
        assert project.tasks["state"][0] == "submitted"


def test_segmentation_asks_nothing_about_the_image(
    host_page: HostPage, project: lw.Project
) -> None:
    mount(host_page, project, "segmentation")
    page = AnnotatorPage(host_page.page, SIZE).ready()
    expect(page.root.locator("section[aria-label=Image]")).to_have_count(0)
    page.draw_box((50, 40), (150, 100))
    page.saved().has_objects(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_guide_opens_the_first_time_and_by_its_button(
    host_page: HostPage, project: lw.Project, theme: Literal["light", "dark"]
) -> None:
    text = (
        "# What to label\n\nEvery **car**, however small.\n\n- not: toys\n- [more](https://a.example)"
        "\n\n<script>window.hacked = 1</script> [x](javascript:alert(1))"
    )
    guide = json.loads(json.dumps(read_instructions(text)))
    mount(host_page, project, theme=theme, guide=guide)
    page = AnnotatorPage(host_page.page, SIZE).ready()
    sheet = page.root.get_by_role("dialog", name="Guide")
    expect(sheet).to_contain_text("Every car, however small.")
    expect(sheet.get_by_role("link")).to_have_count(1)
    expect(sheet).to_contain_text("<script>window.hacked = 1</script>")
    RESULTS.mkdir(exist_ok=True)
    host_page.page.screenshot(path=RESULTS / f"guide-{theme}.png")
    page.key("Escape")
    expect(sheet).to_have_count(0)
    host_page.reload()
    page.ready()
    expect(sheet).to_have_count(0)
    page.root.get_by_role("button", name="Guide").click()
    expect(sheet).to_be_visible()
    assert host_page.page.evaluate("() => window.hacked") is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_questionnaire_is_accessible(
    host_page: HostPage,
    animals: lw.Project,
    theme: Literal["light", "dark"],
    repository: Path,
) -> None:
    mount(host_page, animals, theme=theme)
    page = AnnotatorPage(host_page.page, SIZE).ready()
    page.hover()
    host_page.page.add_script_tag(
        path=repository / "js" / "node_modules" / "axe-core" / "axe.min.js"
    )
    found = host_page.page.evaluate("() => axe.run('.lw-annotator')")
    serious = [
        (one["id"], one["nodes"][0]["html"], one["nodes"][0].get("failureSummary", ""))
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    RESULTS.mkdir(exist_ok=True)
    host_page.page.screenshot(path=RESULTS / f"classification-{theme}.png")


def test_a_class_retired_while_an_object_of_it_is_open_stays_and_the_annotator_says_so(
    host_page: HostPage, project: lw.Project
) -> None:
    mount(host_page, project)
    page = AnnotatorPage(host_page.page, SIZE).ready()
    page.draw_box((50, 40), (150, 100))
    page.saved().has_objects(1)
    page.key("v")
    project.retire_class("car")
    host_page.set_state("ontology", project.ontology.to_dict())
    expect(page.notices).to_contain_text("“car” is no longer offered")
    expect(page.root.locator(".lw-class .lw-name")).to_have_text(["tree", "person", "car"])
    page.drag((100, 70), (130, 90))
    page.saved()
    assert project.annotations["x"].tolist() == pytest.approx([80], abs=1)


def test_a_class_taken_out_while_it_is_drawn_loses_nothing(
    host_page: HostPage, project: lw.Project
) -> None:
    mount(host_page, project)
    page = AnnotatorPage(host_page.page, SIZE).ready()
    page.hover((60, 60))
    page.key("p")
    for point in [(60, 60), (200, 70), (220, 180)]:
        page.click(point)
    left = [made for made in project.ontology.classes if made.name != "tree"]
    project.update_ontology(lw.Ontology(left, project.ontology.image_attributes))
    host_page.set_state("ontology", project.ontology.to_dict())
    page.click((90, 200))
    page.click((60, 60))
    page.saved().has_objects(1)
    assert project.annotations["class_name"].tolist() == ["tree"]
    assert project.ontology["tree"].retired


def test_a_renamed_class_is_renamed_on_the_open_page(
    host_page: HostPage, project: lw.Project
) -> None:
    mount(host_page, project)
    page = AnnotatorPage(host_page.page, SIZE).ready()
    page.draw_box((50, 40), (150, 100))
    page.saved().has_objects(1)
    project.rename_class("car", "vehicle")
    host_page.set_state("ontology", project.ontology.to_dict())
    expect(page.rows.first).to_contain_text("vehicle")
    page.hover()
    page.key("Control+z")
    page.has_objects(0).saved()
    page.key("Control+Shift+z")
    page.has_objects(1).saved()
    expect(page.rows.first).to_contain_text("vehicle")
    assert project.annotations["class_name"].tolist() == ["vehicle"]


def test_classification_at_the_pace_of_keys_in_jupyterlab(
    notebook: Notebook, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    count = 60
    noise = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    for number in range(count):
        picture = Image.fromarray(np.roll(noise, number, 1)).resize((1600, 1200))
        picture.save(folder / f"{number:03}.jpg", quality=85)
    notebook.open(
        [
            "import labelwidgets as lw\n"
            f"dataset = lw.Dataset.open({str(folder)!r})\n"
            f"ontology = lw.Ontology([], [lw.Radio('animal', {ANIMALS!r}, required=True)])\n"
            f"project = lw.Project.create({str(tmp_path / 'lab.db')!r}, dataset, ontology)\n"
            "project.annotate()"
        ]
    )
    notebook.run_all()
    page = AnnotatorPage(notebook.page, (1600, 1200)).ready().title("000.jpg")
    page.hover()
    notebook.page.wait_for_timeout(1500)
    keys = [str(1 + (number * 5) % 4) for number in range(count - 20)]
    seconds = notebook.page.evaluate(PRESS, keys) / 1000
    print(f"\n{len(keys) / seconds:.1f} keys a second over {len(keys)} pictures of 1600 x 1200")
    page.title(f"{len(keys):03}.jpg").ready()
    page.saved()
    notebook.page.wait_for_timeout(2000)
    with lw.Project.open(tmp_path / "lab.db") as project:
        wanted = {f"{n:03}.jpg": ANIMALS[int(key) - 1] for n, key in enumerate(keys)}
        assert answers(project) == wanted
        assert (project.tasks["state"] == "submitted").sum() == len(keys)
