"""What is said of a region of a scan."""

from __future__ import annotations

from labelwidgets.algorithms.box_masks import BoxMask
from labelwidgets.media.scan import Scan
from labelwidgets.numbered import numbered


def size_note(volume: Scan, region: BoxMask) -> str:
    """Return volume, mean value, voxels and slices of a region, in a sentence."""
    low, last = region.slices
    high = last + 1
    found = region.statistics(volume.slab(low, high), low)
    slices = "1 slice" if high - low == 1 else f"{high - low} slices"
    words = [f"{numbered(found.voxels, 'voxel')} in {slices}"]
    mean = f"mean {found.mean:.4g}"
    words.insert(0, f"{mean} {volume.facts.unit}".strip())
    if volume.voxel_volume is not None:
        words.insert(0, f"{millilitres(found.voxels * volume.voxel_volume)} ml")
    return ", ".join(words) + "."


def millilitres(volume: float) -> str:
    """Return millilitres to three digits, without a power of ten."""
    digits = 0 if volume >= 100 else 1 if volume >= 10 else 2 if volume >= 1 else 3
    return f"{volume:,.{digits}f}"
