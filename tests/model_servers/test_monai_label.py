"""MONAI Label, by a server that answers in its shapes, and by one that does not."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.assist.cancelling import telling, while_wanted
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError, ToolError
from labelwidgets.media.volumes import Grid
from labelwidgets.model_servers import MonaiLabel
from tests.model_servers.loopback import PAGE, Answer, in_parts
from tests.model_servers.monai_server import MonaiServer, nifti, opened
from tests.model_servers.scans import CONTEXT, DEPTH, HEIGHT, WIDTH, Ct, voxels


@pytest.fixture
def server() -> Iterator[MonaiServer]:
    with MonaiServer() as made:
        yield made


@pytest.fixture
def scan() -> lw.Scan:
    return lw.Scan(Ct())


@pytest.mark.parametrize("form", ["all", "image"])
def test_a_scan_is_segmented_and_its_numbers_are_the_classes_of_info(
    server: MonaiServer, scan: lw.Scan, form: str
) -> None:
    server.form = form
    made = lw.assistant(MonaiLabel(server.url, "segmentation"))
    found = made.propose(scan, None, CONTEXT)
    assert voxels(found) == {"spleen": {(1, 2, 3), (2, 1, 0)}}
    assert (made.name, made.version, made.takes, made.prompts) == (
        "segmentation", "0.8.5", "volume", (),
    )  # fmt: skip
    (sent,) = server.images.values()
    # Voxel (column, row, slice), from the right and the back instead of left and front.
    image = opened(sent)
    assert image.shape == (WIDTH, HEIGHT, DEPTH)
    assert np.asanyarray(image.dataobj)[WIDTH - 1 - 3, HEIGHT - 1 - 2, 1] == 500
    assert np.diag(image.affine)[:3].tolist() == pytest.approx([0.5, 0.6, 2])
    # Where the voxel (3, 2, 1) of the scan lies, to RAS.
    place = image.affine @ [WIDTH - 1 - 3, HEIGHT - 1 - 2, 1, 1]
    assert place[:3].tolist() == pytest.approx([10 - 3 * 0.5, -20 - 2 * 0.6, 30 + 2])


def test_a_result_along_other_axes_is_turned_back(server: MonaiServer, scan: lw.Scan) -> None:
    def turned(labels: Any, affine: Any) -> bytes:
        flip = np.eye(4)
        flip[0, 0], flip[0, 3] = -1, WIDTH - 1
        return nifti(labels[::-1], affine @ flip)

    server.result = turned
    found = lw.assistant(MonaiLabel(server.url, "segmentation")).propose(scan, None, CONTEXT)
    assert voxels(found) == {"spleen": {(1, 2, 3), (2, 1, 0)}}


def test_clicks_are_sent_as_voxels_and_the_scan_only_once(
    server: MonaiServer, scan: lw.Scan
) -> None:
    client = MonaiLabel(server.url, "deepgrow")
    made = lw.assistant(client)
    assert made.prompts == ("clicks",)
    prompt = Prompt(
        clicks=[lw.Click(4.5, 3.2, slice=0), lw.Click(3.5, 2.5, positive=False, slice=1)]
    )
    made.prepare(scan)
    for _ in range(2):
        found = made.propose(scan, prompt, CONTEXT)
    # Of a model without names it is the class that is selected.
    assert voxels(found) == {"liver": {(0, 3, 4), (2, 1, 0)}}
    assert server.paths("PUT") == ["/session/"]
    asked = server.asked[-1]
    # Of 5 columns and 4 rows, from the right and the back.
    assert asked.params == {"foreground": [[0, 0, 0]], "background": [[1, 1, 1]]}
    made.close()
    assert server.images == {}


def test_a_model_that_edits_is_told_the_label(server: MonaiServer, scan: lw.Scan) -> None:
    made = lw.assistant(MonaiLabel(server.url, "deepedit"))
    found = made.propose(scan, Prompt(clicks=[lw.Click(0, 0, slice=0)]), CONTEXT)
    assert server.asked[-1].params["label"] == "liver"
    assert voxels(found)["liver"] == {(0, 0, 0)}


def test_extreme_points_are_six(server: MonaiServer, scan: lw.Scan) -> None:
    made = lw.assistant(MonaiLabel(server.url, "extremes"))
    with pytest.raises(AssistantError, match="wants 6 points, 1"):
        made.propose(scan, Prompt(clicks=[lw.Click(0, 0, slice=0)]), CONTEXT)
    six = [lw.Click(x, 1, slice=z) for x in range(3) for z in range(2)]
    made.propose(scan, Prompt(clicks=six), CONTEXT)
    assert server.asked[-1].params["points"][:2] == [[4, 2, 0], [4, 2, 1]]


def test_an_expired_session_is_made_anew_once(server: MonaiServer, scan: lw.Scan) -> None:
    made = lw.assistant(MonaiLabel(server.url, "segmentation"))
    made.propose(scan, None, CONTEXT)
    server.images.clear()
    assert voxels(made.propose(scan, None, CONTEXT))["spleen"]
    assert server.paths("PUT") == ["/session/"] * 2
    server.instead = Answer(440, "application/json", b'{"detail": "expired"}')
    with pytest.raises(AssistantError, match="440"):
        made.propose(scan, None, CONTEXT)


def test_a_scan_of_the_servers_own_is_not_sent(server: MonaiServer, scan: lw.Scan) -> None:
    server.images["ct_7"] = nifti(
        scan.slab(0, DEPTH).T, np.diag([-1, -1, 1, 1]) @ np.asarray(scan.grid.affine)
    )
    client = MonaiLabel(server.url, "segmentation", images={"scan-1": "ct_7"})
    assert voxels(lw.assistant(client).propose(scan, None, CONTEXT))["spleen"]
    assert server.paths("PUT") == []
    sample = client.next_sample("first")
    assert sample is not None
    assert (sample.image, sample.item_id) == ("ct_7", "scan-1")
    assert client.next_sample("random") is None


def test_a_picture_is_sent_and_comes_back_as_png(server: MonaiServer) -> None:
    pixels = np.zeros((6, 9, 3), np.uint8)
    pixels[1:3, 4:8] = 255
    made = lw.assistant(MonaiLabel(server.url, "segmentation", takes="image"))
    (shape,) = made.propose(pixels, masks_as="rectangle").shapes
    assert (shape.class_name, shape.geometry) == ("spleen", lw.Rectangle(4, 1, 4, 2))
    assert server.asked[-1].params["result_extension"] == ".png"
    server.form = "json"
    assert made.propose(pixels).shapes == []
    server.words = {"prediction": {"spleen": 0.9, "liver": 0.1}}
    (tag,) = made.propose(pixels).shapes
    assert (tag.class_name, tag.confidence, tag.geometry) == ("spleen", 0.9, lw.Tag())


def test_labels_are_saved_with_the_numbers_of_the_model(server: MonaiServer, scan: lw.Scan) -> None:
    client = MonaiLabel(server.url, "segmentation")
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2, 3] = True
    geometry = lw.VolumeMask({1: lw.RLE(**lw.algorithms.encode_rle(mask))})
    label = lw.Annotation(item_id="scan-1", geometry=geometry, class_name="liver")
    client.save_label("ct_7", [label], scan)
    tag, data = server.labels["ct_7"]
    values = np.asanyarray(opened(data).dataobj)
    assert tag == "final"
    assert np.argwhere(values).tolist() == [[3, 2, 1]]
    assert values.max() == 2
    with pytest.raises(AssistantError, match="'kidney'"):
        client.save_label(
            "ct_7", [lw.Annotation(item_id="scan-1", geometry=geometry, class_name="kidney")], scan
        )


def test_a_sagittal_scan_and_its_clicks_are_turned_to_right_front_and_up(
    server: MonaiServer,
) -> None:
    ct = Ct()
    # From column to column to the back, from row to row down, from slice to slice to the left.
    affine = np.array([[0, 0, 2.0, 5], [0.5, 0, 0, 6], [0, -0.6, 0, 7], [0, 0, 0, 1]])
    ct.grid = Grid(ct.grid.shape, ct.grid.spacing, affine)
    scan = lw.Scan(ct)
    made = lw.assistant(MonaiLabel(server.url, "deepgrow"))
    found = made.propose(scan, Prompt(clicks=[lw.Click(4.5, 1.5, slice=0)]), CONTEXT)
    assert voxels(found) == {"liver": {(0, 1, 4), (1, 2, 3), (2, 1, 0)}}
    (sent,) = server.images.values()
    assert opened(sent).shape == (DEPTH, WIDTH, HEIGHT)
    assert np.diag(opened(sent).affine)[:3].tolist() == pytest.approx([2, 0.5, 0.6])


def test_a_strategy_that_a_server_has_not_is_said_before_it_is_asked(server: MonaiServer) -> None:
    with pytest.raises(AssistantError, match="It has: first, random"):
        MonaiLabel(server.url, "segmentation").next_sample("margin")
    assert server.paths("POST") == []


def test_a_training_is_told_its_epoch_and_ends_where_somebody_stops_it(
    server: MonaiServer,
) -> None:
    client = MonaiLabel(server.url, "segmentation")
    server.states = [{"status": "RUNNING"}, {"status": "DONE"}]
    server.stats = [{}, {}, {"epoch": 25, "best_metric": 0.7}]
    heard: list[float] = []
    with telling(heard.append):
        said = client.train(every=0)
    assert (said["epoch"], said["max_epochs"], said["best_metric"]) == (25, 50, 0.7)
    assert heard == [0.5]
    server.states = [{"status": "RUNNING"}, {"status": "STOPPED"}]
    with pytest.raises(AssistantError, match=r"STOPPED.*Somebody"):
        client.train(every=0)


def test_a_training_can_be_stopped_by_whoever_wants_it(server: MonaiServer) -> None:
    MonaiLabel(server.url, "segmentation").stop_training()
    assert server.paths("DELETE") == ["/train/"]


def test_a_training_that_has_no_process_yet_is_stopped_once_it_has(server: MonaiServer) -> None:
    client = MonaiLabel(server.url, "segmentation")
    server.states = [{"status": "SUBMITTED"}, {"status": "SUBMITTED"}, {"status": "STOPPED"}]
    with pytest.raises(ToolError), while_wanted(lambda: len(server.paths("GET")) < 3):
        client.train(every=0)
    assert server.paths("DELETE") == ["/train/", "/train/"]


def test_a_training_is_watched_and_stopped_when_it_is_given_up(server: MonaiServer) -> None:
    client = MonaiLabel(server.url, "segmentation")
    server.states = [{"status": "RUNNING", "epoch": 1}, {"status": "DONE", "epoch": 2}]
    seen: list[Any] = []
    done = client.train(params={"max_epochs": 2}, told=seen.append, every=0)
    assert done["status"] == "DONE"
    assert len(seen) == 2
    server.states = [{"status": "ERROR", "details": ["one", "out of memory"]}]
    with pytest.raises(AssistantError, match="out of memory"):
        client.train(every=0)
    server.states = [{"status": "RUNNING"}, {"status": "STOPPED"}]
    with pytest.raises(KeyboardInterrupt):
        client.train(told=_interrupt, every=0)
    assert server.paths("DELETE")[-1] == "/train/"
    assert server.asked[-2].method == "DELETE"


def _interrupt(said: Any) -> None:
    raise KeyboardInterrupt


def bomb(labels: Any, affine: Any) -> bytes:
    """Return a file that says it is small, and unpacks to 200 MB."""
    data = gzip.decompress(nifti(labels, affine))
    return gzip.compress(data + bytes(200_000_000), 1)


def huge(labels: Any, affine: Any) -> bytes:
    """Return a file that says it has 30,000 voxels along each axis."""
    data = bytearray(gzip.decompress(nifti(labels, affine)))
    struct.pack_into("<8h", data, 40, 3, 30_000, 30_000, 30_000, 1, 1, 1, 1)
    return gzip.compress(bytes(data))


def short(labels: Any, affine: Any) -> bytes:
    return gzip.compress(gzip.decompress(nifti(labels, affine))[:-10])


def moved(labels: Any, affine: Any) -> bytes:
    return nifti(labels, affine + np.array([[0, 0, 0, 7], *np.zeros((3, 4))]))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (lambda labels, affine: nifti(labels[:-1], affine), "not those of the scan"),
        (moved, "not those of the scan"),
        (lambda labels, affine: nifti(labels * np.float32(0.5), affine), "not whole"),
        (lambda labels, affine: nifti(labels * np.nan, affine), "numbers from"),
        (lambda labels, affine: nifti(labels.astype(np.complex64), affine), "complex64"),
        (lambda labels, affine: nifti(labels * 9, affine), "class '9'"),
        (short, "10 bytes too early"),
        (lambda labels, affine: b"not a scan", "no NIfTI"),
        (huge, "voxels|bytes"),
    ],
)
def test_a_wrong_label_map_is_told(
    server: MonaiServer, scan: lw.Scan, result: Any, said: str
) -> None:
    server.result = result
    made = lw.assistant(MonaiLabel(server.url, "segmentation"))
    with pytest.raises(AssistantError, match=said) as caught:
        made.propose(scan, None, CONTEXT)
    assert caught.value.where is not None
    assert "segmentation" in caught.value.where


def test_of_a_bomb_only_the_label_map_is_unpacked(server: MonaiServer, scan: lw.Scan) -> None:
    server.result = bomb
    found = lw.assistant(MonaiLabel(server.url, "segmentation")).propose(scan, None, CONTEXT)
    assert voxels(found) == {"spleen": {(1, 2, 3), (2, 1, 0)}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PAGE, "answered 500"),
        (PAGE._replace(status=200), "a page, not with JSON"),
        (Answer(200, "application/json", b'{"params": '), "no JSON"),
        (Answer(200, "application/json", b"[1]"), "not with an object"),
        (in_parts(("params", "", "application/json", b"<p>")), "a page"),
        (in_parts(("image", "a", "x/y", b"1"), ("image", "b", "x/y", b"2")), "two files"),
        (Answer(200, "multipart/form-data", b"--b"), "what is between"),
        (Answer(200, "multipart/form-data; boundary=b0a", b"nothing"), "none is there"),
        (
            in_parts(("params", "", "application/json", b"{}"), ("image", "a", "x/y", bytes(99)))
            ._replace(body=in_parts(("image", "a", "x/y", bytes(99))).body[:-50]),
            "the rest is missing",
        ),
    ],
)  # fmt: skip
def test_a_reply_that_is_none_is_told(
    server: MonaiServer, scan: lw.Scan, answer: Answer, said: str
) -> None:
    made = lw.assistant(MonaiLabel(server.url, "segmentation"))
    server.instead = answer
    with pytest.raises(AssistantError, match=said) as caught:
        made.propose(scan, None, CONTEXT)
    assert server.url in str(caught.value)


def test_an_unknown_model_names_those_that_there_are(server: MonaiServer) -> None:
    with pytest.raises(AssistantError, match=r"no model 'brain'.*deepgrow"):
        lw.assistant(MonaiLabel(server.url, "brain"))
    with pytest.raises(AssistantError, match="several models"):
        lw.assistant(MonaiLabel(server.url))


def test_it_can_be_given_up_while_the_scan_is_sent(server: MonaiServer, scan: lw.Scan) -> None:
    made = lw.assistant(MonaiLabel(server.url, "segmentation"))
    with while_wanted(lambda: False), pytest.raises(ToolError, match="given up"):
        made.propose(scan, None, CONTEXT)
    assert server.paths("PUT") == []
