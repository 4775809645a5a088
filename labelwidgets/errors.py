"""The errors that labelwidgets raises for bad input and broken surroundings.

Every one says *where* (a file, a row, a field), *what* is wrong and *how* to
mend it, and every one is a `LabelwidgetsError`, so that a notebook can catch
the family.
"""

from __future__ import annotations


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

    def at(self, where: str) -> LabelwidgetsError:
        """Return the same error with `where` put before its own place."""
        place = f"{where}, {self.where}" if self.where else where
        return _rebuild(type(self), self.message, place, self.hint)


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


class ToolError(LabelwidgetsError):
    """A tool cannot be used as it is, or failed at its work."""


class FormatError(LabelwidgetsError, ValueError):
    """A label file is malformed or does not fit the project."""


class LinkError(LabelwidgetsError, ValueError):
    """A message from the browser is malformed or forged."""


class MissingExtraError(LabelwidgetsError, ImportError):
    """An optional dependency is not installed."""

    def __str__(self) -> str:
        return LabelwidgetsError.__str__(self)
