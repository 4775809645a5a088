"""Prompt segmentation: an encoder looks at a picture once, a decoder answers to every click."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.sam.embeddings import Embeddings
from labelwidgets.assist.sam.frame import DEVIATION, LOOKS, MEAN, Colour, Frame, Look, rgb_of, seen
from labelwidgets.assist.sam.graphs import Decoder, Encoder
from labelwidgets.assist.sam.pixel_hashes import PixelHashes
from labelwidgets.assist.sam.points import EXTREMES, PADDING, Points, points_of
from labelwidgets.assist.sam.segmentation import Segmentation, asked_size, read
from labelwidgets.errors import AssistantError
from labelwidgets.media.tiles.kept import Kept

# Of the answers on which the next click builds.
_MOST_LOGITS = 1 << 25
_MOST_ALONG = 100


class PromptSegmenter:
    """A network of the SAM family as two files of ONNX: segment-anything, MobileSAM, EfficientSAM.

    It is a `Predictor`: `labelwidgets.assist.register` puts it on the toolbar. The picture is
    encoded once, when it is opened, and known again by its pixels. A click, a box or a scribble
    costs a run of the decoder. The click after another on the same picture builds on the answer
    to that one.

    Parameters
    ----------
    encoder_path
        Takes (1, 3, 1024, 1024) normalised, (h, w, 3) from 0 to 255, or (1, 3, H, W) from 0 to 1;
        returns ``image_embeddings``.
    decoder_path
        Takes ``image_embeddings``, ``point_coords``, ``point_labels`` and, if it can,
        ``mask_input``, ``has_mask_input`` and ``orig_im_size``; returns ``masks`` (logits),
        ``iou_predictions`` and ``low_res_masks``: as segment-anything exports it.
    clicks
        What positive clicks are: ``inside`` of what is meant, or its ``extremes``, the leftmost,
        topmost, rightmost and lowest place of it, in any order.
    along
        So many points are taken along each scribble.
    look
        How the encoder takes pictures: ``sam``, ``raw`` or ``efficient``; None tells it from
        the network.
    mean, deviation
        Of the colours, from 0 to 255, with which ``sam`` normalises.
    embeddings
        Where what was seen is kept; None for half a gigabyte of memory.
    name
        Kept with each label; else that of the decoder's file.

    Raises
    ------
    MissingExtraError
        If ONNX Runtime is not installed.
    MissingFileError
        If a file is not there.
    AssistantError
        If one is no such network, or an option is none, saying what is missing.

    Notes
    -----
    Kirillov et al., "Segment Anything", ICCV 2023; its `ResizeLongestSide`, `SamPredictor` and
    `SamOnnxModel`. Where the decoder returns its four masks, a lone click is answered by the
    likeliest of the three that differ in size (whole, part, part of it), more points by the
    first, which was trained for them; of other numbers of masks, by the likeliest.
    """

    prompts = ("clicks", "box", "scribbles")
    takes = "image"

    def __init__(
        self,
        encoder_path: str | os.PathLike[str],
        decoder_path: str | os.PathLike[str],
        *,
        clicks: Literal["inside", "extremes"] = "inside",
        along: int = 5,
        look: Look | None = None,
        mean: Colour = MEAN,
        deviation: Colour = DEVIATION,
        embeddings: Embeddings | None = None,
        name: str | None = None,
    ) -> None:
        if clicks not in ("inside", "extremes"):
            raise AssistantError(f"cannot be {clicks!r:.40}.", where="clicks")
        if look is not None and look not in LOOKS:
            raise AssistantError(
                f"cannot be {look!r:.40}.", where="look", hint=f"One of {', '.join(LOOKS)}."
            )
        if not 1 <= along <= _MOST_ALONG:
            raise AssistantError(f"must be from 1 to {_MOST_ALONG}.", where="along")
        if len(mean) != 3 or len(deviation) != 3 or not all(one > 0 for one in deviation):
            raise AssistantError("must be three numbers above 0.", where="deviation")
        self._encoder = Encoder(encoder_path, look)
        self._decoder = Decoder(decoder_path, self._encoder)
        self._extremes = clicks == "extremes"
        self._along = along
        self._colours = (mean, deviation)
        how = f"{self._encoder.hash}{self._encoder.look}{mean}{deviation}"
        self._seen_by = sha256(how.encode()).hexdigest()[:24]
        self._embeddings = embeddings if embeddings is not None else Embeddings()
        self._hashes = PixelHashes()
        self._answered: Kept[Segmentation] = Kept(_MOST_LOGITS, _bytes_of_logits)
        self.name = name or named_after(Path(decoder_path).stem)
        self.version = f"{self._encoder.hash[:6]}{self._decoder.hash[:6]}"

    def __repr__(self) -> str:
        clicks = "extremes" if self._extremes else "inside"
        return f"PromptSegmenter({self.name!r}, version={self.version!r}, clicks={clicks!r})"

    def prepare(self, pixels: npt.NDArray[Any]) -> None:
        """Encode a picture ahead of the first click."""
        self._embedding(pixels, self._hashes.of(pixels))

    def predict(
        self, pixels: npt.NDArray[Any], prompt: Prompt | None, context: Context
    ) -> dict[str, Any] | None:
        """Return a mask and how sure it is; None where nothing is meant yet.

        Raises
        ------
        AssistantError
            If nothing is shown to it, or the networks answer with what is no mask.
        """
        if prompt is None:
            raise AssistantError(
                "was shown nothing.", hint="It needs a click, a box or a scribble: see register."
            )
        if not points_of(prompt, self._along, extremes=self._extremes).shows_something:
            return None
        key = self._hashes.of(pixels)
        embedding = self._embedding(pixels, key)
        context.progress()
        made = self._answer(pixels.shape[:2], key, embedding, prompt)
        return {"mask": made.mask, "score": made.confidence}

    def segment(
        self,
        pixels: npt.NDArray[Any],
        prompt: Prompt,
        previous: Segmentation | npt.NDArray[np.float32] | None = None,
    ) -> Segmentation:
        """Return the answer to a prompt, for use by code.

        Parameters
        ----------
        pixels
            (H, W) or (H, W, C) of any kind of numbers.
        prompt
            What is shown, in pixels of the picture.
        previous
            An answer, or its logits, on which this one builds; None for none.

        Raises
        ------
        AssistantError
            If nothing is meant, the logits are of another size, or the networks answer with
            what is no mask.
        """
        points = points_of(prompt, self._along, extremes=self._extremes)
        if not points.shows_something:
            wanted = f"{EXTREMES} extreme points" if self._extremes else "a positive click"
            raise AssistantError("was shown nothing.", hint=f"It needs {wanted}, or a box.")
        logits = previous.logits if isinstance(previous, Segmentation) else previous
        key = self._hashes.of(pixels)
        return self._decoded(pixels.shape[:2], self._embedding(pixels, key), points, logits)

    def _embedding(self, pixels: npt.NDArray[Any], key: str) -> npt.NDArray[Any]:
        encoder = self._encoder

        def make() -> npt.NDArray[Any]:
            frame = self._frame(pixels.shape[:2])
            picture = seen(rgb_of(pixels), frame, encoder.look, encoder.side, *self._colours)
            made = encoder.embedding(picture)
            self._decoder.check_embedding(made.shape)
            return made

        return self._embeddings.get(f"{key}-{self._seen_by}", make)

    def _frame(self, size: tuple[int, ...]) -> Frame:
        stretch = self._encoder.look == "efficient"
        return Frame.of((size[0], size[1]), self._encoder.side, stretch=stretch)

    def _answer(
        self, size: tuple[int, ...], key: str, embedding: npt.NDArray[Any], prompt: Prompt
    ) -> Segmentation:
        """Return the answer to a prompt, which builds on that to the prompt one step before."""
        known = next(
            (
                found
                for earlier in _earlier(prompt)
                if (found := self._answered.known((key, _key_of(earlier)))) is not None
            ),
            None,
        )
        points = points_of(prompt, self._along, extremes=self._extremes)
        logits = None if known is None else known.logits
        made = self._decoded(size, embedding, points, logits)
        kept = msgspec.structs.replace(made, mask=np.zeros((0, 0), bool))
        self._answered.get((key, _key_of(prompt)), lambda: kept)
        return made

    def _decoded(
        self,
        size: tuple[int, ...],
        embedding: npt.NDArray[Any],
        points: Points,
        logits: npt.NDArray[np.float32] | None,
    ) -> Segmentation:
        decoder = self._decoder
        frame = self._frame(size)
        asked = asked_size(frame)
        coords, kinds = self._points(frame, asked, points)
        feeds: dict[str, npt.NDArray[Any]] = {
            decoder.embedding: embedding,
            decoder.coords: coords[np.newaxis],
            decoder.labels: kinds[np.newaxis],
        }
        if decoder.batched:
            feeds[decoder.coords] = coords[np.newaxis, np.newaxis]
            feeds[decoder.labels] = kinds[np.newaxis, np.newaxis]
        if "mask_input" in decoder.inputs:
            earlier = np.zeros(decoder.low_size, np.float32) if logits is None else logits
            if earlier.shape != decoder.low_size:
                raise AssistantError(
                    f"is {earlier.shape}, the decoder takes {decoder.low_size}.", where="previous"
                )
            feeds["mask_input"] = earlier[np.newaxis, np.newaxis]
            feeds["has_mask_input"] = np.asarray([0.0 if logits is None else 1.0])
        if decoder.sized:
            feeds["orig_im_size"] = np.asarray(asked)
        return read(decoder, decoder.run(feeds), frame, self._encoder.side, len(points.kinds))

    def _points(
        self, frame: Frame, asked: tuple[int, int], points: Points
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return coordinates (n, 2) and kinds (n,) as the decoder takes them."""
        coords = frame.points(points.places)
        kinds = list(points.kinds)
        if self._decoder.batched:
            # It takes pixels of the picture, and scales them itself.
            (height, width), (tall, wide) = asked, frame.resized
            coords = coords * (width / wide, height / tall)
        elif not points.boxed:
            # Without a box, as segment-anything has it, there is a point that is none.
            coords = np.concatenate([coords, np.zeros((1, 2))])
            kinds.append(PADDING)
        return coords.astype(np.float32), np.asarray(kinds, np.float32)


def _earlier(prompt: Prompt) -> list[Prompt]:
    """Return what a prompt may have been before its last click or scribble."""
    made = []
    if prompt.clicks:
        made.append(msgspec.structs.replace(prompt, clicks=prompt.clicks[:-1]))
    if prompt.scribbles:
        made.append(msgspec.structs.replace(prompt, scribbles=prompt.scribbles[:-1]))
    return made


def _key_of(prompt: Prompt) -> bytes:
    return msgspec.json.encode((prompt.clicks, prompt.box, prompt.scribbles))


def _bytes_of_logits(made: Segmentation) -> int:
    return 1 if made.logits is None else int(made.logits.nbytes)
