"""What the pages say is so: their code runs, their tables are right, their links lead somewhere."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from pathlib import Path

import msgspec
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets import errors
from labelwidgets.schema.geometries import DRAWN

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    DOCS / "index.md",
    DOCS / "quickstart.md",
    DOCS / "scale.md",
    *DOCS.glob("guide/*.md"),
]
BLOCK = re.compile(r"(<!-- not run: [^\n]+ -->\n)?```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code(page: Path) -> list[str]:
    """Return the blocks of Python on a page that are to be run."""
    return [body for skipped, body in BLOCK.findall(page.read_text("utf-8")) if not skipped]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages speak of."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in lw.media.sample_photos():
        shutil.copy(path, folder)
    shutil.copy(folder / "rocket.jpg", tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_block_of_code_ends(page: Path) -> None:
    opened: str | None = None
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        if not line.startswith("```"):
            continue
        assert not (opened and line != "```"), f"{opened} has no end before line {number}"
        opened = None if opened else f"the block of line {number}"
    assert opened is None


@pytest.mark.parametrize("page", [page for page in PAGES if code(page)], ids=named)
def test_the_code_of_a_page_runs_from_top_to_bottom(page: Path, desk: Path) -> None:
    script = desk / "page.py"
    script.write_text("\n".join(code(page)), "utf-8")
    for made in runpy.run_path(str(script)).values():
        if isinstance(made, lw.Project):
            made.close()


@pytest.mark.parametrize("frame", ["tasks", "annotations", "events", "people", "access"])
@pytest.mark.parametrize("empty", [True, False])
def test_the_columns_of_the_frames_are_as_the_store_page_has_them(
    frame: str, empty: bool, desk: Path
) -> None:
    text = (DOCS / "guide" / "store.md").read_text("utf-8")
    section = text.split(f"## `project.{frame}`")[1].split("\n## ")[0]
    said = dict(ROW.findall(section.split("| kind |")[0]))
    dataset = lw.Dataset.open("photo.jpg")
    with lw.Project.create(desk / "labels.db", dataset, ["car"], user="ana") as project:
        if not empty:
            item = project.tasks["item_id"][0]
            box = lw.Rectangle(1, 2, 3, 4)
            project.add(lw.Annotation(item_id=item, class_name="car", geometry=box))
            project.add_person("ben", "annotator")
        found: pd.DataFrame = getattr(project, frame)
    assert said == {name: str(dtype) for name, dtype in found.dtypes.items()}
    assert list(said) == list(found.columns)


def test_every_kind_of_event_is_on_the_store_page(desk: Path) -> None:
    text = (DOCS / "guide" / "store.md").read_text("utf-8")
    section = text.split("| kind | when |")[1].split("\n\n")[0]
    said = set(re.findall(r"`(\w+)`", section))
    dataset = lw.Dataset.open("photos")
    with lw.Project.create(desk / "labels.db", dataset, ["car"], user="ana") as project:
        task = project.tasks.iloc[0]
        box = lw.Rectangle(1, 2, 3, 4)
        project.add(lw.Annotation(item_id=task["item_id"], class_name="car", geometry=box))
        (stale,) = project.records()
        frame = project.annotations
        frame["geometry"] = [lw.Rectangle(5, 6, 7, 8)]
        project.update(frame)
        with pytest.raises(errors.ConflictError):
            project.update(msgspec.structs.replace(stale, geometry=lw.Rectangle(9, 9, 9, 9)))
        project.delete(project.annotations)
        project.extend(["tree"])
        project.session().open()
        project.skip(task["id"], "dark")
        project.reopen(task["id"])
        project.submit(task["id"])
        project.instructions = "Draw every car."
        ahead = project.session().ahead([])
        if ahead is not None:
            project.session().release([ahead.task["id"]])
        project.add_person("ben", "annotator")
        project.split({"train": 1})
        project.record_run(project.training_set(states=None))
        kinds = set(project.events["kind"])
    assert said == kinds


def test_every_error_is_on_the_troubleshooting_page() -> None:
    text = (DOCS / "guide" / "troubleshooting.md").read_text("utf-8")
    said = {name for name, _ in ROW.findall(text)}
    made = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert said == made - {"LabelwidgetsError"}


@pytest.mark.parametrize("name", ["keys", "limits"])
def test_a_written_table_is_as_the_code_has_it(name: str) -> None:
    page, text = runpy.run_path(str(DOCS / "tables.py"))["renewed"](name)
    assert page.read_text("utf-8") == text, "run `python docs/tables.py`"


def test_the_table_of_keys_has_every_key_in_plain_text() -> None:
    text = (DOCS / "guide" / "labelling.md").read_text("utf-8")
    table = text.split("<!-- keys -->")[1].split("<!-- /keys -->")[0]
    commands = json.loads((ROOT / "labelwidgets" / "schema" / "keys.json").read_text("utf-8"))
    for command in commands["commands"]:
        for key in [command["key"], *command.get("also", [])]:
            assert any(
                f"`{key}`" in line and command["label"] in line for line in table.splitlines()
            ), command
    assert "<kbd>" not in text


def test_every_tool_is_on_the_ontology_page() -> None:
    text = (DOCS / "guide" / "ontology.md").read_text("utf-8")
    rows = dict(ROW.findall(text.split("## Tools")[1].split("## Questions")[0]))
    assert set(rows) == set(DRAWN)
    keys = json.loads((ROOT / "labelwidgets" / "schema" / "keys.json").read_text("utf-8"))
    drawn = {command["id"].removeprefix("tool.") for command in keys["commands"]}
    drawn |= {"mask"} if "brush" in drawn else set()
    assert {tool for tool, by_hand in rows.items() if by_hand == "yes"} == drawn & set(rows)


def test_an_import_keeps_what_the_coco_page_says(desk: Path) -> None:
    text = (DOCS / "guide" / "coco.md").read_text("utf-8")
    said = {
        kind: set(re.findall(r"`(\w+)`", row))
        for kind, row in re.findall(r"^\| (kept|new) \| (.+) \|$", text, re.MULTILINE)
    }
    dataset = lw.Dataset.open("photo.jpg")
    with lw.Project.create(desk / "old.db", dataset, ["car"], user="ana") as old:
        made = lw.Annotation(
            item_id=old.tasks["item_id"][0],
            class_name="car",
            geometry=lw.Rectangle(1, 2, 3, 4),
            confidence=0.5,
            track_id="one",
            origin=lw.Origin("model", "net"),
        )
        old.add(made)
        (held,) = old.records()
        old.update(msgspec.structs.replace(held, state="locked"))
        old.export("coco", desk / "labels.json")
        before = old.annotations.iloc[0].to_dict()
    with lw.Project.create(desk / "new.db", dataset, ["car"], user="ben") as new:
        new.import_annotations(desk / "labels.json")
        after = new.annotations.iloc[0].to_dict()
        again = new.import_annotations(desk / "labels.json")
        assert (again.added, again.there, len(new.annotations)) == (0, 1, 1)
    assert said["kept"] | said["new"] == set(before)
    same = {name for name in before if before[name] == after[name] or name in ("frame", "pts")}
    assert same == said["kept"]


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "index.md").read_text("utf-8")
    said = {
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line)
    }
    assert said == set(lw.__all__) - {"schema"}


def test_all_that_a_project_can_do_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "project.md").read_text("utf-8")
    said = re.findall(r"^::: labelwidgets\.project\.Project\.(\w+)$", text, re.MULTILINE)
    assert sorted(said) == sorted(name for name in dir(lw.Project) if not name.startswith("_"))


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "CONTRIBUTING.md", DOCS / "architecture.md"], ids=named
)
def test_the_links_of_a_page_lead_to_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for pair in LINK.findall(text):
        link = next(filter(None, pair)).partition("#")[0]
        if link and "://" not in link:
            assert (page.parent / link).exists(), link
