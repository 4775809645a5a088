"""From the jobs of a file to annotations."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError, SchemaError, SourceError
from labelwidgets.formats.answers_by_frame import changes_of, mutable_of, split_answers
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.counting import one_more
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.gt_studio.rasters import Rasters
from labelwidgets.formats.gt_studio.shapes import joints, read_shape
from labelwidgets.formats.mask_pictures import Regions
from labelwidgets.formats.masks.meaning import nameless
from labelwidgets.formats.matching import Item, ItemIndex, items_of
from labelwidgets.formats.mending import mended
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.items import item_id
from labelwidgets.media.limits import Limits
from labelwidgets.media.manifests.documents import text_of
from labelwidgets.media.manifests.gt_studio import jobs_in
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.urls import canonical_url
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.ontology import AttributeValue, ObjectClass, Ontology, Skeleton
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.schema.tracks import Track
from labelwidgets.schema.validity import check_annotation, check_answers, check_geometry

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES = 1 << 30
_STATES: Mapping[Any, Literal["editable", "locked"]] = {
    None: "editable",
    "editable": "editable",
    "non_editable": "locked",
}
_SIGNS = (b'"maker_response"', b'"image_url"', b'"video_data"')


class Label(NamedTuple):
    """A label of a job: its place, its type, what is said, and on which frame of which object."""

    place: str
    kind: str
    said: Any
    frame: str | None = None
    track: str | None = None
    # Where the object stands that it shows on one frame.
    object: str | None = None


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has jobs."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and any(
        sign in head for sign in _SIGNS
    )


@reader("gt_studio", "videos")
def read(
    job: Reading,
    *,
    max_bytes: int = MAX_BYTES,
    policy: UrlPolicy | None = None,
    limits: Limits | None = None,
) -> Imported:
    """Read the labels of GT Studio's jobs: see `labelwidgets.formats.read`.

    A job is matched to an item by its URL or URLs, else by path or file name.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.read`; they are needed, for their sizes.
    max_bytes
        Larger files are refused before they are decoded.
    policy
        Which addresses of pictures of masks the file may name; the default one where None: of
        the web and of clouds, not of private networks, and of files beside it.
    limits
        Bounds on the size of such a picture; the default ones where None.

    Raises
    ------
    FormatError
        Naming the file, the job and the field; also if not one of the jobs is an item of the
        dataset (unless `errors` is ``collect``).
    LimitError
        If the file is too large.
    """
    if job.items is None:
        raise FormatError(
            "has coordinates from 0 to 1, and needs the items for their sizes.",
            where=job.shown,
            hint="Call project.import_annotations, or pass items=dataset.items.",
        )
    data = job.bytes(max_bytes)
    try:
        jobs = _jobs(text_of(data, job.shown), os.fspath(job.path), job.shown)
    except SourceError as error:
        raise FormatError(error.message, where=error.where, hint=error.hint) from None
    rasters = Rasters(job.path, policy, limits, job.storage_options)
    problems = Problems(job.shown, job.collect)
    found = _Reader(problems, job.items, job.clips, job.ontology, rasters)
    for place, one in jobs:
        found.read_job(place, one)
    return found.result()


def _jobs(text: str, path: str, name: str) -> list[tuple[str, Any]]:
    if path.lower().endswith((".jsonl", ".ndjson")):
        lines = [line for line in enumerate(text.splitlines(), start=1) if line[1].strip()]
        return [(f"line {n}", as_json(line.encode(), f"{name}, line {n}")) for n, line in lines]
    jobs = jobs_in(as_json(text.encode(), name))
    if jobs is None:
        raise FormatError("has no job with image_url or video_data.", where=name)
    return jobs


class _Reader:
    """One reading of one file."""

    def __init__(
        self,
        problems: Problems,
        items: pd.DataFrame,
        clips: Clips,
        ontology: Ontology | None,
        rasters: Rasters,
    ) -> None:
        self.clips, self.rasters = clips, rasters
        self.problems, self.frame, self.questions = problems, items, ontology
        self.index = ItemIndex(items_of(items))
        self.classes = {made.name: made for made in ontology.classes} if ontology else {}
        self.renames = Renames.of(ontology) if ontology else Renames()
        self.annotations: list[Annotation] = []
        self.ids: set[str] = set()
        self.found: set[str] = set()
        self.unmatched: list[tuple[str, str, str, int, str]] = []
        self.kinds: dict[str, Counter[str]] = {}
        self.joints: dict[str, list[str]] = {}

    def read_job(self, place: str, job: Any) -> None:
        """Read the labels of one job."""
        if not isinstance(job, Mapping):
            self.problems.add(place, None, FormatError("must be an object."))
            return
        data = job["data"] if isinstance(job.get("data"), Mapping) else job
        reference = job.get("reference_id", data.get("reference_id"))
        labels = list(self._labels(place, data))
        try:
            item, frames = self._item(data)
        except FormatError as error:
            name = data.get("image_url")
            name = name if isinstance(name, str) else ""
            reason = f"{error.message} {error.hint or ''}".strip()
            self.unmatched.append((place, str(reference or ""), name, len(labels), reason))
            return
        self.found.add(item.id)
        objects: dict[str, list[tuple[Label, Annotation]]] = {}
        for label in labels:
            try:
                if label.kind == "raster":
                    self._raster(label, item)
                    continue
                made = self._made(label, item, frames)
                if label.object is not None and made.frame is not None:
                    objects.setdefault(label.object, []).append((label, made))
                else:
                    self._keep(made, self._size(item, made.frame), label.said)
            except LabelwidgetsError as error:
                said = label.said.get("_id") if isinstance(label.said, Mapping) else None
                self.problems.add(label.place, said, error)
        for where, parts in objects.items():
            try:
                name = parts[0][1].class_name or ""
                moves = mutable_of(self.classes.get(self.renames.class_name(name) or name))
                joined = _joined(parts, len(frames), moves)
                self._keep(joined, self._size(item, 0), parts[0][0].said)
            except LabelwidgetsError as error:
                self.problems.add(where, parts[0][0].track, error)

    def _labels(self, place: str, data: Mapping[str, Any]) -> Iterator[Label]:
        for field in ("maker_response", "annotations", "annotation_data"):
            given = data.get(field)
            if given is None:
                continue
            where = f"{place}.{field}"
            if not isinstance(given, Mapping):
                self.problems.add(where, None, FormatError("must be an object."))
                continue
            tracked = given.get("annotations") if field == "annotation_data" else None
            for kind, part in given.items():
                inside = part.get("data") if isinstance(part, Mapping) else part
                if kind == "video2d" and isinstance(inside, Mapping):
                    tracked = inside.get("annotations")
                elif kind == "raster":
                    yield Label(f"{where}.{kind}", kind, inside if inside is not None else part)
                elif tracked is None and isinstance(inside, list):
                    for index, said in enumerate(inside):
                        yield Label(f"{where}.{kind}[{index}]", kind, said)
                elif tracked is None:
                    self.problems.add(f"{where}.{kind}", None, FormatError("must be a list."))
            if tracked is not None:
                yield from self._tracked(where, tracked)

    def _tracked(self, where: str, tracked: Any) -> Iterator[Label]:
        if not isinstance(tracked, list):
            self.problems.add(where, None, FormatError("must be a list.", where="annotations"))
            return
        for index, track in enumerate(tracked):
            place = f"{where}.annotations[{index}]"
            frames = track.get("frames") if isinstance(track, Mapping) else None
            if not isinstance(frames, Mapping):
                error = FormatError(
                    "must be an object with a label for each frame.", where="frames"
                )
                self.problems.add(place, None, error)
                continue
            for frame, said in frames.items():
                whole = {"label": track.get("label"), **said} if isinstance(said, Mapping) else said
                kind = whole.get("type", track.get("type")) if isinstance(whole, Mapping) else ""
                name = track.get("_id")
                track_id = name if isinstance(name, str) and is_id(name) else None
                where = f"{place}.frames.{frame[:80]}"
                yield Label(where, str(kind), whole, frame, track_id, place)

    def _item(self, data: Mapping[str, Any]) -> tuple[Item, dict[str, int]]:
        """Return the item of a job, and the indices of its frames by their names."""
        video = data.get("video_data")
        if not isinstance(video, Mapping):
            url = data.get("image_url")
            if not isinstance(url, str):
                raise FormatError("has neither image_url nor video_data.")
            return self.index.find([_canonical(url), url], item_id("image", [_canonical(url)])), {}
        frames = video.get("frames")
        sound = isinstance(frames, list) and all(
            isinstance(frame, Mapping) and isinstance(frame.get("src"), str) for frame in frames
        )
        if not sound or not frames:
            raise FormatError("has no list of frames with src.")
        urls = [_canonical(frame["src"]) for frame in frames]
        found = self.index.get(item_id("image_sequence", urls))
        found = found or self.index.find([urls[0], frames[0]["src"]], "")
        if found.kind == "video" and len(set(urls)) == 1:
            # A file with all frames in it, as we write it.
            count = self.clips.of(found.id).frames
            if count is not None and len(urls) > count:
                raise FormatError(f"has {len(urls)} frames, the video {count}.")
        elif len(found.urls) != len(urls):
            raise FormatError(f"has {len(urls)} frames, the item {len(found.urls)}.")
        return found, {str(frame.get("frame_id")): at for at, frame in enumerate(frames)}

    def _size(self, item: Item, frame: int | None) -> tuple[int, int]:
        # Pictures of a sequence are labelled at the size of the first.
        size = item.size or (item.sizes[frame or 0] if item.sizes else None)
        if size is None and item.kind == "video":
            size = self.clips.of(item.id).size
        if size is None:
            raise FormatError(
                "is on a picture whose size is not known.",
                hint="Open the dataset with validate=True, and add it to the project again.",
            )
        return size

    def _made(self, label: Label, item: Item, frames: dict[str, int]) -> Annotation:
        """Return a label as it is on one frame."""
        said = label.said
        if not isinstance(said, Mapping):
            raise FormatError("must be an object.")
        frame = None
        if label.frame is not None:
            if label.frame not in frames:
                raise FormatError("is no frame of the job.", where="frame_id")
            several = len(item.urls) > 1 or item.kind == "video"
            frame = frames[label.frame] if several else None
        elif len(item.urls) > 1 or item.kind == "video":
            raise FormatError("does not say on which frame it is.")
        name = said.get("label")
        if not isinstance(name, str):
            raise FormatError("must be the name of a class.", where="label")
        name = ObjectClass(name).name
        state = _STATES.get(said.get("state")) if _is_text(said.get("state")) else None
        if state is None:
            raise FormatError("must be editable or non_editable.", where="state")
        size = self._size(item, frame)
        parameters: dict[str, Any] = {}
        own = said.get("_id")
        if isinstance(own, str):
            if own in self.ids:
                raise FormatError("is the id of a label before it.", where="_id")
            self.ids.add(own)
            parameters["id"] = own
        answers, others = self._attributes(said.get("attributes"), name)
        if others:
            parameters["attributes"] = others
        return Annotation(
            item_id=item.id,
            frame=frame,
            class_name=name,
            geometry=read_shape(label.kind, said, size),
            attributes=answers,
            track_id=label.track,
            state=state,
            origin=Origin("import", "gt_studio", parameters=parameters),
        )

    def _raster(self, label: Label, item: Item) -> None:
        """Read the masks of a picture of colours."""
        if len(item.urls) > 1 or item.kind == "video":
            raise FormatError("does not say on which frame it is.")
        size = self._size(item, None)
        picture, parts = self.rasters.read(label.said, size, self.classes, self._name, label.place)
        regions = Regions(picture.values)
        told = label.said.get("attributes") or {}
        if not isinstance(told, Mapping):
            raise FormatError("must be an object.", where="attributes")
        for code, part in parts.items():
            if part is None or code not in regions.areas:
                continue
            answers, others = self._attributes(told.get(part.text), part.name)
            parameters: dict[str, Any] = {"attributes": others} if others else {}
            if part.instance is not None:
                parameters["instance"] = part.instance
            made = Annotation(
                item_id=item.id,
                class_name=part.name,
                geometry=mask_of(regions.runs(code)),
                attributes=answers,
                origin=Origin("import", "gt_studio", parameters=parameters),
            )
            self._keep(made, size, {})
        unnamed = {code: area for code, area in regions.areas.items() if code not in parts}
        for error in nameless(unnamed, picture.kind):
            self.problems.add(label.place, None, error)

    def _name(self, name: str) -> str:
        name = ObjectClass(name).name
        return self.renames.class_name(name) or name

    def _keep(self, made: Annotation, size: tuple[int, int], said: Any) -> None:
        made = mended(renamed(made, self.renames))
        name = made.class_name or ""
        shape = made.geometry
        kind = shape.shape_type if isinstance(shape, Track) else shape.type
        if kind == "keypoints":
            names = joints(said)
            known = self.joints.setdefault(name, names)
            if len(known) != len(names):
                raise FormatError(
                    f"has {len(names)} points, and {len(known)} in a label before it.",
                    where="points",
                )
        if self.questions is not None and name in self.classes:
            check_annotation(made, self.questions, size)
        else:
            check_geometry(made.geometry, size)
        self.kinds.setdefault(name, Counter())[kind] += 1
        one_more()
        self.annotations.append(made)

    def _attributes(
        self, given: Any, class_name: str
    ) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
        """Return the answers that the ontology has questions for, and the others."""
        if given is None:
            return {}, {}
        if not isinstance(given, Mapping):
            raise FormatError("must be an object.", where="attributes")
        current = self.renames.class_name(class_name) or class_name
        made = self.classes.get(current)
        answers: dict[str, AttributeValue] = {}
        others: dict[str, Any] = {}
        for name, entry in given.items():
            value = entry.get("value") if isinstance(entry, Mapping) else entry
            if value is None:
                continue
            answer = value if isinstance(value, list) else _answer(value)
            try:
                mine = self.renames.answers(current, {name: answer})
                check_answers(made.attributes if made else (), mine, "")
                answers |= mine
            except SchemaError:
                others[name] = value if isinstance(value, str | int | float | list) else str(value)
        return answers, others

    def result(self) -> Imported:
        """Return what was read, and what was not."""
        import pandas as pd

        if self.unmatched and not self.found and not self.problems.collect:
            place, _, name, _, reason = self.unmatched[0]
            raise FormatError(
                f"none of its {len(self.unmatched)} jobs is an item of the dataset.",
                where=self.problems.file,
                hint=f"The first is {place} ({name[:200]!r}), it {reason}",
            )
        columns = ["record", "id", "file_name", "annotations", "reason"]
        unmatched = pd.DataFrame(self.unmatched, columns=columns)
        rows = [(name, name, None, sum(kinds.values())) for name, kinds in self.kinds.items()]
        names = ["id", "name", "supercategory", "annotations"]
        return Imported(
            path=self.problems.file,
            format="gt_studio",
            annotations=self.annotations,
            left_out=self.problems.frame(),
            unmatched=unmatched.astype({"annotations": "int64"}),
            categories=pd.DataFrame(rows, columns=names).astype(
                {"name": object, "supercategory": object, "annotations": "int64"}
            ),
            ontology=Ontology([self._class(name) for name in self.kinds]),
            items=self.frame[self.frame["id"].astype(str).isin(list(self.found))],
        )

    def _class(self, name: str) -> ObjectClass:
        tool = self.kinds[name].most_common(1)[0][0]
        names = self.joints.get(name)
        return ObjectClass(name, tool=tool, skeleton=Skeleton(names) if names else None)


def _joined(parts: list[tuple[Label, Annotation]], frames: int, mutable: set[str]) -> Annotation:
    """Return the track of what is seen of an object frame by frame."""
    parts = sorted(parts, key=lambda part: part[1].frame or 0)
    first = parts[0][1]
    names = sorted({str(made.class_name) for _, made in parts})
    if len(names) > 1:
        raise FormatError(f"has the classes {', '.join(names)}, and must have one.", where="label")
    frames_of = [made.frame or 0 for _, made in parts]
    answers = split_answers(frames_of, [made.attributes for _, made in parts], mutable)
    seen = []
    for (_, made), moving in zip(parts, answers.moving, strict=True):
        shape: Any = made.geometry
        seen.append(Seen(made.frame or 0, shape, attributes=moving))
    given = [made.origin.parameters for _, made in parts]
    parameters: dict[str, Any] = {}
    others = changes_of(frames_of, [one.get("attributes") for one in given])
    if others or answers.others:
        parameters["attributes_by_frame"] = {**others, **answers.others}
    if ids := {str(at): one["id"] for at, one in zip(frames_of, given, strict=True) if "id" in one}:
        parameters["ids"] = ids
    return msgspec.structs.replace(
        first,
        frame=None,
        geometry=track_of(seen, frames),
        attributes=answers.fixed,
        origin=Origin("import", "gt_studio", parameters=parameters),
    )


def _canonical(url: str) -> str:
    with suppress(SourceError):
        return canonical_url(url)
    return url


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)
