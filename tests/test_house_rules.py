"""What the source must not hold, and what it must declare."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

# Written in pieces, so that this file does not hold what it forbids.
REGISTRIES = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("anaconda", "org"),
        ("ghcr", "io"),
        ("docker", "io"),
    )
)
RAW_HTML = re.compile("inner" + r"HTML|outer" + r"HTML|insertAdjacent" + r"HTML|dangerouslySet")
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec"}
TEXT = {".py", ".pyi", ".ts", ".tsx", ".mjs", ".js", ".json", ".css", ".toml", ".yml", ".yaml"}
TEXT |= {".md", ".ipynb", ".grit", ".cfg", ".html", ""}
SKIPPED = {".git", ".venv", "node_modules", "static", "site", "dist", "build", "test-results"}
SKIPPED |= {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "__pycache__"}
SKIPPED |= {".ipynb_checkpoints", ".cache", "coverage"}
HEAVY = ("pandas", "sqlalchemy", "PIL", "shapely", "pycocotools", "ipywidgets", "anywidget")


def source_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.name in SKIPPED:
            continue
        if path.is_dir():
            yield from source_files(path)
        elif path.suffix in TEXT:
            yield path


def unsafe(source: str) -> list[str]:
    """Return the unsafe things in a Python module: pickles, code from text, shells."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in UNSAFE_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in UNSAFE_MODULES:
            found.append(node.module)
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            shell = any(
                keyword.arg == "shell"
                and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
                for keyword in node.keywords
            )
            pickled = any(keyword.arg == "allow_pickle" for keyword in node.keywords)
            if name in UNSAFE_CALLS or name in ("os.system", "os.popen") or shell or pickled:
                found.append(name)
        elif isinstance(node, ast.ExceptHandler):
            silent = all(isinstance(line, ast.Pass) for line in node.body)
            kind = ast.unparse(node.type) if node.type else "everything"
            if silent and kind in ("everything", "Exception", "BaseException"):
                found.append(f"except {kind}: pass")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "def late():\n    from pickle import loads",
        "eval('1')",
        "import os\nos.system('ls')",
        "subprocess.run('ls', shell=True)",
        "np.load(path, allow_pickle=True)",
        "try:\n    work()\nexcept Exception:\n    pass",
    ],
)
def test_unsafe_code_is_caught(source: str) -> None:
    assert len(unsafe(source)) == 1


def test_no_unsafe_code(repository: Path) -> None:
    found = {
        str(path.relative_to(repository)): faults
        for path in source_files(repository)
        if path.suffix == ".py" and (faults := unsafe(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_no_raw_html(repository: Path) -> None:
    sources = [
        *(repository / "js" / "src").rglob("*.ts*"),
        *repository.glob("labelwidgets/**/*.py"),
    ]
    assert sources
    assert [
        path.name for path in sources if RAW_HTML.search(path.read_text(encoding="utf-8"))
    ] == []


def test_no_registry_is_named(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}: {name}"
        for path in source_files(repository)
        for name in REGISTRIES
        if name in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_the_lock_file_is_whole_and_names_no_place(repository: Path) -> None:
    packages = json.loads((repository / "js" / "package-lock.json").read_text())["packages"]
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if name and "integrity" not in entry]
    # An entry for another system that is left out makes `npm ci` refuse the whole file.
    wanted = {
        f"node_modules/{name}"
        for entry in packages.values()
        for name in entry.get("optionalDependencies", {})
    }
    assert wanted <= set(packages)


def imports(repository: Path) -> set[str]:
    """Return the top-level names that the package imports and that Python does not bring."""
    names: set[str] = set()
    for path in (repository / "labelwidgets").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"labelwidgets", "_typeshed"}


def declared(repository: Path) -> tuple[set[str], set[str]]:
    """Return the distributions that are required, and those of the extras."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    extras = [it for extra in project["optional-dependencies"].values() for it in extra]
    return {_name(it) for it in project["dependencies"]}, {_name(it) for it in extras}


def _name(requirement: str) -> str:
    return re.split(r"[\s<>=!~;\[]", requirement)[0].lower().replace("_", "-")


def test_every_import_is_declared_and_every_dependency_imported(repository: Path) -> None:
    homes = importlib.metadata.packages_distributions()
    used = {
        home.lower().replace("_", "-")
        for name in imports(repository)
        for home in homes.get(name, [name])
    }
    base, extras = declared(repository)
    assert used - base - extras == set()
    assert base - used == set()


def test_all_public_names_resolve() -> None:
    import labelwidgets

    names = labelwidgets.__all__
    assert {"Project", "Dataset", "Ontology", "ImageAnnotator", "annotate"} <= set(names)
    assert [name for name in names if getattr(labelwidgets, name, None) is None] == []


def test_importing_loads_nothing_heavy(repository: Path) -> None:
    code = (
        f"import sys, labelwidgets; labelwidgets.Rectangle; labelwidgets.errors; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_a_project_and_its_widget_are_there_without_what_only_measures_need(
    repository: Path,
) -> None:
    code = (
        "import sys, labelwidgets; labelwidgets.Project; labelwidgets.ImageAnnotator; "
        "from labelwidgets.assist import registry; registry.tools(); "
        "print([name for name in ('scipy', 'skimage', 'numba', 'torch') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
