"""Models that cannot travel, or must not: each process makes its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labelwidgets.assist.adapters import adapted
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer, Pixels, Predictor
from labelwidgets.assist.prompts import Prompt


class MadeOnWorkers:
    """A predictor of which only the way to make it travels; see `made_on_workers`."""

    def __init__(self, make: Callable[[], Any], options: dict[str, Any]) -> None:
        self._make, self._options = make, options
        self._made: Predictor = adapted(make(), options)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._make, self._options)

    def __getattr__(self, name: str) -> Any:
        # Its name, version, classes, and whether it answers for many pictures at once.
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._made, name)

    def predict(self, pixels: Pixels, prompt: Prompt | None, context: Context) -> Answer:
        """Return what the model answers."""
        return self._made.predict(pixels, prompt, context)


def made_on_workers(make: Callable[[], Any], **options: Any) -> MadeOnWorkers:
    """Return a model that is made anew in each process: a session of ONNX Runtime, a server.

    Only the function travels to workers, and whatever it needs is opened there: files by their
    paths, keys from the environment.

    Parameters
    ----------
    make
        Takes nothing, and returns a model; called here, too, and once in each process that the
        model goes to.
    **options
        Of the adapter that the model takes; see `labelwidgets.assistant`.

    Returns
    -------
    MadeOnWorkers
        For `labelwidgets.assistant`.

    Examples
    --------
    >>> def session():
    ...     return onnxruntime.InferenceSession("/models/cells.onnx")
    >>> model = lw.assistant(lw.scale.made_on_workers(session), classes=["cell"])
    >>> project.predict(model, client=client)
    """
    return MadeOnWorkers(make, options)
