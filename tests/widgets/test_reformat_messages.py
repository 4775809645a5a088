"""A page asks for cuts across the slices of a scan."""

from __future__ import annotations

import pytest

import labelwidgets as lw
from labelwidgets.errors import LinkError
from labelwidgets.media.sample_scans import sample_scan
from tests.widgets.test_link import Page, only


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> lw.Project:
    folder = tmp_path_factory.mktemp("scan")
    _, thick = sample_scan(folder / "chest")
    ontology = lw.Ontology([lw.ObjectClass("nodule", tool="volumemask")])
    return lw.Project.create(folder / "x.db", lw.Dataset.open(thick), ontology, user="ana")


def test_a_cut_comes_by_its_plane_and_tells_how_much_of_it_is_there(scan: lw.Project) -> None:
    page, item = Page(scan.session()), scan.dataset.items["id"].iloc[0]
    ask = {"type": "pixels", "item": item, "plane": "row", "frame": 96}
    while True:
        made = only(page.say(**ask, request=1))
        assert (made["type"], made["width"], made["frame"]) == ("pixels", 192, 96)
        # 150 mm in pixels of 1.75 mm.
        assert made["height"] == pytest.approx(150 / 1.75, abs=5)
        if made["across"]["missing"] == 0:
            break
    assert made["across"] == {"missing": 0, "lost": 0, "slices": 20}
    whole = scan.session().picture(item, 96, plane="row")
    assert page.buffers[-1] == [whole.data]
    projected = only(page.say(**ask, request=2, projected=True))
    assert projected["type"] == "pixels"
    assert page.buffers[-1] != [whole.data]


@pytest.mark.parametrize("frame", [-1, 192, 2**53])
def test_a_cut_that_there_is_not_is_refused_in_words(scan: lw.Project, frame: int) -> None:
    page, item = Page(scan.session()), scan.dataset.items["id"].iloc[0]
    ask = {"type": "pixels", "item": item, "plane": "column", "frame": frame}
    failed = only(page.say(**ask, request=1))
    assert failed["type"] == "failed"
    assert "192" in failed["error"]["message"]


@pytest.mark.parametrize("plane", ["depth", 3])
def test_a_plane_that_there_is_not_is_no_message(scan: lw.Project, plane: object) -> None:
    page, item = Page(scan.session()), scan.dataset.items["id"].iloc[0]
    with pytest.raises(LinkError, match="plane"):
        page.say(type="pixels", item=item, plane=plane, frame=1, request=1)
