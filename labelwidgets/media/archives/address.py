"""How a member of an archive is named: ``zip://MEMBER::ARCHIVE``, in the notation of fsspec."""

from __future__ import annotations

import re
from typing import NamedTuple

from labelwidgets.errors import SourceError

KINDS = ("zip", "tar", "gzip")
_CHAIN = re.compile(rf"({'|'.join(KINDS)})://(.*?)::(.*)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(rf"({'|'.join(KINDS)})://", re.IGNORECASE)


class Address(NamedTuple):
    """A member, or a folder or pattern of members, of an archive at a URL."""

    kind: str
    member: str
    archive: str

    @property
    def url(self) -> str:
        """As one URL."""
        return f"{self.kind}://{self.member}::{self.archive}"


def address_of(url: str) -> Address | None:
    """Return what a URL names in an archive, None if it names none.

    Parameters
    ----------
    url
        A URL. What stands before its first ``::`` is the member.

    Raises
    ------
    SourceError
        If it names no archive, or an archive within an archive.
    """
    if not _SCHEME.match(url):
        return None
    found = _CHAIN.fullmatch(url)
    if found is None or not found[3]:
        raise SourceError(
            "names no archive.", where=url[:300], hint="Write zip://MEMBER::PATH-OF-THE-ARCHIVE."
        )
    if _SCHEME.match(found[3]):
        raise SourceError(
            "is an archive within an archive, which is not opened.",
            where=url[:300],
            hint="Unpack the outer one.",
        )
    return Address(found[1].lower(), found[2].strip("/"), found[3])


def archive_kind(name: str) -> str | None:
    """Return which kind of archive a file is by the end of its name, None if it is none."""
    lower = name.lower()
    if lower.endswith(".zip"):
        return "zip"
    if lower.endswith((".tar", ".tar.gz", ".tgz")):
        return "tar"
    return "gzip" if lower.endswith(".gz") else None
