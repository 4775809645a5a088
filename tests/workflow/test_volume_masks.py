"""Masks through the slices of a scan: what a session lets into its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labelwidgets.errors import ImageError, SourceError
from labelwidgets.media.volumes import Grid
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.store.store import Store
from labelwidgets.workflow.presets import maker_only
from labelwidgets.workflow.session import Session
from tests.store.making import applied, create, items, refused, update, volume, volume_patch
from tests.workflow.pictures import BlankPictures


class Scans(BlankPictures):
    """Scans of three slices of 5 x 4 pixels; item1 cannot be opened, item2 is a picture."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def volume(self, item_id: str, /) -> Any:
        self.opened.append(item_id)
        if item_id == "item1":
            raise SourceError("is not there.", where="scan")
        if item_id == "item2":
            raise ImageError("is no scan of slices.", where="item")
        return SimpleNamespace(grid=Grid((3, 4, 5)))


@pytest.fixture
def scans() -> Scans:
    return Scans()


@pytest.fixture
def session(tmp_path: Path, scans: Scans) -> Iterator[Session]:
    urls = [f"/scan/{number}.dcm" for number in range(3)]
    made = items(kind="dicom_series", metadata={}, urls=urls)
    with Store.create(
        tmp_path / "scans.db",
        ontology=Ontology([ObjectClass("lung", tool="volumemask"), ObjectClass("car")]),
        items=made,
        workflow=maker_only().to_dict(),
        initial=maker_only().initial,
        actor="ana",
    ) as store:
        yield Session(store, scans, "ana")


def lung(task: str, geometry: dict[str, Any], **more: Any) -> Any:
    return create(task, after={"class_name": "lung", "geometry": geometry, **more})


def test_a_volume_mask_needs_no_frame_and_takes_none(session: Session) -> None:
    task = session.store.task_ids()[0]
    applied(session.apply([lung(task, volume({0: 1, 2: 1}))])[0])
    outcome = refused(session.apply([lung(task, volume({0: 1}), frame=1)])[0], "invalid")
    assert "frame" in outcome.message
    box = {"type": "rectangle", "x": 1, "y": 1, "width": 2, "height": 2}
    lost = create(task, after={"class_name": "car", "geometry": box})
    assert "frame" in refused(session.apply([lost])[0], "invalid").message


def test_slices_lie_within_the_scan_and_have_its_size(session: Session, scans: Scans) -> None:
    task = session.store.task_ids()[0]
    outcome = refused(session.apply([lung(task, volume({3: 1}))])[0], "invalid")
    assert "slices[3]" in outcome.message
    assert "no slice of the scan, which has 3" in outcome.message
    small = {"type": "volumemask", "slices": {"0": {"size": [2, 2], "counts": "04"}}}
    assert (
        "those of the scan have 5 x 4"
        in refused(session.apply([lung(task, small)])[0], "invalid").message
    )
    made = lung(task, volume({1: 1}))
    applied(session.apply([made])[0])
    beyond = update(task, made.annotation, 1, {"geometry": volume_patch({7: 1})})
    assert "slices[7]" in refused(session.apply([beyond])[0], "invalid").message
    within = update(task, made.annotation, 1, {"geometry": volume_patch({2: 1, 1: None})})
    applied(session.apply([within])[0])
    assert scans.opened == ["item0"], "looked up once, and for volume masks alone"


def test_what_cannot_be_opened_costs_nobody_a_label(session: Session) -> None:
    _, lost, picture, _ = session.store.task_ids()
    for task in (lost, picture):
        applied(session.apply([lung(task, volume({70: 1}))])[0])


def test_edits_without_volume_masks_open_no_scan(session: Session, scans: Scans) -> None:
    task = session.store.task_ids()[0]
    box = {"type": "rectangle", "x": 1, "y": 1, "width": 2, "height": 2}
    after = {"class_name": "car", "geometry": box, "frame": 1}
    applied(session.apply([create(task, after=after)])[0])
    session.apply([create("no such task", after={"geometry": volume({0: 1})})])
    session.apply([create(task, after={"geometry": None})])
    assert scans.opened == []
