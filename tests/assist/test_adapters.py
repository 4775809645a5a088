"""Whatever predicts is taken as it is: torch, scikit-learn, ONNX, Hugging Face, CVAT, functions."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace as Fields
from typing import Any

import numpy as np
import pytest

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle
from labelwidgets.assist.adapters.pictures import as_picture, as_planes
from labelwidgets.errors import AssistantError, MissingExtraError, MissingFileError

ONTOLOGY = lw.Ontology(
    classes=[
        lw.ObjectClass("car"),
        lw.ObjectClass("sky", tool="mask"),
        lw.ObjectClass("road", tool="polygon"),
        lw.ObjectClass("night", tool="tag"),
        lw.ObjectClass("arm", tool="keypoints", skeleton=lw.Skeleton(["hand", "elbow"], [(0, 1)])),
    ],
    image_attributes=[lw.Dropdown("weather", ["dry", "rain"])],
)
CONTEXT = lw.Context(item_id="i", title="a.png", ontology=ONTOLOGY)


def picture(height: int = 40, width: int = 60) -> Any:
    """The upper half is bright."""
    made = np.zeros((height, width, 3), np.uint8)
    made[: height // 2] = 240
    return made


def shapes(made: lw.Proposal) -> list[tuple[str | None, str, float | None]]:
    return [(one.class_name, one.geometry.type, one.confidence) for one in made.shapes]


# Functions


def test_a_function_is_given_what_it_declares() -> None:
    seen: dict[str, Any] = {}

    def model(
        pixels: Any, clicks: Any, context: lw.Context, threshold: float, level: int = 3
    ) -> Any:
        seen.update(clicks=clicks, title=context.title, threshold=threshold, level=level)
        return pixels[..., 0] > 100

    made = lw.assistant(model, classes=["sky"], threshold=0.25)
    prompt = lw.assist.Prompt(clicks=[lw.Click(3, 4)])
    assert shapes(made.propose(picture(), prompt, CONTEXT)) == [("sky", "mask", None)]
    assert seen == {"clicks": [lw.Click(3, 4)], "title": "a.png", "threshold": 0.25, "level": 3}
    assert (made.name, made.prompts) == ("model", ("clicks",))


def test_a_wrapped_model_shows_itself_by_its_name() -> None:
    def corners(image: Any) -> list[Any]:
        return []

    assert repr(lw.assistant(corners).predictor) == "FunctionPredictor('corners')"


def test_a_function_that_needs_something_else_is_refused_with_its_name() -> None:
    def model(pixels: Any, alpha: float) -> None: ...

    with pytest.raises(AssistantError, match=r"'model'.*needs a default for 'alpha'"):
        lw.assistant(model)


def test_a_coroutine_is_awaited_off_the_kernels_loop() -> None:
    async def model(pixels: Any) -> Any:
        await asyncio.sleep(0)
        return lw.Rectangle(1, 2, 3, 4)

    made = lw.assistant(model, classes=["car"])

    async def cell() -> lw.Proposal:
        # As in a notebook, whose loop is running while a cell calls.
        return made.propose(picture(), None, CONTEXT)

    assert shapes(asyncio.run(cell())) == [("car", "rectangle", None)]


def test_what_follows_the_protocol_is_taken_as_it_is() -> None:
    class Model:
        name, version = "mine", "7"

        def predict(self, pixels: Any, prompt: Any, context: lw.Context) -> Any:
            return [(lw.Rectangle(0, 0, 5, 5), "car", 0.75)]

    model = Model()
    assert isinstance(model, lw.Predictor)
    made = lw.assistant(model)
    assert made.predictor is model
    proposal = made.propose(picture(), None, CONTEXT)
    assert (proposal.tool, proposal.version) == ("mine", "7")
    assert isinstance(made, lw.Predictor)


@pytest.mark.parametrize("thing", [3, None, "model.pt", [1]])
def test_what_predicts_nothing_is_refused(thing: Any) -> None:
    with pytest.raises(AssistantError, match="nothing that predicts"):
        lw.assistant(thing)


def test_an_option_of_no_adapter_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(AssistantError, match=r"has no option 'devise'.*prompts, batch"):
        lw.assistant(lambda pixels: None, devise="cpu")


# PyTorch


def test_logits_of_pixels_become_a_mask_a_class_as_sure_as_softmax_is() -> None:
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any) -> Any:
            bright = (x.mean(1, keepdim=True) - 0.5) * 8
            # At half of the size, as networks do.
            return {"out": torch.nn.functional.avg_pool2d(torch.cat([-bright, bright], 1), 2)}

    made = lw.assistant(Net(), classes=["road", "sky"])
    proposal = made.propose(picture(), None, CONTEXT)
    (road, _, sure), (sky, kind, _) = shapes(proposal)
    assert (road, sky, kind) == ("road", "sky", "mask")
    assert proposal.shapes[0].geometry.type == "polygon"
    assert sure is not None
    assert 0.9 < sure < 1
    mask = decode_rle(proposal.shapes[1].geometry.rle.to_coco())  # type: ignore[union-attr]
    assert np.array_equal(np.asarray(mask, bool), picture()[..., 0] > 0)


def test_a_detector_of_torchvision_is_given_a_list_and_its_masks_are_read() -> None:
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, images: Any) -> Any:
            assert isinstance(images, list)
            made = []
            for image in images:
                mask = (image.mean(0) > 0.5).float()[None, None] * 0.9
                made.append(
                    {
                        "boxes": torch.tensor([[0.0, 0.0, 60.0, 20.0]]),
                        "labels": torch.tensor([1]),
                        "scores": torch.tensor([0.8]),
                        "masks": mask,
                    }
                )
            return made

    made = lw.assistant(Net(), task="detection", names=["__background__", "sky"])
    two = made.propose_batch([picture(), picture(30, 60)], [CONTEXT, CONTEXT])
    assert [shapes(one) for one in two if isinstance(one, lw.Proposal)] == [
        [("sky", "mask", pytest.approx(0.8))]
    ] * 2


def test_a_detector_from_torchvision_itself_runs_as_it_is() -> None:
    torch = pytest.importorskip("torch")
    detection = pytest.importorskip("torchvision.models.detection")
    torch.manual_seed(1)
    net = detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=2, score_thresh=0.0
    )
    made = lw.assistant(net, classes={1: "car", "*": None})
    found = made.propose(picture(), None, CONTEXT)
    assert {one.class_name for one in found.shapes} <= {"car"}
    assert net.training, "it was in training before"


def test_a_classifier_answers_the_question_that_has_its_word() -> None:
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):  # type: ignore[name-defined, misc]
        def forward(self, x: Any) -> Any:
            return torch.tensor([[0.0, 2.0]]).repeat(len(x), 1)

    made = lw.assistant(Net(), classes=["dry", "rain"])
    (one,) = made.propose(picture(), None, CONTEXT).shapes
    assert (one.geometry, one.class_name, one.attributes) == (lw.Tag(), None, {"weather": "rain"})
    assert one.confidence == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-5)


def test_the_version_of_a_module_follows_its_training() -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Conv2d(3, 2, 1)
    made = lw.assistant(net, classes=["road", "sky"])
    before = made.version
    assert made.version == before
    with torch.no_grad():
        net.weight += 1
    assert made.version != before
    assert made.propose(picture(), None, CONTEXT).version == made.version


# scikit-learn


def test_an_estimator_classifies_pictures_by_the_features_it_is_given() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    model = linear.LogisticRegression().fit([[0.0], [1.0]], ["rain", "night"])
    made = lw.assistant(model, features=lambda pixels: [pixels.mean() / 255])
    (bright,) = made.propose(np.full((9, 9), 255, np.uint8), None, CONTEXT).shapes
    assert (bright.class_name, bright.geometry) == ("night", lw.Tag())
    (dark,) = made.propose(np.zeros((9, 9), np.uint8), None, CONTEXT).shapes
    assert dark.attributes == {"weather": "rain"}
    assert dark.confidence is not None
    assert dark.confidence > 0.5


@pytest.mark.parametrize("of", ["pixels", "superpixels"])
def test_an_estimator_classifies_pixels_and_superpixels(of: Any) -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    model = ensemble.RandomForestClassifier(5, random_state=0)
    model.fit([[0.0] * 3, [0.1] * 3, [0.9] * 3, [1.0] * 3], [0, 0, 1, 1])
    made = lw.assistant(
        model, of=of, classes={0: None, 1: "sky"}, **({"count": 20} if of == "superpixels" else {})
    )
    ((name, kind, sure),) = shapes(made.propose(picture(), None, CONTEXT))
    assert (name, kind) == ("sky", "mask")
    assert sure is not None
    assert sure > 0.7
    before = made.version
    model.fit([[0.0] * 3, [1.0] * 3], [1, 0])
    assert made.version != before


@pytest.mark.parametrize("of", ["pixels", "superpixels"])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_estimator_is_given_the_channels_that_it_was_fitted_with(of: Any, channels: int) -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    model = ensemble.RandomForestClassifier(5, random_state=0)
    model.fit([[0.0] * channels, [1.0] * channels], [0, 1])
    made = lw.assistant(model, of=of, classes={0: None, 1: "sky"})
    grey = np.zeros((20, 30), np.uint8)
    grey[:10] = 250
    alpha = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    for pixels in (grey, grey[..., None], alpha[..., :3], alpha):
        ((name, kind, _),) = shapes(made.propose(pixels, None, CONTEXT))
        assert (name, kind) == ("sky", "mask")
    model.fit([[0.0] * 4, [1.0] * 4], [0, 1])
    assert shapes(made.propose(alpha, None, CONTEXT))
    with pytest.raises(AssistantError, match=r"of 4 channels, this one has 1.*features="):
        made.propose(grey, None, CONTEXT)


def test_an_estimator_of_pictures_needs_features() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    with pytest.raises(AssistantError, match="needs features"):
        lw.assistant(linear.LogisticRegression())


# ONNX Runtime


def onnx_file(path: Any, size: tuple[Any, Any] = ("h", "w"), outputs: int = 2) -> Any:
    """Write a network that says class 1 where it is bright."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, kinds = onnx.helper, onnx.TensorProto
    weights = np.zeros((outputs, 3, 1, 1), np.float32)
    weights[-1] = 4
    bias = np.zeros(outputs, np.float32)
    bias[-1] = -6
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w", "b"], ["y"])],
        "bright",
        [helper.make_tensor_value_info("x", kinds.FLOAT, ["n", 3, *size])],
        [helper.make_tensor_value_info("y", kinds.FLOAT, ["n", outputs, *size])],
        [onnx.numpy_helper.from_array(weights, "w"), onnx.numpy_helper.from_array(bias, "b")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    onnx.save(made, path)
    return path


def test_a_network_in_a_file_finds_classes_of_pixels(tmp_path: Any) -> None:
    path = onnx_file(tmp_path / "bright-net.onnx")
    made = lw.assistant(path, classes=["road", "sky"])
    assert made.name == "bright_net"
    assert {one[0] for one in shapes(made.propose(picture(), None, CONTEXT))} == {"road", "sky"}


def test_a_network_of_a_fixed_size_finds_them_where_they_are(tmp_path: Any) -> None:
    import onnxruntime

    path = onnx_file(tmp_path / "net.onnx", (32, 32), 1)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (one,) = lw.assistant(session, classes=["sky"]).propose(picture(320, 480), None, CONTEXT).shapes
    assert one.geometry.bounds == pytest.approx((0, 0, 480, 160), abs=8)


def test_a_file_that_is_no_network_is_said(tmp_path: Any, monkeypatch: Any) -> None:
    pytest.importorskip("onnxruntime")
    with pytest.raises(MissingFileError):
        lw.assistant(tmp_path / "none.onnx")
    (tmp_path / "page.onnx").write_text("<html>")
    with pytest.raises(AssistantError, match="no network"):
        lw.assistant(str(tmp_path / "page.onnx"))
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"labelwidgets\[onnx\]"):
        lw.assistant(str(tmp_path / "page.onnx"))


