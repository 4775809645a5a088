"""Back ends of Label Studio, by a server that answers in their shapes, and by one that does not."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.assist.prompts import Box, Prompt
from labelwidgets.errors import AssistantError, OntologyError
from labelwidgets.formats.label_studio.brush import encode_brush
from labelwidgets.model_servers import LabelStudioML
from tests.model_servers.loopback import PAGE, Answer, Asked, Loopback, as_json

WIDTH, HEIGHT = 40, 20
PIXELS = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
PIXELS[5:10, 8:20] = 255
ONTOLOGY = lw.Ontology(
    classes=[lw.ObjectClass("car"), lw.ObjectClass("sky", tool="mask")],
    image_attributes=[lw.Dropdown("light", ["day", "night"])],
)
CONTEXT = lw.Context(item_id="p1", title="a.png", ontology=ONTOLOGY, class_name="sky")


def region(kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": f"r{len(value)}", "type": kind, "from_name": "label", "to_name": "image",
        "original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0, "value": value,
    } | more  # fmt: skip


BOX = region(
    "rectanglelabels",
    {"x": 20, "y": 25, "width": 30, "height": 25, "rotation": 0, "rectanglelabels": ["car"]},
    score=0.8,
)


class BackEnd(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.result: Any = [BOX]
        self.instead: Answer | None = None

    def answer(self, asked: Asked) -> Answer:
        if self.instead is not None:
            return self.instead
        if asked.path == "/health":
            return as_json({"status": "UP", "model_class": "Sam"})
        if asked.path == "/setup":
            return as_json({"model_version": "7"})
        said = json.loads(asked.body)
        if asked.path == "/webhook":
            return as_json({"result": {}, "status": "ok"}, 201)
        one = {"result": self.result, "score": 0.5, "model_version": "sam-8"}
        return as_json({"results": [one] * len(said["tasks"])})

    @property
    def told(self) -> Any:
        return json.loads(self.asked[-1].body)


@pytest.fixture
def server() -> Iterator[BackEnd]:
    with BackEnd() as made:
        yield made


@pytest.mark.parametrize(
    ("score", "said"), [("7", "7"), ("NaN", "NaN"), ("true", "True"), ('"high"', "'high'")]
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_score_that_is_no_confidence_is_refused(
    server: BackEnd, score: str, said: str, whole: bool
) -> None:
    made = lw.assistant(LabelStudioML(server.url), name="sam")
    one = {"result": [BOX if whole else BOX | {"score": "HERE"}], "score": "HERE" if whole else 1}
    body = json.dumps({"results": [one]}).replace('"HERE"', score).encode()
    server.instead = Answer(200, "application/json", body)
    place = "results.0., score" if whole else r"result.0., score"
    with pytest.raises(AssistantError, match=f"{place}: .* the confidence {said}, not 0 to 1"):
        made.propose(PIXELS, None, CONTEXT)


def test_a_back_end_is_sent_the_picture_and_the_classes(server: BackEnd) -> None:
    made = lw.assistant(LabelStudioML(server.url), name="sam")
    found = made.propose(PIXELS, None, CONTEXT)
    (shape,) = found.shapes
    assert (shape.class_name, shape.confidence) == ("car", 0.8)
    assert shape.geometry == lw.Rectangle(8, 5, 12, 5)
    assert made.version == "sam-8"
    told = server.told
    head, data = told["tasks"][0]["data"]["image"].split(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), PIXELS)
    assert '<Label value="car"' in told["label_config"]
    assert told["params"] == {"context": None}


def test_all_shapes_are_read_and_a_smaller_copy_fits(server: BackEnd) -> None:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[5:10, 8:20] = True
    small = BOX | {"id": "s", "original_width": WIDTH // 2, "original_height": HEIGHT // 2}
    triangle = [[0, 0], [50, 0], [50, 50]]
    server.result = [
        small,
        region("brushlabels", {"format": "rle", "rle": encode_brush(mask), "brushlabels": ["sky"]}),
        region("polygonlabels", {"points": triangle, "polygonlabels": ["car"]}),
        {"id": "c", "type": "choices", "from_name": "light", "to_name": "image",
         "value": {"choices": ["day"]}},
    ]  # fmt: skip
    found = lw.assistant(LabelStudioML(server.url)).propose(PIXELS, None, CONTEXT).shapes
    kinds = [one.geometry.type for one in found]
    assert sorted(kinds) == ["mask", "polygon", "rectangle", "tag"]
    assert found[kinds.index("rectangle")].geometry == lw.Rectangle(8, 5, 12, 5)
    assert found[kinds.index("tag")].attributes == {"light": "day"}


def test_clicks_and_a_box_are_results_of_the_context(server: BackEnd) -> None:
    made = lw.assistant(LabelStudioML(server.url, prompts=["clicks", "box"]))
    clicks = [lw.Click(10, 5), lw.Click(20, 15, positive=False)]
    made.propose(PIXELS, Prompt(clicks=clicks, box=Box(4, 2, 20, 10)), CONTEXT)
    one, two, box = server.told["params"]["context"]["result"]
    assert (one["value"]["x"], one["value"]["y"], one["is_positive"]) == (25, 25, 1)
    assert (two["type"], two["is_positive"]) == ("keypointlabels", 0)
    assert one["value"]["keypointlabels"] == ["sky"]
    assert (box["value"]["x"], box["value"]["width"]) == (10, 50)


def test_many_pictures_are_one_question_and_may_be_named(server: BackEnd) -> None:
    client = LabelStudioML(server.url, address=lambda context: f"s3://b/{context.title}")
    made = lw.assistant(client).propose_batch([PIXELS, PIXELS], [CONTEXT, CONTEXT])
    assert all(isinstance(one, lw.Proposal) for one in made)
    assert server.paths() == ["/predict"]
    assert [task["data"] for task in server.told["tasks"]] == [{"image": "s3://b/a.png"}] * 2


def test_health_setup_and_events(server: BackEnd) -> None:
    client = LabelStudioML(server.url)
    assert client.health()["status"] == "UP"
    assert client.setup(ONTOLOGY) == "7"
    assert "RectangleLabels" in server.told["schema"]
    label = lw.Annotation(
        item_id="p1", class_name="car", geometry=lw.Rectangle(8, 5, 12, 5), id="a" * 20
    )
    done = client.tell("ANNOTATION_CREATED", [label], CONTEXT, (WIDTH, HEIGHT))
    assert done["status"] == "ok"
    (result,) = server.told["annotation"]["result"]
    assert (server.told["action"], server.told["project"]["id"]) == ("ANNOTATION_CREATED", 1)
    assert result["value"]["rectanglelabels"] == ["car"]
    assert result["value"]["x"] == 20
    client.tell("START_TRAINING")
    assert set(server.told) == {"action", "project"}
    with pytest.raises(AssistantError, match="percent"):
        client.tell("ANNOTATION_UPDATED", [label], CONTEXT)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("none", "must have a list"),
        ([BOX] * 10_001, "at most 10000"),
        ([7], "must be an object"),
        ([BOX | {"type": "paragraphs"}], "no type of result"),
        ([BOX | {"value": BOX["value"] | {"x": "left"}}], "number"),
        ([BOX | {"value": BOX["value"] | {"x": 500}}], "outside of the image of 40 x 20 pixels"),
        ([BOX | {"value": BOX["value"] | {"rectanglelabels": ["boat"]}}], "'boat'"),
        ([BOX | {"original_width": 10, "original_height": 900}], "10 x 900"),
    ],
)
def test_a_result_that_is_none_is_told(server: BackEnd, result: Any, said: str) -> None:
    server.result = result
    made = lw.assistant(LabelStudioML(server.url), name="sam")
    with pytest.raises(AssistantError, match=said) as caught:
        made.propose(PIXELS, None, CONTEXT)
    assert "sam" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (PAGE, "answered 500"),
        (PAGE._replace(status=200), "a page"),
        (as_json([]), "no object"),
        (as_json({"results": []}), "0 results for 1 task"),
        (as_json({"results": [7]}), "must have a list"),
    ],
)
def test_a_reply_that_is_none_is_told(server: BackEnd, answer: Answer, said: str) -> None:
    server.instead = answer
    with pytest.raises(AssistantError, match=said) as caught:
        lw.assistant(LabelStudioML(server.url)).propose(PIXELS, None, CONTEXT)
    assert server.url in str(caught.value)


def test_what_cannot_be_asked_is_refused_before(server: BackEnd) -> None:
    made = LabelStudioML(server.url)
    with pytest.raises(AssistantError, match=r"event: is none.*NONSENSE.*START_TRAINING"):
        made.tell("NONSENSE")  # type: ignore[arg-type]
    with pytest.raises(OntologyError, match="ontology"):
        made.setup("car")
    assert server.asked == []
    assert made.setup(["a"]) == "7"
    for timeout in ("5", True, 0):
        with pytest.raises(AssistantError, match="timeout: must be more than 0 seconds, not"):
            LabelStudioML(server.url, timeout=timeout)  # type: ignore[arg-type]
    with pytest.raises(AssistantError, match="url: must be an address, not None"):
        LabelStudioML(None)  # type: ignore[arg-type]
    with pytest.raises(AssistantError, match="takes: must be one of image, volume, not 'picture'"):
        lw.model_servers.MonaiLabel(server.url, "x", takes="picture")  # type: ignore[arg-type]
    for said in ([{}], {}, {"name": 3}, [3]):
        server.instead = as_json(said)
        with pytest.raises(AssistantError, match="no list of models, each with a name"):
            lw.model_servers.ClaraAIAA(server.url, "x").models()


def test_a_server_that_is_not_there_is_an_error_of_the_public_family() -> None:
    with pytest.raises(AssistantError, match="cannot be reached") as caught:
        LabelStudioML("http://127.0.0.1:9").health()
    assert type(caught.value) is AssistantError
