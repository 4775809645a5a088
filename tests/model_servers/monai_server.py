"""What a MONAI Label 0.8 server answers, with a model that is a threshold."""

from __future__ import annotations

import gzip
import io
import json
import threading
from collections.abc import Callable
from typing import Any

import nibabel
import numpy as np
import numpy.typing as npt
from PIL import Image
from skimage.segmentation import flood

from tests.model_servers.loopback import PAGE, Answer, Asked, Loopback, as_json, in_parts

INFO: dict[str, Any] = {
    "name": "MONAILabel - Radiology",
    "version": "0.8.5",
    "labels": ["spleen", "liver"],
    "models": {
        "segmentation": {
            "type": "segmentation",
            "labels": {"spleen": 1, "liver": 2},
            "dimension": 3,
            "config": {"result_extension": [".nii.gz"]},
        },
        "deepgrow": {"type": "deepgrow", "labels": [], "dimension": 3, "config": {}},
        "deepedit": {
            "type": "deepedit",
            "labels": {"spleen": 1, "liver": 2, "background": 0},
            "dimension": 3,
            "config": {},
        },
        "extremes": {"type": "annotation", "labels": ["spleen"], "dimension": 3, "config": {}},
    },
    "trainers": {"segmentation": {"config": {"max_epochs": 50}}},
    "strategies": {"first": {}, "random": {}},
    "scoring": {},
    "train_stats": {},
    "datastore": {"total": 2, "completed": 0, "label_tags": {}},
}


def nifti(values: npt.NDArray[Any], affine: npt.NDArray[Any]) -> bytes:
    image = nibabel.Nifti1Image(values, affine)
    image.set_sform(affine, 1)
    return gzip.compress(image.to_bytes(), 1)


def opened(data: bytes) -> Any:
    return nibabel.Nifti1Image.from_bytes(
        gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    )


def dense(values: npt.NDArray[Any], params: dict[str, Any]) -> npt.NDArray[Any]:
    """Return what is above 100, and the voxels that were clicked on."""
    labels = (values > 100).astype(np.uint8)
    for number, key in ((1, "foreground"), (0, "background"), (2, "liver")):
        for place in params.get(key, ()):
            labels[tuple(place)] = number
    return labels


def grown(values: npt.NDArray[Any], params: dict[str, Any]) -> npt.NDArray[Any]:
    """Return what is as dense as the clicks, connected to them, and nearer than clicks away."""
    made = np.zeros(values.shape, bool)
    for place in params.get("foreground", ()):
        made |= flood(values, tuple(place), connectivity=1, tolerance=120)
    places = np.indices(values.shape, dtype=np.float32)

    def squares(clicks: Any) -> Any:
        far = [
            sum((axis - at) ** 2 for axis, at in zip(places, click, strict=True))
            for click in clicks
        ]
        return np.minimum.reduce(far)

    if params.get("background"):
        made &= squares(params["foreground"]) < squares(params["background"])
    return made.astype(np.uint8)


class MonaiServer(Loopback):
    """`form` says in which form it answers; `see` what it finds, `result` what file it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.images: dict[str, bytes] = {}
        self.labels: dict[str, Any] = {}
        self.form = "all"
        # It takes no scan before it may go on.
        self.open = threading.Event()
        self.open.set()
        self.result: Callable[[npt.NDArray[Any], npt.NDArray[Any]], bytes] = nifti
        self.words: dict[str, Any] = {"label_names": {"spleen": 1, "liver": 2}}
        self.instead: Answer | None = None
        self.see: Callable[[npt.NDArray[Any], dict[str, Any]], npt.NDArray[Any]] = dense
        self.states: list[dict[str, Any]] = []
        self.stats: list[dict[str, Any]] = [{}]

    def answer(self, asked: Asked) -> Answer:
        first = asked.path.split("/")[1]
        return getattr(self, f"_{first}")(asked)  # type: ignore[no-any-return]

    def _info(self, asked: Asked) -> Answer:
        if not asked.path.endswith("/"):
            return Answer(307, "text/plain", b"", (("Location", f"{self.url}/info/"),))
        stats = self.stats.pop(0) if len(self.stats) > 1 else self.stats[0]
        return as_json(INFO | {"train_stats": {"segmentation": stats}})

    def _session(self, asked: Asked) -> Answer:
        if asked.method == "PUT":
            self.open.wait(30)
            key = f"session-{len(self.asked)}"
            self.images[key] = asked.parts["files"].body
            return as_json({"session_id": key, "expiry": int(asked.query["expiry"])})
        key = asked.path.split("/")[2]
        if key not in self.images:
            return as_json({"detail": "Session not found"}, 404)
        if asked.method == "DELETE":
            del self.images[key]
        return as_json({"name": key})

    def _infer(self, asked: Asked) -> Answer:
        if self.instead is not None:
            return self.instead
        if asked.path.split("/")[2] not in INFO["models"]:
            return PAGE
        if "file" in asked.parts:
            return self._of_picture(asked.parts["file"].body)
        data = self.images.get(asked.query.get("session_id") or asked.query["image"])
        if data is None:
            return Answer(500, "text/plain", b"Internal Server Error")
        image = opened(data)
        values = np.asanyarray(image.dataobj)
        labels = self.see(values, asked.params)
        return self._sent(self.result(labels, image.affine), "mask.nii.gz")

    def _of_picture(self, data: bytes) -> Answer:
        made = io.BytesIO()
        grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
        Image.fromarray((grey > 100).astype(np.uint8)).save(made, "PNG")
        return self._sent(made.getvalue(), "mask.png")

    def _sent(self, file: bytes, name: str) -> Answer:
        if self.form == "json":
            return as_json(self.words)
        if self.form == "image":
            head = (("Content-Disposition", f'attachment; filename="{name}"'),)
            return Answer(200, "application/octet-stream", file, head)
        params = json.dumps(self.words).encode()
        return in_parts(
            ("params", "", "application/json", params),
            ("image", name, "application/octet-stream", file),
        )

    def _activelearning(self, asked: Asked) -> Answer:
        if asked.path.endswith("/first"):
            return as_json({"id": "ct_7", "weight": 1, "path": "/x", "ts": 1, "name": "ct_7.nii"})
        return as_json({})

    def _datastore(self, asked: Asked) -> Answer:
        self.labels[asked.query["image"]] = asked.query["tag"], asked.parts["label"].body
        return as_json({"image": asked.query["image"], "label": asked.query["image"]})

    def _train(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return as_json({"id": "t", "status": "PENDING"})
        if asked.method == "DELETE":
            return as_json(None)
        if not self.states:
            return as_json({"detail": "No Training Tasks"}, 404)
        return as_json(self.states.pop(0) if len(self.states) > 1 else self.states[0])
