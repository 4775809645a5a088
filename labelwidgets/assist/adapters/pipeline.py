"""Pipelines of Hugging Face: object detection, segmentation and classification of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwidgets.assist.adapters.pictures import as_picture
from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError

TASKS = (
    "object-detection",
    "zero-shot-object-detection",
    "image-segmentation",
    "mask-generation",
    "image-classification",
    "zero-shot-image-classification",
)
# These are told from which confidence on something counts.
_TOLD = ("object-detection", "zero-shot-object-detection")


class PipelinePredictor(Wrapped):
    """A pipeline of Hugging Face Transformers for pictures.

    One of zero shots is asked for the classes of the ontology.

    Parameters
    ----------
    pipeline
        As `transformers.pipeline` makes it.
    call
        What it is called with beside the picture, such as ``{"subtask": "semantic"}``.
    """

    def __init__(self, pipeline: Any, call: Mapping[str, Any] | None = None) -> None:
        self.pipeline = pipeline
        self.task = str(pipeline.task)
        config = getattr(getattr(pipeline, "model", None), "config", None)
        path = str(getattr(config, "_name_or_path", "") or "").rstrip("/")
        self.name = named_after(path.split("/")[-1] or pipeline)
        self.version = str(getattr(config, "_commit_hash", None) or "1")[:12]
        if self.task not in TASKS:
            raise AssistantError(
                f"does {self.task!r:.60}, which labels no pictures.",
                where=f"assistant {self.name!r}",
                hint=f"Tasks: {', '.join(TASKS)}.",
            )
        self._call = dict(call or {})

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the pipeline says of one picture."""
        return self.pipeline(as_picture(pixels), **self._asked(context))

    def predict_batch(self, pixels: Sequence[Any], contexts: Sequence[Context]) -> Sequence[Answer]:
        """Return what the pipeline says of pictures, in one call."""
        pictures = [as_picture(one) for one in pixels]
        found = self.pipeline(pictures, batch_size=len(pictures), **self._asked(contexts[0]))
        return list(found)

    def _asked(self, context: Context) -> dict[str, Any]:
        asked = dict(self._call)
        if self.task.startswith("zero-shot"):
            asked.setdefault("candidate_labels", context.classes)
        if self.task in _TOLD:
            asked.setdefault("threshold", context.threshold)
        return asked


def fits(model: Any) -> bool:
    """Say whether it has what pipelines have."""
    return (
        callable(model)
        and isinstance(getattr(model, "task", None), str)
        and hasattr(model, "model")
        and (hasattr(model, "image_processor") or hasattr(model, "preprocess"))
    )


ADAPTER = PipelinePredictor
