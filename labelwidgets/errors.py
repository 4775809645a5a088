"""The errors that labelwidgets raises for bad input and broken surroundings.

Every one says *where* (a file, a row, a field), *what* is wrong and *how* to
mend it, and every one is a `LabelwidgetsError`, so that a notebook can catch
the family.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from traceback import format_exception
from types import TracebackType

# Below these lies no code of the person who reads a trace.
_NOT_THEIRS = tuple(
    os.path.join(folder, "")
    for folder in (
        os.path.dirname(os.path.abspath(__file__)),
        *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
    )
)


class LabelwidgetsError(Exception):
    """Base of all errors raised on purpose by labelwidgets.

    Parameters
    ----------
    message
        What is wrong, in one sentence.
    where
        The file, URL, row, record or field that is wrong.
    hint
        What to do about it.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message = message
        self.where = where
        self.hint = hint
        super().__init__(message, where, hint)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.where, self.hint))

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows: the trace as far as the caller's own code.

        What follows are our calls, a screen of them for a name that was misspelt, while the
        message says what to do. ``%xmode Verbose`` shows all.
        """
        # Who calls is there already.
        asking = sys.modules.get("IPython")
        shell = asking and asking.get_ipython()
        if shell is None:
            return format_exception(self)
        shown = shell.InteractiveTB
        trace = self.__traceback__ if shown.mode == "Verbose" else _theirs(self.__traceback__)
        lines: list[str] = shown.structured_traceback(type(self), self, trace)
        return lines

    def at(self, where: str) -> LabelwidgetsError:
        """Return the same error with `where` put before its own place."""
        place = f"{where}, {self.where}" if self.where else where
        return _rebuild(type(self), self.message, place, self.hint)


def _theirs(trace: TracebackType | None) -> TracebackType | None:
    """Return a trace without what follows its last line of code that is the caller's own."""
    entries: list[TracebackType] = []
    length = 0
    entry = trace
    while entry is not None:
        entries.append(entry)
        if not os.path.abspath(entry.tb_frame.f_code.co_filename).startswith(_NOT_THEIRS):
            length = len(entries)
        entry = entry.tb_next
    if length == 0:
        return trace
    kept: TracebackType | None = None
    for entry in reversed(entries[:length]):
        kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _rebuild(
    kind: type[LabelwidgetsError], message: str, where: str | None, hint: str | None
) -> LabelwidgetsError:
    return kind(message, where=where, hint=hint)


class SchemaError(LabelwidgetsError, ValueError):
    """A label, a class or an ontology breaks the rules of the schema."""


class GeometryError(SchemaError):
    """A shape has impossible coordinates."""


class OntologyError(SchemaError):
    """An ontology contradicts itself, or a label does not fit it."""


class SourceError(LabelwidgetsError, OSError):
    """Data could not be found or read."""

    def __str__(self) -> str:
        return LabelwidgetsError.__str__(self)


class MissingFileError(SourceError):
    """A file does not exist."""


class ImageError(SourceError):
    """A file is not an image that can be decoded."""


class GivenUpError(LabelwidgetsError):
    """Something was cancelled before it was done."""


class LimitError(LabelwidgetsError, ValueError):
    """Input is larger than the limits allow."""


class StoreError(LabelwidgetsError):
    """The task store cannot do what was asked."""


class StoreLockedError(StoreError):
    """Another process holds the store for longer than we may wait."""


class StoreUnreachableError(StoreError):
    """The server of the store does not answer, or lets nobody in."""


class StoreReadOnlyError(StoreError):
    """The store cannot be written."""


class StoreFullError(StoreError):
    """The disk under the store is full."""


class StoreVersionError(StoreError):
    """The store was written by a newer version of labelwidgets."""


class NotAStoreError(StoreError):
    """The file or URL is not a labelwidgets store."""


class ConflictError(StoreError):
    """An edit was made against a revision that is no longer current."""


class WorkflowError(LabelwidgetsError):
    """A task cannot make the move that was asked of it."""


class RightsError(WorkflowError):
    """Somebody is none of the people of a project, or asks for what their role may not do."""


class StoreForbiddenError(StoreError, RightsError):
    """The database does not let this login do that; the text says who may."""


class ToolError(LabelwidgetsError):
    """A tool cannot be used as it is, or failed at its work."""


class AssistantError(ToolError):
    """A model cannot be used as it is, failed, or answered with what is no label."""


class FormatError(LabelwidgetsError, ValueError):
    """A label file is malformed or does not fit the project."""


class LinkError(LabelwidgetsError, ValueError):
    """A message from the browser is malformed or forged."""


class MissingExtraError(LabelwidgetsError, ImportError):
    """An optional dependency is not installed."""

    def __str__(self) -> str:
        return LabelwidgetsError.__str__(self)
