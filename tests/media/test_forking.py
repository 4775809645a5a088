"""A process that is forked while a video is open ends, whatever it lets go of."""

from __future__ import annotations

import gc
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from labelwidgets.media import VideoReader
from tests.media.video.films import film


class Ring:
    """Holds itself, so that it goes only when garbage is collected."""

    def __init__(self, held: Any) -> None:
        self.held, self.me = held, self


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_does_not_wait_for_the_threads_of_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film(path, count=60)
    collects = gc.isenabled()
    gc.disable()
    try:
        reader = VideoReader(str(path))
        assert reader[40].any()
        Ring(reader)
        del reader
        child = os.fork()
        if child == 0:
            gc.collect()
            os._exit(7)
        until = time.monotonic() + 30
        ended, status = 0, 0
        while not ended and time.monotonic() < until:
            time.sleep(0.02)
            ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        assert ended, "it waits for ever"
        assert os.waitstatus_to_exitcode(status) == 7
    finally:
        if collects:
            gc.enable()
