"""The pictures of the documentation, taken from the real thing; and the quickstart, as it ran.

`LABELWIDGETS_PICTURES=1` renews those in `docs/pictures` and the notebook in `notebooks`;
without it, all goes to `test-results/pictures`.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import labelwidgets as lw
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.lab import LabServer, Notebook

ROOT = Path(__file__).resolve().parents[2]
RENEW = bool(os.environ.get("LABELWIDGETS_PICTURES"))
PICTURES = ROOT / "docs" / "pictures" if RENEW else ROOT / "test-results" / "pictures"
MOST_BYTES = 300_000
QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"
MOST_NOTEBOOK_BYTES = 1_500_000
QUICKSTART_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"

# The photograph of a motorcycle among the sample photographs, and what is on it.
PHOTO = "motorcycle_left.png"
SIZE = (741, 500)
SEAT = [
    *((152, 167), (180, 161), (203, 166), (222, 171), (245, 168), (262, 184), (285, 196)),
    *((315, 194), (345, 188), (357, 193), (352, 204), (330, 224), (303, 244), (277, 256)),
    *((262, 252), (245, 233), (222, 218), (190, 210), (160, 203), (150, 185)),
]
TANK = [
    *((325, 227), (352, 206), (380, 186), (405, 168), (425, 159), (448, 155), (470, 160)),
    *((484, 172), (482, 195), (474, 225), (455, 241), (420, 240), (385, 242), (352, 250)),
]
FENDER = [
    *((506, 328), (512, 300), (527, 282), (548, 269), (575, 265), (605, 273), (628, 289)),
    *((643, 305), (637, 314), (620, 315), (595, 302), (567, 296), (540, 300), (520, 312)),
]
BOXES: list[tuple[str, tuple[float, float, float, float], dict[str, Any]]] = [
    ("wheel", (121, 234, 160, 167), {}),
    ("wheel", (510, 293, 174, 157), {}),
    ("lamp", (508, 122, 54, 66), {"kind": "headlight"}),
    ("lamp", (463, 175, 24, 25), {"kind": "indicator"}),
    ("lamp", (562, 117, 21, 27), {"kind": "indicator"}),
    ("carton", (528, 29, 67, 70), {}),
    ("carton", (590, 63, 48, 37), {}),
    ("carton", (615, 197, 67, 78), {}),
]
TAIL_LAMP = (95, 197), (121, 221)
ONTOLOGY = lw.Ontology(
    classes=[
        lw.ObjectClass("wheel", color="#e69f00"),
        lw.ObjectClass(
            "lamp",
            color="#56b4e9",
            attributes=[
                lw.Radio("kind", ["headlight", "indicator", "tail lamp"], required=True),
                lw.Checkbox("damage", ["cracked", "dirty"]),
            ],
        ),
        lw.ObjectClass("seat", tool="polygon", color="#f0e442"),
        lw.ObjectClass("body", tool="polygon", color="#0072b2", hotkey="Shift+T"),
        lw.ObjectClass("carton", color="#009e73"),
    ],
    image_attributes=[lw.Dropdown("light", ["day", "lamps", "dark"])],
)


def fill(project: lw.Project) -> str:
    """Add the labels of the motorcycle; return its task."""
    task = project.tasks.set_index("title").loc[PHOTO]
    item = str(task["item_id"])

    def label(name: str, geometry: Any, answers: Any = None) -> lw.Annotation:
        return lw.Annotation(
            item_id=item, class_name=name, geometry=geometry, attributes=answers or {}
        )

    outlines: list[tuple[str, Sequence[XY]]] = [("seat", SEAT), ("body", TANK), ("body", FENDER)]
    project.add([label(name, lw.Rectangle(*box), answers) for name, box, answers in BOXES])
    project.add([label(name, lw.Polygon([[list(ring)]])) for name, ring in outlines])
    project.add(lw.Annotation(item_id=item, geometry=lw.Tag(), attributes={"light": "lamps"}))
    return str(task["id"])


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[lw.Project]:
    dataset = lw.Dataset.open(lw.media.sample_photos())
    path = tmp_path / "workshop.db"
    with lw.Project.create(path, dataset, ONTOLOGY, user="ana") as project:
        yield project


@pytest.fixture
def end(workshop: lw.Project) -> KernelEnd:
    return KernelEnd(workshop)


@pytest.fixture
def scene(host_page: HostPage, end: KernelEnd, workshop: lw.Project) -> AnnotatorPage:
    """The annotator alone on a page, at the motorcycle."""
    host_page.page.set_viewport_size({"width": 1040, "height": 660})
    host_page.kernel = end
    host_page.mount("image", end.traits(task=fill(workshop)))
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    annotator.has_objects(len(BOXES) + 3).saved()
    thumbnails(annotator.root)
    return annotator


def thumbnails(root: Locator) -> None:
    """Wait until the navigator shows pictures."""
    expect(root.locator(".lw-strip img").first).to_be_visible(timeout=20_000)
    expect(root.locator(".lw-strip .lw-skeleton")).to_have_count(0, timeout=20_000)


def keep(png: bytes, name: str) -> None:
    """Save a picture as a JPEG with all its colours, as well as its size allows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (94, 90, 86, 82):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, subsampling=0, optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    assert buffer.tell() <= MOST_BYTES, f"{name} has {buffer.tell()} bytes"
    (PICTURES / f"{name}.jpg").write_bytes(buffer.getvalue())


