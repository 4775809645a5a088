"""Sessions of ONNX Runtime: networks that look at one picture and say what is in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.adapters.pictures import as_planes, resized
from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.arrays import ClassMap
from labelwidgets.assist.class_names import Classes, named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError, MissingFileError
from labelwidgets.extras import library

Activation = Literal["softmax", "sigmoid", "none"]


class OnnxPredictor(Wrapped):
    """A network of ONNX Runtime with one input (N, C, H, W).

    Pictures are resized to the size of the input where that is fixed, and what is found is put
    back to where it was. Outputs called ``boxes`` (left, top, right, bottom in pixels of the
    input), ``labels`` and ``scores`` are detections; else the first output says the classes of the
    pixels, (N, C, h, w), or of the picture, (N, C).

    Parameters
    ----------
    session
        An `onnxruntime.InferenceSession`, or the path of a file ``*.onnx``.
    preprocess
        From (C, H, W) float32, from 0 to 1, to what the network takes, of the same size.
    activation
        What makes probabilities of the output: ``softmax``, ``sigmoid`` (of one class), or
        ``none`` where they are some already.
    names
        What its classes are called.

    Raises
    ------
    MissingExtraError
        If a path is given and ONNX Runtime is not installed.
    MissingFileError
        If there is no such file.
    """

    def __init__(
        self,
        session: Any,
        preprocess: Callable[[npt.NDArray[np.float32]], npt.NDArray[Any]] | None = None,
        activation: Activation = "softmax",
        names: Classes | None = None,
    ) -> None:
        if activation not in ("softmax", "sigmoid", "none"):
            raise AssistantError(f"cannot be {activation!r:.40}.", where="activation")
        self.name = "onnx"
        self.version = "1"
        if isinstance(session, str | os.PathLike):
            self.name = named_after(Path(session).stem)
            self.version = hash_of_file(session)
            session = open_session(session)
        self.session = session
        self.preprocess = preprocess
        self.activation = activation
        self.names = names
        inputs = session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4:
            said = ", ".join(f"{one.name} {one.shape}" for one in inputs)[:200]
            raise AssistantError(
                f"takes {said}, not one picture (N, C, H, W).",
                where=f"assistant {self.name!r}",
                hint="Wrap its run() in a function, or see lw.assist for promptable networks.",
            )
        self._input = inputs[0]
        self._outputs = [one.name for one in session.get_outputs()]
        many, channels, height, width = self._input.shape
        self._channels = channels if isinstance(channels, int) else 3
        self._size = (height, width) if isinstance(height, int) and isinstance(width, int) else None
        # Others were made for one picture at a time.
        if not isinstance(many, int):
            self.predict_batch = self._predict_batch

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the network says of one picture."""
        return self._predict_batch([pixels], [context])[0]

    def _predict_batch(
        self, pixels: Sequence[Any], contexts: Sequence[Context]
    ) -> Sequence[Answer]:
        """Return what the network says of pictures: of one size at once."""
        inputs = [self._planes(one) for one in pixels]
        detects = {"boxes", "scores"} <= set(self._outputs)
        if len({one.shape for one in inputs}) > 1 or (detects and len(inputs) > 1):
            return [
                self._predict_batch([one], [context])[0]
                for one, context in zip(pixels, contexts, strict=True)
            ]
        outputs = self.session.run(None, {self._input.name: np.stack(inputs)})
        sizes = [one.shape[:2] for one in pixels]
        if detects:
            found = dict(zip(self._outputs, outputs, strict=True))
            return [_detections(found, inputs[0].shape[1:], sizes[0])]
        first = np.asarray(outputs[0])
        if first.ndim not in (2, 4) or len(first) != len(pixels):
            raise AssistantError(f"returned {first.shape}, not (N, C, H, W) or (N, C).")
        if not np.isfinite(first).all():
            raise AssistantError("returned NaN or infinity.")
        shares = [self._shares(one.astype(np.float32)) for one in first]
        if first.ndim == 2:
            return shares
        return [_map(one, size) for one, size in zip(shares, sizes, strict=True)]

    def _planes(self, pixels: Any) -> npt.NDArray[Any]:
        planes = as_planes(pixels, self._channels)
        if self._size is not None and planes.shape[1:] != self._size:
            planes = resized(planes, self._size)
        if self.preprocess is not None:
            planes = np.asarray(self.preprocess(planes))
        kind = np.float16 if "float16" in self._input.type else np.float32
        return np.ascontiguousarray(planes, kind)

    def _shares(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the outputs of a picture as probabilities, of one axis for the classes."""
        if self.activation == "none":
            return values
        if self.activation == "sigmoid" or len(values) == 1:
            return (1 / (1 + np.exp(-values))).astype(np.float32)
        raised = np.exp(values - values.max(axis=0))
        return np.asarray(raised / raised.sum(axis=0), np.float32)


def _map(shares: npt.NDArray[np.float32], size: tuple[int, int]) -> Answer:
    if shares.shape[1:] != tuple(size):
        shares = resized(shares, size)
    if len(shares) == 1:
        return shares[0]
    return ClassMap(shares.argmax(axis=0).astype(np.int32), shares.max(axis=0))


def _detections(
    found: dict[str, Any], shape: tuple[int, ...], size: tuple[int, int]
) -> dict[str, Any]:
    """Return boxes in pixels of the picture, not of the input."""
    boxes = np.asarray(found["boxes"], np.float64).reshape(-1, 4)
    height, width = shape
    scale = np.tile([size[1] / width, size[0] / height], 2)
    made = {"boxes": boxes * scale, "scores": np.asarray(found["scores"]).reshape(-1)}
    if "labels" in found:
        made["labels"] = np.asarray(found["labels"]).reshape(-1)
    return made


def open_session(path: str | os.PathLike[str]) -> Any:
    """Return the session of a file ``*.onnx``.

    Raises
    ------
    MissingExtraError
        If ONNX Runtime is not installed.
    MissingFileError, AssistantError
        If there is no such file, or it is no network.
    """
    onnxruntime = library("onnxruntime", "onnx", f"assistant {str(path)!r}")
    if not Path(path).is_file():
        raise MissingFileError("is not there.", where=str(path))
    try:
        return onnxruntime.InferenceSession(
            str(path), providers=onnxruntime.get_available_providers()
        )
    except Exception as error:  # the runtime's own kinds, that it does not name
        words = " ".join(str(error).split())[:300]
        raise AssistantError(f"is no network that can be run: {words}", where=str(path)) from error


def hash_of_file(path: str | os.PathLike[str]) -> str:
    """Return 12 hexadecimal digits of the content of a file.

    Raises
    ------
    MissingFileError
        If there is none.
    """
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:12]
    except FileNotFoundError:
        raise MissingFileError("is not there.", where=str(path)) from None


def fits(model: Any) -> bool:
    """Say whether it is a session, or the path of a network."""
    if isinstance(model, str | os.PathLike):
        return str(model).endswith(".onnx")
    return all(
        callable(getattr(model, name, None)) for name in ("run", "get_inputs", "get_outputs")
    )


ADAPTER = OnnxPredictor
