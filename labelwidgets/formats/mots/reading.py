"""From rows or pictures of MOTS to tracks of masks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from labelwidgets.errors import FormatError, GeometryError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, unknown_item
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.inputs import Input, as_text
from labelwidgets.formats.mask_pictures import MAX_BYTES, Regions, read_mask
from labelwidgets.formats.mot.classes import Classes
from labelwidgets.formats.mots.numbers import IGNORE, IGNORED, PER_CLASS, names_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.geometry import RLE, Mask

MAX_LINE = 1 << 24
_ROW = re.compile(rb"(?:\xef\xbb\xbf)?\d+ \d+ \d+ \d+ \d+ [0-o]+\s*(?:\n|$)")
_PICTURE = re.compile(r"^(?:(?P<folder>.*)/)?(?P<number>\d{1,9})\.png$")


class Place(NamedTuple):
    """A mask as the file has it."""

    record: str
    frame: int
    id: int
    mask: Mask


class Sequence(NamedTuple):
    """The files of one video."""

    name: str
    text: str | None
    pictures: dict[int, str]
    labels: list[str] | None


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has rows of five numbers and a code."""
    return _ROW.match(head) is not None


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has such files, or pictures of instances."""
    names = source.names()
    if any("instances/" in f"/{name}" and _PICTURE.match(name) for name in names):
        return True
    return any(sniff(source.head(name)) for name in [n for n in names if n.endswith(".txt")][:20])


@reader("mots", "videos")
def read(
    job: Reading,
    *,
    item: str | None = None,
    classes: Classes | None = None,
    first_frame: int | None = None,
) -> Imported:
    """Read tracks of masks: see `labelwidgets.formats.read` and `labelwidgets.formats.mots`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`. Without items, sequences become the items.
    item
        The video that a single sequence is about; None finds it by name, or is the only one.
    classes
        Names of classes by number, or a list of them from 1.
    first_frame
        What the first frame is called; None is 0, or 1 where ``labels.txt`` lies beside pictures.

    Raises
    ------
    FormatError
        Naming the file, the line and the field.
    """
    if first_frame not in (None, 0, 1):
        raise FormatError(f"must be 0 or 1, not {first_frame!r}.", where="first_frame")
    source = job.input()
    found = job.clip_labels()
    several = _sequences(source)
    if not several:
        raise FormatError("has no rows and no pictures of MOTS.", where=source.shown)
    for sequence in several:
        where = source.where(sequence.text or sequence.name)
        try:
            clip = (
                None
                if job.clips.frame is None
                else job.clips.of(job.clips.find([sequence.name], item, where).id)
            )
        except FormatError as error:
            if item is not None:
                raise
            reason = f"{error.message} {error.hint or ''}".strip()
            found.unmatched(sequence.text or sequence.name, "", sequence.name, 0, reason)
            continue
        names = names_of(classes, sequence.labels, job.ontology)
        first = first_frame if first_frame is not None else int(sequence.labels is not None)
        _read(source, sequence, clip, found, names, first, item)
    return found.result()


def _read(
    source: Input,
    sequence: Sequence,
    clip: Clip | None,
    found: ClipLabels,
    names: dict[int, str],
    first: int,
    item: str | None,
) -> None:
    objects: dict[int, list[Place]] = {}
    size: tuple[int, int] | None = clip.size if clip is not None else None
    last = -1
    for one in _places(source, sequence, found):
        try:
            height, width = one.mask.rle.size
            size = size or (width, height)
            if (width, height) != size:
                raise FormatError(
                    f"is {width} x {height} pixels, the frames are {size[0]} x {size[1]}.",
                    where="height, width",
                )
            if one.frame < first:
                raise FormatError(f"is {one.frame}, frames count from {first}.", where="frame")
            if clip is not None:
                clip.check(one.frame - first)
            rows = objects.setdefault(one.id, [])
            if one.id != IGNORED and any(other.frame == one.frame for other in rows[-1:]):
                raise FormatError(
                    f"is the second mask of object {one.id} on frame {one.frame}.", where="id"
                )
            rows.append(one)
            last = max(last, one.frame - first)
        except LabelwidgetsError as error:
            found.wrong(one.record, one.id, error)
    if clip is None:
        made = unknown_item(item or sequence.name)
        frames = max(last, max(sequence.pictures, default=-1) - first) + 1
        clip = found.item(made, size, frames=frames)
    found.match(clip.item.id)
    for id, places in objects.items():
        try:
            _keep(id, places, clip, found, names, first)
        except LabelwidgetsError as error:
            found.wrong(places[0].record, id, error)


def _keep(
    id: int,
    places: list[Place],
    clip: Clip,
    found: ClipLabels,
    names: dict[int, str],
    first: int,
) -> None:
    if id == IGNORED:
        name = found.name_of(IGNORE, "class")
        for one in places:
            found.keep(name, one.mask, clip, frame=one.frame - first, parameters={"id": id})
        return
    number = id // PER_CLASS
    if number not in names:
        known = ", ".join(f"{key} ({names[key]})" for key in sorted(names)[:12])
        raise FormatError(
            f"is {number}, which is no class: known are {known}.",
            where="class",
            hint='Pass classes={1: "car", ...} with the names of all numbers.',
        )
    by_frame = {one.frame - first: one.mask for one in places}
    if len(by_frame) < len(places):
        raise FormatError("has two masks on a frame.", where="frame")
    seen = [Seen(frame, by_frame[frame]) for frame in sorted(by_frame)]
    track = track_of(seen, clip.frames)
    found.keep(found.name_of(names[number], "class"), track, clip, parameters={"id": id})


def _sequences(source: Input) -> list[Sequence]:
    if source.single:
        return [Sequence(source.name.rsplit(".", 1)[0], source.name, {}, None)]
    made: list[Sequence] = []
    folders: dict[str, dict[int, str]] = {}
    for name in source.names():
        picture = _PICTURE.match(name)
        if picture is not None:
            folder = picture["folder"] or ""
            folders.setdefault(folder, {})[int(picture["number"])] = name
        elif name.endswith(".txt") and _is_of_rows(source.head(name)):
            stem = name.rsplit("/", 1)[-1].removesuffix(".txt")
            made.append(Sequence(stem, name, {}, None))
    named = [folder for folder in folders if "instances" in folder.split("/")]
    for folder in named or list(folders):
        labels = _labels_of(source, folder)
        lines = None
        if labels is not None:
            text = as_text(labels, f"{source.where(folder)}/labels.txt")
            lines = [line.strip() for line in text.splitlines() if line.strip()]
        parts = [part for part in folder.split("/") if part != "instances"]
        stem = parts[-1] if parts and parts[-1] else source.name.removesuffix(".zip")
        made.append(Sequence(stem, None, folders[folder], lines))
    return made


def _labels_of(source: Input, folder: str) -> bytes | None:
    """Return ``labels.txt`` beside pictures, or in the folder ``instances`` that they are in."""
    while True:
        found = source.maybe(f"{folder}/labels.txt" if folder else "labels.txt")
        if found is not None or "instances" not in folder.split("/")[:-1]:
            return found
        folder = folder.rpartition("/")[0]


def _is_of_rows(head: bytes) -> bool:
    """Say whether a text has rows, or none at all, as a video has without objects."""
    return not head.strip() or sniff(head)


def _places(source: Input, sequence: Sequence, found: ClipLabels) -> Iterator[Place]:
    if sequence.text is not None:
        yield from _rows(source, sequence.text, found)
        return
    for number in sorted(sequence.pictures):
        name = sequence.pictures[number]
        try:
            made = read_mask(source.read(name, MAX_BYTES), source.where(name))
            if made.kind != "grey":
                raise FormatError("must be a grey picture of 16 bits.", where=source.where(name))
        except LabelwidgetsError as error:
            found.wrong(name, None, error)
            continue
        regions = Regions(made.values)
        for id in regions.areas:
            if id:
                yield Place(name, number, id, mask_of(regions.runs(id)))


def _rows(source: Input, name: str, found: ClipLabels) -> Iterator[Place]:
    with source.open(name) as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            record = f"line {number}" if source.single else f"{name}, line {number}"
            if not line.strip():
                continue
            try:
                if len(line) > MAX_LINE:
                    raise FormatError(f"has more than {MAX_LINE} characters.")
                made = _row(line, record)
            except LabelwidgetsError as error:
                found.wrong(record, None, error)
                continue
            yield made


def _row(line: bytes, record: str) -> Place:
    try:
        fields = line.decode("utf-8-sig").split()
    except UnicodeDecodeError:
        raise FormatError("is not UTF-8 text.", hint="Save it as UTF-8.") from None
    if len(fields) != 6:
        raise FormatError(
            f"has {numbered(len(fields), 'field')}, must have frame id class height width code."
        )
    numbers = []
    for field, text in zip(("frame", "id", "class", "height", "width"), fields, strict=False):
        if not text.isdecimal() or len(text) > 9:
            raise FormatError(f"must be a whole number from 0, not {text[:40]!r}.", where=field)
        numbers.append(int(text))
    frame, id, kind, height, width = numbers
    if id == 0 or id // PER_CLASS != kind:
        raise FormatError(
            f"is {id}, and its class is {kind}: it must be class * 1000 + number.", where="id"
        )
    try:
        return Place(record, frame, id, Mask(RLE((height, width), fields[5])))
    except GeometryError as error:
        raise error.at("code") from None
