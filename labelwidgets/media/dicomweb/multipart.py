"""Taking apart what a server answers with several parts in (RFC 2046, section 5.1)."""

from __future__ import annotations

import re

from labelwidgets.errors import SourceError

MOST_PARTS = 100_000
_BOUNDARY = re.compile(r"""(?i);\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))""")


def parts_of(body: bytes, content_type: str, where: str) -> list[bytes]:
    """Return the contents of the parts of a ``multipart/related`` body; of another the whole.

    Parameters
    ----------
    body
        As it came.
    content_type
        The header that came with it.
    where
        The name that errors give to it.

    Raises
    ------
    SourceError
        If it has no boundary, is cut short, or has too many parts.
    """
    if not content_type.lower().lstrip().startswith("multipart/"):
        return [body]
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise SourceError("came in parts without a boundary between them.", where=where)
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    position = 0 if body.startswith(mark) else body.find(b"\r\n" + mark) + 2
    parts: list[bytes] = []
    while position >= 0 and body.startswith(mark, position):
        if body.startswith(b"--", position + len(mark)):
            return parts
        begin = body.find(b"\r\n\r\n", position)
        # The mark stands on a line of its own: in coded pixels it may occur by chance.
        end = body.find(b"\r\n" + mark, begin + 2) if begin >= 0 else -1
        if end < 0:
            break
        parts.append(body[begin + 4 : end] if end > begin + 2 else b"")
        if len(parts) > MOST_PARTS:
            raise SourceError(f"came in more than {MOST_PARTS} parts.", where=where)
        position = end + 2
    raise SourceError("came cut short: the mark at its end is missing.", where=where)
