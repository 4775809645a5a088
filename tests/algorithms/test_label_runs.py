"""Maps of labels as runs: the shared cases, with and without numba, and there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from labelwidgets.algorithms import label_runs as module_function
from labelwidgets.algorithms.label_runs import _find, enlarged, label_runs, labels_of
from labelwidgets.algorithms.label_runs_kernels import find_label_runs
from labelwidgets.errors import SchemaError
from tests.golden import label_maps, make

CASES = json.loads(
    (Path(__file__).parents[1] / "golden" / "label_maps.json").read_text(encoding="utf-8")
)["maps"]


def test_the_table_is_what_is_made() -> None:
    made = make.text_of("maps", label_maps.label_maps())
    assert made == make.LABEL_MAPS.read_text(encoding="utf-8")


maps = arrays.arrays(
    np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 3)
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_shared_cases(case: dict[str, Any]) -> None:
    labels = np.array(case["map"]).reshape(case["size"])
    runs = module_function(labels)
    assert list(runs.size) == case["size"]
    assert runs.lengths.tolist() == case["lengths"]
    assert runs.labels.tolist() == case["labels"]
    assert runs.lengths.dtype == np.uint32
    assert runs.labels.dtype == (np.uint32 if max(case["labels"]) > 65535 else np.uint16)
    assert np.array_equal(labels_of(runs), labels)


@given(labels=maps)
@settings(max_examples=150, deadline=None)
def test_the_compiled_loop_finds_what_numpy_finds(labels: NDArray[np.int32]) -> None:
    ours, plain = find_label_runs(labels), _find(labels)
    assert np.array_equal(ours[0], plain[0])
    assert np.array_equal(ours[1], plain[1])


@given(labels=maps, factor=st.integers(1, 4), data=st.data())
@settings(max_examples=100, deadline=None)
def test_runs_of_an_enlarged_map(labels: NDArray[np.int32], factor: int, data: Any) -> None:
    height = factor * labels.shape[0] + data.draw(st.integers(0, factor - 1))
    width = factor * labels.shape[1] + data.draw(st.integers(0, factor - 1))
    rows = np.minimum(np.arange(height) // factor, labels.shape[0] - 1)
    columns = np.minimum(np.arange(width) // factor, labels.shape[1] - 1)
    wanted = label_runs(labels[rows][:, columns])
    made = enlarged(label_runs(labels), factor, (height, width))
    assert made.size == wanted.size
    assert np.array_equal(made.lengths, wanted.lengths)
    assert np.array_equal(made.labels, wanted.labels)


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros((0, 3), int),
        np.zeros(4, int),
        np.zeros((2, 2)),
        np.full((2, 2), -1),
        np.full((2, 2), 2**31),
        [["a"]],
    ],
)
def test_what_is_no_map_of_labels_is_refused(labels: Any) -> None:
    with pytest.raises(SchemaError, match="labels"):
        label_runs(labels)