# Hugging Face


class Pipeline:
    """What is asked of a pipeline, and what those of Transformers 5.24 answer."""

    def __init__(self, task: str, answer: Any) -> None:
        self.task, self.answer = task, answer
        config = Fields(_name_or_path="facebook/detr-resnet-50", _commit_hash="abcdef0123456789")
        self.model = Fields(config=config)
        self.image_processor = object()
        self.asked: dict[str, Any] = {}

    def __call__(self, pictures: Any, **asked: Any) -> Any:
        self.asked = asked
        return [self.answer for _ in pictures] if isinstance(pictures, list) else self.answer


def test_a_pipeline_that_detects_is_told_the_threshold() -> None:
    box = {"xmin": 2, "ymin": 3, "xmax": 22, "ymax": 13}
    pipe = Pipeline("object-detection", [{"score": 0.9, "label": "auto", "box": box}])
    made = lw.assistant(pipe, classes={"auto": "car"}, threshold=0.4)
    assert (made.name, made.version) == ("detr_resnet_50", "abcdef012345")
    (one,) = made.propose(picture(), None, CONTEXT).shapes
    assert (one.class_name, one.geometry) == ("car", lw.Rectangle(2, 3, 20, 10))
    assert pipe.asked == {"threshold": 0.4}
    batch = made.propose_batch([picture()] * 3, [CONTEXT] * 3)
    assert [len(one.shapes) for one in batch if isinstance(one, lw.Proposal)] == [1, 1, 1]


