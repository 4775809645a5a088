"""Estimators of scikit-learn: they classify pictures, pixels or superpixels by their features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.adapters.content_hash import hash_of_content
from labelwidgets.assist.adapters.pictures import as_planes
from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.arrays import ClassMap
from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer
from labelwidgets.assist.prompts import Prompt
from labelwidgets.errors import AssistantError

Of = Literal["picture", "pixels", "superpixels"]


class EstimatorPredictor(Wrapped):
    """A classifier of scikit-learn, or a pipeline that ends in one.

    Parameters
    ----------
    estimator
        Fitted. Its `classes_` are words, or numbers that `classes` explains.
    of
        What it classifies: the ``picture`` as a whole, its ``pixels``, or ``superpixels``.
    features
        What it goes by, from the pixels: of a picture (features,), of pixels and superpixels
        (H, W, features), of which superpixels have the mean. By default the channels, from 0 to 1:
        as many as it was fitted with, so that grey is repeated for one of three.
    count
        How many superpixels.
    """

    def __init__(
        self,
        estimator: Any,
        of: Of = "picture",
        features: Callable[[npt.NDArray[Any]], npt.NDArray[Any]] | None = None,
        count: int = 500,
    ) -> None:
        if of not in ("picture", "pixels", "superpixels"):
            raise AssistantError(f"cannot classify {of!r:.40}.", where="of")
        if of == "picture" and features is None:
            raise AssistantError(
                "needs features=..., a function from pixels to numbers.",
                where=f"assistant {type(estimator).__name__!r}",
                hint='It can also classify of="pixels" or of="superpixels", by their colours.',
            )
        if count < 1:
            raise AssistantError("must be 1 or more.", where="count")
        self.estimator = estimator
        self.of = of
        self.features = features
        self.count = count
        self.name = named_after(estimator)

    @property
    def version(self) -> str:
        """A hash of what it has learnt, as it is now."""
        return hash_of_content(self.estimator)

    def predict_batch(self, pixels: Sequence[Any], contexts: Sequence[Context]) -> Sequence[Answer]:
        """Return what the estimator says of pictures, one after another."""
        return [
            self.predict(one, None, context) for one, context in zip(pixels, contexts, strict=True)
        ]

    def predict(self, pixels: Any, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the estimator says of a picture."""
        if self.of == "picture":
            features = np.asarray(self.features(pixels))  # type: ignore[misc]
            return self._word(*self._classified(features.reshape(1, -1)))
        planes = self.features or self._channels
        features = np.asarray(planes(pixels))
        shape = pixels.shape[:2]
        if features.ndim != 3 or features.shape[:2] != shape:
            raise AssistantError(
                f"has features of shape {features.shape}, not {(*shape, 'features')}.",
                where="features",
            )
        if self.of == "pixels":
            numbers, sure, words = self._classified(features.reshape(-1, features.shape[2]))
            return ClassMap(
                numbers.reshape(shape), None if sure is None else sure.reshape(shape), words
            )
        from labelwidgets.algorithms import superpixels

        regions = superpixels(pixels, self.count)
        flat = regions.ravel()
        sizes = np.bincount(flat)
        means = np.stack(
            [np.bincount(flat, one.ravel()) / sizes for one in np.moveaxis(features, -1, 0)], axis=1
        )
        numbers, sure, words = self._classified(means)
        return ClassMap(numbers[regions], None if sure is None else sure[regions], words)

    def _classified(
        self, features: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any] | None, list[Any]]:
        """Return the number of the class of each row, how sure it is, and the classes."""
        if hasattr(self.estimator, "predict_proba"):
            shares = np.asarray(self.estimator.predict_proba(features))
            words = [_plain(one) for one in self.estimator.classes_]
            numbers = shares.argmax(axis=1)
            # The largest along short rows takes numpy several times as long as to look it up.
            return numbers, shares[np.arange(len(shares)), numbers], words
        found, numbers = np.unique(
            np.asarray(self.estimator.predict(features)), return_inverse=True
        )
        return numbers, None, [_plain(one) for one in found]

    def _channels(self, pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        wanted = getattr(self.estimator, "n_features_in_", None)
        return np.moveaxis(as_planes(pixels, wanted), 0, -1)

    def _word(
        self, numbers: npt.NDArray[Any], sure: npt.NDArray[Any] | None, words: list[Any]
    ) -> Answer:
        score = None if sure is None else float(sure[0])
        return {"label": words[int(numbers[0])], "score": score}


def _plain(word: Any) -> Any:
    return word.item() if isinstance(word, np.generic) else word


def fits(model: Any) -> bool:
    """Say whether it has what estimators have."""
    return callable(getattr(model, "get_params", None)) and callable(
        getattr(model, "predict", None)
    )


ADAPTER = EstimatorPredictor
