"""A tiny message to the kernel and back, in JupyterLab as it is and with our server extension."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.browser.cdp import Chromium
from benchmarks.browser.lab_page import LabPage
from benchmarks.report import Report, main, ratio
from benchmarks.timing import Times, times
from tests.browser.lab import LabServer

MESSAGES = 200
ROUNDS = 2
EXTENSION = Path(__file__).parents[1] / "labelwidgets" / "server" / "labelwidgets.json"

ECHO = """def echo(comm, opened):
    comm.on_msg(lambda message: comm.send(message["content"]["data"]))

get_ipython().kernel.comm_manager.register_target("labelwidgets-echo", echo)"""
# One message after the other, each sent when the answer to the one before was there.
ASK = """(async () => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const comm = kernel.createComm("labelwidgets-echo");
  let answered = () => undefined;
  comm.onMsg = () => answered();
  await comm.open().done;
  const taken = [];
  for (let n = 0; n < COUNT; n++) {
    const start = performance.now();
    await new Promise((resolve) => { answered = resolve; comm.send({ n }); });
    taken.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  comm.close();
  return taken;
})()"""


def measure(report: Report) -> None:
    table = report.table(
        "A tiny message to the kernel and back", "JupyterLab", "median, ms", "95 %, ms", "99 %, ms"
    )
    count = 50 if report.quick else MESSAGES
    plain: list[float] = []
    near: list[float] = []
    # In turn, so that what else the machine does meets both.
    for _ in range(1 if report.quick else ROUNDS):
        plain += _round_trips(False, count)
        near += _round_trips(True, count)
    before, after = times(plain), times(near)
    for name, found in (("as it is", before), ("with the extension", after)):
        table.add(name, found.median, found.p95, found.p99)
    table.add("as it is / with the extension", *_ratios(before, after))
    table.notes = [
        "A custom message of a comm from a page in Chromium through the server to the kernel and",
        "back, one at a time with pauses of 20 ms, on loopback.",
    ]


def _ratios(before: Times, after: Times) -> tuple[str, str, str]:
    return (
        ratio(before.median, after.median),
        ratio(before.p95, after.p95),
        ratio(before.p99, after.p99),
    )


def _round_trips(enabled: bool, count: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="labelwidgets-bench-") as folder:
        home = Path(folder)
        own = home / "own" / "jupyter_server_config.d"
        own.mkdir(parents=True)
        if enabled:
            shutil.copy(EXTENSION, own)
        else:
            off = {"ServerApp": {"jpserver_extensions": {"labelwidgets.server": False}}}
            (own / "labelwidgets.json").write_text(json.dumps(off))
        paths = {
            "JUPYTER_CONFIG_PATH": str(own.parent),
            "PYTHONPATH": str(EXTENSION.parents[2]),
        }
        server = LabServer(home, paths).start()
        try:
            with Chromium() as browser, browser.page() as page:
                lab = LabPage(page, server, "echo.ipynb", [ECHO])
                lab.run(0)
                taken: list[float] = lab.page.evaluate(ASK.replace("COUNT", str(count)))
                lab.close()
        finally:
            server.stop()
    return taken[5:]


if __name__ == "__main__":
    main("round_trip", measure)
