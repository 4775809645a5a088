"""Scans whose names do not say so, as those that scanners give."""

from __future__ import annotations

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.access import Access
from labelwidgets.media.kinds import is_dicom, may_be_scan

_HEAD = 132


class ScanNames:
    """Says whether files are DICOM by the first bytes of one of them in each folder.

    Parameters
    ----------
    access
        Reads it. One request a folder is made, and not one a file.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._folders: dict[str, bool] = {}

    def __call__(self, url: str, folder: str, name: str) -> bool:
        """Say it of the canonical URL of a file with a name in a folder."""
        if not may_be_scan(name):
            return False
        if folder not in self._folders:
            try:
                head = self._access.place(url).fetch(0, _HEAD)
            except LabelwidgetsError:
                head = b""
            self._folders[folder] = is_dicom(head)
        return self._folders[folder]
