"""One spelling for the URLs of the web (RFC 3986, section 6.2)."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urlsplit

from labelwidgets.errors import SourceError

PORTS = {"http": 80, "https": 443}
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOT = re.compile(r"%2[eE]")
# What may stand in a path and a query as it is; brackets are patterns to whoever lists.
_PATH = "/%:@!$&'()*+,;=~[]"
_QUERY = _PATH + "?"


def web_url(url: str, where: str) -> SplitResult:
    """Return the parts of the one spelling of a URL with a host.

    Scheme and host are in lower case, the host in ASCII, the port of the scheme and the
    fragment left out, ``.`` and ``..`` resolved also where they are percent-encoded, and what
    may not stand in a URL is percent-encoded; the rest of the encoding is kept as it is.

    Raises
    ------
    SourceError
        If its host or port is wrong.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if host and not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:
        # The words of the error may quote a password, which a slash in it makes a port.
        raise SourceError("is not a URL: its host or its port is wrong.", where=where) from None
    if not host:
        raise SourceError("names no host.", where=where)
    host = f"[{host}]" if ":" in host else host
    if port is not None and port != PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    path = _without_dots(_DOT.sub(".", parts.path)) or "/"
    return SplitResult(parts.scheme, host, _quoted(path, _PATH), _quoted(parts.query, _QUERY), "")


def _quoted(text: str, safe: str) -> str:
    return quote(_BAD_PERCENT.sub("%25", text), safe=safe)


def _without_dots(path: str) -> str:
    """Return a path with its dot segments removed (RFC 3986, section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    parts = path.split("/")
    for part in parts:
        if part == "..":
            if len(kept) > 1:
                kept.pop()
        elif part != ".":
            kept.append(part)
    if parts[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
