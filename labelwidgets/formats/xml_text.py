"""Text and attributes as XML has them, with nothing in them that can leave their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 has no place for.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def attributes_of(said: Mapping[str, str]) -> str:
    """Return attributes as they stand after the name of an element, a space before each."""
    return "".join(f" {key}={quoted(value)}" for key, value in said.items())


def quoted(text: str) -> str:
    """Return the value of an attribute with its quotes."""
    return quoteattr(_ILLEGAL.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def clean(text: str) -> str:
    """Return text as it stands between tags."""
    return escape(_ILLEGAL.sub("\ufffd", text), {"\r": "&#13;"})
