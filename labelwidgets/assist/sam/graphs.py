"""The two networks of the SAM family, and whether they are such: what goes in and comes out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.adapters.onnx_session import hash_of_file, open_session
from labelwidgets.assist.sam.frame import Look
from labelwidgets.errors import AssistantError

SIDE = 1024
_KINDS: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}
# What exports call their parts; the first name is that of segment-anything.
_EMBEDDING = ("image_embeddings", "image_embedding", "embeddings", "image_embed")
_COORDS = ("point_coords", "batched_point_coords")
_LABELS = ("point_labels", "batched_point_labels")
_MASKS = ("masks", "output_masks")
_SURE = ("iou_predictions", "iou_scores", "scores")
_LOW = ("low_res_masks", "low_res_logits")


class Graph:
    """A network in a file, with what it takes and returns.

    Raises
    ------
    MissingExtraError, MissingFileError, AssistantError
        If it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.session = open_session(path)
        self.hash = hash_of_file(path)
        self.inputs = {one.name: one for one in self.session.get_inputs()}
        self.outputs = {one.name: one for one in self.session.get_outputs()}

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Return what comes out, by name; what goes in is made of the kind that it takes."""
        cast = {
            name: np.ascontiguousarray(value, _KINDS[self.inputs[name].type])
            for name, value in feeds.items()
        }
        try:
            made = self.session.run(None, cast)
        except Exception as error:  # the runtime's own kinds, that it does not name
            words = " ".join(str(error).split())[:300]
            raise AssistantError(f"could not be run: {words}", where=self.path) from error
        return {name: np.asarray(value) for name, value in zip(self.outputs, made, strict=True)}

    def wrong(self, said: str, hint: str | None = None) -> AssistantError:
        """Return an error that says what is there."""
        ins = ", ".join(f"{name} {one.shape}" for name, one in self.inputs.items())[:300]
        outs = ", ".join(f"{name} {one.shape}" for name, one in self.outputs.items())[:300]
        known = f"It takes {ins or 'nothing'} and returns {outs or 'nothing'}."
        return AssistantError(said, where=self.path, hint=f"{known} {hint}" if hint else known)

    def check_kinds(self) -> None:
        """Raise where it takes what is no array of numbers."""
        for name, one in self.inputs.items():
            if one.type not in _KINDS:
                raise self.wrong(f"takes {one.type} as {name!r}, not numbers.")

    def one_of(self, names: Sequence[str], outputs: bool = False) -> str:
        """Return the name that an input, or an output, has here.

        Raises
        ------
        AssistantError
            If there is none.
        """
        there = self.outputs if outputs else self.inputs
        found = next((name for name in names if name in there), None)
        if found is None:
            raise self.wrong(
                f"has no {'output' if outputs else 'input'} {names[0]!r}.",
                "Export it as segment-anything's scripts/export_onnx_model.py does.",
            )
        return found


class Encoder(Graph):
    """The network that looks at a picture once.

    Parameters
    ----------
    path
        A file ``*.onnx``.
    look
        What it takes; None tells it from the input's shape.

    Raises
    ------
    AssistantError
        If it is none, saying why.
    """

    def __init__(self, path: str | os.PathLike[str], look: Look | None = None) -> None:
        super().__init__(path)
        self.check_kinds()
        if len(self.inputs) != 1:
            raise self.wrong(f"takes {len(self.inputs)} inputs, an encoder one: the picture.")
        (self.input,) = self.inputs.values()
        shape = list(self.input.shape)
        if len(shape) == 3 and (shape[2] == 3 or _free(shape[2])):
            told: Look = "raw"
        elif len(shape) == 4 and (shape[1] == 3 or _free(shape[1])):
            told = "efficient" if self.input.name == "batched_images" else "sam"
        else:
            raise self.wrong("takes no picture: (1, 3, side, side) or (height, width, 3).")
        if (look == "raw") != (told == "raw") and look is not None:
            raise self.wrong(f"does not take pictures as {look!r}, by its shape.")
        self.look: Look = look or told
        sides = {length for length in shape[2:] if isinstance(length, int)}
        if len(shape) == 4 and len(sides) > 1:
            raise self.wrong("takes pictures that are no square.")
        self.side = sides.pop() if len(shape) == 4 and sides else SIDE
        self.output = self._embedding()

    def _embedding(self) -> str:
        known = [name for name in _EMBEDDING if name in self.outputs]
        flat = [name for name, one in self.outputs.items() if len(one.shape) == 4]
        if not known and len(flat) != 1:
            raise self.wrong("returns no embedding: one array (1, channels, h, w).")
        return (known or flat)[0]

    def embedding(self, picture: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        """Return what it sees.

        Raises
        ------
        AssistantError
            If that is NaN, or no (1, channels, h, w).
        """
        made = self.run({self.input.name: picture})[self.output]
        if made.ndim != 4 or len(made) != 1:
            raise AssistantError(
                f"returned an embedding of shape {made.shape}, not (1, channels, h, w).",
                where=self.path,
            )
        if not np.isfinite(made).all():
            raise AssistantError("returned NaN or infinity.", where=self.path)
        return made


class Decoder(Graph):
    """The network that answers to points.

    Raises
    ------
    AssistantError
        If it is none, saying what it lacks.
    """

    def __init__(self, path: str | os.PathLike[str], encoder: Encoder) -> None:
        super().__init__(path)
        self.check_kinds()
        self.coords, self.labels = self.one_of(_COORDS), self.one_of(_LABELS)
        self.embedding = self.one_of((*_EMBEDDING, encoder.output))
        self.masks = self.one_of(_MASKS, outputs=True)
        self.sure = self.one_of(_SURE, outputs=True)
        self.low = next((name for name in _LOW if name in self.outputs), None)
        self.batched = self.coords.startswith("batched")
        known = {self.coords, self.labels, self.embedding}
        known |= {"mask_input", "has_mask_input", "orig_im_size"}
        unknown = sorted(set(self.inputs) - known)
        if unknown:
            raise self.wrong(f"needs {unknown[0]!r}, which no prompt says.")
        if ("mask_input" in self.inputs) != ("has_mask_input" in self.inputs):
            raise self.wrong("needs both of 'mask_input' and 'has_mask_input', or neither.")
        self.sized = "orig_im_size" in self.inputs
        self.refines = "mask_input" in self.inputs and self.low is not None
        self.check_embedding(encoder.outputs[encoder.output].shape)

    def check_embedding(self, shape: Sequence[Any]) -> None:
        """Raise where an embedding of a shape is of another model."""
        wanted = list(self.inputs[self.embedding].shape)
        pairs = zip(wanted, shape, strict=False)
        if len(wanted) != len(shape) or any(
            isinstance(one, int) and isinstance(other, int) and one != other for one, other in pairs
        ):
            raise self.wrong(
                f"wants embeddings {wanted}, the encoder makes {list(shape)}.",
                "Encoder and decoder are of two models.",
            )

    @property
    def low_size(self) -> tuple[int, int]:
        """(height, width) of the mask that it takes."""
        shape = self.inputs["mask_input"].shape[-2:]
        height, width = (length if isinstance(length, int) else SIDE // 4 for length in shape)
        return height, width


def _free(length: Any) -> bool:
    return not isinstance(length, int)
