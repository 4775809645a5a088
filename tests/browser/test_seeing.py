"""What helps to see: tone, values, lens, ruler, and the way to item n."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import expect

import labelwidgets as lw
from labelwidgets.algorithms.tone import tone_table, window_of
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd


def ramp(width: int = 400, height: int = 300, top: int = 40_000) -> npt.NDArray[np.uint16]:
    """A slope of 16-bit values that never repeats along a row."""
    across = np.linspace(0, top, width)[None, :] + np.arange(height)[:, None] * 7
    return across.astype(np.uint16)


def show(
    host_page: HostPage,
    tmp_path: Path,
    pictures: dict[str, npt.NDArray[Any]],
    classes: lw.Ontology,
    **metadata: Any,
) -> tuple[AnnotatorPage, lw.Project]:
    """Open a project of these pictures, the first of them on the page."""
    folder = tmp_path / "pictures"
    for name, pixels in pictures.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)
    import pandas as pd

    frame = pd.DataFrame(
        {
            "url": [str(folder / name) for name in pictures],
            "folder": [str(Path(name).parent).strip(".") for name in pictures],
            "metadata": [metadata for _ in pictures],
        }
    )
    project = lw.Project.create(tmp_path / "seen.db", lw.Dataset.open(frame), classes, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.mount("image", host_page.kernel.traits())
    first = next(iter(pictures.values()))
    return AnnotatorPage(host_page.page, (first.shape[1], first.shape[0])).ready(), project


def slide(annotator: AnnotatorPage, label: str, value: float) -> None:
    """Drag a slider of the view panel to a value."""
    slider = annotator.root.get_by_role("dialog", name="View").get_by_label(label)
    slider.evaluate(
        """(it, value) => {
          it.value = value;
          it.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }""",
        value,
    )


def seen(annotator: AnnotatorPage) -> npt.NDArray[np.uint8]:
    """What is painted of a picture that is shown at 100 %, without labels."""
    left, top = annotator.at((0, 0))
    width, height = annotator.size
    clip: Any = {"x": round(left), "y": round(top), "width": width, "height": height}
    shot = Image.open(io.BytesIO(annotator.page.screenshot(clip=clip))).convert("RGB")
    return np.asarray(shot)


def whole_pixels(annotator: AnnotatorPage) -> None:
    """Show the picture at 100 %, its pixels on those of the screen."""
    annotator.hover()
    annotator.key("Shift+0")
    box = annotator.root.locator(".lw-viewport").bounding_box()
    assert box is not None
    left, top = annotator.at((0, 0))
    annotator.page.mouse.move(box["x"] + 5, box["y"] + 5)
    annotator.page.mouse.down(button="middle")
    annotator.page.mouse.move(
        box["x"] + 5 + (round(left) - left), box["y"] + 5 + (round(top) - top), steps=1
    )
    annotator.page.mouse.up(button="middle")
    annotator.page.wait_for_timeout(700)


@pytest.fixture
def classes() -> lw.Ontology:
    return lw.Ontology(classes=[lw.ObjectClass("car", color="#ff0000")])


def test_sixteen_bits_are_shown_through_the_window_and_probed_truly(
    host_page: HostPage, tmp_path: Path, classes: lw.Ontology
) -> None:
    pixels = ramp()
    annotator, project = show(host_page, tmp_path, {"slope.png": pixels}, classes)
    with project:
        whole_pixels(annotator)
        low, high = window_of(pixels)
        wanted = tone_table(65536, low, high)[pixels]
        got = seen(annotator)
        assert np.abs(got.astype(int) - wanted[..., None]).max() <= 1
        annotator.hover((123.5, 77.5))
        expect(annotator.root.locator(".lw-pixel")).to_have_text(f"value {pixels[77, 123]}")
        annotator.key("Shift+V")
        slide(annotator, "White at", 10_000)
        slide(annotator, "Black at", 2_000)
        slide(annotator, "Contrast", 20)
        annotator.hover((1, 1))
        annotator.key("Escape")
        annotator.page.wait_for_timeout(700)
        wanted = tone_table(65536, 2_000, 10_000, contrast=20)[pixels]
        assert np.abs(seen(annotator).astype(int) - wanted[..., None]).max() <= 1
    assert host_page.console == []


@pytest.mark.parametrize(
    "tone",
    [
        {"brightness": 25},
        {"contrast": -40},
        {"gamma": 2.0},
        {"brightness": -10, "contrast": 30, "gamma": 0.5, "invert": True},
    ],
)
def test_photographs_are_seen_through_the_same_table(
    host_page: HostPage, tmp_path: Path, classes: lw.Ontology, tone: dict[str, Any]
) -> None:
    ys, xs = np.mgrid[0:300, 0:400]
    pixels = np.stack([xs % 256, ys % 256, (xs + ys) % 256], axis=2).astype(np.uint8)
    annotator, project = show(host_page, tmp_path, {"colours.png": pixels}, classes)
    with project:
        whole_pixels(annotator)
        assert (seen(annotator) == pixels).all()
        annotator.key("Shift+V")
        for name, value in tone.items():
            if name == "invert":
                annotator.root.get_by_label("Invert").check()
            else:
                shown = np.log2(value) if name == "gamma" else value
                slide(annotator, name.capitalize(), float(shown))
        annotator.hover((1, 1))
        annotator.key("Escape")
        annotator.page.wait_for_timeout(300)
        wanted = tone_table(**tone)[pixels]
        assert np.abs(seen(annotator).astype(int) - wanted).max() <= 1
        annotator.hover((123.5, 77.5))
        expect(annotator.root.locator(".lw-pixel")).to_have_text("RGB 123 77 200")
        host_page.reload()
        annotator.ready()
        annotator.hover()
        annotator.key("Shift+V")
        if "brightness" in tone:
            slider = annotator.root.get_by_label("Brightness")
            expect(slider).to_have_value(str(tone["brightness"]))
        annotator.root.get_by_text("Reset").click()
        expect(annotator.root.get_by_label("Brightness")).to_have_value("0")


def test_labels_cover_as_much_as_one_wants(annotator: AnnotatorPage, project: lw.Project) -> None:
    annotator.draw_box((50, 40), (250, 200))
    annotator.saved()
    annotator.key("Escape")
    annotator.key("v")
    annotator.key("Escape")
    annotator.key("Shift+V")
    slide(annotator, "Labels cover", 0)
    annotator.hover((350, 280))
    annotator.page.wait_for_timeout(500)
    red, green, _ = annotator.pixels((150, 120), 0)[0]
    assert abs(red - green) <= 2, "Nothing of the label is left within its lines."
    slide(annotator, "Labels cover", 100)
    annotator.page.wait_for_timeout(500)
    red, green, _ = annotator.pixels((150, 120), 0)[0]
    assert (red, green) == (255, 0)


def test_the_lens_magnifies_while_z_is_held_and_the_wheel_changes_how_much(
    annotator: AnnotatorPage, project: lw.Project
) -> None:
    annotator.draw_box((150, 100), (250, 200))
    annotator.saved()
    annotator.hover((200, 150))
    lens = annotator.root.locator(".lw-lens")
    expect(lens).to_be_hidden()
    annotator.page.keyboard.down("z")
    expect(lens).to_be_visible()
    zoom = annotator.zoom()
    annotator.page.mouse.wheel(0, -600)
    annotator.page.wait_for_timeout(200)
    assert annotator.zoom() == zoom, "The wheel is the lens's while it is held."
    annotator.page.keyboard.up("z")
    expect(lens).to_be_hidden()
    annotator.root.get_by_role("button", name="Magnifier").click()
    annotator.hover((200, 150))
    annotator.page.mouse.down()
    expect(lens).to_be_visible()
    annotator.page.mouse.up()
    expect(lens).to_be_hidden()
    assert len(project.annotations) == 1


def test_the_lens_shows_pixels_labels_and_what_is_being_drawn(
    host_page: HostPage, tmp_path: Path, classes: lw.Ontology
) -> None:
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[150, 200] = (0, 255, 0)
    annotator, project = show(host_page, tmp_path, {"dot.png": pixels}, classes)
    with project:
        annotator.draw_box((205, 155), (300, 250))
        annotator.saved()
        annotator.key("Escape")
        whole_pixels(annotator)
        annotator.hover((200.5, 150.5))
        annotator.page.keyboard.down("z")
        for _ in range(4):
            annotator.page.mouse.wheel(0, -700)
        annotator.page.wait_for_timeout(300)
        # Eight times: the pixel is a square of 8 x 8 with hard edges.
        for dx, dy, colour in [(0, 0, 255), (-2, -2, 255), (2, 2, 255), (-6, 0, 0), (0, 6, 0)]:
            at = annotator.at((200.5, 150.5))
            clip: Any = {"x": at[0] + dx, "y": at[1] + dy, "width": 1, "height": 1}
            shot = Image.open(io.BytesIO(annotator.page.screenshot(clip=clip))).convert("RGB")
            assert shot.getpixel((0, 0)) == (0, colour, 0), (dx, dy)
        at = annotator.at((200.5, 150.5))
        clip = {"x": at[0] + 60, "y": at[1] + 60, "width": 8, "height": 8}
        shot = Image.open(io.BytesIO(annotator.page.screenshot(clip=clip))).convert("RGB")
        assert shot.getpixel((4, 4))[0] > 20, "The box is under the lens."
        annotator.page.keyboard.up("z")


def test_the_ruler_measures_and_keeps_nothing(
    host_page: HostPage, tmp_path: Path, classes: lw.Ontology
) -> None:
    pixels = np.full((300, 400), 90, np.uint8)
    annotator, project = show(
        host_page, tmp_path, {"plain.png": pixels}, classes, spacing=[0.5, 0.25]
    )
    with project:
        annotator.hover((100, 100))
        annotator.key("m")
        annotator.drag((100, 100), (130, 140))
        expect(annotator.root.locator(".lw-hint")).to_contain_text("50.0 px")
        expect(annotator.root.locator(".lw-hint")).to_contain_text("18.03 mm")
        annotator.click((130, 240))
        expect(annotator.root.locator(".lw-hint")).to_contain_text("150.0 px")
        annotator.key("Escape")
        expect(annotator.root.locator(".lw-hint")).not_to_contain_text("px")
        annotator.click((10, 10))
        annotator.click((20, 10))
        expect(annotator.root.locator(".lw-hint")).to_contain_text("10.0 px")
        assert len(project.annotations) == 0


def test_one_goes_to_item_n(annotator: AnnotatorPage) -> None:
    annotator.title("one.jpg")
    annotator.hover()
    annotator.key("Control+g")
    field = annotator.root.get_by_label("Go to item")
    expect(field).to_be_focused()
    field.fill("3")
    field.press("Enter")
    annotator.title("four.png").ready()
    annotator.root.locator(".lw-counter").click()
    annotator.root.get_by_label("Go to item").fill("99")
    annotator.key("Enter")
    annotator.title("three.png").ready()
    annotator.key("Home")
    annotator.title("one.jpg").ready()
    annotator.key("End")
    annotator.title("three.png").ready()
    annotator.key("Control+g")
    annotator.key("Escape")
    expect(annotator.root.locator("button.lw-counter")).to_be_visible()


@pytest.mark.parametrize("size", [(1, 1), (20_000, 100)])
def test_sixteen_bit_pictures_of_odd_sizes(
    host_page: HostPage, tmp_path: Path, classes: lw.Ontology, size: tuple[int, int]
) -> None:
    width, height = size
    pixels = ramp(width, height)
    pixels[-1, -1] = 12_345
    annotator, project = show(host_page, tmp_path, {"odd.png": pixels}, classes)
    with project:
        at = annotator.at((width - 0.5, height - 0.5))
        annotator.page.mouse.move(*at)
        annotator.key("+")
        expect(annotator.root.locator(".lw-pixel")).to_contain_text("value")
        if size == (1, 1):
            expect(annotator.root.locator(".lw-pixel")).to_have_text("value 12345")
        annotator.key("Shift+V")
        slide(annotator, "Contrast", 50)
        annotator.page.wait_for_timeout(300)
    assert host_page.console == []