def part(page: Page, locator: Locator, *, right: float = 1, bottom: float = 1) -> bytes:
    """Return a picture of the upper left part of what is shown."""
    box: Any = locator.bounding_box()
    box |= {"width": box["width"] * right, "height": box["height"] * bottom}
    return page.screenshot(clip=box)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_annotator(notebook: Notebook, lab: LabServer, theme: str) -> None:
    page = notebook.page
    page.set_viewport_size({"width": 1180, "height": 850})
    path = lab.files / f"workshop-{theme}.db"
    dataset = lw.Dataset.open(lw.media.sample_photos())
    with lw.Project.create(path, dataset, ONTOLOGY, user="ana") as project:
        task = fill(project)
    shutil.move(path, lab.files / "workshop.db")
    try:
        notebook.open(['project = lw.Project.open("workshop.db")\nproject.annotate()'])
        notebook.execute("import labelwidgets as lw")
        page.evaluate(
            """async theme => {
              const { commands, shell } = jupyterapp;
              if (!shell.leftCollapsed) await commands.execute("application:toggle-left-area");
              await commands.execute("apputils:change-theme", { theme });
            }""",
            f"JupyterLab {theme.title()}",
        )
        notebook.run_cell(0)
        annotator = AnnotatorPage(page, SIZE).ready()
        annotator.root.get_by_label(PHOTO).click()
        annotator.title(PHOTO).ready().has_objects(len(BOXES) + 3).saved()
        thumbnails(annotator.root)
        annotator.key("v")
        annotator.click((535, 155))
        expect(annotator.root.locator(".lw-side").get_by_label("headlight")).to_be_checked()
        annotator.hover((300, 470))
        page.wait_for_selector(
            f'body[data-jp-theme-light="{"true" if theme == "light" else "false"}"]',
            state="attached",
        )
        page.wait_for_timeout(500)
        panel = page.locator(".jp-NotebookPanel")
        keep(part(page, panel), f"annotator-{theme}")
        notebook.execute("project.close()")
    finally:
        for file in lab.files.glob("workshop.db*"):
            file.unlink()
    assert task


def test_question(scene: AnnotatorPage) -> None:
    scene.hover()
    scene.key("2")
    scene.drag(*TAIL_LAMP)
    popover = scene.root.get_by_role("dialog", name="Attributes of lamp")
    expect(popover).to_be_visible()
    expect(popover.get_by_label("headlight")).to_be_focused()
    scene.saved()
    keep(part(scene.page, scene.root, right=0.62, bottom=0.8), "question")
    scene.key("3")
    expect(popover.get_by_label("tail lamp")).to_be_checked()


def test_navigator(host_page: HostPage, end: KernelEnd, workshop: lw.Project) -> None:
    tasks = workshop.tasks["id"].tolist()
    workshop.submit(tasks[0])
    workshop.submit(tasks[1])
    workshop.skip(tasks[2], "A cat.")
    host_page.page.set_viewport_size({"width": 1040, "height": 660})
    host_page.kernel = end
    host_page.mount("image", end.traits(task=fill(workshop)))
    annotator = AnnotatorPage(host_page.page, SIZE).ready()
    thumbnails(annotator.root)
    states = annotator.root.locator(".lw-cell").evaluate_all(
        "cells => cells.map(cell => cell.dataset.state)"
    )
    assert states[:4] == ["submitted", "submitted", "skipped", "queued"]
    keep(annotator.root.locator(".lw-strip").screenshot(), "navigator")


