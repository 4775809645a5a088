"""What a URL that stands inside a data file may name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any
from urllib.parse import urlsplit

from labelwidgets.errors import SourceError
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.network.addresses import is_public, literal
from labelwidgets.media.urls import canonical_url, is_local, masked
from labelwidgets.media.video.address import frames_of

SCHEMES = ("s3", "gs", "abfs", "http", "https", "dicomweb")
"""Where data files may point to, besides files of this machine."""
# Else it is a path; a colon alone may stand in the name of a file.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://|:)|arn:")
_WEB = ("http", "https", "dicomweb")


@dataclass(frozen=True, slots=True)
class UrlPolicy:
    """What a URL that stands inside a data file (a manifest, a CSV, a job) may name.

    What the author of a notebook names is trusted; what a file says is not. Such a URL is
    one of a few schemes, no chain, and reaches no machine of a private network and no file
    that it has no business with.

    Parameters
    ----------
    schemes
        Which schemes are allowed, of `SCHEMES`.
    roots
        Folders of this machine that local paths may lie in; none for no local path at all.
        None stands for the folder of the data file.
    allow_private
        Let http and https reach private and loopback addresses.
    login_hosts
        Hosts (such as ``"pacs.example.org"``, which stands for https, or ``"127.0.0.1:8042"``)
        to which the headers, cookies and logins of the storage options are sent when a data
        file names them; others are asked without.
    """

    schemes: tuple[str, ...] = SCHEMES
    roots: tuple[str, ...] | None = None
    allow_private: bool = False
    login_hosts: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        _texts("schemes", self.schemes)
        _texts("login_hosts", self.login_hosts)
        unknown = [name for name in self.schemes if name not in SCHEMES]
        if unknown:
            raise SourceError(
                f"must be of {', '.join(SCHEMES)}, not {unknown[0]!r:.80}.", where="policy, schemes"
            )
        if not isinstance(self.allow_private, bool):
            raise SourceError("must be True or False.", where="policy, allow_private")
        if self.roots is not None:
            # As they were meant where the policy was made, wherever the process goes later.
            _texts("roots", self.roots)
            roots = tuple(canonical_url(root) for root in self.roots)
            if not all(map(is_local, roots)):
                raise SourceError("must be folders of this machine.", where="policy, roots")
            object.__setattr__(self, "roots", roots)
        for name in ("schemes", "login_hosts"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> UrlPolicy:
        """Return the policy that `to_dict` wrote down.

        Raises
        ------
        SourceError
            Naming the field that is wrong.
        """
        known = ("schemes", "roots", "allow_private", "login_hosts")
        for name in values:
            if name not in known:
                raise SourceError(f"has no field {name!r:.80}.", where="policy")
        return cls(**{name: _tuple(value) for name, value in values.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return the policy as JSON can hold it; there is no secret in it."""
        return {
            "schemes": list(self.schemes),
            "roots": None if self.roots is None else list(self.roots),
            "allow_private": self.allow_private,
            "login_hosts": list(self.login_hosts),
        }

    def admit(self, text: str, beside: str | None = None) -> str:
        """Return the canonical URL of what a data file names, if that is allowed.

        Parameters
        ----------
        text
            What stands in the file: a URL, or a path of this machine. A relative path lies
            beside the data file.
        beside
            Canonical URL of the data file.

        Returns
        -------
        str
            The canonical URL; of a local file the path with links resolved, so that what was
            checked is what will be read.

        Raises
        ------
        SourceError
            If it is no URL, or one that a data file may not name. What names it says where.
        """
        if not isinstance(text, str):
            raise SourceError(f"must be a URL, not {type(text).__name__}.", where="url")
        where = masked(text)[:300]
        if not _URL.match(text):
            return self._beside(text, beside, where)
        if any(letter.isspace() for letter in text):
            raise SourceError(
                "contains white space.",
                where=where,
                hint="In an https URL, %20 stands for a space in the name of an object.",
            )
        url = canonical_url(text)
        if address_of(url) is not None or frames_of(url) is not None:
            raise SourceError(
                "is a chain of URLs (::), which a data file may not name.", where=where
            )
        return self._contained(url, beside, where) if is_local(url) else self.check(url)

    def check(self, url: str) -> str:
        """Return a canonical URL that a data file named, if it may be read.

        It is checked again before each reading: the file may be a link by now.

        Raises
        ------
        SourceError
            If it may not.
        """
        where = masked(url)[:300]
        if (frames := frames_of(url)) is not None:
            self.check(frames.video)
            return url
        if (address := address_of(url)) is not None:
            # It was found in an archive that the data file named.
            self.check(address.archive)
            return url
        if is_local(url):
            real = _real(url)
            if real != url:
                raise SourceError(
                    "leads through a link, which it did not when it was listed.", where=where
                )
            if self.roots is not None:
                _within(url, self.roots, where)
            return url
        scheme = url.partition("://")[0]
        if scheme not in self.schemes:
            raise SourceError(
                f"is of a scheme that a data file may not name ({scheme}).",
                where=where,
                hint=f"Allowed are {', '.join(self.schemes)}.",
            )
        if scheme in _WEB:
            self._check_host(url, where)
        return url

    def sends_login(self, url: str) -> bool:
        """Say whether the headers and logins of the storage options go to a URL of a data file."""
        parts = urlsplit(url)
        # A host alone stands for https at its own port.
        safe = parts.scheme != "http" or parts.port is not None
        return safe and parts.netloc in self.login_hosts

    def _check_host(self, url: str, where: str) -> None:
        try:
            address = literal(urlsplit(url).hostname or "")
        except ValueError:
            raise SourceError("names its host by an odd number.", where=where) from None
        if address is not None and not self.allow_private and not is_public(address):
            raise private(where)

    def _beside(self, text: str, beside: str | None, where: str) -> str:
        if not text.strip():
            raise SourceError("is empty.", where="url")
        if beside is not None and not is_local(beside):
            raise SourceError(
                "is no URL, and a path means nothing in a data file that lies elsewhere.",
                where=where,
            )
        if text.startswith("~"):
            raise SourceError("names a home folder.", where=where)
        folder = os.path.dirname(beside) if beside else os.curdir
        return self._contained(canonical_url(os.path.join(folder, text)), beside, where)

    def _contained(self, path: str, beside: str | None, where: str) -> str:
        roots = self.roots
        if roots is None:
            local = beside is not None and is_local(beside)
            roots = (os.path.dirname(beside),) if beside and local else ()
        real = _real(path)
        _within(real, roots, where)
        return real


def private(where: str) -> SourceError:
    """Return the error for a private address that a data file, or a redirect, leads to."""
    return SourceError(
        "leads to a private or local address.",
        where=where,
        hint="If you trust it, open with policy=UrlPolicy(allow_private=True).",
    )


def _within(real: str, roots: tuple[str, ...], where: str) -> None:
    for root in roots:
        whole = _real(root).rstrip("/") + "/"
        if real.startswith(whole):
            return
    raise SourceError(
        "lies outside the folders that a data file may name.",
        where=where,
        hint="Allow its folder with policy=UrlPolicy(roots=[...]).",
    )


def _real(path: str | PathLike[str]) -> str:
    return os.path.realpath(path).replace(os.sep, "/")


def _texts(name: str, values: Any) -> None:
    if not isinstance(values, list | tuple) or not all(
        isinstance(value, str | PathLike) for value in values
    ):
        raise SourceError("must be a list of texts.", where=f"policy, {name}")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
