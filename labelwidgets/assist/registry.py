"""The tools of this kernel: those that are built in, and those that people make."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

from labelwidgets.assist.assistants import Assistant, assistant
from labelwidgets.assist.predictors import Predictor
from labelwidgets.assist.tools import Tool
from labelwidgets.errors import ToolError

# By name, the module whose `TOOL` each is: loaded when it is used, or first shown.
BUILT_IN: dict[str, str] = {
    "superpixel": "labelwidgets.assist.superpixel",
    "wand": "labelwidgets.assist.wand",
    "grow": "labelwidgets.assist.grow",
    "grow_volume": "labelwidgets.assist.grow_volume",
    "seeds": "labelwidgets.assist.grow_seeds",
    "scribble": "labelwidgets.assist.scribble",
    "livewire": "labelwidgets.assist.livewire",
    "carry": "labelwidgets.assist.carry",
    "suggest_keyframes": "labelwidgets.assist.suggest_keyframes",
    "cuts": "labelwidgets.assist.cuts",
}

_made: dict[str, Tool] = {}
_observers: list[Callable[[], None]] = []
_lock = threading.Lock()


def register(made: Tool | Assistant | Predictor, **options: Any) -> Tool:
    """Put a tool, or an assistant, on the toolbars of this kernel, in place of one so called.

    Parameters
    ----------
    made
        What it is; what has ``predict(pixels, prompt, context)`` becomes an assistant.
    **options
        Of an assistant: ``label``, ``hint``, ``confidence`` (where the slider stands at first) and
        ``hotkey``, see `AssistantTool`.

    Raises
    ------
    ToolError
        If a built-in tool, or one of the browser, is called like this, or another tool has its
        hotkey.
    """
    if not isinstance(made, Tool | Assistant) and isinstance(made, Predictor):
        made = assistant(made)
    if isinstance(made, Assistant):
        from labelwidgets.assist.assistant_tool import AssistantTool

        made = AssistantTool(made, **options)
    if not isinstance(made, Tool):
        raise ToolError(
            f"must be a tool or an assistant, not {type(made).__name__}.",
            where="register",
            hint="Make one with @lw.tool or lw.assistant.",
        )
    if made.name in BUILT_IN or made.name in OF_THE_BROWSER:
        raise ToolError(
            "is the name of a tool that is built in.",
            where=f"tool {made.name!r}",
            hint='Give it another: @lw.tool(name="my_tool").',
        )
    with _lock:
        for other in _made.values():
            if made.hotkey and other.hotkey == made.hotkey and other.name != made.name:
                raise ToolError(
                    f"{made.hotkey} is already taken by the tool {other.name!r}.",
                    where=f"tool {made.name!r}, hotkey",
                    hint="Choose another, or unregister that one.",
                )
        _made[made.name] = made
        observers = list(_observers)
    for tell in observers:
        tell()
    return made


def unregister(name: str) -> None:
    """Take a tool of one's own off the toolbars; labels that it made stay.

    Raises
    ------
    ToolError
        If there is none of that name.
    """
    with _lock:
        if _made.pop(name, None) is None:
            raise ToolError("is not there.", where=f"tool {str(name)[:80]!r}")
        observers = list(_observers)
    for tell in observers:
        tell()


def find(name: str) -> Tool:
    """Return a tool by its name.

    Raises
    ------
    ToolError
        If there is none.
    """
    if name in BUILT_IN:
        made = import_module(BUILT_IN[name]).TOOL
        if isinstance(made, Tool):
            return made
    found = _made.get(name)
    if found is None:
        known = ", ".join(sorted([*BUILT_IN, *_made]))
        raise ToolError(
            "is not there.",
            where=f"tool {str(name)[:80]!r}",
            hint=f"Its cell may have to be run again. Tools in the kernel: {known or 'none'}.",
        )
    return found


def tools() -> list[Tool]:
    """Return all tools of the kernel, those that are built in first."""
    return [*(find(name) for name in BUILT_IN), *_made.values()]


def observe(tell: Callable[[], None]) -> Callable[[], None]:
    """Call back whenever the tools change; returns what ends it."""
    with _lock:
        _observers.append(tell)

    def end() -> None:
        with _lock:
            if tell in _observers:
                _observers.remove(tell)

    return end


# Names of the tools that work without the kernel: js/src/tools. A test holds this list to them.
OF_THE_BROWSER = frozenset(
    [
        "select",
        "rectangle",
        "ellipse",
        "polygon",
        "freehand",
        "sculptor",
        "split",
        "polyline",
        "livewire",
        "point",
        "keypoints",
        "cuboid",
        "brush",
        "eraser",
        "lasso",
        "fill",
        "superpixel",
        "threshold",
        "measure",
        "ruler",
        "angle",
        "bidirectional",
        "crosshair",
        "windowing",
        "magnify",
    ]
)
