"""A room imports only from floors below its own, in Python and in the browser's code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOORS = {
    "errors": -1,
    "extras": 0,
    "numbered": 0,
    "algorithms": 1,
    "schema": 2,
    "store": 3,
    "media": 3,
    "workers": 1,
    "workflow": 4,
    "formats": 4,
    "assist": 4,
    "active_learning": 4,
    "widgets": 5,
    "training": 5,
    "scale": 5,
    "model_servers": 5,
    "project": 6,
    "labelwidgets": 7,
    "server": 8,
}
"""The floor of each room, from docs/architecture.md. `labelwidgets` is `__init__.py`."""

PURE = {"document", "geometry", "tools"}
BROWSER_ROOMS = {
    "document": PURE,
    "geometry": PURE,
    "tools": PURE,
    "render": PURE | {"render"},
    "link": PURE | {"render", "link"},
    "panels": PURE | {"render", "link", "panels"},
    "widgets": PURE | {"render", "link", "panels", "widgets"},
}
"""What each room of js/src may import from."""

IMPORT = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["'](?P<module>[^"']+)["']""",
)


def room_of(module: str) -> str:
    """`labelwidgets.store.edits` is in `store`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else "labelwidgets"


def imported(source: str, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Yield line and full name of every import of our own, wherever it stands."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == "labelwidgets")


def upward(source: str, module: str, is_package: bool = False) -> list[str]:
    """Return what is wrong with the imports of one module."""
    room = room_of(module)
    return [
        f"{module}:{line} is on floor {FLOORS[room]} and imports {name} "
        f"of floor {FLOORS[room_of(name)]}"
        for line, name in imported(source, module, is_package)
        if room_of(name) != room and FLOORS[room_of(name)] >= FLOORS[room]
    ]


def browser_faults(source: str, path: Path, rooms: Path) -> list[str]:
    """Return what is wrong with the imports of one TypeScript file."""
    room = path.relative_to(rooms).parts[0]
    faults = []
    for match in IMPORT.finditer(source):
        module = match["module"]
        if module.startswith("."):
            target = (path.parent / module).resolve()
            inside = target.is_relative_to(rooms)
            other = target.relative_to(rooms).parts[0] if inside else None
            if other in BROWSER_ROOMS and other not in BROWSER_ROOMS[room]:
                faults.append(f"{path.name} is in {room} and imports {module}")
        elif room in PURE and module.split("/")[0] in ("preact", "@preact", "@anywidget"):
            faults.append(f"{path.name} is in {room}, which is pure, and imports {module}")
    return faults


def test_imports_run_downwards(repository: Path) -> None:
    faults = []
    for path in sorted((repository / "labelwidgets").rglob("*.py")):
        parts = path.relative_to(repository).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        faults += upward(path.read_text(encoding="utf-8"), module, is_package)
    assert faults == []


def test_every_room_has_a_floor(repository: Path) -> None:
    package = repository / "labelwidgets"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    rooms |= {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert rooms <= set(FLOORS)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labelwidgets.schema.ids", "from labelwidgets.store.edits import Edit"),
        ("labelwidgets.algorithms.masks", "import labelwidgets.schema.ids"),
        ("labelwidgets.store.edits", "def late():\n    from labelwidgets.project import Project"),
        ("labelwidgets.store.edits", "from labelwidgets import media"),
        ("labelwidgets.store.edits", "from ..workflow import session"),
        ("labelwidgets.widgets.image", "from labelwidgets import Dataset"),
        ("labelwidgets.errors", "import labelwidgets"),
    ],
)
def test_an_upward_import_is_caught(module: str, source: str) -> None:
    assert len(upward(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("labelwidgets.project", "from labelwidgets.widgets.image import ImageAnnotator"),
        ("labelwidgets.store.edits", "from labelwidgets.store import tables"),
        ("labelwidgets.store.edits", "from .tables import events\nfrom ..schema import ids"),
        ("labelwidgets.store.edits", "from labelwidgets import errors\nimport numpy as np"),
    ],
)
def test_a_downward_import_is_not(module: str, source: str) -> None:
    assert upward(source, module) == []


def test_a_package_resolves_its_own_relative_imports() -> None:
    assert upward("from ..project import Project", "labelwidgets.media", is_package=True)
    assert not upward("from .image import open_image", "labelwidgets.media", is_package=True)


def test_browser_imports_run_downwards(repository: Path) -> None:
    rooms = repository / "js" / "src"
    files = [path for room in BROWSER_ROOMS for path in (rooms / room).rglob("*.ts*")]
    assert files, "js/src holds no TypeScript"
    faults = []
    for path in sorted(files):
        faults += browser_faults(path.read_text(encoding="utf-8"), path, rooms)
    assert faults == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("document", 'import { send } from "../link/kernel.ts";'),
        ("tools", 'import type { Panel } from "../panels/toolbar.tsx";'),
        ("geometry", 'export { draw } from "../render/shapes.ts";'),
        ("render", "const late = await import('../panels/help.tsx');"),
        ("tools", 'import { signal } from "@preact/signals";'),
        ("link", 'import "../widgets/image.ts";'),
    ],
)
def test_an_upward_import_in_the_browser_is_caught(
    repository: Path, room: str, source: str
) -> None:
    rooms = repository / "js" / "src"
    assert len(browser_faults(source, rooms / room / "made_up.ts", rooms)) == 1


def test_the_pure_rooms_are_compiled_without_a_dom(repository: Path) -> None:
    config = (repository / "js" / "tsconfig.pure.json").read_text(encoding="utf-8")
    assert "DOM" not in config
    assert all(f'"src/{room}"' in config for room in PURE)
