"""XML in pieces: elements one after the other, without entities and within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from labelwidgets.errors import FormatError, LimitError

MAX_BYTES = 1 << 32
_PIECE = 1 << 18
# Of an element of a track: noise over a mask has some megabytes.
MAX_TEXT = 1 << 26
_DEEP = 16
# How many elements a track, or what comes before the first, may have.
MAX_ELEMENTS = 4_000_000


@dataclass
class Element:
    """An element, with its line in the file."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find(self, *names: str) -> Element | None:
        """Return the first element down a path, None where there is none."""
        found: Element | None = self
        for name in names:
            inside = found.children if found is not None else []
            found = next((one for one in inside if one.name == name), None)
        return found

    def said(self, *names: str) -> str:
        """Return the text of the element down a path, empty where there is none."""
        found = self.find(*names)
        return found.text.strip() if found is not None else ""


def elements(file: IO[bytes], where: str) -> Iterator[Element]:
    """Return the elements directly under the root, each once it is complete.

    The first one is the root itself, as far as it is known at its beginning.

    Raises
    ------
    FormatError
        If it is no XML, or declares a document type or entities.
    LimitError
        If it is too large or nested too deeply.
    """
    reader = _Reader(where)
    total = 0
    while True:
        piece = file.read(_PIECE)
        total += len(piece)
        if total > MAX_BYTES:
            raise LimitError(f"has more than {MAX_BYTES} bytes.", where=where)
        reader.feed(piece)
        yield from reader.taken()
        if not piece:
            return


class _Reader:
    """One reading of one file."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._open: list[Element] = []
        self._done: list[Element] = []
        self._count = 0
        self._error: Exception | None = None
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        self._parser = parser

    def feed(self, piece: bytes) -> None:
        """Parse a piece; an empty one is the end."""
        try:
            self._parser.Parse(piece, not piece)
        except expat.ExpatError as error:
            line = getattr(error, "lineno", 0)
            raise FormatError(
                f"is no XML ({expat.ErrorString(error.code)}).",
                where=f"{self._where}, line {line}",
                hint="Is the file complete? Fetch or export it again.",
            ) from None
        except (UnicodeError, ValueError, LookupError) as error:
            if isinstance(error, FormatError | LimitError):
                raise
            raise FormatError(
                "is in an encoding that is not known.", where=self._where, hint="Save it as UTF-8."
            ) from None

    def taken(self) -> list[Element]:
        """Return what is complete, and forget it."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_: Any) -> int:
        raise FormatError(
            "declares a document type or entities, which are not read.",
            where=f"{self._where}, line {self._parser.CurrentLineNumber}",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEP:
            raise LimitError("is nested too deeply.", where=self._where)
        made = Element(name, attributes, self._parser.CurrentLineNumber)
        if not self._open:
            self._done.append(Element(name, attributes, made.line))
        elif len(self._open) > 1:
            self._count += 1
            if self._count > MAX_ELEMENTS:
                raise LimitError(
                    f"has more than {MAX_ELEMENTS} elements in one.",
                    where=f"{self._where}, line {made.line}",
                )
            self._open[-1].children.append(made)
        self._open.append(made)

    def _end(self, name: str) -> None:
        made = self._open.pop()
        if len(self._open) == 1:
            self._done.append(made)
            self._count = 0

    def _text(self, text: str) -> None:
        if not self._open:
            return
        made = self._open[-1]
        if len(made.text) + len(text) > MAX_TEXT:
            raise LimitError(
                f"has more than {MAX_TEXT} characters.", where=f"{self._where}, line {made.line}"
            )
        if len(self._open) > 1:
            made.text += text
