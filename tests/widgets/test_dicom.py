"""What a notebook says of scans, and what a page is told of a header."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import ImageError, OntologyError, WorkflowError
from labelwidgets.widgets.header_info import MAX_ELEMENTS, MAX_VALUE, header_info


@pytest.fixture
def project(tmp_path: Path) -> lw.Project:
    ontology = lw.Ontology(["car"], windows=[lw.WindowPreset("Stent", level=300, width=1200)])
    Image.new("RGB", (8, 6)).save(tmp_path / "a.png")
    return lw.Project.create(
        tmp_path / "x.db", lw.Dataset.open(tmp_path / "a.png"), ontology, user="ana"
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Lung", {"name": "Lung", "level": -600, "width": 1500}),
        ("brain marrow", {"name": "Bone marrow", "level": 25, "width": 250}),
        ("Stent", {"name": "Stent", "level": 300, "width": 1200}),
        ((400, 40), {"name": "own", "level": 40, "width": 400}),
        ("auto", {"name": "auto"}),
        (None, None),
    ],
)
def test_a_window_is_told_to_the_page(project: lw.Project, given: Any, wanted: Any) -> None:
    widget = project.annotate(window=given, layout="2x2")
    assert isinstance(widget, lw.DicomAnnotator)
    assert widget.window == wanted
    assert widget.layout_name == "2x2"
    widget.close()


def test_what_is_no_window_and_no_layout_is_refused(project: lw.Project) -> None:
    with pytest.raises(OntologyError, match="window"):
        project.annotate(window="Spleen")
    with pytest.raises(OntologyError, match="window"):
        project.annotate(window=3)
    with pytest.raises(WorkflowError, match="layout"):
        lw.DicomAnnotator(project.session(), layout="9x9")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [lw.DicomAnnotator, lw.ImageAnnotator])
def test_a_project_in_the_place_of_its_session_is_told_so(project: lw.Project, kind: Any) -> None:
    with pytest.raises(WorkflowError, match=r"must be a Session, not Project.*annotate"):
        kind(project)


class Headers:
    """A scan of one slice with this header."""

    def __init__(self, elements: list[dict[str, Any]]) -> None:
        self.elements = elements

    def __len__(self) -> int:
        return 1

    def header(self, _: int) -> list[dict[str, Any]]:
        return self.elements


def test_a_header_is_told_whole_but_for_what_nobody_reads() -> None:
    one = {"tag": "0010,0010", "name": "Patient's Name", "vr": "PN", "value": "Doe", "level": 0}
    own = {"tag": "0029,1010", "name": "?", "vr": "UN", "value": "x" * 9000, "level": 1}
    half = {"tag": "0008,103E", "name": "n", "vr": "LO", "value": "a\ud800b", "level": 0}
    told = header_info(Headers([one, own, half] * MAX_ELEMENTS), 0)  # type: ignore[arg-type]
    assert told["more"] == 2 * MAX_ELEMENTS
    first, second, third = told["elements"][:3]
    assert first == {**one, "cut": False, "private": False}
    assert (len(second["value"]), second["cut"], second["private"]) == (MAX_VALUE, True, True)
    assert third["value"] == "a?b"


def test_a_slice_that_is_not_there_is_refused() -> None:
    with pytest.raises(ImageError, match="no slice 1"):
        header_info(Headers([]), 1)  # type: ignore[arg-type]


def test_a_scan_leaves_the_slice_with_its_labels_where_no_kernel_runs(tmp_path: Path) -> None:
    thin, _ = lw.media.sample_scan(tmp_path / "scan")
    classes = [lw.ObjectClass("nodule", tool="volumemask", color="#ff0000")]
    project = lw.Project.create(tmp_path / "x.db", lw.Dataset.open(thin), classes, user="ana")
    (item,) = project.dataset.items.id

    def picture(**options: Any) -> np.ndarray:
        bundle = project.annotate(**options)._repr_mimebundle_()
        assert bundle is not None
        return np.asarray(Image.open(io.BytesIO(bundle[0]["image/jpeg"])).convert("RGB"), int)

    air, muscle = (2, 2), (96, 20)
    lung, narrow = picture(window="Lung"), picture(window=(100, 0))
    assert not np.array_equal(lung, narrow)
    for made in (lung, narrow):
        scale = made.shape[0] // 192
        assert made[muscle[0] * scale, muscle[1] * scale].mean() > made[air[0], air[1]].mean() + 60
    project.add(project.grow(item, (40, 87, 136), -200, 200, radius=12, unit="mm"))
    # The nodule is on slices far above the middle of the scan.
    changed = picture(window="Lung")
    y, x = 87 * changed.shape[0] // 192, 136 * changed.shape[1] // 192
    assert changed[y, x, 0] > changed[y, x, 1:].max() + 10
