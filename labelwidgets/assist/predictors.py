"""The one protocol of models: what `lw.assistant` makes of all others, and takes as it is."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy.typing as npt

from labelwidgets.assist.context import Context
from labelwidgets.assist.prompts import Prompt
from labelwidgets.media.scan import Scan

# What a model looks at: (H, W) or (H, W, C) as the file has it, or a scan.
Pixels: TypeAlias = npt.NDArray[Any] | Scan
Takes: TypeAlias = Literal["image", "volume"]
# Anything that `labelwidgets.assist.answers.read_answer` reads.
Answer: TypeAlias = Any


@runtime_checkable
class Predictor(Protocol):
    """Whatever proposes labels: a model in this kernel, or the client of one elsewhere.

    Beside `predict` it may have

    - ``name`` and ``version``, kept with each label that it makes;
    - ``predict_batch(pixels, contexts)``, which answers for many pictures at once: a list as long
      as `pixels`;
    - ``takes``, ``"image"`` (that is so where it is not said) or ``"volume"``, for scans;
    - ``prompts``, what a person can show to it: any of ``"clicks"``, ``"box"`` and
      ``"scribbles"``;
    - ``names``, what the numbers of its classes are called: a mapping, or a list;
    - ``prepare(pixels)``, called before the first prompt on a picture;
    - ``close()``, which lets go of what it holds.
    """

    def predict(
        self, pixels: Pixels, prompt: Prompt | None, context: Context, /
    ) -> Answer | Awaitable[Answer]:
        """Return labels for a picture or a scan; a coroutine is awaited.

        Parameters
        ----------
        pixels
            Array as the file has it, read-only: (H, W) of a grey picture, else (H, W, C); or a
            `Scan`.
        prompt
            What a person shows to it; None where it looks by itself.
        context
            Which item it is, and what may be labelled. A model that takes long calls
            ``context.progress(share)`` now and then: it ends there once nobody waits.
        """


@runtime_checkable
class BatchPredictor(Predictor, Protocol):
    """A model that is quicker with many pictures at once."""

    def predict_batch(
        self, pixels: Sequence[Pixels], contexts: Sequence[Context], /
    ) -> Sequence[Answer] | Awaitable[Sequence[Answer]]:
        """Return an answer for each picture, in their order."""
