"""What a URL names on a DICOMweb server."""

from __future__ import annotations

import re
from typing import NamedTuple

from labelwidgets.errors import SourceError
from labelwidgets.media.signatures import masked

DICOMWEB = "dicomweb://"
_UID = re.compile(r"[0-9.]{1,64}")
_RESOURCES = re.compile(
    r"(?:/studies/([^/]+)(?:/series/([^/]+)(?:/instances/([^/]+)(?:/frames/(\d{1,7}))?)?)?)?/?$"
)


class DicomAddress(NamedTuple):
    """A server, or what of it.

    Parameters
    ----------
    root
        Host and path of the server, without a scheme and a slash at its end.
    study, series, instance
        UIDs (DICOM PS3.5, section 9); empty for all.
    frame
        Of the instance, from 1 as DICOM counts; 0 for the whole.
    """

    root: str
    study: str = ""
    series: str = ""
    instance: str = ""
    frame: int = 0

    @property
    def url(self) -> str:
        """The canonical URL."""
        return f"{DICOMWEB}{self.root}{self.path}"

    @property
    def path(self) -> str:
        """What follows the root: empty for the whole server."""
        parts = ("studies", self.study), ("series", self.series), ("instances", self.instance)
        path = "".join(f"/{kind}/{uid}" for kind, uid in parts if uid)
        return f"{path}/frames/{self.frame}" if self.frame else path


def dicom_address(url: str) -> DicomAddress:
    """Return what a canonical ``dicomweb://`` URL names.

    Raises
    ------
    SourceError
        If it names something else than a server, a study, a series, an instance or a frame.
    """
    rest = url.removeprefix(DICOMWEB)
    found = _RESOURCES.search(rest)
    root = rest[: found.start()] if found else rest
    study, series, instance, frame = found.groups("") if found else ("", "", "", "")
    proper = all(is_uid(uid) for uid in (study, series, instance) if uid)
    if not root or "?" in rest or "/studies" in root or not proper:
        raise SourceError(
            "names nothing that a DICOMweb server has.",
            where=masked(url),
            hint="Known are dicomweb://host/path, and after it /studies/UID, /series/UID, "
            "/instances/UID and /frames/1.",
        )
    return DicomAddress(root.rstrip("/"), study, series, instance, int(frame or 0))


def is_uid(text: object) -> bool:
    """Say whether something is a UID: digits and dots."""
    return isinstance(text, str) and _UID.fullmatch(text) is not None
