"""An assistant on the toolbar: it proposes for the picture that is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
import numpy.typing as npt

from labelwidgets.assist.assistants import Assistant
from labelwidgets.assist.context import Context
from labelwidgets.assist.parameters import Parameter
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.results import Proposal, Proposed
from labelwidgets.assist.tools import PromptKind, Tool
from labelwidgets.errors import AssistantError
from labelwidgets.media.film import Film
from labelwidgets.media.scan import Scan

CONFIDENCE: Final = "confidence"
_SHOWN = {
    "clicks": "click on what is meant",
    "box": "drag a box around it",
    "scribbles": "draw on it",
}
_BOTH = "with Shift draw on it"
# What shapes of models can be.
_MAKES = ("mask", "polygon", "rectangle", "ellipse", "polyline", "point", "keypoints", "tag")


class AssistantTool(Tool):
    """A tool that asks an assistant.

    What it proposes has classes and confidences of its own. The slider hides what is less sure; it
    is the browser's, and asks nothing anew.

    Parameters
    ----------
    assistant
        Whom it asks.
    label
        What people call it; else its name.
    hint
        One sentence on how to use it.
    confidence
        Where the slider stands at first.
    hotkey
        Takes the tool; see `Tool`.

    Raises
    ------
    ToolError
        If the texts cannot be shown.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        label: str | None = None,
        hint: str | None = None,
        confidence: float = 0.5,
        hotkey: str | None = None,
        context: Callable[[], Context] = Context,
    ) -> None:
        self.assistant = assistant
        self._given: dict[str, Any] = {
            "label": label,
            "hint": hint,
            "confidence": confidence,
            "hotkey": hotkey,
        }
        self._context = context
        if not 0 <= confidence <= 1:
            raise AssistantError("must be from 0 to 1.", where="confidence")

        def propose() -> None:
            """See `AssistantTool.propose`."""

        super().__init__(
            propose,
            name=tool_name(assistant.name),
            label=label or assistant.name.replace("_", " "),
            hint=hint or self._hint(),
            version=assistant.version,
            makes=("volumemask", "tag") if assistant.takes == "volume" else _MAKES,
            hotkey=hotkey,
        )
        self.prompts: tuple[PromptKind, ...] = tuple(
            kind for kind in ("clicks", "box", "scribbles") if kind in assistant.prompts
        )
        self.parameters = {
            CONFIDENCE: Parameter(
                "number",
                CONFIDENCE,
                "Confidence",
                float(confidence),
                min=0.0,
                max=1.0,
                step=0.01,
                keys="fineness",
            )
        }

    @property
    def takes_volume(self) -> bool:
        """Whether it sees scans, not pictures."""
        return self.assistant.takes == "volume"

    def told(self, context: Callable[[], Context]) -> AssistantTool:
        """Return the same tool, which tells its assistant what `context` returns when it asks."""
        return AssistantTool(self.assistant, context=context, **self._given)

    def cornered(self, corner: tuple[int, int]) -> AssistantTool:
        """Return the same tool, which tells its assistant where the pixels lie in the picture."""
        context = self._context
        return self.told(lambda: context().changed(corner=corner))

    def propose(
        self,
        image: npt.NDArray[Any] | Scan | Film,
        prompt: Prompt | None = None,
        parameters: Mapping[str, Any] | None = None,
        geometry: str = "mask",
        *,
        spacing: tuple[float, float] | None = None,
    ) -> Proposal:
        """Ask the assistant; see `Tool.propose` and `Assistant.propose`."""
        if isinstance(image, Film):
            raise AssistantError("looks at pictures.", where=f"assistant {self.assistant.name!r}")
        context = self._context()
        if isinstance(image, Scan):
            context = context.changed(spacing=image.spacing)
        elif spacing is not None:
            context = context.changed(spacing=spacing)
        shown = prompt if self.prompts else None
        made = self.assistant.propose(image, shown, context)
        return _shown(made)

    def prepare(self, image: npt.NDArray[Any] | Scan | Film) -> None:
        """Let the assistant get ready for a picture; what goes wrong is said on use."""
        if not isinstance(image, Film):
            self.assistant.prepare(image)

    def spec(self) -> dict[str, Any]:
        """Return what the browser needs to show the tool."""
        return {**super().spec(), "model": True}

    def _hint(self) -> str:
        if not self.assistant.prompts:
            return "Enter or a click on the picture asks the model."
        shown = [words for kind, words in _SHOWN.items() if kind in self.assistant.prompts]
        if {"box", "scribbles"} <= set(self.assistant.prompts):
            shown[-1] = _BOTH
        said = "; or ".join(shown)
        # A box has no Alt.
        alt = "" if shown == [_SHOWN["box"]] else " With Alt: what is not meant."
        return f"{said[:1].upper()}{said[1:]}.{alt}"


def tool_name(name: str) -> str:
    """Return the name of an assistant as that of a tool: lower-case letters, digits and _."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return (plain if plain[:1].isalpha() else f"model_{plain}")[:40].rstrip("_")


def _shown(made: Proposal) -> Proposal:
    """Return what a page is shown: each answer about the picture by itself, to be taken alone."""
    shown: list[Proposed] = []
    for one in made.shapes:
        if one.class_name is None and one.attributes:
            shown += [
                Proposed(one.geometry, None, one.confidence, {question: said})
                for question, said in one.attributes.items()
            ]
        else:
            shown.append(one)
    parameters = {name: value for name, value in made.parameters.items() if name != CONFIDENCE}
    return msgspec.structs.replace(made, shapes=shown, parameters=parameters)
