"""Whether PNG files that no legend tells of are masks all the same."""

from __future__ import annotations

from labelwidgets.formats.inputs import Input
from labelwidgets.media.kinds import IMAGE_SUFFIXES

HINT = (
    'If its PNG files are masks, pass format="masks" and what their colours or numbers mean: '
    'legend={"#c76e2a": "car", ...} or legend={"1": "car", ...}; of several folders, the path of '
    "the one with the masks."
)
"""What people are told who have PNG files that no legend tells of."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Types of colour of a PNG: shades of grey, and indices into a palette.
_GREY, _INDEXED = 0, 3
_LOOKS = 12


def is_png(head: bytes) -> bool:
    """Say whether a file that begins like this is a PNG."""
    return head.startswith(_SIGNATURE)


def are_masks(source: Input) -> bool:
    """Say whether the PNG files of a folder or zip are pictures of numbers.

    All that are looked at are indexed, or grey beside pictures of the same names in other folders
    or with nothing beside them. Photos are in colour, or have other suffixes.
    """
    names = source.names()
    masks = [name for name in names if name.lower().endswith(".png")]
    some = masks[:: max(1, len(masks) // _LOOKS)][:_LOOKS]
    types = {_type_of(source.head(name, 32)) for name in some}
    if not some or not types <= {_GREY, _INDEXED}:
        return False
    others = [name for name in names if name.lower().endswith(tuple(IMAGE_SUFFIXES))]
    others = [name for name in others if not name.lower().endswith(".png")]
    stems = {_stem(name) for name in others}
    matching = any(_stem(name) in stems for name in some)
    return types == {_INDEXED} or matching or len(names) == len(masks)


def _type_of(head: bytes) -> int:
    return head[25] if is_png(head) and len(head) > 25 else -1


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rsplit(".", 1)[0]
