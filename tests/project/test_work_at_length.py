"""Long work: undo and redo across restarts of the kernel, and many large masks in one task."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import labelwidgets as lw

STEPS = st.sampled_from(["add", "move", "delete", "undo", "undo", "redo", "reopen"])


def state_of(project: lw.Project) -> list[tuple[str, Any]]:
    return sorted((made.id, made.geometry) for made in project.records())


@settings(deadline=None, max_examples=12)
@given(st.lists(STEPS, min_size=5, max_size=25))
def test_undo_and_redo_are_exact_in_any_order_and_across_restarts(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        Image.new("L", (400, 300)).save(home / "a.png")
        ontology = lw.Ontology([lw.ObjectClass("car")])
        path = home / "work.db"
        project = lw.Project.create(path, lw.Dataset.open(home), ontology, user="ana")
        item = project.tasks["item_id"].iloc[0]
        past: list[Any] = []
        future: list[Any] = []
        try:
            for number, step in enumerate(steps):
                now = state_of(project)
                records = project.records()
                if step == "reopen":
                    project.close()
                    project = lw.Project.open(path, user="ana")
                    assert state_of(project) == now
                elif step == "undo":
                    assert bool(project.undo()) == bool(past)
                    if past:
                        future.append(now)
                        assert state_of(project) == past.pop()
                elif step == "redo":
                    assert bool(project.redo()) == bool(future)
                    if future:
                        past.append(now)
                        assert state_of(project) == future.pop()
                elif step == "add":
                    box = lw.Rectangle(number, 2, 30, 20)
                    project.add(lw.Annotation(item_id=item, class_name="car", geometry=box))
                elif not records:
                    continue
                elif step == "move":
                    made = records[number % len(records)]
                    box = lw.Rectangle(number, 50, 10, 20)
                    project.update(lw.Annotation.from_dict({**made.to_dict(), "geometry": box}))
                else:
                    project.delete(records[number % len(records)].id)
                if step in ("add", "move", "delete"):
                    past.append(now)
                    future.clear()
        finally:
            project.close()


@pytest.mark.timeout(300)
def test_fifty_masks_of_12_megapixels_in_one_task_take_the_memory_of_few(tmp_path: Path) -> None:
    height, width = 3000, 4000
    (tmp_path / "photos").mkdir()
    Image.new("L", (width, height)).save(tmp_path / "photos" / "a.png")
    ontology = lw.Ontology([lw.ObjectClass("leaf", tool="mask")])
    dataset = lw.Dataset.open(tmp_path / "photos")
    yy, xx = np.ogrid[:height, :width]
    lw.algorithms.encode_rle(np.eye(9, dtype=bool))
    with lw.Project.create(tmp_path / "a.db", dataset, ontology, user="ana") as project:
        item = project.tasks["item_id"].iloc[0]
        codes, wanted = [], []
        for number in range(50):
            x, y = 300 + 70 * number, 300 + 45 * number
            disc = (xx - x) ** 2 + (yy - y) ** 2 < (100 + 4 * number) ** 2
            codes.append(lw.algorithms.encode_rle(disc))
            wanted.append(float(disc.sum()))
        del disc
        tracemalloc.start()
        masks = [lw.Mask(lw.RLE(**code)) for code in codes]
        project.add(
            [lw.Annotation(item_id=item, class_name="leaf", geometry=mask) for mask in masks]
        )
        opened = project.session().open()
        areas = [made.geometry.area for made in opened.annotations]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert areas == wanted
    assert peak < 4 * height * width, f"{peak / 2**20:.0f} MiB"
