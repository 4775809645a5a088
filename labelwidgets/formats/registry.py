"""The formats, found by name or by a look into the file."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Protocol, cast

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.files import HEAD_BYTES, read_head, shown
from labelwidgets.formats.folders import LOOKED_INTO, files_in, folder_at

if TYPE_CHECKING:
    from labelwidgets.formats.holds import Holds
    from labelwidgets.formats.inputs import Input
    from labelwidgets.formats.results import Exported, Imported

_AGAIN = "Is it complete? Fetch or export it again, or name the format if it is to be so."

# Name of the format: the module under labelwidgets.formats that reads and writes it.
_MODULES = {
    name: name
    for name in (
        "cityscapes",
        "coco",
        "coco_panoptic",
        "createml",
        "cvat",
        "cvat_video",
        "deeplabcut",
        "datumaro",
        "dicom_seg",
        "encord",
        "geojson",
        "gt_studio",
        "kitti",
        "label_studio",
        "labelme",
        "masks",
        "mot",
        "mots",
        "nifti",
        "open_images",
        "parquet",
        "rtstruct",
        "sleap",
        "segment_anything",
        "slice_masks",
        "via",
        "voc",
        "vott",
        "youtube_vis",
        "yolo",
    )
}
_MODULES |= {"json": "plain_json", "kitti_tracking": "kitti.tracking", "via3": "via.projects"}
_MODULES |= {f"yolo_{kind}": f"yolo.{kind}" for kind in ("obb", "pose", "segment")}
# One file each, which is never packed.
_UNPACKED = frozenset(
    (
        "coco",
        "createml",
        "encord",
        "gt_studio",
        "json",
        "sleap",
        "via",
        "via3",
        "vott",
        "youtube_vis",
    )
)

# What names of files say of what is in them, which is none of these unless a format says so.
_OTHERWISE = frozenset((".csv", ".tsv", ".txt", ".xml", ".yaml", ".yml", ".html", ".parquet"))


class Format(Protocol):
    """What the module of a format has."""

    HOLDS: Holds

    def sniff(self, head: bytes) -> bool:
        """Say whether a file that begins like this is of the format."""
        ...

    def read(self, path: str | os.PathLike[str], **options: Any) -> Imported:
        """Read a file: see `labelwidgets.formats.read`."""
        ...

    def write(self, annotations: Any, path: str | os.PathLike[str], **options: Any) -> Exported:
        """Write a file: see `labelwidgets.formats.write`."""
        ...


def names() -> tuple[str, ...]:
    """Return the names of the formats."""
    return tuple(sorted(_MODULES))


def module(name: str) -> Format:
    """Return the module of a format.

    Raises
    ------
    FormatError
        If there is no format of this name; it lists those that there are.
    """
    found = _MODULES.get(name_of(name))
    if found is None:
        raise FormatError(
            f"{str(name)[:40]!r} is not a label format.",
            where="format",
            hint=f"{_meant(str(name))}Use one of: {', '.join(names())}.",
        )
    return cast(Format, import_module(f"labelwidgets.formats.{found}"))


def name_of(format: str) -> str:
    """Return a name as it stands among `names`."""
    return str(format).lower().replace("-", "_")


def _meant(name: str) -> str:
    """Return a question for the format that somebody may mean, empty where there is none."""
    plain = {known.replace("_", ""): known for known in names()}
    asked = re.sub(r"[^a-z0-9]", "", name.lower())
    # A slip of the pen, or more words than ours: yolov8, pascal_voc, cvat_images.
    found = get_close_matches(asked, plain, 1, cutoff=0.8)
    found = found or sorted((one for one in plain if one in asked), key=len)[-1:]
    return f"Is {plain[found[0]]!r} meant? " if found else ""


def holds(name: str) -> Holds:
    """Return what a format can hold."""
    return module(name).HOLDS


def check_unpacked(name: str, path: str | os.PathLike[str]) -> None:
    """Raise FormatError where a format that is one file would be called what it is not.

    That is an archive, or a file of a kind that tools read otherwise, such as ``.csv``.
    """
    if name_of(name) not in _UNPACKED:
        return
    text, own = os.fspath(path).lower(), holds(name)
    suffix = "." + text.rsplit("/", 1)[-1].rpartition(".")[2]
    if suffix == ".zip":
        said = "is one file, not an archive"
    elif suffix in _OTHERWISE and not own.file.endswith(suffix):
        said = f"is written as .{own.file.rpartition('.')[2]}, not as {suffix}"
    else:
        return
    raise FormatError(f"{own.title} {said}.", where=shown(path), hint=f"Name it like {own.file}.")


def asked_for(function: Callable[..., Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a format asks for of what is known to all of them."""
    return {name: known[name] for name in signature(function).parameters if name in known}


