"""The spellings of Azure Blob Storage."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from labelwidgets.media.clouds.keys import decoded

_ACCOUNT = r"[a-z0-9]{3,24}"
_CLOUD = r"core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)"
_HOST = re.compile(rf"(?P<account>{_ACCOUNT})\.(?:blob|dfs)\.(?P<cloud>{_CLOUD})")
_CONTAINER = r"\$root|\$web|\$logs|[a-z0-9](?:-?[a-z0-9])+"
# As Hadoop writes it, and adlfs reads it: CONTAINER@ACCOUNT.dfs...
_OWN = re.compile(rf"(?P<container>{_CONTAINER})@(?P<host>[^/]*)(?P<rest>/.*)?", re.DOTALL)
_VERSION = re.compile(r"\?versionid=([0-9TZ:.-]+)$")


class Blob(NamedTuple):
    """What a canonical URL names: the account is empty where the options have to say it."""

    account: str
    cloud: str
    path: str


def from_web(host: str, path: str, query: str) -> str | None:
    """Return the canonical URL of what an https URL names, None where it is none."""
    found = _HOST.fullmatch(host)
    version = _version(query)
    key = decoded(path[1:])
    if found is None or version is None or key is None or _VERSION.search(key):
        return None
    container, _, blob = key.partition("/")
    if not re.fullmatch(_CONTAINER, container):
        return None
    return f"abfs://{container}@{found['account']}.dfs.{found['cloud']}/{blob}{version}"


def from_own(rest: str) -> str | None:
    """Return the canonical URL of what follows ``abfs://``, None if it names a strange host."""
    if "@" not in rest.partition("/")[0]:
        return f"abfs://{rest}"
    found = _OWN.fullmatch(rest)
    host = None if found is None else _HOST.fullmatch(found["host"].lower())
    if found is None or host is None:
        return None
    where = f"{host['account']}.dfs.{host['cloud']}"
    return f"abfs://{found['container']}@{where}{found['rest'] or '/'}"


def blob_of(url: str) -> Blob:
    """Return what a canonical URL names."""
    rest = url.partition("://")[2]
    found = _OWN.fullmatch(rest)
    host = None if found is None else _HOST.fullmatch(found["host"])
    if found is None or host is None:
        return Blob("", "", rest)
    return Blob(host["account"], host["cloud"], f"{found['container']}{found['rest'] or ''}")


def url_of(path: str, blob: Blob) -> str:
    """Return the canonical URL of another path, as a listing of `blob` gives it."""
    container, slash, key = path.partition("/")
    if not blob.account:
        return f"abfs://{path}"
    return f"abfs://{container}@{blob.account}.dfs.{blob.cloud}{slash}{key}"


def is_versioned(url: str) -> bool:
    """Say whether a canonical URL names one version of a blob."""
    return _VERSION.search(url) is not None


def without_version(url: str) -> str:
    """Return a canonical URL without the version of the blob."""
    return _VERSION.sub("", url)


def _version(query: str) -> str | None:
    """Return ``?versionid=...``, empty for none, None if the query says something else."""
    if not query:
        return ""
    fields = parse_qsl(query, keep_blank_values=True)
    if len(fields) == 1 and fields[0][0].lower() == "versionid":
        return (
            f"?versionid={fields[0][1]}" if _VERSION.match(f"?versionid={fields[0][1]}") else None
        )
    return None
