"""A numba that is there and does not run is as good as none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

WORK = """
import numpy as np
import labelwidgets as lw
from labelwidgets.assist import Click, Prompt, Scribble, tools

picture = np.zeros((40, 50, 3), np.uint8)
picture[10:20, 10:30] = 200
rle = lw.RLE([3, 3], "9")
line = Scribble([(12, 12), (18, 15)]), Scribble([(2, 35), (40, 35)], False)
prompt = Prompt(clicks=[Click(15, 15)], scribbles=list(line))
for tool in tools():
    if tool.takes_volume or tool.takes_video:
        continue
    for shape in tool.propose(picture, prompt, {}, "polygon").shapes:
        print(tool.name, sorted(map(tuple, shape.geometry.parts[0][0])))
"""


@pytest.mark.parametrize("why", ["ImportError('needs another numpy')", "OSError('no LLVM')"])
def test_a_numba_that_does_not_run_is_done_without(tmp_path: Path, why: str) -> None:
    (tmp_path / "numba.py").write_text(f"raise {why}")
    root = Path(__file__).resolve().parents[2]

    def run(*first: Path) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(str(one) for one in (*first, root))
        return subprocess.run(
            [sys.executable, "-c", WORK],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )

    broken = run(tmp_path)
    assert "numba is not used" in broken.stderr
    assert broken.stdout == run().stdout
    assert "wand [(10.0, 10.0), (10.0, 20.0), (30.0, 10.0), (30.0, 20.0)]" in broken.stdout
