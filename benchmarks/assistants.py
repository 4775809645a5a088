"""What an assistant costs beside the model that it wraps: the same pictures and batches."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

import labelwidgets as lw
from benchmarks.report import Report, main
from benchmarks.timing import beside

SIZE = (384, 512)
BATCH = 4
LIMIT = 1.05


def measure(report: Report) -> None:
    table = report.table(
        f"{BATCH} pictures of {SIZE[1]} x {SIZE[0]} in a batch, ms",
        *("model", "answer", "the model itself", "as an assistant", "ratio", f"under {LIMIT}"),
    )
    pictures = _pictures()
    contexts = [lw.Context() for _ in pictures]
    repeat = 5 if report.quick else 15
    for name, answer, itself, assistant in _models():
        made = assistant.propose_batch(pictures, contexts)
        wrong = next((one for one in made if not isinstance(one, lw.Proposal)), None)
        if wrong is not None:
            raise wrong

        def ours(assistant: Any = assistant) -> Any:
            return assistant.propose_batch(pictures, contexts)

        def theirs(itself: Any = itself) -> Any:
            return itself(pictures)

        one, two = beside(ours, theirs, repeat)
        ratio = one.best / two.best
        table.add(name, answer, two.best, one.best, ratio, ratio < LIMIT)
    table.notes = [
        "The best of several, in turn. The model itself: pixels to planes, the model, and its "
        "answer as arrays. As an assistant: that, and all of it checked, and made shapes of."
    ]


def _pictures() -> list[Any]:
    """Return pictures with large smooth areas, as photographs have them."""
    draw = np.random.default_rng(0)
    made = []
    for _ in range(BATCH):
        coarse = draw.integers(0, 255, (6, 8, 3))
        made.append(np.kron(coarse, np.ones((64, 64, 1))).astype(np.uint8))
    return made


def _models() -> list[tuple[str, str, Callable[[Any], Any], lw.Assistant]]:
    models: list[tuple[str, str, Callable[[Any], Any], lw.Assistant]] = []
    if find_spec("torchvision"):
        models += _of_torch()
    if find_spec("sklearn"):
        models.append(_of_scikit())
    return models


def _of_torch() -> list[tuple[str, str, Callable[[Any], Any], lw.Assistant]]:
    import torch
    from torchvision.models import detection, resnet18, segmentation

    torch.manual_seed(0)
    none = {"weights": None, "weights_backbone": None}
    pixels = segmentation.lraspp_mobilenet_v3_large(**none, num_classes=5).eval()
    # Untrained it is sure of nothing: it finds as many as one that is trained does.
    boxes = detection.ssdlite320_mobilenet_v3_large(**none, num_classes=5)
    boxes = boxes.eval()
    boxes.detections_per_img = 50
    whole = resnet18(weights=None, num_classes=5).eval()
    names = ["__background__", *"abcd"]

    def planes(pictures: Any) -> list[Any]:
        return [torch.from_numpy(one).permute(2, 0, 1).float() / 255 for one in pictures]

    @torch.inference_mode()
    def segment(pictures: Any) -> Any:
        return pixels(torch.stack(planes(pictures)))["out"].argmax(1).numpy()

    @torch.inference_mode()
    def detect(pictures: Any) -> Any:
        found = boxes(planes(pictures))
        return [{name: made.numpy() for name, made in one.items()} for one in found]

    @torch.inference_mode()
    def classify(pictures: Any) -> Any:
        return torch.softmax(whole(torch.stack(planes(pictures))), 1).numpy()

    return [
        ("LR-ASPP MobileNetV3", "pixels", segment, lw.assistant(pixels, names=names)),
        ("SSDlite MobileNetV3", "boxes", detect, lw.assistant(boxes, names=names)),
        ("ResNet-18", "pictures", classify, lw.assistant(whole, names=names)),
    ]


def _of_scikit() -> tuple[str, str, Callable[[Any], Any], lw.Assistant]:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(20, max_depth=8, random_state=0)
    draw = np.random.default_rng(0)
    forest.fit(draw.random((2_000, 3)), draw.integers(0, 3, 2_000))

    def classify(pictures: Any) -> Any:
        made = []
        for one in pictures:
            shares = forest.predict_proba((one / np.float32(255)).reshape(-1, 3))
            made.append(shares.argmax(1).reshape(SIZE))
        return made

    wrapped = lw.assistant(forest, of="pixels", classes=[None, "a", "b"])
    return "random forest of 20 trees", "pixels", classify, wrapped


if __name__ == "__main__":
    main("assistants", measure)
