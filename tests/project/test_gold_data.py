"""Gold on scans and videos: real radiologists and real flies, by golden answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.media.volumes import Grid
from labelwidgets.store.store import Store
from labelwidgets.workflow import headless
from labelwidgets.workflow.presets import maker_only
from tests.store.making import items
from tests.workflow.pictures import BlankPictures
from tests.workflow.test_reader_agreement import reader_mask

NODULES = 6


class Scans(BlankPictures):
    def __init__(self, shapes: Mapping[str, tuple[int, int, int]]) -> None:
        self.shapes = shapes

    def volume(self, item_id: str, /) -> Any:
        return SimpleNamespace(grid=Grid(self.shapes[item_id]))


def handed_in(project: lw.Project, person: str, labels: list[lw.Annotation]) -> None:
    """Have a person label the probes that they have, each item with its labels."""
    session = project.session(user=person, role="annotator")
    tasks = project.tasks
    mine = tasks[(tasks["copy"] >= 512) & (tasks["assignee"] == person)]
    for task, item in mine[["id", "item_id"]].itertuples(index=False):
        own = [made for made in labels if made.item_id == item]
        placed = headless.place(own, {item: [task]})
        headless.acknowledged(session.apply(headless.creations(placed, {})))
        session.submit(task)


def test_radiologists_are_measured_by_one_of_them(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "multi_annotator" / "lidc_nodules_shared.json"
    if not path.is_file():
        pytest.skip(f"there is no {path.name}")
    nodules = json.loads(path.read_text("utf-8"))["nodules"]
    some = [nodule for nodule in nodules if len(nodule["readers"]) == 4][:NODULES]
    rows, shapes = [], {}
    for number, nodule in enumerate(some):
        slices = sorted({c["z"] for one in nodule["readers"] for c in one["contours"]})
        shapes[f"item{number}"] = (len(slices), 512, 512)
        for at, reader in enumerate(nodule["readers"]):
            mask = reader_mask(reader["contours"], slices)
            rows.append((f"item{number}", f"reader {at}", "nodule", mask))
    labels = pd.DataFrame(rows, columns=["item_id", "author", "class_name", "geometry"])
    records = [
        lw.Annotation(item_id=item, author=who, class_name=name, geometry=mask)
        for item, who, name, mask in rows
    ]
    ontology = lw.Ontology([lw.ObjectClass("nodule", tool="volumemask")])
    store = Store.create(
        tmp_path / "lidc.db",
        ontology=ontology,
        items=items(NODULES, kind="dicom_series", metadata={}, urls=["a.dcm"]),
        workflow=maker_only().to_dict(),
        initial=maker_only().initial,
        actor="lead",
    )
    with lw.Project(store, "lead", Scans(shapes), {}) as project:  # type: ignore[arg-type]
        project.set_gold(annotations=[made for made in records if made.author == "reader 0"])
        others = ["reader 1", "reader 2", "reader 3"]
        assert project.seed_gold(number=NODULES, people=["reader 0", *others]) == 3 * NODULES
        for person in others:
            handed_in(project, person, [made for made in records if made.author == person])
        report = project.gold(iou_threshold=0.1).set_index("person")
        assert list(report.index) == others
        dice = lw.agreement(labels, "dice", by="pair")
        dice = dice[dice["rater_a"] == "reader 0"].set_index("rater_b")["value"]
        assert report["items"].tolist() == [NODULES] * 3
        assert report["valid"].tolist() == [NODULES] * 3
        np.testing.assert_allclose(report["dice"], dice[report.index])
        assert project.performance()["gold_score"].notna().sum() == 3


def flies(shared_data: Path, frames: int) -> list[lw.Track]:
    rows = np.loadtxt(shared_data / "video" / "flies_clip_gt_mot.txt", delimiter=",")
    return [
        lw.Track(
            {
                int(row[0]) - 1: lw.Keyframe(lw.Rectangle(*row[2:6]))
                for row in rows
                if row[1] == name and row[0] <= frames
            }
        )
        for name in (1, 2)
    ]


def test_tracks_of_a_video_are_measured_by_golden_tracks(shared_data: Path, tmp_path: Path) -> None:
    film = shared_data / "video" / "flies_clip.mp4"
    if not film.is_file():
        pytest.skip(f"there is no {film.name}")
    one, other = flies(shared_data, 100)
    swapped = [
        lw.Track({at: (a if at < 50 else b).keyframes[at] for at in a.keyframes})
        for a, b in ((one, other), (other, one))
    ]
    ontology = [lw.ObjectClass("fly", tool="rectangle")]
    with lw.Project.create(
        tmp_path / "flies.db", lw.Dataset.open(str(film)), ontology, user="lead"
    ) as project:
        item = project.tasks["item_id"][0]

        def label(track: lw.Track) -> lw.Annotation:
            return lw.Annotation(item_id=item, class_name="fly", geometry=track)

        project.set_gold(annotations=[label(one), label(other)])
        project.seed_gold(number=1, people=["ana", "ben"])
        handed_in(project, "ana", [label(one), label(other)])
        handed_in(project, "ben", [label(track) for track in swapped])
        ana, ben = project.gold().to_dict("records")
        assert (ana["hota"], ana["score"]) == (1, 1)
        assert 0.5 < ben["hota"] < 0.9, "found, and called by each other's name from half way on"
        assert "id_switch 2" in ben["conflicts"]
        tracks = project.quality(by="track").set_index("author")
        assert tracks["id_switches"].to_dict() == {"ana": 0, "ben": 2}
