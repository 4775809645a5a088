"""Plain functions, sync or async: what they declare is what they are given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from labelwidgets.assist.adapters.wrapped import Wrapped
from labelwidgets.assist.class_names import named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Answer, Pixels, Takes
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.source_hash import hash_of_source
from labelwidgets.errors import AssistantError

PROMPTS = ("clicks", "box", "scribbles")
# What a function may be given beside its first parameter, by these names.
_ASIDE = ("prompt", "context", "spacing", "threshold", *PROMPTS)


class FunctionPredictor(Wrapped):
    """A function from pixels to labels.

    Its first parameter is the pixels: an array, or a `Scan` where it is called ``volume``. Others
    are given by name: ``prompt``, ``context``, ``clicks``, ``box``, ``scribbles``, ``spacing`` and
    ``threshold``. All else needs a default.

    Parameters
    ----------
    function
        Sync or async.
    prompts
        What a person can show to it: any of ``clicks``, ``box`` and ``scribbles``; by default
        those that it declares, all for one that declares ``prompt`` without a default.
    batch
        A function from a list of pixels and a list of contexts to a list of answers, for many
        pictures at once; None asks about each by itself.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        prompts: tuple[str, ...] | list[str] | None = None,
        batch: Callable[..., Any] | None = None,
    ) -> None:
        self.function = function
        self.name = named_after(function)
        self.version = hash_of_source(function)
        self.takes: Takes = "image"
        self._given: list[str] = []
        where = f"assistant {getattr(function, '__name__', type(function).__name__)!r}"
        needs_prompt = self._read_signature(where)
        declared = [kind for kind in PROMPTS if kind in self._given]
        self.prompts = tuple(prompts or declared or (PROMPTS if needs_prompt else ()))
        if batch is not None:
            self.predict_batch = batch

    def _read_signature(self, where: str) -> bool:
        """Find out what to give to it; say whether it cannot do without a prompt."""
        try:
            parameters = list(inspect.signature(self.function).parameters.values())
        except (TypeError, ValueError):
            # Of compiled code: it is given the pixels.
            return False
        if not parameters:
            raise AssistantError("takes no pixels.", where=where)
        first, *others = parameters
        if first.kind is first.KEYWORD_ONLY or first.kind is first.VAR_KEYWORD:
            raise AssistantError("takes no pixels by position.", where=where)
        if first.name in ("volume", "scan"):
            self.takes = "volume"
        needs_prompt = False
        for one in others:
            if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
                continue
            if one.name in _ASIDE and one.kind is not one.POSITIONAL_ONLY:
                self._given.append(one.name)
                needs_prompt |= one.name == "prompt" and one.default is one.empty
            elif one.default is one.empty:
                raise AssistantError(
                    f"needs a default for {one.name!r}.",
                    where=where,
                    hint=f"After the pixels it may take, by name: {', '.join(_ASIDE)}.",
                )
        return needs_prompt

    def predict(self, pixels: Pixels, prompt: Prompt | None, context: Context) -> Answer:
        """Call the function with what it declares."""
        shown = prompt or Prompt()
        values = {
            "prompt": prompt,
            "context": context,
            "spacing": context.spacing,
            "threshold": context.threshold,
            "clicks": shown.clicks,
            "box": shown.box,
            "scribbles": shown.scribbles,
        }
        return self.function(pixels, **{name: values[name] for name in self._given})


def fits(model: Any) -> bool:
    """Say whether it can be called."""
    return callable(model)


ADAPTER = FunctionPredictor
