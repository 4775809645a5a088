"""What a notebook shows of a project and of what is made from it: never a mere address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import labelwidgets as lw
from labelwidgets.project import Project
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.workflow.page_tables import MOST
from tests.formats.scans import make_ct, open_scan

EVIL = "<img src=x onerror=alert(1)>"


def test_a_training_set_shows_classes_by_parts(project: Project) -> None:
    alone = project.training_set()._repr_html_()
    assert "car" in alone
    assert "test" not in alone
    project.split({"train": 0.5, "test": 0.5})
    shown = project.training_set()._repr_html_()
    counts = project.training_set().items["id"].map(project.training_set().parts).value_counts()
    assert all(name in shown for name in ("car", "tree", "train", "test"))
    assert f">{counts['train']}</td>" in shown


def test_a_record_shows_what_was_chosen_and_said(project: Project, tmp_path: Path) -> None:
    training = project.training_set(classes=["car"])
    metrics: dict[str, Any] = {f"m{number}": number / 7 for number in range(MOST)}
    record = project.record_run(training, tmp_path / "m.json", note=EVIL, **metrics)
    shown = record._repr_html_()
    assert training.version in shown
    assert "classes: [&quot;car&quot;]" in shown
    assert "<img" not in shown
    assert "m10" in shown
    assert "and 1 more" in shown


def displayed(made: Any) -> str:
    """What a front end gets: HTML where there is some, else text."""
    own = getattr(made, "_repr_html_", None)
    return (own() if own is not None else None) or repr(made)


def test_nothing_of_a_project_is_shown_as_an_address(project: Project, tmp_path: Path) -> None:
    project.split({"train": 0.5, "test": 0.5})
    training = project.training_set()
    item = project.tasks["item_id"][0]
    shown: list[Any] = [
        *(project, project.dataset, project.ontology, project.workflow, project.splits),
        *(project.tasks, project.annotations, project.describe(), project.draw(item)),
        *(project.contact_sheet(), training, training.samples, training.samples[0]),
        *(training.record(), project.runs, lw.evaluate([], training.labels), training.choice),
        *(project.ontology["car"], training.labels[0]),
        project.export("json", tmp_path / "labels.json"),
        lw.formats.read(tmp_path / "labels.json"),
    ]
    pytest.importorskip("torch")
    shown += [training.to_torch(), training.to_torch(iterable=True)]
    pytest.importorskip("monai")
    pytest.importorskip("supervision")
    shown += [training.to_monai(), training.to_supervision()]
    for made in shown:
        assert " at 0x" not in repr(made), type(made)
        assert " at 0x" not in displayed(made), type(made)


def test_scans_are_shown_with_their_size(tmp_path: Path) -> None:
    make_ct(tmp_path / "scan")
    dataset, item = open_scan(tmp_path / "scan", progress=False)
    ontology = Ontology([ObjectClass("nodule", tool="volumemask")])
    with Project.create(tmp_path / "scan.db", dataset, ontology, user="ana") as project:
        volume = dataset.volume(item)
        count, rows, columns = volume.grid.shape
        assert repr(volume).endswith(f"({count} slices of {columns} x {rows})")
        shown = displayed(volume)
        assert f"{count} of {columns} x {rows} pixels" in shown
        assert "mm (slice x row x column)" in shown
        project.add(
            Annotation(item_id=item, class_name="nodule", geometry=Rectangle(1, 1, 2, 2), frame=1)
        )
        training = project.training_set(states=None)
        pytest.importorskip("torch")
        assert repr(training.to_torch(volumes=True)) == "TorchVolumes(1 scan, 1 class)"