def test_a_pipeline_that_segments_gives_masks_of_pillow() -> None:
    from PIL import Image

    mask = Image.fromarray((picture()[..., 0] > 0).astype(np.uint8) * 255)
    pipe = Pipeline("image-segmentation", [{"score": None, "label": "sky", "mask": mask}])
    made = lw.assistant(pipe)
    assert shapes(made.propose(picture(), None, CONTEXT)) == [("sky", "mask", None)]


def test_of_a_pipeline_that_classifies_the_surest_word_counts() -> None:
    words = [{"score": 0.3, "label": "dry"}, {"score": 0.6, "label": "night"}]
    pipe = Pipeline("zero-shot-image-classification", words)
    made = lw.assistant(pipe)
    assert shapes(made.propose(picture(), None, CONTEXT)) == [("night", "tag", 0.6)]
    assert pipe.asked["candidate_labels"] == CONTEXT.classes


def test_a_pipeline_of_transformers_itself_runs_as_it_is() -> None:
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    pytest.importorskip("torchvision")
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=32,
        patch_size=16,
        id2label={0: "dry", 1: "rain"},
        label2id={"dry": 0, "rain": 1},
    )
    model = transformers.ViTForImageClassification(config).eval()
    processor = transformers.ViTImageProcessor(size={"height": 32, "width": 32})
    pipe = transformers.pipeline("image-classification", model=model, image_processor=processor)
    (one,) = lw.assistant(pipe).propose(picture(), None, CONTEXT).shapes
    assert one.attributes["weather"] in ("dry", "rain")


