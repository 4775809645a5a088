"""What proves a right within a URL or a text: never shown, and no part of what is named."""

from __future__ import annotations

import calendar
import re
import time
from urllib.parse import parse_qsl, unquote

# Also a password with a slash in it, where what follows the colon is no port.
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*:(?:[^/?#\s]*|(?!\d*(?:[/?#]|$))\S*)@")
# Signatures, tokens and who signed, of S3, Google, Azure, OBS, CDNs and services with keys; also
# behind a hash, where logins leave their tokens.
_FIELDS = (
    r"x-(?:amz|goog|obs|oss|cos)-(?:signature|credential|security-token|content-sha256)"
    r"|awsaccesskeyid|accesskeyid|ossaccesskeyid|googleaccessid|key-pair-id|policy"
    r"|signature|sig|sign|hmac|mac|verify|hdnts|hdnea|__token__|__gda__"
    r"|(?:[a-z]+[_-])?(?:token|secret|password|passwd|pwd|api[_-]?key|access[_-]?key|jwt)"
    r"|q-(?:signature|ak)|client[_-]assertion|(?:j|php)?sess(?:ion)?_?id"
    r"|subscription-key|key|auth|authorization|session|code"
)
_SECRET = re.compile(rf"(?i)(?:{_FIELDS})")
# The name of a field may itself be percent-encoded.
_QUERY = re.compile(r"((?:[?&#;]|%3[Ff]|%26)([\w.%~-]{1,80}?)(?:=|%3[Dd]))([^&#;\s\"'<>]*)")
# What stands in connection strings, headers and settings that an error may quote.
_SETTING = re.compile(
    r"(?i)((?:account|sharedaccess|secret|private|aws_secret_access|access)_?(?:key|signature)"
    r"|(?:client_)?secret|password)"
    r"([\"']?\s*[:=]\s*[\"']?)[^;,\s\"']+"
)
_HEADER = re.compile(r"(?i)((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)[^\"'\r\n,}]+")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}")

# Without one of these there is none of the above: names of files pass at once.
_SUSPECT = re.compile(r"(?i)[=:@%]|bearer")

# What changes when a URL is signed anew.
_SIGNING = re.compile(
    r"(?i)(?:x-(?:amz|goog|obs|oss|cos)-[a-z0-9-]+|awsaccesskeyid|accesskeyid|ossaccesskeyid"
    r"|googleaccessid|signature|sig|q-(?:signature|ak|sign-[a-z]+|key-time))="
)
# What is a credential all the same, and is not always made anew.
_TOKENS = re.compile(
    r"(?i)(?:(?:[a-z]+[_-])?token|api[_-]?key|subscription-key|jwt|hdnts|hdnea|__token__"
    r"|(?:client_)?secret|password|client[_-]assertion|hmac|verify|(?:j|php)?sess(?:ion)?_?id)="
)
_WITH_SIGNATURE = re.compile(
    r"(?i)(?:expires|policy|key-pair-id|s[ievprt]|spr|srt|ss|sdd|scid|skoid|sktid|skt|ske|sks|skv"
    r"|saoid|suoid|x-id)="
)


def masked(text: str) -> str:
    """Return a text in which passwords, signatures and tokens are replaced by ``***``."""
    if not _SUSPECT.search(text):
        return text
    text = _QUERY.sub(_hidden, _USERINFO.sub("***@", text))
    text = _HEADER.sub(r"\1***", _BEARER.sub(r"\1***", text))
    return _SETTING.sub(r"\1\2***", text)


def _hidden(field: re.Match[str]) -> str:
    if _SECRET.fullmatch(unquote(field[2])):
        return f"{field[1]}***"
    # The value may be a URL with fields of its own.
    return f"{field[1]}{_QUERY.sub(_hidden, field[3])}"


def is_signed(query: str) -> bool:
    """Say whether the query of a URL carries a signature or token: it is a credential."""
    return any(_SIGNING.match(field) or _TOKENS.match(field) for field in _spelled(query))


def _spelled(query: str) -> list[str]:
    """Return the fields of a query with their names decoded, for matching."""
    fields = (field.partition("=") for field in re.split("[&;]", query))
    return [f"{unquote(name)}{equals}{value}" for name, equals, value in fields]


def unsigned(url: str) -> str:
    """Return a URL without the parameters that sign it, and without tokens."""
    if "?" not in url:
        return url
    base, _, query = url.partition("?")
    # What separates a field from the one before goes with it.
    parts = re.findall(r"(?:^|[&;])[^&;]*", query)
    named = [(part, _spelled(part.lstrip("&;"))[0]) for part in parts]
    kept = [(part, field) for part, field in named if not _SIGNING.match(field)]
    if len(kept) < len(named):
        kept = [(part, field) for part, field in kept if not _WITH_SIGNATURE.match(field)]
    left = "".join(part for part, field in kept if not _TOKENS.match(field)).lstrip("&;")
    return f"{base}?{left}" if left else base


def has_expired(url: str, now: float | None = None) -> bool:
    """Say whether the signature of a URL has run out, as far as the URL tells.

    Parameters
    ----------
    url
        Signed for S3 (versions 2 and 4), Google, Azure or OBS.
    now
        Seconds since 1970, by default the present.
    """
    query = url.partition("?")[2]
    if not is_signed(query):
        return False
    fields = {name.lower(): value for name, value in parse_qsl(query)}
    end: float | None = None
    for kind in ("amz", "goog"):
        made = _time(fields.get(f"x-{kind}-date", ""), "%Y%m%dT%H%M%SZ")
        if made is not None and fields.get(f"x-{kind}-expires", "").isdecimal():
            end = made + int(fields[f"x-{kind}-expires"][:9])
    if fields.get("expires", "").isdecimal():
        end = int(fields["expires"][:12])
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"):
        if (until := _time(fields.get("se", ""), form)) is not None:
            end = until
    return end is not None and end < (time.time() if now is None else now)


def _time(text: str, form: str) -> float | None:
    try:
        return calendar.timegm(time.strptime(text, form))
    except (ValueError, OverflowError):
        return None
