"""From annotations to Label Studio's JSON."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from labelwidgets.formats.clips import Clip
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.json_lists import JsonList
from labelwidgets.formats.label_studio.config import write_config
from labelwidgets.formats.label_studio.regions import HIDDEN, ONE_FRAME, SKELETON
from labelwidgets.formats.label_studio.shapes import write_shape
from labelwidgets.formats.label_studio.videos import event_said, frame_said, write_track
from labelwidgets.formats.losses import losses, shapes_of
from labelwidgets.formats.matching import Item
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.seen_frames import by_item
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers, joint_names, one_ring
from labelwidgets.media.kinds import PICTURES
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Attribute, Text
from labelwidgets.schema.geometry import Keypoints, Rectangle, Tag
from labelwidgets.schema.tracks import Interval, Track

_PIXELS = changed("mask", "its pixels")
HOLDS = Holds(
    "Label Studio",
    "pictures",
    {
        **dict.fromkeys(
            (
                "rectangle",
                "turned rectangle",
                "ellipse",
                "polygon",
                "polyline",
                "point",
                "keypoints",
                "hidden joints",
                "mask",
                "tag",
                "track",
                "event",
                "answers",
                "image answers",
                "confidence",
                "empty pictures",
                "ids",
            ),
            KEPT,
        ),
        "holes": _PIXELS,
        "parts": _PIXELS,
        "volume mask": changed("mask", "a mask on each slice"),
    },
    file="tasks.json",
)


@writer(HOLDS, ".json")
def write(job: Writing) -> Counts:
    """Write tasks: see `labelwidgets.formats.write` and `labelwidgets.formats.label_studio`.

    Parameters
    ----------
    path
        A ``.json``; or a folder or a ``.zip``, with ``tasks.json`` and ``label_config.xml``.
    frames
        Of tracks through the pictures of a sequence: ``all``, ``keyframes``, or every n-th.
    """
    videos = dict.fromkeys(one.id for one in job.clips.items.values() if one.kind == "video")
    if job.items is None:
        moving = (one for one in job.annotations if isinstance(one.geometry, Track | Interval))
        videos = dict.fromkeys(one.item_id for one in moving)
    stills = [one for one in job.annotations if one.item_id not in videos]
    tasks = _Tasks(job)
    tracks = sum(isinstance(one.geometry, Track) for one in stills)
    job.dropped.add(Counter({"track (as a shape on each picture)": tracks}))
    made = chain(tasks.pictures(job.pictures.without(videos)), tasks.videos(videos))
    rows = (msgspec.json.encode(task | {"id": number}) for number, task in enumerate(made, 1))
    listed = JsonList(rows)
    job.output.add_pieces("tasks", listed)
    if not job.output.single:
        config = write_config(job.ontology, tasks.used, bool(videos) and not stills, tasks.tags)
        job.output.add("label_config", config.encode(), ".xml")
    return {"tasks": listed.count, "annotations": tasks.count}


class _Tasks:
    """Makes the tasks of one writing."""

    def __init__(self, job: Writing) -> None:
        self.job, self.count = job, 0
        self.used: dict[str, list[str]] = {}
        self.tags = False

    def pictures(self, pictures: Iterable[Picture]) -> Iterator[dict[str, Any]]:
        """Return the tasks of pictures."""
        for picture in pictures:
            results: list[dict[str, Any]] = []
            lost: Counter[str] = Counter()
            for label in self.job.kept(picture.labels, lost):
                shape: Any = label.geometry
                self.count += 1
                if isinstance(shape, Tag):
                    results += self._about(label, "image")
                    continue
                size = picture.pixels
                shape = one_ring(shape, picture)
                if isinstance(shape, Keypoints):
                    results += self._joints(label, shape, size)
                    continue
                kind, value = write_shape(shape, size)
                name = label.class_name or ""
                self._use(kind, name)
                value[f"{kind}labels"] = [name]
                said = _sized({"type": f"{kind}labels", "value": value}, size)
                said["from_name"] = f"{kind}labels"
                results += self._region(label, said, "image")
            self.job.dropped.add(lost)
            at, urls = picture.frame or 0, picture.item.urls
            whole = picture.item.kind in PICTURES and at < len(urls)
            url = urls[at] if whole else ""
            yield _task("image", url, picture.name, _linked(results, picture.labels))

    def videos(self, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Return the tasks of videos."""
        labels_of = by_item(self.job.annotations)
        for id in ids:
            clip = self.job.clips.of(id)
            if clip.size is None and self.job.size_of is not None:
                clip = clip._replace(size=self.job.size_of(id))
            results: list[dict[str, Any]] = []
            lost: Counter[str] = Counter()
            labels = labels_of.get(id, [])
            for label in labels:
                results += self._moving(label, clip, lost)
            self.job.dropped.add(lost)
            item: Item = clip.item
            url = item.urls[0] if item.urls else ""
            yield _task("video", url, item.file_name, _linked(results, labels))

    def _moving(self, label: Annotation, clip: Clip, lost: Counter[str]) -> list[dict[str, Any]]:
        shape: Any = label.geometry
        if isinstance(shape, Tag):
            self.count += 1
            return self._about(label, "video")
        name = label.class_name or ""
        if isinstance(shape, Interval):
            self._use("timeline", name)
            value = event_said(shape) | {"timelinelabels": [name]}
            said = {"type": "timelinelabels", "from_name": "timelinelabels", "value": value}
            self.count += 1
            return self._region(label, said, "video")
        boxes = all(isinstance(one, Rectangle) for one in shapes_of(shape))
        if not boxes or (not isinstance(shape, Track) and label.frame is None):
            what = "track of something else than boxes" if isinstance(shape, Track) else shape.type
            lost[what if isinstance(shape, Track) else f"{what} on a video"] += 1
            return []
        if clip.size is None:
            lost["track on a video whose size is not known"] += 1
            return []
        losses(HOLDS, label, lost)
        self._use("rectangle", name)
        if isinstance(shape, Track):
            if any(one.occluded for one in shape.keyframes.values()):
                lost["occlusion of a track"] += 1
            if any(one.attributes for one in shape.keyframes.values()):
                lost["set of answers by frame"] += 1
            value = write_track(shape, clip, clip.size)
        else:
            clip.check(label.frame or 0, f"annotation {label.id!r}, frame")
            value = frame_said(shape, label.frame or 0, clip, clip.size)
        if clip.frames is not None:
            value["framesCount"] = clip.frames
            if clip.rate:
                value["duration"] = clip.frames / clip.rate
        value["labels"] = [name]
        said = _sized({"type": "videorectangle", "from_name": "box", "value": value}, clip.size)
        if not isinstance(shape, Track):
            said["meta"] = {"text": [ONE_FRAME]}
        self.count += 1
        return self._region(label, said, "video")

    def _use(self, kind: str, name: str) -> None:
        names = self.used.setdefault(kind, [])
        if name not in names:
            names.append(name)

    def _joints(
        self, label: Annotation, shape: Keypoints, size: tuple[int, int]
    ) -> list[dict[str, Any]]:
        """Return a skeleton: a box with the note that it is one, and its joints."""
        made = self.job.ontology[label.class_name or ""]
        names = joint_names(made, shape)
        x, y, width, height = shape.bounds
        box = Rectangle(x, y, max(width, 0.01), max(height, 0.01))
        _, value = write_shape(box, size)
        self._use("rectangle", made.name)
        said = _sized({"type": "rectanglelabels", "from_name": "rectanglelabels"}, size)
        said |= {"value": value | {"rectanglelabels": [made.name]}, "meta": {"text": [SKELETON]}}
        results = self._region(label, said, "image")
        known = label.origin.parameters.get("joints") if label.origin.kind == "import" else None
        for name, (px, py, seen) in zip(names, shape.points, strict=True):
            if not seen:
                continue
            self._use("keypoint", name)
            at = {"x": px * 100 / size[0], "y": py * 100 / size[1], "width": 0.5}
            id = known.get(name) if isinstance(known, dict) else None
            one: dict[str, Any] = {"id": str(id or _id_for(label, name)), "parentID": label.id}
            one["type"] = "keypointlabels"
            one |= {"from_name": "keypointlabels", "to_name": "image", "origin": "manual"}
            one["value"] = at | {"keypointlabels": [name]}
            if seen == 1:
                one["meta"] = {"text": [HIDDEN]}
            results.append(_sized(one, size))
        return results

    def _region(self, label: Annotation, said: dict[str, Any], what: str) -> list[dict[str, Any]]:
        """Return a region and the answers to the questions about it."""
        more = label.origin.parameters if label.origin.kind == "import" else {}
        said |= {"id": label.id, "to_name": what, "origin": "manual"}
        if label.confidence is not None:
            said["score"] = label.confidence
        notes = more.get("notes")
        if isinstance(notes, list):
            said["meta"] = {"text": [*said.get("meta", {}).get("text", []), *map(str, notes)]}
        made = self.job.ontology[label.class_name or ""]
        answers = all_answers(label)
        found = [said]
        for key, answer in answers.items():
            one = _answer(key, answer, made.attributes)
            one |= {"id": label.id, "to_name": what, "origin": "manual"}
            found.append(one)
        return found

    def _about(self, label: Annotation, what: str) -> list[dict[str, Any]]:
        """Return what is said of a picture or video as a whole."""
        if label.class_name is not None:
            self.tags = True
            value = {"choices": [label.class_name]}
            said = {"type": "choices", "from_name": "tag", "value": value}
            return self._region(label, said, what)
        found = []
        for key, answer in all_answers(label).items():
            one = _answer(key, answer, self.job.ontology.image_attributes)
            found.append(one | {"id": _id_for(label, key), "to_name": what, "origin": "manual"})
        return found


