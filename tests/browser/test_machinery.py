"""The machinery of the browser tests works: the host page, and a widget in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import NoBrowserError, find
from tests.browser.host import HostPage, Message
from tests.browser.lab import LabError, Notebook

COUNTER = """
export default {
  render({ model, el, signal }) {
    const button = document.createElement("button");
    const show = () => { button.textContent = `count ${model.get("count")}`; };
    const heard = (content, buffers) => {
      button.title = content.text + [...new Uint8Array(buffers[0].buffer)].join();
    };
    button.addEventListener("click", () => {
      model.set("count", model.get("count") + 1);
      model.save_changes();
      model.send({ kind: "clicked", nothing: undefined }, undefined, [new Uint8Array([1, 2, 250])]);
    }, { signal });
    model.on("change:count", show);
    model.on("msg:custom", heard);
    signal.addEventListener("abort", () => {
      model.off("change:count", show);
      model.off("msg:custom", heard);
    });
    show();
    el.append(button);
  },
};
"""
WIDGET = f'''
import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = """{COUNTER}"""
    count = traitlets.Int(0).tag(sync=True)
counter = Counter()
def answer(widget, content, buffers):
    widget.send({{"text": "kernel"}}, [bytes(buffers[0])])
counter.on_msg(answer)
counter
'''


def test_host_page_plays_the_kernel(host_page: HostPage) -> None:
    host_page.kernel = lambda message: [Message({"text": "answer"}, message.buffers)]
    host_page.mount(COUNTER, {"count": 3})
    button = host_page.root.get_by_role("button", name="count 3")
    button.click()
    button = host_page.root.get_by_role("button", name="count 4")
    expect(button).to_have_attribute("title", "answer1,2,250")
    assert host_page.sent == [Message({"kind": "clicked"}, (b"\x01\x02\xfa",))]
    assert host_page.saved == [{"count": 4}]


def test_host_page_speaks_first(host_page: HostPage) -> None:
    host_page.mount(COUNTER, {"count": 0})
    host_page.set_state("count", 7)
    host_page.deliver({"text": "pushed"}, [b"\x00\xff"])
    button = host_page.root.get_by_role("button", name="count 7")
    expect(button).to_have_attribute("title", "pushed0,255")
    assert host_page.saved == []
    assert host_page.state("count") == 7


def test_host_page_unmounts_and_shows_again(host_page: HostPage) -> None:
    host_page.mount(COUNTER, {"count": 5})
    assert host_page.listeners() == 2
    host_page.unmount()
    assert host_page.listeners() == 0
    expect(host_page.root.get_by_role("button")).to_have_count(0)
    host_page.show_again()
    expect(host_page.root.get_by_role("button", name="count 5")).to_be_visible()


def test_host_page_keeps_storage_over_a_reload(host_page: HostPage) -> None:
    host_page.mount(COUNTER, {"count": 1})
    host_page.page.evaluate("() => localStorage.setItem('kept', 'yes')")
    host_page.reload({"count": 2})
    expect(host_page.root.get_by_role("button", name="count 2")).to_be_visible()
    assert host_page.page.evaluate("() => localStorage.getItem('kept')") == "yes"
    assert host_page.page.evaluate("() => isSecureContext && 'indexedDB' in window")


@pytest.mark.parametrize(("theme", "light"), [("light", "true"), ("dark", "false")])
def test_host_page_has_the_themes_of_jupyterlab(host_page: HostPage, theme, light) -> None:
    host_page.mount(COUNTER, {"count": 1}, theme=theme)
    body = host_page.page.locator("body")
    expect(body).to_have_attribute("data-jp-theme-light", light)
    color = body.evaluate("it => getComputedStyle(it).backgroundColor")
    assert color == ("rgb(255, 255, 255)" if theme == "light" else "rgb(17, 17, 17)")


def test_host_page_says_what_was_sent_instead(host_page: HostPage) -> None:
    host_page.mount(COUNTER, {"count": 0})
    host_page.root.get_by_role("button").click()
    assert host_page.wait_for(lambda message: message.content["kind"] == "clicked").buffers
    with pytest.raises(AssertionError, match="clicked"):
        host_page.wait_for(lambda message: False, seconds=0.1)


def test_pixels_and_webgl_are_there(page: Page) -> None:
    renderer, pixel = page.evaluate(
        """() => {
          const gl = document.createElement("canvas").getContext("webgl2");
          const about = gl.getExtension("WEBGL_debug_renderer_info");
          gl.clearColor(0.2, 0.4, 0.6, 1);
          gl.clear(gl.COLOR_BUFFER_BIT);
          const pixel = new Uint8Array(4);
          gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
          return [gl.getParameter(about.UNMASKED_RENDERER_WEBGL), [...pixel]];
        }"""
    )
    assert "SwiftShader" in renderer
    assert pixel == [51, 102, 153, 255]


def test_a_named_browser_must_exist(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: Page
) -> None:
    monkeypatch.setenv("LABELWIDGETS_CHROME", str(tmp_path / "nothing"))
    with pytest.raises(NoBrowserError, match="nothing"):
        find(None)  # type: ignore[arg-type]


def test_widget_in_jupyterlab(notebook: Notebook, tmp_path: Path) -> None:
    notebook.open([WIDGET, "print(counter.count)"])
    notebook.run_all()
    assert notebook.text(1) == "0\n"
    notebook.output(0).get_by_role("button", name="count 0").click()
    button = notebook.output(0).get_by_role("button", name="count 1")
    expect(button).to_have_attribute("title", "kernel1,2,250")
    notebook.run_cell(1)
    assert notebook.text(1) == "1\n"
    assert notebook.execute("print(counter.count + 1)") == "2\n"
    assert notebook.screenshot(tmp_path / "shot.png").stat().st_size > 10_000


def test_widget_survives_a_reload_of_the_page(notebook: Notebook) -> None:
    notebook.open([WIDGET])
    notebook.run_all()
    notebook.output(0).get_by_role("button", name="count 0").click()
    expect(notebook.output(0).get_by_role("button", name="count 1")).to_be_visible()
    notebook.save()
    notebook.reload()
    expect(notebook.output(0).get_by_role("button", name="count 1")).to_be_visible(timeout=30_000)


def test_kernel_restarts_and_dies(notebook: Notebook) -> None:
    notebook.open(["import os; first = os.getpid(); print(first)"])
    notebook.run_all()
    first = int(notebook.text(0))
    notebook.restart_kernel()
    with pytest.raises(LabError, match="NameError"):
        notebook.execute("print(first)")
    notebook.run_all()
    second = int(notebook.text(0))
    assert second != first
    notebook.kill_kernel()
    notebook.page.wait_for_function(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status !== 'idle'"
    )
    notebook.wait_until_ready()
    assert int(notebook.execute("import os; print(os.getpid())")) not in (first, second)


def test_a_raising_cell_is_an_error(notebook: Notebook) -> None:
    notebook.open(["1 / 0"])
    with pytest.raises(LabError, match="ZeroDivisionError"):
        notebook.run_all()
    notebook.run_all(check=False)
    assert notebook.outputs(0)[0]["ename"] == "ZeroDivisionError"
