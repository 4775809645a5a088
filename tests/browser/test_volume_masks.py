"""A mask through the slices of a scan, painted with a real mouse before the real link and store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import labelwidgets as lw
from labelwidgets.algorithms import (
    decode_rle,
    encode_rle,
    grow_mask_3d,
    interpolate_slices,
    stroke_to_mask,
)
from labelwidgets.schema.geometry import RLE, VolumeMask
from labelwidgets.schema.ids import new_id
from labelwidgets.store.edits import Applied, Edit
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_painting import alike, pull, take
from tests.browser.test_scans import COUNT, SIZE, write_slice


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        [
            lw.ObjectClass("lung", tool="volumemask", color="#ff0000"),
            lw.ObjectClass("spot", tool="mask", color="#0000ff"),
        ]
    )


@pytest.fixture
def scan(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> lw.Project:
    folder = tmp_path / "scan"
    folder.mkdir()
    for number in range(COUNT):
        write_slice(folder / f"{number}.dcm", number)
    dataset = lw.Dataset.open(folder)
    project = lw.Project.create(tmp_path / "scan.db", dataset, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


@pytest.fixture
def annotator(host_page: HostPage, scan: lw.Project) -> AnnotatorPage:
    made = AnnotatorPage(host_page.page, SIZE).ready()
    made.hover((2, 2))
    made.key("Home")
    at(made, 0)
    return made


def at(annotator: AnnotatorPage, index: int) -> None:
    count = annotator.root.locator(".lw-timeline .lw-count").first
    expect(count).to_have_text(f"{index + 1} / {COUNT}")


def voxels(project: lw.Project, row: int = 0) -> dict[int, Any]:
    """Return the pixels of a volume mask by slice."""
    mask = project.annotations.geometry[row]
    assert isinstance(mask, VolumeMask)
    return {k: decode_rle(code.to_coco()) for k, code in mask.slices.items()}


def scroll(annotator: AnnotatorPage, slices: int) -> None:
    annotator.hover((2, 2))
    text = annotator.root.locator(".lw-timeline .lw-count").first.inner_text()
    index = int(text.split("/")[0]) - 1
    for step in range(1, abs(slices) + 1):
        annotator.page.mouse.wheel(0, 100 if slices > 0 else -100)
        at(annotator, index + (step if slices > 0 else -step))


def test_strokes_on_two_slices_are_one_object_and_each_is_an_edit_of_its_slice(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (30, 20)])
    annotator.saved().has_objects(1)
    scroll(annotator, 2)
    pull(annotator, [(40, 30), (41, 30)])
    annotator.saved().has_objects(1)
    found = voxels(scan)
    assert found.keys() == {0, 2}
    assert found[0][20, 25]
    assert not found[0][30, 40]
    assert found[2][30, 40]
    assert not found[2][20, 25]
    last = host_page.wait_for(
        lambda sent: (
            sent.content["type"] == "edits" and sent.content["edits"][0]["kind"] == "update"
        )
    )
    geometry = last.content["edits"][0]["after"]["geometry"]
    assert geometry["type"] == "volumepatch"
    assert geometry["slices"].keys() == {"2"}
    assert scan.annotations.frame.isna().all()
    assert host_page.console == []


def test_undo_and_reload_leave_nothing_out(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (30, 20)])
    scroll(annotator, 1)
    pull(annotator, [(20, 20), (30, 20)])
    annotator.saved()
    whole = voxels(scan)
    annotator.key("ControlOrMeta+z")
    annotator.saved()
    assert voxels(scan).keys() == {0}
    host_page.reload()
    annotator = AnnotatorPage(host_page.page, SIZE).ready().has_objects(1)
    # A scan is opened where its labels are.
    at(annotator, 0)
    annotator.hover()
    annotator.key("ControlOrMeta+Shift+z")
    annotator.saved()
    again = voxels(scan)
    assert again.keys() == {0, 1}
    assert all((again[k] == whole[k]).all() for k in whole)


def test_erasing_the_last_pixel_of_a_slice_leaves_the_others(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (22, 20)])
    scroll(annotator, 1)
    pull(annotator, [(20, 20), (22, 20)])
    take(annotator, "e", 12)
    pull(annotator, [(20, 20), (22, 20)])
    annotator.saved().has_objects(1)
    assert voxels(scan).keys() == {0}
    scroll(annotator, -1)
    pull(annotator, [(20, 20), (22, 20)])
    annotator.saved().has_objects(0)


def test_masks_of_other_classes_stay_on_their_slice(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    annotator.hover()
    annotator.key("2")
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (22, 20)])
    scroll(annotator, 1)
    pull(annotator, [(20, 20), (22, 20)])
    annotator.saved().has_objects(2)
    assert scan.annotations.frame.tolist() == [0, 1]
    assert scan.annotations.geometry_type.tolist() == ["mask", "mask"]


def panel(annotator: AnnotatorPage) -> Locator:
    return annotator.root.get_by_role("region", name="Mask")


def test_slices_between_are_proposed_and_filled_and_labelled_ones_stay(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (21, 20)])
    scroll(annotator, 4)
    pull(annotator, [(20, 20), (30, 20)])
    annotator.saved().has_objects(1)
    before = voxels(scan)
    annotator.key("Alt+b")
    bar = annotator.root.locator(".lw-proposal")
    expect(bar).to_contain_text("3 slices")
    assert voxels(scan).keys() == {0, 4}
    annotator.key("Escape")
    expect(bar).to_have_count(0)
    panel(annotator).get_by_role("button", name="Fill between").click()
    expect(bar).to_contain_text("3 slices")
    annotator.key("Enter")
    expect(bar).to_have_count(0)
    annotator.saved()
    after = voxels(scan)
    assert after.keys() == set(range(5))
    assert all((after[k] == before[k]).all() for k in before)
    wanted = interpolate_slices(before, 2.0 * np.arange(COUNT), (0.5, 0.5))
    assert all((after[k] == wanted[k]).all() for k in wanted)
    annotator.key("ControlOrMeta+z")
    annotator.saved()
    assert voxels(scan).keys() == {0, 4}
    assert host_page.console == []


def test_a_mask_is_copied_on_and_cleared_slice_by_slice(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (21, 20)])
    annotator.key("Shift+PageDown")
    at(annotator, 1)
    annotator.key("Shift+PageDown")
    at(annotator, 2)
    annotator.saved()
    found = voxels(scan)
    assert found.keys() == {0, 1, 2}
    assert (found[0] == found[2]).all()
    annotator.key("Shift+Delete")
    annotator.saved()
    assert voxels(scan).keys() == {0, 1}
    annotator.key("Shift+PageUp")
    expect(annotator.notices).to_contain_text("Nothing that is selected is on this slice")


def test_what_is_done_in_3d_is_done_to_the_whole_mask_and_undone_at_once(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (21, 20)])
    annotator.key("Shift+PageDown")
    at(annotator, 1)
    pull(annotator, [(50, 40), (51, 40)])
    annotator.saved()
    before = voxels(scan)
    expect(panel(annotator)).to_contain_text("1\u20132")
    count = sum(int(one.sum()) for one in before.values())
    expect(panel(annotator)).to_contain_text(f"{count} voxels")
    panel(annotator).get_by_role("button", name="Measure").click()
    expect(panel(annotator)).to_contain_text("0 to 100")
    annotator.root.focus()
    annotator.key("Alt+l")
    expect(panel(annotator)).to_contain_text(f"{2 * int(before[0].sum())} voxels")
    annotator.saved()
    largest = voxels(scan)
    assert (largest[1] == before[0]).all()
    margin = panel(annotator).get_by_role("spinbutton", name="Margin mm")
    margin.fill("2")
    margin.press("Enter")
    panel(annotator).get_by_role("button", name="Grow").click()
    expect(panel(annotator)).to_contain_text("1\u20133")
    annotator.saved()
    whole = np.zeros((COUNT, SIZE[1], SIZE[0]), bool)
    for k, one in largest.items():
        whole[k] = one
    wanted = grow_mask_3d(whole, 2, (0.5, 0.5), 2.0 * np.arange(COUNT))
    found = voxels(scan)
    assert found.keys() == {0, 1, 2}
    assert all((found[k] == wanted[k]).all() for k in found)
    for state in (largest, before):
        annotator.root.focus()
        annotator.key("ControlOrMeta+z")
        annotator.saved()
        assert voxels(scan).keys() == state.keys()
        assert all((voxels(scan)[k] == state[k]).all() for k in state)
    assert host_page.console == []


def test_masks_of_slices_become_one_through_the_stack_and_back(
    annotator: AnnotatorPage, scan: lw.Project
) -> None:
    annotator.hover()
    annotator.key("2")
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (22, 20)])
    annotator.saved()
    flat = decode_rle(scan.annotations.geometry[0].rle.to_coco())
    panel(annotator).get_by_role("button", name="To volume").click()
    expect(panel(annotator)).to_contain_text("In 3D")
    annotator.key("Shift+PageDown")
    at(annotator, 1)
    annotator.saved().has_objects(1)
    assert voxels(scan).keys() == {0, 1}
    assert (voxels(scan)[1] == flat).all()
    panel(annotator).get_by_role("button", name="To slices").click()
    annotator.saved().has_objects(2)
    assert sorted(scan.annotations.frame) == [0, 1]
    annotator.key("ControlOrMeta+z")
    annotator.saved().has_objects(1)
    assert voxels(scan).keys() == {0, 1}


def option(annotator: AnnotatorPage, role: Any, name: str) -> Locator:
    return annotator.root.locator(".lw-options").get_by_role(role, name=name, exact=True)


def test_a_sphere_goes_through_the_slices_around_in_one_edit(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    scroll(annotator, 4)
    take(annotator, "b", 5)
    option(annotator, "combobox", "Unit").select_option("mm")
    option(annotator, "checkbox", "Sphere").check()
    annotator.root.focus()
    pull(annotator, [(30, 25), (36, 25)])
    annotator.saved().has_objects(1)
    found = voxels(scan)
    whole = np.zeros((COUNT, SIZE[1], SIZE[0]), bool)
    whole[4] = np.asarray(stroke_to_mask([(30, 25), (36, 25)], (SIZE[1], SIZE[0]), radius=0.5))
    ball = grow_mask_3d(whole, 5, (0.5, 0.5), 2.0 * np.arange(COUNT))
    assert found.keys() == {2, 3, 4, 5, 6}
    for k, one in found.items():
        assert alike(one, ball[k]) > 0.75, k
    assert found[2].sum() < found[3].sum() < found[4].sum()
    assert (found[2] == found[6]).all()

    annotator.key("ControlOrMeta+z")
    annotator.saved().has_objects(0)
    assert host_page.console == []


def test_only_values_in_a_range_are_painted_also_of_the_slices_around(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    # Slice k has 100 k HU.
    scroll(annotator, 4)
    take(annotator, "b", 5)
    option(annotator, "combobox", "Unit").select_option("mm")
    option(annotator, "checkbox", "Sphere").check()
    option(annotator, "checkbox", "Only values").check()
    annotator.root.focus()
    annotator.click((10, 10), modifiers=["Alt"])
    expect(option(annotator, "spinbutton", "from, exact")).to_have_value("300")
    expect(option(annotator, "spinbutton", "to, exact")).to_have_value("500")
    annotator.has_objects(0)
    pull(annotator, [(30, 25), (31, 25)])
    annotator.saved().has_objects(1)
    assert voxels(scan).keys() == {3, 4, 5}
    scroll(annotator, -3)
    pull(annotator, [(30, 25), (31, 25)])
    annotator.saved()
    assert voxels(scan).keys() == {3, 4, 5}
    assert host_page.console == []


def test_a_dead_kernel_and_a_reload_lose_no_stroke_on_any_slice(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    kernel = host_page.kernel
    assert isinstance(kernel, KernelEnd)
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (22, 20)])
    annotator.saved()
    kernel.fault = lambda content: "drop" if content["type"] == "edits" else None
    for step in range(3):
        scroll(annotator, 1)
        pull(annotator, [(20, 20), (22 + 6 * step, 20)])
    take(annotator, "e", 2)
    pull(annotator, [(20, 20), (21, 20)])
    expect(annotator.badge).to_have_attribute("data-state", "kept", timeout=15_000)
    assert voxels(scan).keys() == {0}
    kernel.fault = lambda _: None
    host_page.reload()
    annotator = AnnotatorPage(host_page.page, SIZE).ready().has_objects(1).saved()
    found = voxels(scan)
    assert found.keys() == {0, 1, 2, 3}
    assert not found[3][20, 20]
    assert found[3][20, 33]
    assert scan.annotations.revision.tolist() == [5]
    assert (scan.events.kind == "conflict").sum() == 0
    annotator.hover((2, 2))
    annotator.key("ControlOrMeta+z")
    annotator.saved()
    assert voxels(scan)[3][20, 20], "the replayed edits can be undone"


def test_a_lossy_line_loses_no_slice(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    kernel = host_page.kernel
    assert isinstance(kernel, KernelEnd)
    faults = iter(["drop", "deaf", "duplicate", None] * 50)
    kernel.fault = lambda content: next(faults) if content["type"] == "edits" else None
    take(annotator, "b", 4)
    pull(annotator, [(20, 20), (22, 20)])
    for _ in range(4):
        annotator.key("Shift+PageDown")
        annotator.page.wait_for_timeout(100)
    kernel.fault = lambda _: None
    annotator.saved()
    assert voxels(scan).keys() == set(range(5))
    assert scan.annotations.revision.tolist() == [5]


def test_a_volume_mask_is_hidden_locked_relabelled_copied_and_deleted_as_one(
    annotator: AnnotatorPage, scan: lw.Project, host_page: HostPage
) -> None:
    take(annotator, "b", 6)
    pull(annotator, [(20, 20), (30, 20)])
    annotator.key("Shift+PageDown")
    at(annotator, 1)
    annotator.saved()

    def shade() -> tuple[int, int, int]:
        annotator.hover((60, 45))
        annotator.page.wait_for_timeout(200)
        return annotator.pixels((25, 20), 0)[0]

    shown = shade()
    annotator.key("Shift+h")
    assert shade() != shown
    annotator.key("Shift+h")
    assert shade() == shown
    annotator.key("Shift+l")
    annotator.saved()
    pull(annotator, [(40, 30), (42, 30)])
    expect(annotator.notices).to_contain_text("Locked objects stay")
    annotator.key("Alt+l")
    assert scan.annotations.revision.tolist() == [3]
    annotator.key("Shift+l")
    annotator.key("Alt+2")
    annotator.saved()
    assert scan.annotations.class_name.tolist() == ["spot"]
    annotator.key("ControlOrMeta+d")
    annotator.saved().has_objects(2)
    assert [voxels(scan, row).keys() for row in (0, 1)] == [{0, 1}, {0, 1}]
    annotator.key("Delete")
    annotator.saved().has_objects(1)
    # A click where it is selects it, on every slice; elsewhere there is nothing.
    annotator.key("v")
    annotator.key("Escape")
    annotator.click((50, 40))
    expect(panel(annotator)).to_have_count(0)
    annotator.click((25, 20))
    expect(panel(annotator)).to_contain_text("In 3D")
    scroll(annotator, 5)
    annotator.key("Escape")
    annotator.rows.first.get_by_role("button").first.click()
    at(annotator, 1)
    assert host_page.console == []


def test_a_stroke_on_a_mask_of_300_slices_is_an_edit_of_one(
    host_page: HostPage, tmp_path: Path, ontology: lw.Ontology
) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    for number in range(300):
        write_slice(folder / f"{number}.dcm", number)
    project = lw.Project.create(tmp_path / "long.db", lw.Dataset.open(folder), ontology, user="ana")
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    disc = encode_rle((rows - 24) ** 2 + (columns - 32) ** 2 < 100)
    code = RLE(disc["size"], disc["counts"])
    task = project.session().open()
    mask = VolumeMask({k: code for k in range(300)})
    edit = Edit(
        id=new_id(),
        task=task.task["id"],
        kind="create",
        annotation=new_id(),
        after={"class_name": "lung", "geometry": msgspec.to_builtins(mask)},
    )
    assert isinstance(project.session().apply([edit])[0], Applied)
    kernel = KernelEnd(project)
    host_page.kernel = kernel
    host_page.mount("image", kernel.traits())
    annotator = AnnotatorPage(host_page.page, SIZE).ready().has_objects(1)
    annotator.click((32, 24))
    take(annotator, "b", 4)
    pull(annotator, [(50, 24), (55, 24)])
    annotator.saved()
    sent = [one for one in kernel.received if one["type"] == "edits"]
    assert len(sent) == 1
    assert len(json.dumps(sent[0])) < 1000
    found = voxels(project)
    assert len(found) == 300
    changed = [k for k, one in found.items() if one[24, 52]]
    assert len(changed) == 1
