"""The spellings of Google Cloud Storage."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from labelwidgets.media.clouds.keys import decoded

_BUCKET = r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"
_HOST = re.compile(
    r"(?:storage(?:-download)?\.googleapis|storage\.cloud\.google|commondatastorage\.googleapis)\.com"
)
_BUCKET_HOST = re.compile(rf"(?P<bucket>{_BUCKET})\.(?:storage|commondatastorage)\.googleapis\.com")
# The links of the JSON interface, in which the slashes of a name are encoded.
_JSON_HOST = re.compile(r"(?:storage|www)\.googleapis\.com")
_JSON_PATH = re.compile(r"/(?:download/)?storage/v1/b/(?P<bucket>[^/]+)/o/(?P<key>[^/]+)")
# What a console or a client adds, and which names no other object.
_ACCESSORIES = ("alt", "authuser")
# As gsutil and gcsfs write it: microseconds of the time it was made, in 16 digits.
_GENERATION = re.compile(r"#\d{10,20}$")


def from_web(host: str, path: str, query: str) -> str | None:
    """Return the canonical URL of what an https URL names, None where it is none."""
    generation = _generation(query)
    if generation is None:
        return None
    if _JSON_HOST.fullmatch(host) and (found := _JSON_PATH.fullmatch(path)):
        bucket, key = found["bucket"], decoded(found["key"])
    elif (found := _BUCKET_HOST.fullmatch(host)) is not None:
        bucket, key = found["bucket"], decoded(path[1:])
    elif _HOST.fullmatch(host):
        bucket, _, rest = path[1:].partition("/")
        key = decoded(rest)
        if not re.fullmatch(_BUCKET, bucket):
            return None
    else:
        return None
    if key is None or _GENERATION.search(key):
        return None
    return f"gs://{bucket}/{key}{generation}"


def is_versioned(url: str) -> bool:
    """Say whether a canonical URL names one generation of an object."""
    return _GENERATION.search(url) is not None


def without_version(url: str) -> str:
    """Return a canonical URL without the generation of the object."""
    return _GENERATION.sub("", url)


def _generation(query: str) -> str | None:
    """Return ``#GENERATION``, empty for none, None if the query says something else."""
    generation = ""
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "generation" and re.fullmatch(r"\d{10,20}", value):
            generation = f"#{value}"
        elif name not in _ACCESSORIES:
            return None
    return generation
