"""From whatever predicts to a `Predictor`: one adapter a file, told apart without an import.

No library is imported before something of its own is given: a thing is known by where its class
is from, or by what it has.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from labelwidgets.assist.predictors import Predictor
from labelwidgets.errors import AssistantError

# In this order they are asked whether a thing is theirs, by their function `fits`; `ADAPTER` makes
# a predictor of it. The last takes every function.
ADAPTERS = (
    "cvat_function",
    "ultralytics_model",
    "pipeline",
    "onnx_session",
    "torch_module",
    "estimator",
    "function",
)


def adapted(model: Any, options: Mapping[str, Any]) -> Predictor:
    """Return a model as a predictor.

    Parameters
    ----------
    model
        Whatever predicts.
    options
        Of the adapter that takes it.

    Raises
    ------
    AssistantError
        If no adapter takes it, or an option is none of its adapter's.
    """
    where = f"assistant {type(model).__name__!r}"
    if callable(getattr(model, "predict", None)) and _takes_three(model.predict):
        if options:
            raise AssistantError(
                f"takes no option {min(options)!r}: it has `predict(pixels, prompt, context)`.",
                where=where,
            )
        return model  # type: ignore[no-any-return]
    for name in ADAPTERS:
        module = import_module(f"{__name__}.{name}")
        if not module.fits(model):
            continue
        known = list(inspect.signature(module.ADAPTER).parameters)[1:]
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise AssistantError(
                f"has no option {unknown[0]!r}.",
                where=f"{where}, as {name}",
                hint=f"Options: {', '.join(known) or 'none'}.",
            )
        made: Predictor = module.ADAPTER(model, **options)
        return made
    raise AssistantError(
        "is nothing that predicts.",
        where=where,
        hint="Give a function from pixels to labels, or an object with "
        "predict(pixels, prompt, context).",
    )


def _takes_three(predict: Any) -> bool:
    """Say whether `predict` can be called with pixels, a prompt and a context."""
    try:
        inspect.signature(predict).bind(None, None, None)
    except (TypeError, ValueError):
        return False
    # Those of scikit-learn may have so many, too.
    return not hasattr(getattr(predict, "__self__", None), "get_params")


def from_module(thing: Any, *names: str) -> bool:
    """Say whether one of the classes that a thing is of is from a package of such a name."""
    return any(
        str(getattr(kind, "__module__", "")).split(".")[0] in names for kind in type(thing).__mro__
    )
