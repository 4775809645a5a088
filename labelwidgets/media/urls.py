"""One spelling for every place a file can lie in."""

from __future__ import annotations

import hashlib
import os
import re
from os import PathLike
from urllib.parse import SplitResult, urlsplit

from labelwidgets.errors import SourceError
from labelwidgets.media.archives.address import address_of

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Also a password with a slash in it, where what follows the colon is no port.
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*:(?:[^/?#\s]*|(?!\d*(?:[/?#]|$))\S*)@")
# What proves a right in the query of a signed URL: never shown.
_SECRET = re.compile(
    r"(?i)([?&](?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid"
    r"|googleaccessid|signature|sig|token|access_token|api_key)=)[^&#\s]*"
)
# What changes when a URL is signed anew: S3, Google, Azure.
_SIGNING = re.compile(
    r"(?i)(?:x-(?:amz|goog)-[a-z-]+|awsaccesskeyid|googleaccessid|signature|sig)="
)
_WITH_SIGNATURE = re.compile(
    r"(?i)(?:expires|policy|key-pair-id|s[evprt]|spr|skoid|sktid|skt|ske|sks|skv)="
)
# Where two colons are part of an address.
_IPV6 = re.compile(r"(?<=://)\[[0-9A-Fa-f:.]*\]")
_WEB = {"http": 80, "https": 443}
_SAME = {"s3a": "s3", "gcs": "gs"}


def masked(text: str) -> str:
    """Return a text in which passwords and signatures of URLs are replaced by ``***``."""
    return _SECRET.sub(r"\1***", _USERINFO.sub("***@", text))


def is_local(url: str) -> bool:
    """Say whether a canonical URL is a path of this machine."""
    return "://" not in url


def canonical_url(url: str | PathLike[str]) -> str:
    """Return the one spelling of a path or URL by which labelwidgets knows it.

    Parameters
    ----------
    url
        A local path (relative, with ``~``, a Path, ``file://`` or ``local://``),
        any URL that fsspec can open, or a member of an archive as
        ``zip://MEMBER::ARCHIVE`` (also ``tar`` and ``gzip``).

    Returns
    -------
    str
        The absolute path for a local file, with ``..`` resolved and links kept;
        else the URL with its scheme (``s3a`` and ``gcs`` as ``s3`` and ``gs``)
        and, for http and https, its host in lower case, without the default port
        and the fragment. The rest of a URL, with its query, is kept as it is.

    Raises
    ------
    SourceError
        If it is empty, holds control characters or a name that is not Unicode, is
        a chain of several URLs (``::``), or carries a user name and password.
    """
    text = os.fspath(url) if isinstance(url, str | PathLike) else url
    if not isinstance(text, str):
        raise SourceError(f"must be a path or a URL, not {type(url).__name__}.", where="url")
    where = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", masked(text))[:300]
    if not text.strip():
        raise SourceError("is empty.", where="url", hint="Give a path or a URL.")
    if _CONTROL.search(text):
        raise SourceError("holds a control character, such as a line end.", where=where)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise SourceError(
            "is not Unicode text.", where=ascii(where), hint="Rename the file or folder."
        )
    address = address_of(text)
    if address is not None:
        return address._replace(archive=canonical_url(address.archive)).url
    if "::" in _IPV6.sub("", text):
        raise SourceError(
            "is a chain of URLs (::), which is not supported.",
            where=where,
            hint="Give the URL of the file itself.",
        )
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _local(text)
    name = _SAME.get(scheme[1].lower(), scheme[1].lower())
    rest = text[scheme.end() :]
    if name in ("file", "local"):
        return _local(rest)
    if not rest.strip("/"):
        raise SourceError("names no file.", where=where)
    _refuse_credentials(name, rest, where)
    return _web(f"{name}://{rest}", where) if name in _WEB else f"{name}://{rest}"


def url_id(url: str) -> str:
    """Return the stable identifier of a canonical URL.

    The first 16 hexadecimal digits of the SHA-256 of the URL. The parameters
    that sign a URL are left out, so that signing anew keeps the identifier.
    """
    base, _, query = url.partition("?")
    fields = query.split("&") if query else []
    kept = [field for field in fields if not _SIGNING.match(field)]
    if len(kept) < len(fields):
        kept = [field for field in kept if not _WITH_SIGNATURE.match(field)]
    plain = "?".join([base, "&".join(kept)]) if kept else base
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def file_name(url: str) -> str:
    """Return the last part of a canonical URL, without a query."""
    if (address := address_of(url)) is not None:
        return address.member.rpartition("/")[2]
    path = url
    if (scheme := _SCHEME.match(url)) and scheme[1] in _WEB:
        path = urlsplit(url).path
    return path.rstrip("/").rpartition("/")[2] or path


def _local(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path)).replace(os.sep, "/")


def _refuse_credentials(scheme: str, rest: str, where: str) -> None:
    user, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    if at and (":" in user or scheme in _WEB):
        raise SourceError(
            "carries a user name or password.",
            where=re.sub(r"://.*@", "://***@", where),
            hint="Leave it out of the URL and pass it as a storage option.",
        )


def _web(url: str, where: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        # The words of the error may quote a password, which a slash in it makes a port.
        raise SourceError("is not a URL: its host or its port is wrong.", where=where) from None
    if not host:
        raise SourceError("names no host.", where=where)
    host = f"[{host}]" if ":" in host else host
    if port is not None and port != _WEB[parts.scheme]:
        host = f"{host}:{port}"
    return SplitResult(parts.scheme, host, parts.path or "/", parts.query, "").geturl()
