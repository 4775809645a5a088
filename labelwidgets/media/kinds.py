"""What an item can be, told by names and by the first bytes of files."""

from __future__ import annotations

import os
from collections.abc import Sequence

from labelwidgets.media.urls import file_name
from labelwidgets.media.video.address import frames_of

KINDS = ("image", "image_group", "image_sequence", "video", "dicom_series", "volume")
"""What an item can be: one picture; several side by side, or in the order of time; a file with
frames of its own; the slices of one scan, in DICOM files or in one of NIfTI."""
SINGLE = ("image", "video", "volume")
"""Those that have one file each."""
PICTURES = ("image", "image_group", "image_sequence")
"""Those whose files are pictures, which the image annotator shows."""
IN_TIME = ("video", "image_sequence")
"""Those whose pictures are frames, one after the other in time, through which tracks go."""
IN_TIME = ("video", "image_sequence")
"""Those whose pictures follow one another, through which tracks go."""
VOLUMES = ("dicom_series", "volume")
"""Those with slices, which a reader of volumes opens before anything of them is shown."""
MOST_FILES = {"image": 1, "video": 1, "volume": 1, "image_group": 1000}
"""How many files an item may have, by its kind."""
MOST = 20_000
"""The same of all other kinds: the frames of ten minutes, or a whole-body scan."""

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".tif", ".tiff", ".gif")
)
VIDEO_SUFFIXES = frozenset(
    (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg")
)
DICOM_SUFFIXES = frozenset((".dcm", ".dicom", ".ima"))
NIFTI_SUFFIXES = frozenset((".nii", ".nii.gz"))
BY_SUFFIX = {
    **dict.fromkeys(IMAGE_SUFFIXES, "image"),
    **dict.fromkeys(VIDEO_SUFFIXES, "video"),
    **dict.fromkeys(DICOM_SUFFIXES, "dicom_series"),
    **dict.fromkeys(NIFTI_SUFFIXES, "volume"),
}
"""What one file is, by its suffix."""
SUFFIXES = frozenset(BY_SUFFIX)

# The first box of an MP4 or QuickTime file.
_BOXES = frozenset((b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"))
_HEAD = 132
VIDEO_HEAD = 4 + 3 * 192
"""So many bytes of a file tell what kind of video it is."""


def suffix_of(url: str) -> str:
    """Return the suffix of a canonical URL, with its dot and in lower case."""
    return suffix_of_name(file_name(url))


def suffix_of_name(name: str) -> str:
    """Return the suffix of a file name, with its dot and in lower case; ``.nii.gz`` is one."""
    lower = name.lower()
    return ".nii.gz" if lower.endswith(".nii.gz") else os.path.splitext(lower)[1]


def kind_of(urls: Sequence[str]) -> str:
    """Return what files are that belong together, by their names, where nothing else is said."""
    if (frames := frames_of(urls[0])) is not None and len(urls) == 1:
        return "image" if frames.last is None else "video"
    suffix = suffix_of(urls[0])
    if suffix in DICOM_SUFFIXES or urls[0].startswith("dicomweb://"):
        return "dicom_series"
    if len(urls) > 1:
        return "image_group"
    return BY_SUFFIX.get(suffix, "image")


def most_files(kind: str) -> int:
    """Return how many files an item of a kind may have."""
    return MOST_FILES.get(kind, MOST)


def may_be_scan(name: str) -> bool:
    """Say whether a file has the kind of name that scanners give: no suffix, or but digits."""
    suffix = os.path.splitext(name)[1][1:]
    return (not suffix or suffix.isdigit()) and name.upper() != "DICOMDIR"


def is_dicom(head: bytes) -> bool:
    """Say whether a file that begins so is DICOM: ``DICM`` after 128 bytes (PS3.10, 7.1)."""
    return head[128:_HEAD] == b"DICM"


def video_mime(head: bytes) -> str | None:
    """Return the media type of a video by its first 580 bytes, None if it is none of ours.

    Known are MP4 and QuickTime (ISO 14496-12), AVI (RIFF), Matroska and WebM (RFC 8794), MPEG
    transport streams (ISO 13818-1, of packets of 188 bytes, or of 192 with a time before each)
    and program streams.
    """
    if head[4:8] in _BOXES:
        quick = head[4:8] != b"ftyp" or head[8:12] == b"qt  "
        return "video/quicktime" if quick else "video/mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "video/x-msvideo"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if any(_is_transport(head, start, step) for start, step in ((0, 188), (4, 192))):
        return "video/mp2t"
    if head.startswith(b"\0\0\1\xba"):
        return "video/mpeg"
    return None


def _is_transport(head: bytes, start: int, step: int) -> bool:
    """Say whether there is the byte of synchronisation at the beginning of each packet."""
    marks = head[start:VIDEO_HEAD:step]
    return len(marks) > 1 and set(marks) == {0x47}
