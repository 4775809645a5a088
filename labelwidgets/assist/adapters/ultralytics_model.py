"""Models of Ultralytics, which are modules of PyTorch, and called as no other is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelwidgets.assist.adapters import from_module
from labelwidgets.assist.adapters.pictures import as_picture
from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt


class UltralyticsPredictor(Wrapped):
    """A model of Ultralytics: boxes, or masks where it segments.

    Parameters
    ----------
    model
        Such as ``YOLO("yolo11n.pt")``.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self.name = named_after(str(getattr(model, "model_name", "") or type(model).__name__))
        self.names = dict(model.names)

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the model says of one picture."""
        return self.predict_batch([pixels], [context])[0]

    def predict_batch(self, pixels: Sequence[Any], contexts: Sequence[Context]) -> Sequence[Answer]:
        """Return what the model says of pictures, in one call."""
        # Of arrays it takes blue to be the first channel, of Pillow's pictures red.
        pictures = [as_picture(one) for one in pixels]
        # Masks in pixels of the picture, not of the network.
        return list(
            self.model.predict(
                pictures, conf=max(contexts[0].threshold, 0.001), retina_masks=True, verbose=False
            )
        )


def fits(model: Any) -> bool:
    """Say whether it is from Ultralytics."""
    return from_module(model, "ultralytics") and hasattr(model, "names")


ADAPTER = UltralyticsPredictor