def check_path(path: Any) -> None:
    """Raise FormatError for what is no path."""
    if not isinstance(path, str | os.PathLike):
        raise FormatError(f"must be a path or a URL, not {type(path).__name__}.", where="path")


def named(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function is told, without those of the place of a file."""
    told = signature(function).parameters.values()
    return [one.name for one in told if one.kind is not Parameter.VAR_KEYWORD]


def places(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are none of a format: those of the place that a file lies at."""
    told = {name for one in names() for name in signature(module(one).read).parameters}
    return {name: value for name, value in options.items() if name not in told}


def having(option: str) -> list[str]:
    """Return the names of the formats that are told an option when they are read or written."""
    return [
        name
        for name in names()
        if option in {*named(module(name).read), *named(module(name).write)}
    ]


def sniff(path: str | os.PathLike[str], **storage_options: Any) -> str:
    """Return the name of the format of a file, going by its beginning.

    Of a folder or a zip, going by the names of the files in it.

    Raises
    ------
    FormatError
        If it is of no format that is known here.
    SourceError
        If it cannot be read.
    """
    from labelwidgets.formats.coco import sniffing as coco
    from labelwidgets.formats.masks import sniffing as masks

    several, head = files_in(path, **storage_options), b""
    if several is None:
        try:
            head = read_head(path, **storage_options)
        except SourceError:
            # The name of a folder in a bucket does not say that it is one.
            several = folder_at(path, **storage_options)
            if several is None:
                raise
    if several is None:
        if not head.strip(b"\0\t\n\r "):
            raise FormatError(_nothing_in(head), where=shown(path), hint=_AGAIN)
        found = _format_of(head)
        inside = masks.HINT if masks.is_png(head) else ""
    else:
        # Only some are made of several files; those that need not be are asked last.
        looks: Iterator[tuple[str, Any]] = (
            (name, getattr(module(name), "sniff_files", None))
            for name in sorted(names(), key=_UNPACKED.__contains__)
        )
        found = next((name for name, look in looks if look and look(several)), None)
        inside = "" if found else _inside(several)
        if not found and not inside and several.ending(".png"):
            # The last guess: files of other formats have such pictures, too.
            found = "masks" if masks.are_masks(several) else None
            inside = masks.HINT
    if found == "coco_panoptic" and several is not None and coco.sniff_files(several):
        raise FormatError(
            "has files of coco and of coco_panoptic, which may be of the same objects.",
            where=shown(path),
            hint='Name the format that is meant, as in read(path, "coco").',
        )
    if found:
        return found
    known = f"Known are {', '.join(names())}; name the format if it is one of them."
    if inside == masks.HINT:
        inside = f"{inside} {known}"
    raise FormatError(
        "is of no label format that is known here.",
        where=shown(path),
        hint=inside or known,
    )


def _nothing_in(head: bytes) -> str:
    """Return what is wrong with a file that begins with nothing but blanks and zero bytes."""
    if b"\0" not in head:
        return "is empty." if not head else "is empty but for blanks."
    if head.strip(b"\0"):
        return "is no text: it begins with zero bytes and blanks alone."
    if len(head) == 1:
        return "is no text: its one byte is zero."
    these = f"its first {len(head):,}" if len(head) == HEAD_BYTES else f"all of its {len(head):,}"
    return f"is no text: {these} bytes are zeros."


def _format_of(head: bytes) -> str | None:
    """Return the name of the format of a file that begins like this."""
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide and not head.startswith(codecs.BOM_UTF32_LE):
        # XML may be so, too; it is looked at as it would be in UTF-8.
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return next((name for name in names() if module(name).sniff(head)), None)


def _inside(source: Input) -> str:
    """Return what to do where a folder is no format, but holds files that are of one."""
    own = [name for name in source.names() if name.lower().endswith((".json", ".xml", ".csv"))]
    for name in own[:LOOKED_INTO]:
        found = _format_of(source.head(name))
        if found:
            return f"{name} in it is {found}: give the path of that file."
    return ""
