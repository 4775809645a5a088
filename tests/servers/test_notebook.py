"""The notebook about clouds, run with a real server for each of them.

`LABELWIDGETS_PICTURES=1` renews `notebooks/clouds.ipynb` as it ran.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import labelwidgets as lw
from tests.servers.storage import Bucket, Storage

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "clouds.ipynb"
RENEW = os.environ.get("LABELWIDGETS_PICTURES") == "1"
WIDGET = "application/vnd.jupyter.widget-view+json"
PHOTOS = ("chelsea.png", "coffee.png", "rocket.jpg")
CLOUDS = {"s3": "s3", "gcs": "gcs", "azure": "azure", "http": "web"}
EVERYWHERE = ("folder", "zip", *CLOUDS)


@pytest.fixture
def buckets(request: pytest.FixtureRequest) -> dict[str, Bucket]:
    """A bucket with the photographs in each cloud."""
    photos = [path for path in map(Path, lw.media.sample_photos()) if path.name in PHOTOS]
    made = {}
    for name, fixture in CLOUDS.items():
        storage: Storage = request.getfixturevalue(fixture)
        made[name] = storage.bucket()
        for path in photos:
            made[name].put(f"photos/{path.name}", path.read_bytes())
    return made


def run(folder: Path, environment: dict[str, str]) -> Any:
    notebook = nbformat.read(NOTEBOOK, 4)  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel(env={**os.environ, "PYTHONPATH": str(ROOT), **environment}):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
    return notebook


def shown(notebook: Any, source: str, kind: str = "text/plain") -> str:
    """Return what the cell showed that has a text in its source."""
    (cell,) = (cell for cell in notebook.cells if source in cell.source and "outputs" in cell)
    return "".join(
        str(output.get("text", output.get("data", {}).get(kind, ""))) for output in cell.outputs
    )


def table(html: str) -> dict[str, list[str]]:
    """Return the cells of a frame by their rows."""
    rows = re.findall(r"<tr>\s*<th>([^<]+)</th>(.*?)</tr>", html, re.DOTALL)
    return {name: re.findall(r"<td>([^<]*)</td>", cells) for name, cells in rows}


def test_one_notebook_reads_the_same_photographs_from_everywhere(
    buckets: dict[str, Bucket], tmp_path: Path
) -> None:
    described = {
        name: {
            "url": f"{bucket.url}/photos" + "/" * bucket.escaped,
            "options": dict(bucket.options),
        }
        for name, bucket in buckets.items()
    }
    connections = tmp_path / "connections.json"
    connections.write_text(json.dumps(described))
    work = tmp_path / "work"
    work.mkdir()
    environment = {
        "LABELWIDGETS_CLOUDS": str(connections),
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
    }
    notebook = run(work, environment)

    said = shown(notebook, "connections.is_file")
    assert "not connected" not in said
    assert said.count("connected") == len(EVERYWHERE)
    hashes = table(shown(notebook, "def digest", "text/html"))
    assert list(hashes) == list(PHOTOS)
    for found in hashes.values():
        assert len(found) == len(EVERYWHERE)
        assert len(set(found)) == 1
    assert shown(notebook, "nunique") == "equal, from every place\n"
    traffic = table(shown(notebook, "of_the_files", "text/html"))
    assert list(traffic) == list(EVERYWHERE)
    for requests, read, share in traffic.values():
        assert int(requests) >= len(PHOTOS)
        assert int(read) > 0
        # The photographs, and at most 64 kB of header for each.
        assert 1 <= float(share) < 1.5
    assert len(shown(notebook, "project.annotate", "image/jpeg")) > 10_000
    text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    secrets = [str(value) for bucket in buckets.values() for value in bucket.options.values()]
    assert not [word for word in secrets if len(word) > 8 and word in text]
    keep(notebook, tmp_path)


def test_without_any_cloud_the_notebook_says_so_and_goes_on(tmp_path: Path) -> None:
    notebook = run(tmp_path, {"LABELWIDGETS_CLOUDS": str(tmp_path / "none.json")})
    said = shown(notebook, "connections.is_file")
    assert said.count("not connected, left out") == len(CLOUDS)
    assert shown(notebook, "nunique") == "equal, from every place\n"


def keep(notebook: Any, tmp_path: Path) -> None:
    """Write the notebook as it ran; a picture stands in for the widget."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        cell.metadata = {name: cell.metadata[name] for name in ("tags",) if name in cell.metadata}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop(WIDGET, None):
                data.pop("text/plain")
        if "outputs" in cell:
            # A bar of progress leaves nothing.
            cell.outputs = [it for it in cell.outputs if it.get("text") or it.get("data")]
    text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    assert str(tmp_path) not in text
    target = NOTEBOOK if RENEW else ROOT / "test-results" / "pictures" / NOTEBOOK.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
