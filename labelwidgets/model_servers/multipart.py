"""Replies of several parts, as RFC 2046 and RFC 7578 have them; a part is bytes and stays so."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

from labelwidgets.errors import AssistantError
from labelwidgets.numbered import numbered

MOST_PARTS = 64
# Of the headers of one part, in bytes.
_MOST_HEAD = 1 << 14


class Part(NamedTuple):
    """One part of a reply.

    Parameters
    ----------
    name, filename
        As its header has them; empty where it does not.
    kind
        Its content type, ``text/plain`` where it does not say.
    body
        Its bytes.
    """

    name: str
    filename: str
    kind: str
    body: bytes


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of a reply.

    Parameters
    ----------
    content_type
        With the boundary.
    body
        Of the reply.

    Raises
    ------
    AssistantError
        If there is no boundary, a part has no head or too long a one, there are more than
        `MOST_PARTS`, or the end is missing.
    """
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if not boundary or len(boundary) > 200:
        raise AssistantError("answered in parts, and does not say what is between them.")
    line = b"--" + boundary.encode("latin-1", "replace")
    at = 0 if body.startswith(line) else body.find(b"\r\n" + line)
    if at < 0:
        raise AssistantError("answered in parts, of which none is there.")
    at = at if at == 0 else at + 2
    parts: list[Part] = []
    while True:
        at += len(line)
        if body.startswith(b"--", at):
            return parts
        start = body.find(b"\r\n", at)
        end = body.find(b"\r\n" + line, max(start, 0))
        if start < 0 or end < 0:
            raise AssistantError(
                f"sent {numbered(len(parts), 'part')} and the beginning of another; the "
                "rest is missing.",
                hint="Did the server stop, or something between cut it short?",
            )
        if len(parts) == MOST_PARTS:
            raise AssistantError(f"answered in more than {MOST_PARTS} parts.")
        parts.append(_part(body, start + 2, end, len(parts)))
        at = end + 2


def _part(body: bytes, start: int, end: int, number: int) -> Part:
    """Return the part between two places, headers first."""
    if body.startswith(b"\r\n", start):
        head, begin = b"", start + 2
    else:
        gap = body.find(b"\r\n\r\n", start, min(end, start + _MOST_HEAD))
        if gap < 0:
            raise AssistantError("has no headers that end.", where=f"part {number}")
        head, begin = body[start:gap], gap + 4
    said = BytesHeaderParser().parsebytes(head)
    name = said.get_param("name", "", header="content-disposition")
    return Part(
        name if isinstance(name, str) else "",
        said.get_filename() or "",
        said.get_content_type(),
        body[begin:end],
    )