def test_a_pipeline_that_writes_texts_is_refused() -> None:
    with pytest.raises(AssistantError, match="text-generation"):
        lw.assistant(Pipeline("text-generation", []))


# CVAT


class Function:
    """An auto-annotation function, its shapes with the fields of CVAT's SDK."""

    def __init__(self, *found: Any) -> None:
        part = [Fields(name="hand", id=0), Fields(name="elbow", id=1)]
        self.spec = Fields(
            labels=[
                Fields(name="car", id=7),
                Fields(name="sky", id=8),
                Fields(name="arm", id=9, sublabels=part),
            ]
        )
        self.found = list(found)
        self.context: Any = None

    def detect(self, context: Any, image: Any) -> Any:
        self.context = context
        assert image.mode == "RGB"
        return self.found


def shape(label: int, kind: str, points: Any = None, **more: Any) -> Any:
    return Fields(label_id=label, type=kind, points=points, frame=0, **more)


def test_a_function_of_cvat_is_taken_as_it_is() -> None:
    function = Function(
        shape(7, "rectangle", [11.0, 2.0, 21.0, 22.0], rotation=30.0, score=0.5),
        # A box of 3 x 2 from (4, 5), runs along its rows, the first of zeros.
        shape(8, "mask", [1, 2, 2, 1, 4, 5, 6, 6]),
        shape(7, "ellipse", [20.0, 20.0, 25.0, 17.0]),
        shape(7, "polygon", [0, 0, 9, 0, 9, 9]),
        shape(
            9,
            "skeleton",
            elements=[
                shape(1, "points", [5.0, 6.0], occluded=True),
                shape(0, "points", [3.0, 4.0]),
            ],
        ),
    )
    made = lw.assistant(function, threshold=0.3).propose(picture(), None, CONTEXT)
    assert (function.context.frame_name, function.context.conf_threshold) == ("a.png", 0.3)
    assert made.shapes[0].geometry == lw.Rectangle(11, 2, 10, 20, 30)
    assert made.shapes[0].confidence == 0.5
    assert made.shapes[2].geometry == lw.Ellipse(20, 20, 5, 3)
    assert made.shapes[4].geometry == lw.Keypoints([(3, 4, 2), (5, 6, 1)])
    mask = np.asarray(decode_rle(made.shapes[1].geometry.rle.to_coco()))  # type: ignore[union-attr]
    assert {(int(x), int(y)) for y, x in np.argwhere(mask)} == {(5, 5), (6, 5), (6, 6)}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (shape(3, "rectangle", [0, 0, 1, 1]), "label 3"),
        (shape(7, "cuboid", [0] * 16), "cuboid"),
        (shape(7, "rectangle", [0, 0, 1]), "no shape"),
        (shape(8, "mask", [1, 2, 0, 0, 60, 60]), "not on the picture"),
        (shape(8, "mask", [9, 0, 0, 1, 1]), "9 pixels in a box of 4"),
        (Fields(type="rectangle"), "no label_id"),
        ("rectangle", "no label_id"),
    ],
)
def test_what_a_function_of_cvat_gets_wrong_is_said(found: Any, said: str) -> None:
    made = lw.assistant(Function(found))
    with pytest.raises(AssistantError, match=said) as caught:
        made.propose(picture(), None, CONTEXT)
    assert "shape 0" in str(caught.value)
    assert "'function'" in str(caught.value)


# Pictures


def test_pictures_of_any_kind_become_planes_from_0_to_1() -> None:
    grey = np.full((2, 3), 65535, np.uint16)
    assert as_planes(grey).shape == (3, 2, 3)
    assert as_planes(grey).max() == 1
    assert as_planes(picture(), 1).shape == (1, 40, 60)
    assert as_planes(np.zeros((2, 3, 4), np.uint8)).shape == (3, 2, 3)
    with pytest.raises(AssistantError, match="wants pictures of 3 channels"):
        as_planes(np.zeros((2, 3, 7), np.uint8))
    assert as_picture(grey).size == (3, 2)
    assert as_picture(np.linspace(-5, 5, 12).reshape(3, 4)).getextrema() == ((0, 255),) * 3
