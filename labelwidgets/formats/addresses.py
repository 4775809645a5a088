"""Addresses that a file names: taken apart, whatever they are."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address; one that is none, such as ``http://[::1``, is all path."""
    try:
        return urlsplit(address)
    except ValueError:
        path = address.partition("#")[0].partition("?")[0]
        return SplitResult("", "", path, "", "")