def _id_for(label: Annotation, name: str) -> str:
    """Return an id for a part of a label, always the same."""
    return hashlib.sha256(f"{label.id}\0{name}".encode()).hexdigest()[:20]


def _answer(name: str, answer: Any, asked: Sequence[Attribute]) -> dict[str, Any]:
    question = next((one for one in asked if one.name == name), None)
    several = [str(one) for one in answer] if isinstance(answer, list) else [str(answer)]
    text = isinstance(question, Text) or (question is None and not isinstance(answer, list))
    kind, field = ("textarea", "text") if text else ("choices", "choices")
    return {"type": kind, "from_name": name, "value": {field: several}}


def _sized(said: dict[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    return said | {"original_width": size[0], "original_height": size[1], "image_rotation": 0}


def _linked(results: list[dict[str, Any]], labels: Sequence[Annotation]) -> list[dict[str, Any]]:
    """Return results with the relations of those that came from Label Studio."""
    ids = {}
    for label in labels:
        known = label.origin.parameters.get("id") if label.origin.kind == "import" else None
        ids[str(known)] = label.id
        joints = label.origin.parameters.get("joints")
        if isinstance(joints, dict):
            ids |= {str(own): str(own) for own in joints.values()}
    made = list(results)
    for label in labels:
        relations = label.origin.parameters.get("relations")
        for one in relations if isinstance(relations, list) else ():
            to = ids.get(str(one.get("to"))) if isinstance(one, dict) else None
            if to is not None:
                said = {"type": "relation", "from_id": label.id, "to_id": to}
                said |= {k: one[k] for k in ("direction", "labels") if one.get(k)}
                made.append(said)
    return made


def _task(field: str, url: str, name: str, results: list[dict[str, Any]]) -> dict[str, Any]:
    # Addresses with keys in them are nobody else's business.
    plain = "://" in url and not url.startswith("file:") and "?" not in url and "@" not in url
    return {
        "id": 0,
        "data": {field: url if plain else name},
        "annotations": [{"result": results, "was_cancelled": False}],
        "predictions": [],
    }
