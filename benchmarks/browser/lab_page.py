"""A notebook in a real JupyterLab, opened and run by the browser's own protocol."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import nbformat

from benchmarks.browser.cdp import Page, PageError
from tests.browser.lab import LabServer

_READY = """(() => {{
  const panel = window.jupyterapp?.shell?.currentWidget;
  const session = panel?.sessionContext;
  return panel?.context?.path === {name} && panel.context.isReady && session.isReady
    && session.session?.kernel?.status === "idle";
}})()"""


class LabPage:
    """One notebook; it fills the page and the file browser beside it is folded."""

    def __init__(self, page: Page, server: LabServer, name: str, cells: Sequence[str]) -> None:
        self.page = page
        notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],  # type: ignore[no-untyped-call]
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, server.files / name)  # type: ignore[no-untyped-call]
        page.goto(f"{server.url}lab/tree/{name}?reset&token={server.token}")
        page.wait_for(_READY.format(name=json.dumps(name)))
        page.evaluate("jupyterapp.shell.collapseLeft()")

    def run(self, index: int) -> None:
        """Run a cell and wait for it."""
        self.page.evaluate(_RUN.format(index=index))
        self._check(index)

    def begin(self, index: int) -> float:
        """Run a cell without waiting; return the time when it was, in seconds since the epoch."""
        self._check(index - 1)
        started: float = self.page.evaluate(
            f"(() => {{ const now = Date.now() / 1000; void {_RUN.format(index=index)};"
            " return now; })()"
        )
        return started

    def close(self) -> None:
        """Shut the kernel down."""
        self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.shutdown()")

    def _check(self, index: int) -> None:
        cells: list[dict[str, Any]] = self.page.evaluate(
            "jupyterapp.shell.currentWidget.content.model.toJSON().cells"
        )
        for output in cells[index].get("outputs", []) if index >= 0 else []:
            if output["output_type"] == "error":
                raise PageError("\n".join(output["traceback"]))


_RUN = """(async () => {{
  const content = jupyterapp.shell.currentWidget.content;
  content.activeCellIndex = {index};
  await jupyterapp.commands.execute("notebook:run-cell");
}})()"""
