"""Models behind one door: whatever predicts is wrapped, asked, and its answers checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from labelwidgets.assist.adapters import adapted
from labelwidgets.assist.answers import read_answer
from labelwidgets.assist.cancelling import still_wanted
from labelwidgets.assist.class_names import Classes, ClassNames, named_after
from labelwidgets.assist.context import Context
from labelwidgets.assist.predictors import Pixels, Predictor, Takes
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.reading import Reading
from labelwidgets.assist.results import Proposal
from labelwidgets.assist.waiting import settled, within
from labelwidgets.errors import (
    AssistantError,
    GivenUpError,
    LabelwidgetsError,
    MissingExtraError,
    OntologyError,
)
from labelwidgets.media.scan import Scan
from labelwidgets.schema.names import check_name

PROMPTS = ("clicks", "box", "scribbles")


class Assistant:
    """A model that proposes labels; made by `labelwidgets.assistant`.

    Parameters
    ----------
    predictor
        What predicts; see `Predictor`.
    name, version
        Kept with each label that it makes; else those of the predictor.
    classes
        What its classes are in the ontology: a list (number k is the k-th), or a mapping from its
        numbers or words. None stands for what is left out, the key ``"*"`` for all others.
    threshold
        Confidence below which nothing is proposed; what has no confidence always is.
    coarseness
        Outlines of masks are thinned to within this many pixels.

    Raises
    ------
    AssistantError
        If it cannot be used as it is, saying why.
    """

    def __init__(
        self,
        predictor: Predictor,
        *,
        name: str | None = None,
        version: str | None = None,
        classes: Classes | None = None,
        threshold: float = 0.0,
        coarseness: float = 1.0,
    ) -> None:
        self.predictor = predictor
        self.name: str = name or getattr(predictor, "name", None) or named_after(predictor)
        self._version = version
        where = f"assistant {str(self.name)[:80]!r}"
        if not callable(getattr(predictor, "predict", None)):
            raise AssistantError(f"has no `predict`: {type(predictor).__name__}.", where=where)
        try:
            check_name(self.name, "name")
            check_name(self.version, "version")
            self._names = ClassNames(classes, getattr(predictor, "names", None))
        except (OntologyError, AssistantError) as error:
            place = f"{where}, {error.where}" if error.where else where
            raise AssistantError(error.message, where=place, hint=error.hint) from None
        if not 0 <= threshold <= 1:
            raise AssistantError("must be from 0 to 1.", where=f"{where}, threshold")
        if not 0 <= coarseness <= 100:
            raise AssistantError("must be from 0 to 100 pixels.", where=f"{where}, coarseness")
        self.threshold = float(threshold)
        self.coarseness = float(coarseness)
        self.takes: Takes = getattr(predictor, "takes", "image")
        self.prompts: tuple[str, ...] = tuple(getattr(predictor, "prompts", ()))
        if self.takes not in ("image", "volume") or not set(self.prompts) <= set(PROMPTS):
            raise AssistantError(
                f"takes {self.takes!r} and {list(self.prompts)}, which are none of ours.",
                where=where,
                hint=f'takes: "image" or "volume"; prompts: {", ".join(PROMPTS)}.',
            )

    def __repr__(self) -> str:
        return f"Assistant({self.name!r}, version={self.version!r})"

    @property
    def version(self) -> str:
        """Which state of the model it is."""
        return self._version or str(getattr(self.predictor, "version", None) or "1")

    @property
    def batches(self) -> bool:
        """Whether it answers for many pictures at once."""
        return callable(getattr(self.predictor, "predict_batch", None))

    def predict(self, pixels: Pixels, prompt: Prompt | None, context: Context) -> Proposal:
        """Return what it proposes; as `propose`, so that an assistant is a `Predictor`, too."""
        return self.propose(pixels, prompt, context)

    def propose(
        self,
        pixels: Pixels,
        prompt: Prompt | None = None,
        context: Context | None = None,
        *,
        masks_as: str | None = None,
        timeout: float | None = None,
    ) -> Proposal:
        """Return what the model proposes for a picture or a scan, checked.

        Parameters
        ----------
        pixels
            (H, W) or (H, W, C); or a `Scan`, or (slices, rows, columns), where it takes volumes.
        prompt
            What was shown to it; None where it looks by itself.
        context
            Which item it is, and what may be labelled; None for anything.
        masks_as
            What masks become, whatever their class; see `Reading`.
        timeout
            Seconds that it may take; None is no limit.

        Returns
        -------
        Proposal
            With the name and the version of the model.

        Raises
        ------
        AssistantError
            If the model raises, takes too long, or answers with anything that cannot be drawn on
            the picture; it names the model and says why.
        """
        context = self._context(context)
        try:
            seen = self._seen(pixels)
            call = self._guarded(lambda: self.predictor.predict(seen, prompt, context))
            answer = within(call, timeout) if timeout is not None else self._settled(call())
            return self._read(answer, seen, context, self.version, masks_as)
        except LabelwidgetsError as error:
            raise self._named(error) from error.__cause__

    def propose_batch(
        self,
        pixels: Sequence[Pixels],
        contexts: Sequence[Context | None],
        *,
        timeout: float | None = None,
    ) -> list[Proposal | AssistantError]:
        """Return what the model proposes for each of several pictures, or what went wrong.

        Where it has no `predict_batch`, or that fails, each is asked about by itself, so that one
        bad picture spoils no other.

        Parameters
        ----------
        pixels, contexts
            As for `propose`, as many of each.
        timeout
            Seconds that each question may take; None is no limit.

        Raises
        ------
        ToolError
            If it was given up on.
        """
        told = [self._context(context) for context in contexts]
        answers = self._batch(pixels, told, timeout) if self.batches and len(pixels) > 1 else None
        # Of a large model to hash it takes a while: once for all.
        version = self.version if answers is not None else ""
        made: list[Proposal | AssistantError] = []
        for number, (one, context) in enumerate(zip(pixels, told, strict=True)):
            try:
                if answers is None:
                    made.append(self.propose(one, None, context, timeout=timeout))
                else:
                    made.append(self._read(answers[number], one, context, version))
            except LabelwidgetsError as error:
                if not still_wanted():
                    raise
                made.append(cast("AssistantError", self._named(error)))
        return made

    def _batch(
        self, pixels: Sequence[Pixels], told: Sequence[Context], timeout: float | None
    ) -> Sequence[Any] | None:
        """Return the answers to one question about all; None where that did not work."""
        try:
            seen = [self._seen(one) for one in pixels]
            predict_batch = self.predictor.predict_batch  # type: ignore[attr-defined]
            call = self._guarded(lambda: predict_batch(seen, told))
            answers = within(call, timeout) if timeout is not None else self._settled(call())
            answers = list(answers)
        except (LabelwidgetsError, TypeError):
            if not still_wanted():
                raise
            return None
        return answers if len(answers) == len(pixels) else None

    def prepare(self, pixels: Pixels) -> None:
        """Get ready for a picture; what goes wrong is said on use."""
        prepare = getattr(self.predictor, "prepare", None)
        if callable(prepare):
            settled(prepare(self._seen(pixels)))

    def close(self) -> None:
        """Let go of what the model holds, such as lines to a server."""
        close = getattr(self.predictor, "close", None)
        if callable(close):
            settled(close())

    def _context(self, context: Context | None) -> Context:
        context = context or Context()
        least = max(self.threshold, context.threshold)
        return context if least == context.threshold else context.changed(threshold=least)

    def _seen(self, pixels: Pixels) -> Pixels:
        """Return pixels of the kind that the model takes, which it cannot write into."""
        if self.takes == "volume":
            if isinstance(pixels, np.ndarray) and pixels.ndim == 3:
                return Scan.of(pixels)
            if not isinstance(pixels, Scan):
                raise AssistantError("looks at scans, and this is a picture.")
            return pixels
        if isinstance(pixels, Scan):
            raise AssistantError("looks at pictures, and this is a scan.")
        view: npt.NDArray[Any] = np.asarray(pixels).view()
        view.flags.writeable = False
        return view

    def _guarded(self, call: Callable[[], Any]) -> Callable[[], Any]:
        """Return a call whose errors are ours."""

        def guarded() -> Any:
            try:
                return call()
            except (Exception, SystemExit) as error:
                raise self._raised(error) from error

        return guarded

    def _settled(self, answer: Any) -> Any:
        try:
            return settled(answer)
        except (Exception, SystemExit) as error:
            raise self._raised(error) from error

    def _raised(self, error: BaseException) -> LabelwidgetsError:
        if isinstance(error, LabelwidgetsError):
            return error
        words = " ".join(str(error).split())[:300]
        return AssistantError(f"raised {type(error).__name__}{': ' if words else '.'}{words}")

    def _read(
        self,
        answer: Any,
        pixels: Pixels,
        context: Context,
        version: str,
        masks_as: str | None = None,
    ) -> Proposal:
        shape = pixels.shape if self.takes == "volume" else pixels.shape[:2]
        reading = Reading(
            shape=tuple(shape),
            names=self._names,
            context=context,
            coarseness=self.coarseness,
            masks_as=masks_as,
            grey=len(pixels.shape) == 2,
        )
        try:
            made = read_answer(answer, reading)
        except (Exception, SystemExit) as error:
            # An answer may run code of theirs: a generator, or what says that it is an array.
            raise self._raised(error) from error
        return made.of(self.name, version, context.parameters)

    def _named(self, error: LabelwidgetsError) -> LabelwidgetsError:
        """Return an error that says which model it was."""
        where = f"assistant {self.name!r}"
        if isinstance(error, GivenUpError | MissingExtraError):
            return error
        if error.where and error.where.startswith(where):
            return error
        made = error.at(where)
        if isinstance(made, AssistantError):
            return made
        return AssistantError(made.message, where=made.where, hint=made.hint)


def assistant(
    model: Any,
    *,
    name: str | None = None,
    version: str | None = None,
    classes: Classes | None = None,
    threshold: float = 0.0,
    coarseness: float = 1.0,
    **options: Any,
) -> Assistant:
    """Return a model as an assistant, whatever it is.

    Parameters
    ----------
    model
        A function from pixels to labels, sync or async. Pixels are a read-only array as the file
        has it: (H, W) of a grey picture, else (H, W, 3), or (H, W, 4) with alpha; mostly uint8,
        from 0 to 255, but also uint16 and float. Or anything with ``predict(pixels, prompt,
        context)`` (see `Predictor`); a PyTorch module; an estimator of scikit-learn; a session
        of ONNX Runtime; a pipeline of Hugging Face; an auto-annotation function of CVAT.
    name, version, classes, threshold, coarseness
        Of the `Assistant`.
    **options
        Of the adapter; see `labelwidgets.assist.adapters`.

    Returns
    -------
    Assistant
        To be given to `Project.predict`, a model stage, or `labelwidgets.assist.register`.

    Raises
    ------
    AssistantError
        If it is nothing that predicts, or an option is not one of its adapter's.
    MissingExtraError
        If a library that it needs is not installed.

    Examples
    --------
    >>> def bright(pixels):
    ...     grey = pixels if pixels.ndim == 2 else pixels[..., :3].mean(axis=-1)
    ...     return grey > 200
    >>> project.predict(lw.assistant(bright, classes=["lamp"]))
    """
    if isinstance(model, Assistant):
        raise AssistantError("is an assistant already.", where=f"assistant {model.name!r}")
    return Assistant(
        adapted(model, options),
        name=name,
        version=version,
        classes=classes,
        threshold=threshold,
        coarseness=coarseness,
    )
