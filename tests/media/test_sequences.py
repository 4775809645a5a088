"""Pictures of a sequence are shown at the size of its first one; files stay as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from labelwidgets.media import Dataset
from labelwidgets.media.grey import GREY16
from labelwidgets.media.sequences import resized


def sequence(folder: Path, *pictures: np.ndarray) -> Dataset:
    urls = []
    for number, pixels in enumerate(pictures):
        urls.append(str(folder / f"{number}.png"))
        Image.fromarray(pixels).save(urls[-1])
    frame = pd.DataFrame({"id": ["walk"], "urls": [urls], "kind": ["image_sequence"]})
    return Dataset.from_items(frame)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_the_size_of_the_first_is_that_of_all(tmp_path: Path, dtype: str) -> None:
    first = np.full((30, 40), 7, dtype)
    second = np.full((60, 20), 9, dtype)
    dataset = sequence(tmp_path, first, second)
    before = Path(dataset["walk"]["urls"][1]).read_bytes()
    assert [dataset.pixels("walk", k).shape for k in (0, 1)] == [(30, 40), (30, 40)]
    assert dataset.pixels("walk", 1).dtype == second.dtype
    assert (dataset.pixels("walk", 1) == 9).all()
    shown = [dataset.encoded("walk", k) for k in (0, 1)]
    assert [(one.width, one.height) for one in shown] == [(40, 30), (40, 30)]
    if dtype == "u1":
        assert shown[1].data == before, "the browser scales it"
    else:
        assert shown[1].mime == GREY16
    assert Path(dataset["walk"]["urls"][1]).read_bytes() == before


def test_resizing_is_bilinear_and_keeps_the_type() -> None:
    ramp = np.array([[0, 100], [0, 100]], np.int16)
    made = resized(ramp, (4, 2))
    assert made.dtype == np.int16
    assert made.tolist() == [[0, 25, 75, 100]] * 2
    same = np.zeros((3, 5, 3), np.uint8)
    assert resized(same, (5, 3)) is same


def test_of_a_sequence_the_size_of_the_first_is_its_size(tmp_path: Path) -> None:
    dataset = sequence(tmp_path, np.zeros((30, 40), "u1"), np.zeros((10, 10), "u1"))
    with pytest.raises(Exception, match="from 0 to 1"):
        dataset.pixels("walk", 2)
