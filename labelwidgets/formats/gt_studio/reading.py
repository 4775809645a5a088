"""From the jobs of a file to annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.answers_by_frame import changes_of, split_answers
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.file_labels import FileLabels
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.gt_studio.jobs import Label, jobs_of, labels_of
from labelwidgets.formats.gt_studio.rasters import Rasters
from labelwidgets.formats.gt_studio.shapes import joints, read_shape
from labelwidgets.formats.gt_studio.subjects import Subject, subject_of
from labelwidgets.formats.mask_pictures import Regions
from labelwidgets.formats.masks.meaning import nameless
from labelwidgets.formats.matching import ItemIndex, items_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.ontology import Skeleton

MAX_BYTES = 1 << 30
_STATES: Mapping[Any, Literal["editable", "locked"]] = {
    None: "editable",
    "editable": "editable",
    "non_editable": "locked",
}
# As names of fields: as values they may be in any file.
_SIGNS = re.compile(rb'"(?:maker_response|image_url|video_data)"\s*:')


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this has jobs."""
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    return begins and _SIGNS.search(head) is not None


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
    """
    if job.items is None:
        raise FormatError(
            "has coordinates from 0 to 1, and needs the items for their sizes.",
            where=job.shown,
            hint="Call project.import_annotations, or pass items=dataset.items.",
        )
    found = JobLabels(job.shown, "gt_studio", job.items, job.ontology, job.collect)
    rasters = Rasters(job.path, policy, limits, job.storage_options)
    one = _Reader(job, ItemIndex(items_of(job.items)), found, rasters)
    for place, record in jobs_of(job.bytes(max_bytes), job.shown):
        one.read_job(place, record)
    return found.result()


class JobLabels(FileLabels):
    """Collects the labels of jobs."""

    what = "job"


class _Reader:
    """Reads one job after another."""

    def __init__(self, job: Reading, index: ItemIndex, found: JobLabels, rasters: Rasters) -> None:
        self.job, self.index, self.found, self.rasters = job, index, found, rasters
        self.classes = {made.name for made in job.ontology.classes} if job.ontology else set()
        self.ids: set[str] = set()
        self.joints: dict[str, list[str]] = {}

    def read_job(self, place: str, job: Any) -> None:
        """Read the labels of one job."""
        if not isinstance(job, Mapping):
            self.found.wrong(place, None, FormatError("must be an object."))
            return
        data = job["data"] if isinstance(job.get("data"), Mapping) else job
        reference = job.get("reference_id", data.get("reference_id"))
        labels = list(labels_of(place, data, self.found.problems))
        try:
            subject = subject_of(data, self.index, self.job.clips)
        except FormatError as error:
            name = data.get("image_url")
            name = name if isinstance(name, str) else ""
            reason = f"{error.message} {error.hint or ''}".strip()
            self.found.unmatched(place, str(reference or ""), name, len(labels), reason)
            return
        self.found.match(subject.item.id)
        objects: dict[str, list[tuple[Label, Annotation]]] = {}
        for label in labels:
            try:
                if label.kind == "raster":
                    self._raster(label, subject)
                    continue
                made = self._made(label, subject)
                if label.object is not None and made.frame is not None:
                    objects.setdefault(label.object, []).append((label, made))
                else:
                    self._keep(made, subject.size(made.frame), label.said)
            except LabelwidgetsError as error:
                said = label.said.get("_id") if isinstance(label.said, Mapping) else None
                self.found.wrong(label.place, said, error)
        for where, parts in objects.items():
            try:
                moves = self.found.mutable(parts[0][1].class_name or "")
                joined = _joined(parts, len(subject.frames), moves)
                self._keep(joined, subject.size(0), parts[0][0].said)
            except LabelwidgetsError as error:
                self.found.wrong(where, parts[0][0].track, error)

    def _made(self, label: Label, subject: Subject) -> Annotation:
        """Return a label as it is on one frame."""
        said = label.said
        if not isinstance(said, Mapping):
            raise FormatError("must be an object.")
        frame = subject.frame(label.frame)
        name = self.found.name_of(said.get("label"))
        given = said.get("state")
        state = _STATES.get(given) if given is None or isinstance(given, str) else None
        if state is None:
            raise FormatError("must be editable or non_editable.", where="state")
        parameters: dict[str, Any] = {}
        own = said.get("_id")
        if isinstance(own, str):
            if own in self.ids:
                raise FormatError("is the id of a label before it.", where="_id")
            self.ids.add(own)
            parameters["id"] = own
        answers, others = self._answers(name, said.get("attributes"))
        if others:
            parameters["attributes"] = others
        return Annotation(
            item_id=subject.item.id,
            frame=frame,
            class_name=name,
            geometry=read_shape(label.kind, said, subject.size(frame)),
            attributes=answers,
            track_id=label.track,
            state=state,
            origin=Origin("import", "gt_studio", parameters=parameters),
        )

    def _raster(self, label: Label, subject: Subject) -> None:
        """Read the masks of a picture of colours."""
        # It does not say on which frame it is.
        subject.frame(None)
        size = subject.size(None)
        picture, parts = self.rasters.read(
            label.said, size, self.classes, self.found.name_of, label.place
        )
        regions = Regions(picture.values)
        told = label.said.get("attributes") or {}
        if not isinstance(told, Mapping):
            raise FormatError("must be an object.", where="attributes")
        for code, part in parts.items():
            if part is None or code not in regions.areas:
                continue
            answers, others = self._answers(part.name, told.get(part.text))
            parameters: dict[str, Any] = {"attributes": others} if others else {}
            if part.instance is not None:
                parameters["instance"] = part.instance
            mask = mask_of(regions.runs(code))
            item = subject.item.id
            self.found.put(part.name, mask, item, size, attributes=answers, parameters=parameters)
        unnamed = {code: area for code, area in regions.areas.items() if code not in parts}
        for error in nameless(unnamed, picture.kind):
            self.found.wrong(label.place, None, error)

    def _keep(self, made: Annotation, size: tuple[int, int], said: Any) -> None:
        shape, name = made.geometry, made.class_name or ""
        names: list[str] = []
        if "keypoints" in (shape.type, getattr(shape, "shape_type", "")):
            names = joints(said)
            known = self.joints.setdefault(name, names)
            if len(known) != len(names):
                raise FormatError(
                    f"has {numbered(len(names), 'point')}, and {len(known)} in a label before it.",
                    where="points",
                )
        self.found.take(made, size, foreign=True)
        if names:
            self.found.note(name, Skeleton(self.joints[name]))

    def _answers(self, name: str, given: Any) -> tuple[dict[str, AttributeValue], dict[str, Any]]:
        if given is None:
            return {}, {}
        if not isinstance(given, Mapping):
            raise FormatError("must be an object.", where="attributes")
        plain = {
            key: entry.get("value") if isinstance(entry, Mapping) else entry
            for key, entry in given.items()
        }
        return self.found.answers(name, plain)


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
