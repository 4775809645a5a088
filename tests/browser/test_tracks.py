"""What a person does to the tracks of a video, and that nothing of it is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import labelwidgets as lw
from labelwidgets.algorithms.masks import decode_rle
from tests.browser.annotator import AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.films import shades, write_film
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

pytest.importorskip("av")

COUNT = 30
START, END = (50, 40), (150, 100)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty shades in an H.264 file."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_film(path, shades(COUNT, 10, 8, SIZE), quality=20, pix_fmt="yuv420p")


@pytest.fixture
def film(host_page: HostPage, tmp_path: Path, file: Path, ontology: lw.Ontology) -> lw.Project:
    project = lw.Project.create(
        tmp_path / "film.db", lw.Dataset.open(str(file)), ontology, user="ana"
    )
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    return project


@pytest.fixture
def annotator(host_page: HostPage, film: lw.Project) -> AnnotatorPage:
    return AnnotatorPage(host_page.page, SIZE).ready()


def go(annotator: AnnotatorPage, frame: int) -> None:
    """Show a frame, counted from 0."""
    annotator.root.locator(".lw-timeline input[type=range]").fill(str(frame + 1))
    expect(annotator.root.locator(".lw-timeline .lw-count")).to_have_text(f"{frame + 1} / {COUNT}")
    annotator.hover((350, 280))


def keys(project: lw.Project) -> list[list[int]]:
    """Return the frames of the keyframes of each track."""
    return [sorted(made.keyframes) for made in project.annotations.geometry]


def there(project: lw.Project, number: int = 0) -> str:
    """Return on which frames an object is in the picture."""
    made: Any = project.annotations.geometry.iloc[number]
    return "".join("x" if made.at(k) else "." for k in range(COUNT))


def notice(annotator: AnnotatorPage, label: str) -> Locator:
    """Return a button of the last notice."""
    return annotator.notices.last.get_by_role("button", name=label, exact=True)


def test_an_object_leaves_comes_back_is_occluded_and_each_is_undone(
    annotator: AnnotatorPage, film: lw.Project
) -> None:
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    go(annotator, 10)
    annotator.key("Alt+o")
    annotator.saved()
    assert there(film) == "x" * 10 + "." * 20
    expect(annotator.root.locator(".lw-elsewhere")).to_contain_text("Elsewhere 1")
    go(annotator, 20)
    annotator.key("Alt+o")
    annotator.saved()
    assert there(film) == "x" * 10 + "." * 10 + "x" * 10
    expect(annotator.root.locator(".lw-frames")).to_have_text(re.compile(r"1\W30, 1 gap"))
    annotator.key("Alt+q")
    annotator.saved()
    (made,) = film.annotations.geometry
    assert [made.at(k).occluded for k in (5, 20, 25)] == [False, True, True]
    for _ in range(3):
        annotator.key("Control+z")
    annotator.saved()
    assert keys(film) == [[0]]
    annotator.key("Alt+k")
    annotator.saved()
    assert keys(film) == [[0, 20]]
    annotator.key("Alt+PageUp")
    expect(annotator.root.locator(".lw-timeline .lw-count")).to_have_text(f"1 / {COUNT}")


def test_to_delete_on_a_frame_and_to_delete_the_track_are_two_things(
    annotator: AnnotatorPage, film: lw.Project
) -> None:
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    go(annotator, 10)
    annotator.key("Delete")
    annotator.saved()
    assert there(film) == "x" * 10 + "." + "x" * 19
    expect(annotator.notices.last).to_contain_text("car #1 is gone on frame 11 only.")
    notice(annotator, "From here on").click()
    annotator.saved()
    assert there(film) == "x" * 10 + "." * 20
    notice(annotator, "Undo").click()
    annotator.saved()
    assert there(film) == "x" * 30
    annotator.hover((350, 280))
    annotator.key("Delete")
    notice(annotator, "The whole track").click()
    annotator.saved().has_objects(0)
    assert len(film.annotations) == 0
    annotator.hover((350, 280))
    annotator.key("Control+z")
    annotator.saved().has_objects(1)
    assert there(film) == "x" * 30
    annotator.key("Shift+Delete")
    annotator.saved().has_objects(0)
    # What was begun on this very frame is a slip of the hand: there is no more of it to lose.
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    annotator.key("Delete")
    annotator.saved().has_objects(0)


def test_tracks_are_split_merged_cut_and_converted_and_a_reload_keeps_it_all(
    annotator: AnnotatorPage, film: lw.Project, host_page: HostPage
) -> None:
    root = annotator.root
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    go(annotator, 10)
    annotator.key("Alt+Shift+s")
    annotator.saved().has_objects(2)
    assert [there(film, k) for k in (0, 1)] == ["x" * 10 + "." * 20, "." * 10 + "x" * 20]
    # The later part is selected: the earlier one joins it from the list.
    root.get_by_role("button", name="Elsewhere 1").click()
    annotator.rows.nth(1).locator(".lw-pick").click(modifiers=["Shift"])
    annotator.hover((350, 280))
    annotator.key("Alt+Shift+m")
    annotator.saved().has_objects(1)
    assert there(film) == "x" * 30
    root.get_by_role("button", name="Cut frames out").click()
    root.get_by_label("Cut from").fill("16")
    root.get_by_label("Cut to").fill("20")
    root.get_by_label("Cut to").press("Enter")
    annotator.saved()
    assert there(film) == "x" * 15 + "." * 5 + "x" * 10
    annotator.hover((350, 280))
    root.get_by_label("Shapes for").select_option("frames")
    annotator.hover((350, 280))
    annotator.key("Alt+t")
    annotator.saved().has_objects(25)
    assert sorted(film.annotations.frame) == [*range(15), *range(20, 30)]
    annotator.key("Control+z")
    annotator.saved().has_objects(1)
    assert there(film) == "x" * 15 + "." * 5 + "x" * 10
    host_page.mount("image", host_page.kernel.traits())
    again = AnnotatorPage(host_page.page, SIZE).ready().has_objects(1)
    expect(again.root.locator(".lw-frames")).to_have_text(re.compile(r"1\W30, 1 gap"))
    again.hover((350, 280))
    again.key("Control+z")
    again.saved()
    assert there(film) == "x" * 30
    assert host_page.console == []


def test_the_key_to_cut_leads_to_its_fields_and_no_digit_is_lost(
    annotator: AnnotatorPage, film: lw.Project
) -> None:
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    go(annotator, 10)
    annotator.key("Alt+Shift+c")
    # As fast as a hand types: all keys come before the page is painted again.
    for value in ("12", "24"):
        annotator.page.keyboard.type(value)
        annotator.page.keyboard.press("Tab")
    annotator.page.keyboard.press("Enter")
    annotator.saved()
    assert there(film) == "x" * 11 + "." * 13 + "x" * 6
    assert annotator.root.get_by_label("Cut from").count() == 0
    # What is gone is not about to be cut: the key opens the fields again, and does not close them.
    annotator.key("Alt+Shift+c")
    first = annotator.root.get_by_label("Cut from")
    expect(first).to_be_focused()
    annotator.root.locator(".lw-deleting").get_by_role("button", name="Track").click()
    annotator.saved().has_objects(0)
    annotator.key("Control+z")
    annotator.saved().has_objects(1)
    expect(annotator.root.get_by_role("button", name="Cut frames out")).to_be_visible()
    expect(first).to_have_count(0)
    annotator.key("Alt+Shift+c")
    expect(first).to_have_value("11")


def test_what_was_undone_is_not_said_to_be_so_any_longer(
    annotator: AnnotatorPage, film: lw.Project
) -> None:
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    go(annotator, 10)
    annotator.key("Alt+Delete")
    expect(annotator.notices).to_have_count(1)
    annotator.key("Control+z")
    expect(annotator.notices).to_have_count(0)
    assert there(film) == "x" * 30


def test_shapes_of_a_frame_are_copied_on_and_become_tracks_which_drawing_goes_on_with(
    annotator: AnnotatorPage, film: lw.Project
) -> None:
    root = annotator.root
    annotator.hover(START)
    annotator.key("r")
    annotator.key("Alt+Shift+t")
    expect(root.get_by_role("button", name="This frame")).to_have_attribute("aria-pressed", "true")
    annotator.draw_box(START, END)
    annotator.saved().has_objects(1)
    root.get_by_label("Frames to copy to").fill("3")
    root.get_by_label("Frames to copy to").press("Escape")
    annotator.hover((350, 280))
    annotator.key("Alt+n")
    annotator.saved().has_objects(4)
    assert sorted(film.annotations.frame) == [0, 1, 2, 3]
    annotator.key("Alt+t")
    annotator.saved()
    made = film.annotations.geometry.iloc[0]
    assert made.type == "track"
    assert list(made.keyframes) == [0]
    annotator.key("Alt+Shift+t")
    go(annotator, 5)
    annotator.key("Alt+o")
    go(annotator, 8)
    annotator.key("r")
    expect(root.locator(".lw-hint")).to_contain_text("goes on with car #1")
    annotator.drag((200, 40), (300, 100))
    annotator.saved().has_objects(4)
    assert there(film) == "x" * 5 + "..." + "x" * 22
    notice(annotator, "A new track").click()
    annotator.saved().has_objects(5)
    assert there(film) == "x" * 5 + "." * 25
    assert there(film, 4) == "." * 8 + "x" * 22


def test_answers_may_change_from_frame_to_frame_and_submitting_asks_for_each(
    host_page: HostPage, tmp_path: Path, file: Path, repository: Path
) -> None:
    pose = lw.Radio("pose", ["sits", "stands"], required=True, mutable=True)
    ontology = lw.Ontology(
        classes=[lw.ObjectClass("fly", color="#ff0000", attributes=[pose, lw.Text("name")])]
    )
    with lw.Project.create(
        tmp_path / "film.db", lw.Dataset.open(str(file)), ontology, user="ana"
    ) as film:
        host_page.kernel = KernelEnd(film)
        host_page.mount("image", host_page.kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        side = annotator.root.get_by_label("Attributes", exact=True)
        annotator.draw_box(START, END)
        annotator.key("Escape")
        annotator.saved().has_objects(1)
        go(annotator, 8)
        expect(side).to_contain_text("From this frame on")
        side.get_by_label("stands").check()
        annotator.saved()
        go(annotator, 12)
        expect(side).to_contain_text("now as on frame 9")
        expect(side.get_by_label("stands")).to_be_checked()
        side.get_by_label("name").fill("Ada")
        side.get_by_label("name").press("Escape")
        annotator.saved()
        annotator.hover((350, 280))
        annotator.key("Control+Enter")
        expect(annotator.notices.last).to_contain_text("“pose” of fly is required")
        expect(annotator.root.locator(".lw-timeline")).to_contain_text(f"1 / {COUNT}")
        expect(side.get_by_label("stands")).not_to_be_checked()
        side.get_by_label("sits").check()
        annotator.saved()
        (label,) = film.annotations.itertuples()
        assert label.attributes == {"name": "Ada"}
        poses = [label.geometry.at(k).attributes["pose"] for k in (0, 7, 8, 20)]
        assert poses == ["sits", "sits", "stands", "stands"]
        host_page.page.add_script_tag(path=repository / "js/node_modules/axe-core/axe.min.js")
        found = host_page.page.evaluate("() => axe.run('.lw-annotator')")
        serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        assert [(one["id"], one["nodes"][0]["html"][:160]) for one in serious] == []
        annotator.hover((350, 280))
        annotator.key("Control+Enter")
        expect(annotator.root.get_by_text("All done")).to_be_visible()


def test_strokes_on_other_frames_are_keyframes_of_the_mask_in_hand(
    host_page: HostPage, tmp_path: Path, file: Path
) -> None:
    ontology = lw.Ontology(classes=[lw.ObjectClass("blob", color="#ff0000", tool="mask")])
    with lw.Project.create(
        tmp_path / "film.db", lw.Dataset.open(str(file)), ontology, user="ana"
    ) as film:
        host_page.kernel = KernelEnd(film)
        host_page.mount("image", host_page.kernel.traits())
        annotator = AnnotatorPage(host_page.page, SIZE).ready()
        annotator.hover((100, 100))
        annotator.key("b")
        annotator.drag((100, 100), (150, 100))
        annotator.saved().has_objects(1)
        go(annotator, 6)
        annotator.drag((200, 200), (250, 200))
        annotator.saved().has_objects(1)
        assert keys(film) == [[0, 6]]
        (made,) = film.annotations.geometry
        first, later = (decode_rle(made.at(k).geometry.rle.to_coco()) for k in (0, 6))
        assert first[100, 120]
        assert later[100, 120]
        assert later[200, 220]
        assert not first[200, 220]
        annotator.key("Control+z")
        annotator.saved()
        assert keys(film) == [[0]]
