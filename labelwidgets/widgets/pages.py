"""The pages that show one widget, as the kernel speaks to them: what is told, all of them hear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from labelwidgets.errors import LabelwidgetsError

Send: TypeAlias = Callable[[dict[str, Any], list[bytes]], None]


class Pages:
    """Everyone who looks at one widget.

    Parameters
    ----------
    send
        Sends content and binary buffers to every page that shows the widget.
    """

    def __init__(self, send: Send) -> None:
        self._send = send

    def tell(self, content: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Tell all pages."""
        self._send(content, list(buffers))

    def fail(self, request: int | None, error: Exception) -> None:
        """Tell what became of a request, None for one that wants no answer: it failed."""
        content = {"kind": type(error).__name__, "message": words_of(error)}
        self.tell({"type": "failed", "request": request, "error": content})


def words_of(error: Exception) -> str:
    """Return what a person should read; surprises are named, not spelled out."""
    if isinstance(error, LabelwidgetsError):
        return str(error)
    return f"Something went wrong in the kernel ({type(error).__name__}); its log says more."
