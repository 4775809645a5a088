"""Whether a file is COCO, by how it begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labelwidgets.formats.coco.whole_documents import to_utf8
from labelwidgets.formats.folders import holds_any

if TYPE_CHECKING:
    from labelwidgets.formats.inputs import Input

_BEGINS = re.compile(
    rb'\s*\{\s*"(info|licenses|images|annotations|categories|videos|type|labelwidgets)"\s*:'
)
# As names of fields: an answer may be the same word.
_SEGMENTS = re.compile(rb'"segments_info"\s*:\s*\[')
_IS_THING = re.compile(rb'"isthing"\s*:')
_FEATURE = re.compile(rb'\s*\{\s*"type"\s*:\s*"Feature(Collection)?"')
_RESULTS = re.compile(
    rb'\s*\[\s*\{\s*"(image_id|category_id|bbox|score|segmentation|keypoints)"\s*:'
)


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is COCO: an object with one of its keys first.

    YouTube-VIS has the same keys, but lists of frames, panoptic COCO lists of segments.
    """
    head = to_utf8(head, whole=False)
    if _RESULTS.match(head) and b'"category_id"' in head:
        return True
    if b'"file_names"' in head or b'"segmentations"' in head or is_panoptic(head):
        return False
    # GeoJSON begins with a type as well.
    return _BEGINS.match(head) is not None and _FEATURE.match(head) is None


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".json")


def is_results(data: bytes) -> bool:
    """Say whether a file (UTF-8) is a list of results."""
    return _RESULTS.match(data) is not None


def is_panoptic(head: bytes) -> bool:
    """Say whether a file that begins like this (UTF-8) has segments in pictures."""
    if _BEGINS.match(head) is None or _FEATURE.match(head) is not None:
        return False
    if _SEGMENTS.search(head) is not None:
        return True
    return _IS_THING.search(head) is not None and b'"segmentation"' not in head
