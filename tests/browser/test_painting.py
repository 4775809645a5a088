"""Masks painted with a real mouse, before the real link and store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle, stroke_to_mask
from tests.browser.annotator import XY, AnnotatorPage
from tests.browser.conftest import SIZE
from tests.browser.host import HostPage

Bits = NDArray[np.bool_]
SHAPE = (SIZE[1], SIZE[0])


@pytest.fixture
def ontology() -> lw.Ontology:
    return lw.Ontology(
        classes=[
            lw.ObjectClass("cell", tool="mask", color="#ff0000"),
            lw.ObjectClass("sky", tool="mask", color="#0000ff", instances=False),
            lw.ObjectClass("car", color="#00ff00"),
        ]
    )


def masks(project: lw.Project) -> list[Bits]:
    rles = [geometry.rle for geometry in project.annotations.geometry]
    return [decode_rle({"size": list(rle.size), "counts": rle.counts}) for rle in rles]


def pull(
    annotator: AnnotatorPage, path: Sequence[XY], steps: int = 6, release: bool = True
) -> None:
    """Press at the first point, go through the others, let go at the last."""
    mouse = annotator.page.mouse
    mouse.move(*annotator.at(path[0]))
    mouse.down()
    for point in path[1:]:
        mouse.move(*annotator.at(point), steps=steps)
    if release:
        mouse.up()


def radius(annotator: AnnotatorPage) -> float:
    return float(annotator.root.get_by_label("Radius").first.input_value())


def alike(found: Bits, wanted: Bits) -> float:
    """Intersection over union: a pointer is known to a pixel of the screen only."""
    return float((found & wanted).sum() / max(1, (found | wanted).sum()))


def test_a_stroke_is_stored_as_it_was_painted(
    annotator: AnnotatorPage, project: lw.Project, host_page: HostPage
) -> None:
    path = [(100, 100), (200, 120), (180, 200)]
    annotator.hover(path[0])
    annotator.key("b")
    pull(annotator, path)
    annotator.saved().has_objects(1)
    (mask,) = masks(project)
    assert alike(mask, stroke_to_mask(path, SHAPE, radius=radius(annotator))) > 0.95
    assert project.annotations.class_name.tolist() == ["cell"]
    assert host_page.console == []
