"""Tracks: what is seen of them, and what is made of them."""

from __future__ import annotations

import json
from typing import Any

from tests.golden import make, tracks

CASES: list[dict[str, Any]] = json.loads(make.TRACKS.read_text(encoding="utf-8"))["tracks"]


def test_the_table_that_the_page_reads_is_what_the_kernel_sees() -> None:
    made = json.loads(make.text_of("tracks", tracks.tracks()))["tracks"]
    # Only the last digits of cosines, which are part of the input, may differ by machine.
    assert [one["seen"] for one in made] == [one["seen"] for one in CASES]
