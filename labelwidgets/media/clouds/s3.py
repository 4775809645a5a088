"""The spellings of Amazon S3, and of what speaks its language at a known address."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from labelwidgets.media.clouds.keys import decoded, encoded

_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_BUCKET = r"[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]"
# Virtual-hosted and path style; of the first years also s3-REGION, without a region, and
# s3-external-1; dual-stack, FIPS and accelerated ones.
_HOST = re.compile(
    rf"(?:(?P<bucket>{_BUCKET})\.)?s3(?:-fips)?"
    rf"(?:-external-1|-accelerate)?(?:\.dualstack)?(?:[.-]{_REGION})?\.amazonaws\.com"
)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
_POINT_HOST = re.compile(
    rf"(?P<name>[a-z0-9][a-z0-9-]{{1,48}}[a-z0-9])-(?P<account>\d{{12}})"
    rf"\.s3-accesspoint(?:-fips)?(?:\.dualstack)?\.(?P<region>{_REGION})\.amazonaws\.com"
)
# An access point (of several regions where it names none), or an object by its own ARN.
_ARN = re.compile(
    r"(?:s3://)?(?P<point>arn:aws[a-z-]*:s3:[a-z0-9-]*:\d{12}:accesspoint[:/][A-Za-z0-9.-]+)"
    r"(?:[/:](?P<key>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT_ARN = re.compile(r"(?:s3://)?arn:aws[a-z-]*:s3:::(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_VERSION = re.compile(r"\?versionId=([^?&/#]+)$")
# Other servers that speak S3, each known by its host and by nothing else: an endpoint that a
# data file could choose would be sent requests signed with the keys of the reader.
_OBS = r"obs\.(?P<obs>[a-z]{2}(?:-[a-z0-9]+)+)(?:\.sc)?\.otc\.t-systems\.com"
_CHINA = r"s3(?:\.dualstack)?[.-](?P<china>cn-[a-z]+-\d)\.amazonaws\.com\.cn"
_OTHERS = re.compile(rf"(?:(?P<bucket>{_BUCKET})\.)?(?P<endpoint>{_OBS}|{_CHINA})")


class Endpoint(NamedTuple):
    """An object of a server that speaks S3, other than that of Amazon's main part."""

    host: str
    region: str
    bucket: str
    key: str


def from_arn(text: str) -> str | None:
    """Return the canonical URL of an ARN with the name of an object, with or without ``s3://``."""
    if (found := _ARN.fullmatch(text)) is not None:
        return f"s3://{found['point']}/{found['key'] or ''}"
    if (found := _OBJECT_ARN.fullmatch(text)) is not None:
        return f"s3://{found['rest']}"
    return None


def from_web(host: str, path: str, query: str) -> str | None:
    """Return the canonical URL of what an https URL names on S3, None where it is none."""
    if _OTHERS.fullmatch(host):
        return _canonical_elsewhere(host, path, query)
    version = _version(query)
    if version is None:
        return None
    # Servers of S3 read a plus in a path as a space, and its console writes them so.
    key = decoded(path[1:], plus=True)
    if key is None or _VERSION.search(key):
        return None
    if (found := _POINT_HOST.fullmatch(host)) is not None:
        region, account = found["region"], found["account"]
        bucket = f"arn:aws:s3:{region}:{account}:accesspoint/{found['name']}"
    elif (found := _HOST.fullmatch(host)) is None:
        return None
    elif found["bucket"]:
        bucket = found["bucket"]
    else:
        bucket, _, key = key.partition("/")
        if not re.fullmatch(_BUCKET, bucket, re.IGNORECASE):
            return None
    return f"s3://{bucket}/{key}{f'?versionId={version}' if version else ''}"


def is_versioned(url: str) -> bool:
    """Say whether a canonical URL names one version of an object."""
    return _VERSION.search(url) is not None


def without_version(url: str) -> str:
    """Return a canonical URL without the version of the object."""
    return _VERSION.sub("", url)


def endpoint_of(host: str, path: str) -> Endpoint | None:
    """Return what a canonical https URL names on a known server that speaks S3."""
    found = _OTHERS.fullmatch(host)
    key = None if found is None else decoded(path[1:])
    if found is None or key is None or not found["bucket"]:
        return None
    return Endpoint(found["endpoint"], found["obs"] or found["china"], found["bucket"], key)


def web_url(endpoint: Endpoint) -> str:
    """Return the https URL of an object of a known server that speaks S3."""
    return f"https://{endpoint.bucket}.{endpoint.host}/{encoded(endpoint.key)}"


def _canonical_elsewhere(host: str, path: str, query: str) -> str | None:
    """Return the virtual-hosted URL.

    It stays one of https, as ``s3://`` has no room for the server; who has no keys may read
    what is public by it.
    """
    found = _OTHERS.fullmatch(host)
    key = decoded(path[1:])
    if found is None or key is None or query:
        return None
    bucket = found["bucket"]
    if not bucket:
        bucket, _, key = key.partition("/")
        if not re.fullmatch(_BUCKET, bucket):
            return None
    return web_url(Endpoint(found["endpoint"], "", bucket, key))


def _version(query: str) -> str | None:
    """Return the version that a query names, empty for none, None if it says something else."""
    version = ""
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "versionId" and re.fullmatch(r"[A-Za-z0-9._~+/=-]+", value):
            version = value
        elif (name, value) != ("x-id", "GetObject"):
            return None
    return version
