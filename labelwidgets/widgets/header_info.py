"""The header of a slice as a page shows it: told when somebody asks, and kept nowhere."""

from __future__ import annotations

from typing import Any

from labelwidgets.errors import ImageError
from labelwidgets.media.volumes import Volume

# More of a header is nothing that a person reads.
MAX_ELEMENTS = 10_000
MAX_VALUE = 2_000


def header_info(volume: Volume, slice_index: int) -> dict[str, Any]:
    """Return the elements of a slice's header, as JSON has them.

    Returns
    -------
    dict
        `elements`, each with tag, name, vr, value (cut), level of nesting and whether it is
        private; `more`: how many are left out.

    Raises
    ------
    ImageError
        If the scan has no such slice.
    """
    if not 0 <= slice_index < len(volume):
        raise ImageError(f"has no slice {slice_index}.", where="scan")
    elements = volume.header(slice_index)
    return {
        "elements": [_element(one) for one in elements[:MAX_ELEMENTS]],
        "more": max(0, len(elements) - MAX_ELEMENTS),
    }


def _element(one: dict[str, Any]) -> dict[str, Any]:
    value, tag = str(one["value"]), str(one["tag"])
    # Half a character cannot travel as JSON.
    value = value[:MAX_VALUE].encode("utf-8", "replace").decode()
    return {
        "tag": tag,
        "name": str(one["name"]).encode("utf-8", "replace").decode(),
        "vr": str(one["vr"]),
        "value": value,
        "cut": len(str(one["value"])) > MAX_VALUE,
        "level": int(one["level"]),
        "private": _is_private(tag),
    }


def _is_private(tag: str) -> bool:
    """Say whether an element is a maker's own: its group is odd (DICOM PS3.5 7.8)."""
    try:
        return bool(int(tag.strip("(")[:4], 16) % 2)
    except ValueError:
        return False
