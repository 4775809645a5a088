"""What is judged through the frames of a video, or the slices of a scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.algorithms import encode_rle
from labelwidgets.schema.geometry import RLE
from labelwidgets.workflow import maker_reviewer
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.films import shades, write_film
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd
from tests.browser.test_scans import SIZE as SLICE
from tests.browser.test_scans import write_slice

pytest.importorskip("av")

COUNT, SLICES = 30, 6
ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass("car", color="#ff0000"),
        lw.ObjectClass("lung", tool="volumemask", color="#00a000"),
    ]
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, shades(COUNT, 60, 3, SIZE), quality=20, pix_fmt="yuv420p")


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scan") / "scan"
    folder.mkdir()
    for number in range(SLICES):
        write_slice(folder / f"{number}.dcm", number)
    return folder


def track(left: float, first: int = 0, last: int = 20, drift: float = 4) -> lw.Track:
    """A box that goes to the right, until it leaves the picture."""
    far = left + drift * (last - first)
    keys = {
        first: lw.Keyframe(lw.Rectangle(left, 80, 60, 50)),
        last: lw.Keyframe(lw.Rectangle(far, 80, 60, 50)),
        last + 1: lw.Keyframe(outside=True),
    }
    return lw.Track(keys)


def lung(left: int, first: int, last: int) -> lw.VolumeMask:
    """A block of voxels from one slice to another, both included."""
    width, height = SLICE
    bits = np.zeros((height, width), bool)
    bits[2:-2, left : left + width // 3] = True
    code = encode_rle(bits)
    rle = RLE(size=code["size"], counts=code["counts"])
    return lw.VolumeMask({k: rle for k in range(first, last + 1)})


def handed_in(path: Path, source: Path, shapes: dict[str, lw.Geometry], name: str) -> lw.Project:
    """What one person, or each of several, made of one item and handed in."""
    dataset = lw.Dataset.open(str(source))
    several = len(shapes) > 1
    flow = lw.workflow.consensus(len(shapes)) if several else maker_reviewer()
    project = lw.Project.create(path, dataset, ONTOLOGY, flow, user="lea")
    for who, shape in shapes.items():
        with lw.Project.open(path, user=who, dataset=dataset) as own:
            task = own.session(role="annotator").open().task
            at = {"item_id": task["item_id"], "task_id": task["id"]}
            own.add(lw.Annotation(class_name=name, geometry=shape, **at))
            own.submit(task["id"])
    return project


def judging(
    page: HostPage, project: lw.Project, size: tuple[int, int], theme: str = "light"
) -> AnnotatorPage:
    several = "consensus" in project.workflow.names("consensus")
    session = project.adjudication_session() if several else project.review_session()
    kernel = KernelEnd(project, session=session)
    page.kernel = kernel
    page.mount("image", kernel.traits(), theme=theme)
    return AnnotatorPage(page.page, size).ready()


def frame(page: AnnotatorPage, number: int) -> None:
    """Show a frame or a slice, counted from 0."""
    page.root.locator(".lw-timeline input[type=range]").first.fill(str(number + 1))
    told = page.root.locator(".lw-timeline .lw-count").first
    expect(told).to_contain_text(f"{number + 1} /")


def test_an_issue_on_a_track_goes_along_with_it_and_so_does_what_was_handed_in(
    host_page: HostPage, tmp_path: Path, film: Path
) -> None:
    project = handed_in(tmp_path / "film.db", film, {"ana": track(60)}, "car")
    rex = judging(host_page, project, SIZE)
    frame(rex, 5)
    rex.click((110, 105))
    rex.key("i")
    rex.page.keyboard.type("Late by a frame.")
    rex.key("Enter")
    pin = rex.root.locator(".lw-pin")
    expect(pin).to_have_text("1")
    before = pin.bounding_box()
    frame(rex, 15)
    expect(pin).to_have_attribute("data-elsewhere", "true")
    after = pin.bounding_box()
    assert before
    assert after
    assert after["x"] > before["x"] + 20
    frame(rex, 25)
    expect(pin).to_have_count(0)
    (issue,) = project.issues.itertuples()
    assert issue.frame == 5
    assert (issue.x, issue.y) == pytest.approx((110, 105), abs=1)
    frame(rex, 10)
    rex.hover((10, 10))
    rex.key("Shift+C")
    names = rex.root.locator(".lw-maker")
    expect(names).to_have_text(["As it is now", "ana, as handed in"])
    made = rex.root.locator(".lw-pane").nth(1)
    expect(made).to_have_attribute("data-status", "ready")
    frame(rex, 14)
    expect(made).to_have_attribute("data-status", "ready")
    assert host_page.console == []


def test_an_issue_on_a_mask_through_slices_is_seen_where_its_mask_is(
    host_page: HostPage, tmp_path: Path, scan: Path
) -> None:
    project = handed_in(tmp_path / "scan.db", scan, {"ana": lung(2, 1, 4)}, "lung")
    rex = judging(host_page, project, SLICE, theme="dark")
    frame(rex, 3)
    rex.click((4, SLICE[1] // 2))
    rex.key("i")
    rex.page.keyboard.type("It ends one slice further up.")
    rex.key("Enter")
    pin = rex.root.locator(".lw-pin")
    expect(pin).to_have_text("1")
    frame(rex, 4)
    expect(pin).to_have_attribute("data-elsewhere", "true")
    frame(rex, 5)
    expect(pin).to_have_count(0)
    assert project.issues["frame"].tolist() == [3]
    rex.hover((1, 1))
    rex.key("Shift+C")
    expect(rex.root.locator(".lw-maker")).to_have_text(["As it is now", "ana, as handed in"])
    frame(rex, 4)
    captions = rex.root.locator(".lw-scan-caption")
    for n in range(2):
        expect(captions.nth(n)).to_contain_text(f"5 of {SLICES}")
    assert host_page.console == []


def test_tracks_and_masks_through_slices_of_two_people_are_settled(
    host_page: HostPage, tmp_path: Path, film: Path, scan: Path
) -> None:
    tracks = {"ana": track(60, 4, 20), "ben": track(70, 4, 16)}
    project = handed_in(tmp_path / "film.db", film, tracks, "car")
    lea = judging(host_page, project, SIZE, theme="dark")
    lea.hover((10, 10))
    lea.key("j")
    expect(lea.root.locator(".lw-version[data-near=true]")).to_have_count(2)
    # From where one is in the video, with the focus still on its slider.
    frame(lea, 6)
    lea.root.locator(".lw-timeline input[type=range]").first.focus()
    lea.key("2")
    lea.saved()
    made, theirs = (
        project.annotations.query(f"author == '{who}'")["geometry"].iloc[0]
        for who in ("lea", "ben")
    )
    assert made == theirs
    assert sorted(made.keyframes) == [4, 16, 17]
    masks = {"ana": lung(2, 1, 4), "ben": lung(3, 2, 5)}
    other = handed_in(tmp_path / "scan.db", scan, masks, "lung")
    lea = judging(host_page, other, SLICE)
    lea.hover((1, 1))
    lea.key("j")
    expect(lea.root.locator(".lw-version[data-near=true]")).to_have_count(2)
    lea.key("1")
    lea.saved()
    (made,) = other.annotations.query("author == 'lea'")["geometry"]
    assert made == masks["ana"]
    lea.key("Shift+C")
    expect(lea.root.locator(".lw-maker")).to_have_text(["The answer", "ana", "ben"])
    assert host_page.console == []
