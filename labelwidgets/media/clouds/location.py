"""Where fsspec finds what a canonical URL names, and with which options."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from labelwidgets.media.clouds import azure, gcs, s3

# Options of s3fs by which somebody says who they are, or that they are nobody.
IDENTITY = ("key", "secret", "profile", "session", "anon", "username", "password")
# Options of adlfs that belong to one account.
_OF_ACCOUNT = ("connection_string", "account_key", "sas_token", "account_host")
_ACCOUNT_NAME = re.compile(r"(?i)(?:^|;)\s*AccountName=([^;]*)")
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "s3": ("s3", "s3a"),
    "gs": ("gs", "gcs"),
    "abfs": ("abfs", "az", "abfss"),
    "http": ("http", "https"),
    "https": ("https", "http"),
    "dicomweb": ("dicomweb",),
}
"""The names under which options for a protocol may be given."""


@dataclass(frozen=True, slots=True)
class Location:
    """A file, folder or pattern in a file system of fsspec.

    Parameters
    ----------
    protocol
        As fsspec names it.
    path
        In the file system, as that names it.
    options
        Of the file system.
    url_of
        Returns the URL of another path of the same file system, as a listing gives it.
    """

    protocol: str
    path: str
    options: Mapping[str, Any]
    url_of: Callable[[str], str]


def location_of(
    url: str, options_for: Callable[[str], Mapping[str, Any]], trusted: bool = True
) -> Location | None:
    """Return where a canonical URL of a cloud or of the web lies, None for other protocols.

    A pure function. What a URL says of its server (account, endpoint, region) comes from the
    strict patterns of `s3` and `azure`, or else from the author's options; so that no data
    file sends signed requests to a server of its choice.

    Parameters
    ----------
    url
        Canonical.
    options_for
        Returns the author's options for a protocol.
    trusted
        Whether the author named it: what a data file named gets no credentials of an account of
        Azure that the options do not name.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "s3":
        own = dict(options_for("s3"))
        if s3.is_versioned(url):
            own["version_aware"] = True
        return Location("s3", rest, own, lambda path: f"s3://{path}")
    if scheme == "gs":
        own = dict(options_for("gs"))
        if gcs.is_versioned(url):
            own["version_aware"] = True
        return Location("gs", rest, own, lambda path: f"gs://{path}")
    if scheme == "abfs":
        blob = azure.blob_of(url)
        own = _of_account(blob, options_for("abfs"), trusted)
        if azure.is_versioned(url):
            own["version_aware"] = True
        return Location("abfs", blob.path, own, lambda path: azure.url_of(path, blob))
    if scheme in ("http", "https"):
        parts = urlsplit(url)
        endpoint = s3.endpoint_of(parts.netloc, parts.path) if not parts.query else None
        if endpoint is not None:
            own = dict(options_for("s3"))
            if any(own.get(name) for name in IDENTITY):
                return _elsewhere(endpoint, own)
        return Location(scheme, url, dict(options_for(scheme)), lambda path: path)
    return None


def _elsewhere(endpoint: s3.Endpoint, options: Mapping[str, Any]) -> Location:
    # With a dot in its name, no certificate for *.host is one for the bucket's host.
    style = "path" if "." in endpoint.bucket else "virtual"
    config = {
        # Checksums that came in 2025, which other servers may refuse.
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "s3": {"addressing_style": style},
    }
    own = {
        "endpoint_url": f"https://{endpoint.host}",
        **options,
        "client_kwargs": {"region_name": endpoint.region, **options.get("client_kwargs", {})},
        "config_kwargs": {**config, **options.get("config_kwargs", {})},
    }

    def url_of(path: str) -> str:
        bucket, _, key = path.partition("/")
        return s3.web_url(endpoint._replace(bucket=bucket, key=key))

    return Location("s3", f"{endpoint.bucket}/{endpoint.key}", own, url_of)


def _of_account(blob: azure.Blob, options: Mapping[str, Any], trusted: bool) -> dict[str, Any]:
    own = dict(options)
    if not blob.account:
        return own
    named = own.get("account_name")
    connection = own.get("connection_string")
    if isinstance(connection, str) and (found := _ACCOUNT_NAME.search(connection)):
        named = found[1]
    if named != blob.account and (named is not None or not trusted):
        # Those are for another account, and adlfs would look there. A data file may name any.
        for name in _OF_ACCOUNT:
            own.pop(name, None)
    own["account_name"] = blob.account
    if blob.cloud != "core.windows.net":
        own.setdefault("account_host", f"{blob.account}.blob.{blob.cloud}")
    return own
