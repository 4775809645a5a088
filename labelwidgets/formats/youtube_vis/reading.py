"""From a file of YouTube-VIS to tracks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec

from labelwidgets.errors import FormatError, GeometryError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clip, Clips, unknown_item
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.whole_documents import to_utf8
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import RLE, Mask, Rectangle
from labelwidgets.schema.misfits import in_words
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Shape, Track

_MOVED = 0.01
_DIGITS = re.compile(r"(\d+)(?=\.[^./]*$|$)")


class File(msgspec.Struct):
    """A file; its records are decoded one by one, so that each has its own error."""

    videos: list[msgspec.Raw]
    annotations: list[msgspec.Raw] = []
    categories: list[msgspec.Raw] = []
    labelwidgets: msgspec.Raw = records.NULL


class Video(msgspec.Struct):
    """A video."""

    id: records.Id
    file_names: list[str]
    width: int | None = None
    height: int | None = None
    name: str | None = None
    labelwidgets: msgspec.Raw = records.NULL


class VideoExtension(msgspec.Struct):
    """What labelwidgets adds to a video."""

    item: str
    frames: list[int]
    annotations: list[msgspec.Raw] = []


class Code(msgspec.Struct):
    """A run-length code."""

    size: list[int]
    counts: str | list[int]


class Label(msgspec.Struct):
    """An object."""

    video_id: records.Id
    category_id: records.Id
    id: records.Id | None = None
    segmentations: list[msgspec.Raw] | None = None
    bboxes: list[list[float] | None] | None = None
    score: float | None = None
    iscrowd: int | bool | None = None
    labelwidgets: msgspec.Raw = records.NULL


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has videos with names of files."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return start == b"{" and (b'"file_names"' in head or b'"segmentations"' in head)


@reader("youtube_vis", "videos")
def read(
    job: Reading,
    *,
    item: str | None = None,
    tolerance: float = 0.0,
    max_bytes: int = records.MAX_BYTES,
) -> Imported:
    """Read tracks: see `labelwidgets.formats.read` and `labelwidgets.formats.youtube_vis`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`. Without items, videos become the items.
    item
        The video that a file of one video is about; None finds videos by their names.
    tolerance
        Of boxes: how far, in pixels, an edge may be from where the file has it.
    max_bytes
        Larger files are refused before they are decoded.
    """
    data = to_utf8(job.bytes(max_bytes))
    try:
        file = msgspec.json.decode(data, type=File)
    except msgspec.ValidationError as error:
        raise in_words(error).at(FormatError, job.shown) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise FormatError(f"is no JSON: {str(error)[:200]}.", where=job.shown) from None
    found = job.clip_labels()
    reader = _Reader(job.clips, found, item, tolerance)
    reader.read_classes(file)
    for number, raw in enumerate(file.videos):
        reader.read_video(raw, f"videos[{number}]")
    for number, raw in enumerate(file.annotations):
        reader.read_label(raw, f"annotations[{number}]")
    reader.close()
    return found.result()


class _Reader:
    """One reading of one file."""

    def __init__(self, clips: Clips, found: ClipLabels, item: str | None, tolerance: float) -> None:
        self.clips, self.found, self.item, self.tolerance = clips, found, item, tolerance
        self.classes: dict[records.Id, str] = {}
        self.places: dict[records.Id, tuple[Clip, list[int]] | None] = {}
        self.missed: dict[records.Id, list[Any]] = {}

    def read_classes(self, file: File) -> None:
        """Take in the categories, and the ontology of a file of ours."""
        if not records.is_null(file.labelwidgets):
            said = records.decode(file.labelwidgets, records.FileExtension, "labelwidgets")
            if said.ontology is not None:
                for made in Ontology.from_dict(said.ontology).classes:
                    self.found.tell(made)
        for number, raw in enumerate(file.categories):
            record, id = f"categories[{number}]", None
            try:
                category = records.decode(raw, records.Category)
                id = category.id
                if id in self.classes:
                    raise FormatError("is the id of a category before it.", where="id")
                name = self.found.name_of(category.name, "name")
                self.classes[id] = name
                self.found.note(name, group=category.supercategory)
            except LabelwidgetsError as error:
                self.found.wrong(record, id, error)

    def read_video(self, raw: msgspec.Raw, record: str) -> None:
        """Find the item of a video."""
        id: records.Id | None = None
        try:
            video = records.decode(raw, Video)
            id = video.id
            records.check_id(id)
            if id in self.places:
                raise FormatError("is the id of a video before it.", where="id")
            extension = None
            if not records.is_null(video.labelwidgets):
                extension = records.decode(video.labelwidgets, VideoExtension, "labelwidgets")
            try:
                clip = self._clip(video, extension)
            except FormatError as error:
                if self.item is not None:
                    raise
                self.places[id] = None
                self.missed[id] = [record, _name(video), 0, error.message]
                return
            frames = _frames(video, extension, clip)
            self.places[id] = (clip, frames)
            self.found.match(clip.item.id)
            for one in extension.annotations if extension else []:
                made = records.decode(one, Annotation)
                made = msgspec.structs.replace(made, item_id=clip.item.id)
                self.found.take(made, clip.size, record)
        except LabelwidgetsError as error:
            self.found.wrong(record, id, error)

    def _clip(self, video: Video, extension: VideoExtension | None) -> Clip:
        size = (video.width, video.height) if video.width and video.height else None
        if self.clips.frame is None:
            id = extension.item if extension else self.item or _name(video)
            return self.found.item(unknown_item(id), size, frames=len(video.file_names))
        if extension is not None and extension.item in self.clips.items:
            clip = self.clips.of(extension.item)
        else:
            names = [_name(video), *video.file_names[:1]]
            clip = self.clips.of(self.clips.find(names, self.item, "videos").id)
        if clip.size is not None and size is not None and clip.size != size:
            raise FormatError(
                f"has frames of {size[0]} x {size[1]} pixels, the video {clip.item.id!r} of "
                f"{clip.size[0]} x {clip.size[1]}.",
                where="width, height",
            )
        return clip

    def read_label(self, raw: msgspec.Raw, record: str) -> None:
        """Take in an object."""
        id: records.Id | None = None
        try:
            label = records.decode(raw, Label)
            id = label.id
            if label.video_id not in self.places:
                raise FormatError(f"{label.video_id!r} is no video of the file.", where="video_id")
            place = self.places[label.video_id]
            if place is None:
                self.missed[label.video_id][2] += 1
                return
            name = self.classes.get(label.category_id)
            if name is None:
                raise FormatError(
                    f"{label.category_id!r} is no category of the file.", where="category_id"
                )
            self._keep(record, label, name, *place)
        except LabelwidgetsError as error:
            self.found.wrong(record, id, error)

    def _keep(
        self, record: str, label: Label, name: str, clip: Clip, frames: Sequence[int]
    ) -> None:
        if not records.is_null(label.labelwidgets):
            whole = records.decode(label.labelwidgets, Annotation, "labelwidgets")
            if _is_unchanged(whole, label, frames):
                made = msgspec.structs.replace(whole, item_id=clip.item.id, class_name=name)
                self.found.take(made, clip.size, record)
                return
        seen = []
        for at, shape in enumerate(_shapes(label, len(frames))):
            if shape is not None:
                clip.check(frames[at], f"segmentations[{at}]")
                seen.append(Seen(frames[at], shape))
        if not seen:
            raise FormatError("is on no frame.", where="segmentations")
        kinds = {type(one.geometry) for one in seen}
        if len(kinds) > 1:
            # Where some frames have no mask, all are boxes.
            raise FormatError("has masks on some frames and only boxes on others.", where="bboxes")
        parameters: dict[str, Any] = {} if label.id is None else {"id": label.id}
        if label.iscrowd:
            parameters["iscrowd"] = 1
        self.found.keep(
            name,
            track_of(_filled(seen, frames), clip.frames, self.tolerance),
            clip,
            confidence=label.score,
            parameters=parameters,
        )

    def close(self) -> None:
        """Note the videos that are none of the dataset."""
        for id, (record, name, count, reason) in self.missed.items():
            self.found.unmatched(record, str(id), name, count, reason)


def _name(video: Video) -> str:
    """Return what a video is called: the folder of its frames."""
    if video.name:
        return video.name
    first = video.file_names[0] if video.file_names else ""
    return first.rsplit("/", 1)[0].rsplit("/", 1)[-1] if "/" in first else str(video.id)


def _frames(video: Video, extension: VideoExtension | None, clip: Clip) -> list[int]:
    """Return the frame of each name."""
    count = len(video.file_names)
    if extension is not None and len(extension.frames) == count:
        return extension.frames
    if clip.frames is None or clip.frames == count:
        return list(range(count))
    numbers = [_DIGITS.search(name) for name in video.file_names]
    found = [int(one[1][-9:]) for one in numbers if one]
    if (
        len(found) == count
        and sorted(set(found)) == found
        and (not found or found[-1] < clip.frames)
    ):
        return found
    raise FormatError(
        f"has {numbered(count, 'frame')}, the video {clip.item.id!r} has {clip.frames}, and "
        "its names do not "
        "say which they are.",
        where="file_names",
    )


def _shapes(label: Label, count: int) -> list[Shape | None]:
    for field in ("segmentations", "bboxes"):
        given = getattr(label, field)
        if given is not None and len(given) != count:
            raise FormatError(
                f"has {numbered(len(given), 'frame')}, the video has {count}.", where=field
            )
    shapes: list[Shape | None] = []
    for at in range(count):
        raw = label.segmentations[at] if label.segmentations is not None else records.NULL
        box = label.bboxes[at] if label.bboxes is not None else None
        try:
            if not records.is_null(raw):
                code = records.decode(raw, Code)
                shapes.append(Mask(RLE(tuple(code.size), code.counts)))  # type: ignore[arg-type]
            elif box is not None:
                if len(box) != 4:
                    raise FormatError(f"must be [x, y, width, height], not {box}.")
                shapes.append(Rectangle(*box))
            else:
                shapes.append(None)
        except (FormatError, GeometryError) as error:
            field = "bboxes" if records.is_null(raw) else "segmentations"
            raise error.at(f"{field}[{at}]") from None
    return shapes


def _filled(seen: list[Seen], frames: Sequence[int]) -> list[Seen]:
    """Return what is seen with frames between two of the list as the first of them has it.

    Where a list has every fifth frame only, nothing says that an object is gone in between.
    """
    following = dict(pairwise(frames))
    made: list[Seen] = []
    for one, after in zip(seen, [*seen[1:], None], strict=True):
        there = following.get(one.frame)
        goes_on = after is not None and after.frame == there
        stop = after.frame if after is not None and goes_on else one.frame + 1
        made += [one._replace(frame=at) for at in range(one.frame, stop)]
    return made


def _is_unchanged(whole: Annotation, label: Label, frames: Sequence[int]) -> bool:
    """Say whether a label is still what its boxes say, frame by frame."""
    shape = whole.geometry
    if label.bboxes is None or len(label.bboxes) != len(frames):
        return False
    for frame, box in zip(frames, label.bboxes, strict=True):
        if isinstance(shape, Track):
            sight = shape.at(frame)
            bounds = sight.geometry.bounds if sight is not None else None
        else:
            bounds = shape.bounds if frame == whole.frame else None
        if (bounds is None) != (box is None):
            return False
        if bounds is not None and box is not None:
            pairs = zip(bounds, box, strict=False)
            if len(box) != 4 or any(abs(a - b) > _MOVED for a, b in pairs):
                return False
    return True