def test_keys(scene: AnnotatorPage) -> None:
    scene.hover()
    scene.key("?")
    sheet = scene.root.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Shift+B")
    keep(scene.root.screenshot(), "keys")


def test_kept_in_this_browser(scene: AnnotatorPage, end: KernelEnd, workshop: lw.Project) -> None:
    before = len(workshop.annotations)
    end.fault = lambda content: "drop" if content["type"] == "edits" else None
    scene.hover()
    scene.key("5")
    scene.drag((636, 77), (679, 101))
    expect(scene.badge).to_have_attribute("data-state", "kept", timeout=20_000)
    scene.hover((300, 470))
    box: Any = scene.root.bounding_box()
    strip = {**box, "x": box["x"] + box["width"] * 0.4, "width": box["width"] * 0.6, "height": 250}
    keep(scene.page.screenshot(clip=strip), "kept")
    end.fault = lambda _: None
    scene.badge.click()
    scene.saved()
    assert len(workshop.annotations) == before + 1


def test_broken_file(tmp_path: Path, host_page: HostPage) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in map(Path, lw.media.sample_photos()):
        data = path.read_bytes()
        (folder / path.name).write_bytes(b"" if path.name == "chelsea.png" else data)
    dataset = lw.Dataset.open(folder, errors="collect")
    with lw.Project.create(tmp_path / "broken.db", dataset, ONTOLOGY, user="ana") as project:
        end = KernelEnd(project)
        host_page.page.set_viewport_size({"width": 1040, "height": 560})
        host_page.kernel = end
        broken = project.tasks.set_index("title").loc["chelsea.png"]
        host_page.mount("image", end.traits(task=str(broken["id"]), height=560))
        root = AnnotatorPage(host_page.page, SIZE).title("chelsea.png").root
        expect(root.locator(".lw-cover")).to_contain_text("empty")
        expect(root.locator(".lw-broken-cell")).to_have_count(1)
        thumbnails(root)
        text = root.locator(".lw-cover").inner_text()
        # Where the file lies in this run is of no interest to readers.
        root.locator(".lw-why").evaluate(
            "(element, text) => { element.textContent = text; }",
            text.splitlines()[0].replace(str(folder), "photos"),
        )
        keep(root.screenshot(), "broken")


def test_quickstart(page: Page, tmp_path: Path) -> None:
    server = LabServer(tmp_path / "lab", {"LOGNAME": "ana"})
    server.files.mkdir(parents=True)
    shutil.copyfile(QUICKSTART, server.files / QUICKSTART.name)
    notebook = Notebook(page, server, QUICKSTART.name)
    try:
        server.start()
        notebook.open()
        for index, cell in enumerate(notebook.cells()):
            if cell["cell_type"] == "code":
                notebook.run_cell(index)
        AnnotatorPage(page, SIZE).ready()
        notebook.save()
        ran = nbformat.read(notebook.path, 4)  # type: ignore[no-untyped-call]
        notebook.restart_kernel()
        notebook.run_all()  # Once more, over what the first run left behind.
    finally:
        notebook.close()
        server.stop()
    stills = 0
    ran.metadata = QUICKSTART_METADATA
    for cell in ran.cells:
        cell.metadata = {name: cell.metadata[name] for name in ("tags",) if name in cell.metadata}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            # No kernel comes with the file: the picture stands in for the widget.
            if data.pop(WIDGET, None):
                stills += 1
                assert len(data["image/jpeg"]) > 10_000
                data.pop("text/plain")
            elif "image/png" in data:
                data.pop("image/jpeg", None)
            for kind in ("text/plain", "text/html"):
                if kind in data:
                    data[kind] = _text(data[kind]).replace(f"{server.files}/", "")
    assert stills == 3
    text = nbformat.writes(ran)  # type: ignore[no-untyped-call]
    assert str(tmp_path) not in text
    assert len(text) < MOST_NOTEBOOK_BYTES
    target = QUICKSTART if RENEW else PICTURES / QUICKSTART.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)
