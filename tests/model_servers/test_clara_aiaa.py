"""NVIDIA Clara AIAA, by a server that answers in its shapes, and by one that does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError
from labelwidgets.model_servers import ClaraAIAA
from tests.model_servers.loopback import PAGE, Answer, Asked, Loopback, as_json, in_parts
from tests.model_servers.monai_server import nifti, opened
from tests.model_servers.scans import CONTEXT, DEPTH, HEIGHT, WIDTH, Ct, voxels

MODELS = [
    {"name": "spleen", "type": "segmentation", "labels": ["spleen"], "version": "2"},
    {"name": "dextr", "type": "annotation", "labels": ["spleen"]},
    {"name": "grow", "type": "deepgrow", "labels": []},
]
SIX = [lw.Click(x, y, slice=z) for x, y, z in [(3, 2, 0), (3, 2, 2), (2, 2, 1), (4, 2, 1)]]
SIX += [lw.Click(3, 1, slice=1), lw.Click(3, 3, slice=1)]


class AiaaServer(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.images: dict[str, bytes] = {}
        self.old = False
        self.polygons: Any = [[], [[[0, 0], [2, 0], [2, 2], [0, 2]]], []]
        self.instead: Answer | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/models":
            return as_json(MODELS)
        if asked.path.startswith("/session/"):
            if asked.method == "PUT":
                key = f"s{len(self.asked)}"
                self.images[key] = asked.parts["image"].body
                return as_json({"session_id": key})
            self.images.pop(asked.path.split("/")[2], None)
            return as_json({})
        if self.instead is not None:
            return self.instead
        if asked.path == "/v1/mask2polygon":
            return as_json(self.polygons)
        if asked.path == "/v1/fixpolygon":
            return in_parts(
                ("params", "", "application/json", json.dumps({"poly": self.polygons}).encode()),
                ("file", "m.nii.gz", "application/octet-stream", b""),
            )
        session = asked.query.get("session_id")
        data = self.images.get(session) if session else asked.parts["datapoint"].body
        if data is None:
            return Answer(440, "text/html", b"<h1>Session Expired</h1>")
        image = opened(data)
        labels = (np.asanyarray(image.dataobj) > 100).astype(np.uint8)
        for place in asked.params.get("foreground", []):
            labels[tuple(place)] = 1
        points = json.dumps([[3, 2, 1], [0, 1, 2]])
        said = ("params", "", "application/json", json.dumps({"points": [[3, 2, 1]]}).encode())
        if self.old:
            said = ("points", "", "text/plain", json.dumps(points).encode())
        file = nifti(labels, image.affine)
        return in_parts(said, ("file", "m.nii.gz", "application/octet-stream", file))


@pytest.fixture
def server() -> Iterator[AiaaServer]:
    with AiaaServer() as made:
        yield made


@pytest.fixture
def scan() -> lw.Scan:
    return lw.Scan(Ct())


def test_a_scan_is_segmented_within_a_session(server: AiaaServer, scan: lw.Scan) -> None:
    client = ClaraAIAA(server.url, "spleen")
    made = lw.assistant(client)
    assert (made.name, made.version, made.prompts) == ("spleen", "2", ())
    assert voxels(made.propose(scan, None, CONTEXT)) == {"spleen": {(1, 2, 3), (2, 1, 0)}}
    made.propose(scan, None, CONTEXT)
    assert server.paths("PUT") == ["/session/"]
    made.close()
    assert server.images == {}


def test_an_expired_session_is_made_again_and_tried_once_more(
    server: AiaaServer, scan: lw.Scan
) -> None:
    made = lw.assistant(ClaraAIAA(server.url, "spleen"))
    made.propose(scan, None, CONTEXT)
    server.images.clear()
    assert voxels(made.propose(scan, None, CONTEXT))["spleen"]
    assert server.paths("PUT") == ["/session/"] * 2
    server.instead = Answer(440, "text/html", b"<h1>Session Expired</h1>")
    before = len(server.paths("POST"))
    with pytest.raises(AssistantError, match="answered 440"):
        made.propose(scan, None, CONTEXT)
    assert len(server.paths("POST")) == before + 2


def test_extreme_points_are_read_also_of_version_1(server: AiaaServer, scan: lw.Scan) -> None:
    client = ClaraAIAA(server.url, "spleen", sessions=False)
    assert client.segment(scan)[1] == [[3, 2, 1]]
    server.old = True
    labels, points = client.segment(scan)
    assert points == [[3, 2, 1], [0, 1, 2]]
    assert labels.shape == (DEPTH, HEIGHT, WIDTH)
    assert server.paths("PUT") == []


@pytest.mark.parametrize("pad", [0.0, 20.0])
def test_dextr_sees_the_box_around_six_points(
    server: AiaaServer, scan: lw.Scan, pad: float
) -> None:
    client = ClaraAIAA(server.url, "dextr", pad=pad, roi=(12, 16, 20))
    made = lw.assistant(client)
    with pytest.raises(AssistantError, match="wants 6 points, 5"):
        made.propose(scan, Prompt(clicks=SIX[:5]), CONTEXT)
    found = voxels(made.propose(scan, Prompt(clicks=SIX), CONTEXT))["spleen"]
    # The bright voxel at row 1, column 0 lies beside the box without padding.
    assert found == ({(1, 2, 3)} if pad == 0 else {(1, 2, 3), (2, 1, 0)})
    sent = opened(server.asked[-1].parts["datapoint"].body)
    assert sent.shape == (20, 16, 12)
    points = np.asarray(server.asked[-1].params["points"])
    values = np.asanyarray(sent.dataobj)
    middle = points.mean(axis=0).astype(int)
    assert (points >= 0).all()
    assert (points < sent.shape).all()
    assert values[tuple(middle)] > 100
    if pad == 20:
        # The corner of the scan stays where it is in the patient.
        assert sent.affine[:3, 3].tolist() == pytest.approx([10, -20, 30])


def test_deepgrow_is_told_the_clicks_and_the_newest(server: AiaaServer, scan: lw.Scan) -> None:
    made = lw.assistant(ClaraAIAA(server.url, "grow"))
    clicks = [lw.Click(0, 0, slice=0), lw.Click(4, 3, positive=False, slice=2)]
    found = voxels(made.propose(scan, Prompt(clicks=clicks), CONTEXT))
    assert (0, 0, 0) in found["liver"]
    assert server.asked[-1].params == {
        "foreground": [[0, 0, 0]], "background": [[4, 3, 2]], "current_point": [4, 3, 2],
    }  # fmt: skip
    with pytest.raises(AssistantError, match="wants a click"):
        made.propose(scan, Prompt(clicks=clicks[1:]), CONTEXT)


def test_outlines_are_found_and_their_points_moved(server: AiaaServer, scan: lw.Scan) -> None:
    client = ClaraAIAA(server.url, "spleen")
    square = lw.Polygon([[[(0.5, 0.5), (2.5, 0.5), (2.5, 2.5), (0.5, 2.5)]]])
    found = client.outlines(np.ones(scan.shape, bool), scan)
    assert found == {1: [square]}
    assert client.move_vertex(scan, found, (1, 0, 2), (1, 0)) == found
    params = server.asked[-1].params
    assert params["poly"] == server.polygons
    assert (params["slice_index"], params["vertex_index"], params["dimension"]) == (1, 2, 3)


@pytest.mark.parametrize(
    ("polygons", "said"),
    [
        ([[[[0, 0], [1, 1], [99, 0]]]], "slice 0, polygon 0"),
        ([[[[0, 0], [1, "x"], [9, 0]]]], "list of"),
        ([[], [], [], []], "at most those"),
        ({"error": "none"}, "list of slices"),
        ([[[[0, 0], [1, 1], [1, 0]]] * 10_001], "polygons"),
        ([7], "list of polygons"),
    ],
)
def test_outlines_that_are_none_are_told(
    server: AiaaServer, scan: lw.Scan, polygons: Any, said: str
) -> None:
    server.polygons = polygons
    with pytest.raises(AssistantError, match=said):
        ClaraAIAA(server.url, "spleen").outlines(np.ones(scan.shape, bool), scan)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PAGE, "answered 500"),
        (as_json({"points": []}), "without a label map"),
        (in_parts(("points", "", "text/plain", b"<p>")), "a page"),
        (in_parts(("file", "m", "x/y", b"\x1f\x8b")), "no NIfTI"),
    ],
)
def test_a_reply_that_is_none_is_told(
    server: AiaaServer, scan: lw.Scan, answer: Answer, said: str
) -> None:
    made = lw.assistant(ClaraAIAA(server.url, "spleen"))
    server.instead = answer
    with pytest.raises(AssistantError, match=said) as caught:
        made.propose(scan, None, CONTEXT)
    assert server.url in str(caught.value)


def test_an_unknown_model_names_those_that_there_are(server: AiaaServer) -> None:
    with pytest.raises(AssistantError, match=r"no model 'brain'.*dextr"):
        lw.assistant(ClaraAIAA(server.url, "brain"))
