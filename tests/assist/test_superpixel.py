"""The kernel's half of the superpixel tool."""

from __future__ import annotations

import numpy as np
import pytest

from labelwidgets.algorithms.label_runs import LabelRuns, labels_of
from labelwidgets.assist import registry
from labelwidgets.assist.cancelling import while_wanted
from labelwidgets.errors import ToolError


@pytest.mark.parametrize("coarse", [True, False])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_it_proposes_a_map_and_no_shapes(coarse: bool, kind: type) -> None:
    image = np.random.default_rng(0).integers(0, 200, (901, 1203), dtype=np.uint8).astype(kind)
    tool = registry.find("superpixel")
    tool.prepare(image)
    proposal = tool.propose(image, parameters={"size": 40, "coarse": coarse})
    assert proposal.shapes == []
    runs = LabelRuns(image.shape, proposal.arrays["lengths"], proposal.arrays["labels"])
    labels = labels_of(runs)
    assert 300 < labels.max() < 1500


def test_a_map_that_nobody_wants_any_more_is_given_up_on() -> None:
    tool = registry.find("superpixel")
    image = np.zeros((64, 64), np.uint8)
    with while_wanted(lambda: False), pytest.raises(ToolError, match="given up"):
        tool.propose(image)
    assert tool.propose(image).arrays["labels"].size
