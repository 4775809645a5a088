"""The shader has the shades of the look-up tables, and a lost context costs no picture."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Page

import labelwidgets as lw
from labelwidgets.algorithms import tone_table
from tests.browser.annotator import AnnotatorPage
from tests.browser.host import HostPage
from tests.browser.kernel_end import KernelEnd

JS = Path(__file__).resolve().parents[2] / "js"
BUNDLE = ("--bundle", "--format=iife", "--global-name=shades", "--target=es2022")
TABLE = [0.1, 0.9, 0.0, 1.0, *(i / 300 for i in range(300))]
WINDOWS = [
    (0, 65535),
    (32768 - 160, 32768 + 240),
    (31000.25, 31000.75),
    (40000.95, 40001.05),
    (500, 500),
    (9000.5, 100),
    (-3e4, 2e5),
    (1e9, 1e9 + 1),
    (-1e300, 1e300),
    (65530, 65540.5),
]
TONES: list[dict[str, Any]] = [
    {},
    {"curve": "SIGMOID"},
    {"curve": "LINEAR"},
    {"table": TABLE},
    {"table": [1.0, 0.0], "gamma": 0.7},
    {"brightness": 35, "contrast": 60},
    {"contrast": -80, "gamma": 2.4, "invert": True},
    {"curve": "SIGMOID", "brightness": -20, "contrast": 100, "gamma": 0.25, "invert": True},
]

Call = Callable[..., Any]


@pytest.fixture(scope="session")
def bundle() -> str:
    made = subprocess.run(
        [JS / "node_modules/.bin/esbuild", "src/testing/shades.ts", *BUNDLE],
        cwd=JS,
        check=True,
        capture_output=True,
        text=True,
    )
    return made.stdout


@pytest.fixture
def call(page: Page, bundle: str) -> Call:
    page.evaluate(SPY)
    page.add_script_tag(content=bundle)

    def run(name: str, **order: Any) -> Any:
        return page.evaluate("([name, order]) => shades[name](order)", [name, order])

    return run


def reds(text: str) -> npt.NDArray[np.int64]:
    return np.frombuffer(text.encode("latin-1"), np.uint8).astype(int)


def whole(low: float, high: float, tone: dict[str, Any]) -> dict[str, Any]:
    """All numbers that there are, as one picture."""
    size = {"width": 512, "height": 128, "gaps": False, "halvings": 0}
    return {**size, "low": low, "high": high, "tone": tone}


@pytest.mark.parametrize("tone", TONES, ids=str)
def test_every_number_of_16_bits_has_the_shade_of_the_table(
    call: Call, tone: dict[str, Any]
) -> None:
    for low, high in WINDOWS:
        shades = reds(call("shaded", **whole(low, high, tone)))
        with np.errstate(over="ignore"):
            wanted = tone_table(1 << 16, low, high, **tone).astype(int)
        assert np.abs(shades - wanted).max() <= 1, (low, high)


@pytest.mark.parametrize("gaps", [False, True])
def test_smaller_copies_have_the_rounded_mean_of_what_they_stand_for(
    call: Call, gaps: bool
) -> None:
    rng = np.random.default_rng(5)
    numbers = rng.integers(0, 255, 37 * 23) * rng.integers(0, 2, 37 * 23)
    order = {"width": 37, "height": 23, "numbers": numbers.tolist(), "gaps": gaps}
    for halvings in range(4):
        given = {**order, "halvings": halvings, "low": 0, "high": 255, "tone": {}}
        assert call("shaded", **given) == call("looked", **given)


def test_a_lost_context_is_told_and_comes_back(page: Page, bundle: str) -> None:
    page.evaluate(SPY)
    page.add_script_tag(content=bundle)
    order = whole(0, 65535, {})
    page.evaluate("order => shades.shaded(order)", order)
    page.evaluate("() => contexts[0].lose.loseContext()")
    page.wait_for_function("() => shades.changes() === 1")
    assert page.evaluate("order => shades.shaded(order)", order) is None
    page.evaluate("() => contexts[0].lose.restoreContext()")
    page.wait_for_function("() => shades.changes() === 2")
    shades = reds(page.evaluate("order => shades.shaded(order)", order))
    assert np.abs(shades - tone_table(1 << 16).astype(int)).max() <= 1


SPY = """(() => {
  window.contexts = [];
  const { getContext } = OffscreenCanvas.prototype;
  OffscreenCanvas.prototype.getContext = function (kind, options) {
    // Played by the processor here, which the page itself would decline.
    const given = { ...options, failIfMajorPerformanceCaveat: false };
    const made = getContext.call(this, kind, kind === "webgl2" ? given : options);
    const find = made?.getExtension?.bind(made);
    if (find) made.getExtension = (it) => (it === "WEBGL_debug_renderer_info" ? null : find(it));
    if (kind === "webgl2" && made)
      contexts.push({ gl: made, lose: made.getExtension("WEBGL_lose_context") });
    return made;
  };
})()"""
READ = """async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  const from = [...document.querySelectorAll(".lw-image canvas")]
    .find((it) => it.style.visibility === "visible");
  if (!from) return "";
  const context = new OffscreenCanvas(from.width, from.height).getContext("2d");
  context.drawImage(from, 0, 0);
  const { data } = context.getImageData(0, 0, from.width, from.height);
  const red = [...data.filter((_, i) => i % 4 === 0)];
  return red.map((shade) => String.fromCharCode(shade)).join("");
}"""


@pytest.fixture
def ramp(host_page: HostPage, tmp_path: Path, ontology: lw.Ontology) -> AnnotatorPage:
    """A picture with every number of 16 bits, in the annotator."""
    pixels = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    Image.fromarray(pixels).save(tmp_path / "ramp.png")
    dataset = lw.Dataset.open(tmp_path / "ramp.png")
    project = lw.Project.create(tmp_path / "ramp.db", dataset, ontology, user="ana")
    host_page.kernel = KernelEnd(project)
    host_page.page.add_init_script(SPY)
    host_page.mount("image", host_page.kernel.traits())
    return AnnotatorPage(host_page.page, (256, 256)).ready()


def set_slider(page: Page, name: str, value: float) -> None:
    page.evaluate(
        """([name, value]) => {
          const slider = [...document.querySelectorAll(".lw-slider")]
            .find((it) => it.textContent.startsWith(name)).querySelector("input");
          slider.value = String(value);
          slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }""",
        [name, value],
    )


def assert_shows(page: Page, **tone: Any) -> None:
    low, high = np.percentile(np.arange(1 << 16), (0.1, 99.9))
    shades = reds(page.evaluate(READ))
    assert np.abs(shades - tone_table(1 << 16, low, high, **tone).astype(int)).max() <= 1


def test_a_picture_stays_right_while_its_context_is_lost_and_after(
    host_page: HostPage, ramp: AnnotatorPage
) -> None:
    page = host_page.page
    assert_shows(page)
    assert page.evaluate("contexts.length") == 1
    page.evaluate("contexts[0].lose.loseContext()")
    page.wait_for_timeout(50)
    page.keyboard.press("Shift+V")
    ramp.hover((20, 20))
    page.keyboard.press("Shift+V")
    set_slider(page, "Brightness", 30)
    page.wait_for_timeout(300)
    assert_shows(page, brightness=30)
    page.evaluate("contexts[0].lose.restoreContext()")
    page.wait_for_timeout(100)
    set_slider(page, "Contrast", 40)
    assert_shows(page, brightness=30, contrast=40)


def test_a_drag_paints_once_a_frame_and_the_context_ends_with_the_widget(
    host_page: HostPage, ramp: AnnotatorPage
) -> None:
    page = host_page.page
    page.evaluate(
        """() => {
          window.painted = 0;
          const { gl } = contexts[0];
          const draw = gl.drawArrays.bind(gl);
          gl.drawArrays = (...given) => { painted++; draw(...given); };
        }"""
    )
    ramp.hover((20, 20))
    page.keyboard.press("Shift+V")
    painted, frames = page.evaluate(
        """async () => {
          const slider = [...document.querySelectorAll(".lw-slider")]
            .find((it) => it.textContent.startsWith("Contrast")).querySelector("input");
          let frames = 0;
          for (; frames < 5; frames++) {
            for (let step = 0; step < 20; step++) {
              slider.value = String(frames * 20 + step - 50);
              slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
            }
            await new Promise(requestAnimationFrame);
          }
          await new Promise(requestAnimationFrame);
          return [painted, frames];
        }"""
    )
    assert 0 < painted <= frames + 1
    host_page.unmount()
    assert page.evaluate("contexts.map(({ gl }) => gl.isContextLost())") == [True]
