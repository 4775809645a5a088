"""What files that go out say of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from labelwidgets.formats.matching import Item
from labelwidgets.formats.warned import warn
from labelwidgets.media.dicom.copying import PrivacyWarning
from labelwidgets.media.dicom.deidentification import (
    Deidentifier,
    DeidentifyOptions,
    has_identity,
)

if TYPE_CHECKING:
    import pandas as pd
    import pydicom

Deidentify: TypeAlias = "DeidentifyOptions | bool"

# So that a session hears it once.
_said: set[str] = set()


class Privacy:
    """Takes patients out of what is made of their scans, where that is asked for.

    Parameters
    ----------
    deidentify
        Whether it is, and what stays.
    """

    def __init__(self, deidentify: Deidentify) -> None:
        self._clean = Deidentifier(deidentify) if deidentify else None

    def header(self, header: pydicom.Dataset) -> pydicom.Dataset:
        """Return the header of a scan as what is made of it may show it.

        An object of DICOM has to name the patient and the study of its scan; that it does is
        said once.
        """
        if self._clean is not None:
            self._clean(header)
        elif has_identity(header) and "identity" not in _said:
            _said.add("identity")
            warn(
                "DICOM objects carry the patient and the study of their scan, as the standard "
                "asks. Pass deidentify=True to leave the patient out.",
                PrivacyWarning,
            )
        return header

    def uid(self, uid: str) -> str:
        """Return the UID that stands for one of a scan."""
        return uid if self._clean is None else self._clean.uid(uid)

    def name(self, item: Item) -> str:
        """Return what the file of an item is called: its title, which may be a patient's name."""
        return item.id if self._clean is not None else item.title or item.id


def nameless(items: pd.DataFrame) -> pd.DataFrame:
    """Return items by their ids: without titles, folders, addresses, and facts but sizes."""
    kept = items.copy()
    for name in ("title", "folder"):
        if name in kept.columns:
            kept[name] = ""
    for name, make in (("urls", _nowhere), ("metadata", _sizes)):
        if name in kept.columns:
            kept[name] = kept[name].map(make)
    return kept


def _nowhere(urls: list[str]) -> list[str]:
    """Return as many addresses that say nothing."""
    return [""] * len(urls)


def _sizes(metadata: object) -> dict[str, object]:
    if not isinstance(metadata, dict):
        return {}
    kept = {name: metadata[name] for name in ("width", "height", "slices") if name in metadata}
    frames = metadata.get("frames")
    return kept | ({"frames": [_sizes(one) for one in frames]} if isinstance(frames, list) else {})
