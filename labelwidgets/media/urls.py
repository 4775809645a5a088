"""One spelling for every place a file can lie in."""

from __future__ import annotations

import hashlib
import os
import re
from os import PathLike
from urllib.parse import unquote, urlsplit

from labelwidgets.errors import SourceError
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.clouds import azure, gcs, s3
from labelwidgets.media.clouds.keys import climbs
from labelwidgets.media.signatures import is_signed, masked, unsigned
from labelwidgets.media.video.address import frames_of
from labelwidgets.media.web_urls import web_url

__all__ = ["canonical_url", "file_name", "is_local", "masked", "unsigned_url", "url_id"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Where two colons are part of an address.
_IPV6 = re.compile(r"(?<=://)\[[0-9A-Fa-f:.]*\]")
_WEB = ("http", "https", "dicomweb")
_SAME = {
    "s3a": "s3",
    "s3n": "s3",
    "gcs": "gs",
    "az": "abfs",
    "abfss": "abfs",
    "wasb": "abfs",
    "wasbs": "abfs",
}
_CLOUDS = {"s3": s3, "gs": gcs, "abfs": azure}


def is_local(url: str) -> bool:
    """Say whether a canonical URL is a path of this machine."""
    return "://" not in url


def canonical_url(url: str | PathLike[str]) -> str:
    """Return the one spelling of a path or URL by which labelwidgets knows it.

    Objects of the clouds have one URL, however they are spelled: ``s3://BUCKET/KEY``,
    ``s3://ARN-OF-AN-ACCESS-POINT/KEY``, ``gs://BUCKET/KEY`` and
    ``abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY``, with names as the store knows them,
    not percent-encoded, and a version as s3fs, gcsfs and adlfs write it. A URL that carries
    its own signature stays as it is, and so do those of servers that speak S3 elsewhere
    (Open Telekom Cloud OBS, Amazon in China): ``s3://`` has no room for their address.

    Parameters
    ----------
    url
        A local path (relative, with ``~``, a Path, ``file://`` or ``local://``),
        any URL that fsspec can open, an ARN with the name of an object, a member of an
        archive as ``zip://MEMBER::ARCHIVE`` (also ``tar`` and ``gzip``), or frames of a video as
        ``frames://120::VIDEO`` or ``frames://100-199::VIDEO``.

    Returns
    -------
    str
        The absolute path for a local file, with ``..`` resolved and links kept; else the URL,
        for http, https and dicomweb as `web_url` spells it.

    Raises
    ------
    SourceError
        If it is empty, holds control characters or a name that is not Unicode, is
        a chain of several URLs (``::``), carries a user name and password, or names an object
        with ``.`` or ``..`` between its slashes.
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
    if (frames := frames_of(text)) is not None:
        return frames._replace(video=canonical_url(frames.video)).url
    address = address_of(text)
    if address is not None:
        return address._replace(archive=canonical_url(address.archive)).url
    if (arn := s3.from_arn(text)) is not None:
        return _named(arn, where)
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
    if name in _WEB:
        return _web(f"{name}://{rest}", where)
    if name == "abfs":
        own = azure.from_own(rest)
        if own is None:
            raise SourceError("names no account of Azure.", where=where)
        return _named(own, where)
    found = f"{name}://{rest}"
    return _named(found, where) if name in _CLOUDS else found


def url_id(url: str) -> str:
    """Return the stable identifier of a canonical URL, or of several, a line each.

    The first 16 hexadecimal digits of the SHA-256 of the URL. The parameters that sign a URL
    are left out, so that signing anew keeps the identifier, and it is that of the same object
    without a signature.
    """
    plain = "\n".join(unsigned_url(line) for line in url.split("\n"))
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def file_name(url: str) -> str:
    """Return the last part of a canonical URL, without a query."""
    if (frames := frames_of(url)) is not None:
        return file_name(frames.video)
    if (address := address_of(url)) is not None:
        return address.member.rpartition("/")[2]
    scheme = _SCHEME.match(url)
    path = url
    if scheme and scheme[1] in _WEB:
        path = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    elif scheme and scheme[1] in _CLOUDS:
        path = _CLOUDS[scheme[1]].without_version(url)
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


def _named(url: str, where: str) -> str:
    """Return the canonical URL of an object, if every client asks for just that one by it."""
    if climbs(url.partition("://")[2]):
        raise SourceError(
            "has . or .. between its slashes, by which clients may reach another object.",
            where=where,
            hint="Rename the object.",
        )
    return url


def _web(url: str, where: str) -> str:
    parts = web_url(url, where)
    if parts.scheme != "dicomweb" and not is_signed(parts.query):
        for cloud in _CLOUDS.values():
            found = cloud.from_web(parts.netloc, parts.path, parts.query)
            if found is not None:
                return _named(found, where)
    return parts.geturl()


def unsigned_url(url: str) -> str:
    """Return the canonical URL of what a canonical URL names, without signature and token."""
    if (frames := frames_of(url)) is not None:
        return frames._replace(video=unsigned_url(frames.video)).url
    if (address := address_of(url)) is not None:
        return address._replace(archive=unsigned_url(address.archive)).url
    if is_local(url) or url.partition("://")[0] in _CLOUDS:
        return url  # A question mark is part of a name there.
    plain = unsigned(url)
    # Without its signature it is the URL of a store.
    return canonical_url(plain) if plain != url else url
