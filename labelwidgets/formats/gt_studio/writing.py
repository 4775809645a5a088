"""From annotations to jobs of GT Studio."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.gt_studio.mask_files import MaskFiles
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.json_lists import JsonList
from labelwidgets.formats.losses import losses
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.formats.seen_frames import on_frames
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.media.urls import masked
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.geometry import (
    XY,
    Cuboid,
    Ellipse,
    Geometry,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
)
from labelwidgets.schema.tracks import Track

Size = tuple[int, int]
_OUTLINE = changed("polygon", "its outline")
HOLDS = Holds(
    "GT Studio",
    "pictures",
    {
        "rectangle": KEPT,
        "turned rectangle": _OUTLINE,
        "ellipse": _OUTLINE,
        "polygon": KEPT,
        "holes": changed("polygon", "its outer rings"),
        "parts": KEPT,
        "polyline": KEPT,
        "point": KEPT,
        "keypoints": KEPT,
        "hidden joints": changed("keypoints", "joints that are all seen"),
        "cuboid": KEPT,
        "mask": KEPT,
        "track": KEPT,
        "answers": KEPT,
        "empty pictures": KEPT,
    },
    disjoint=True,
    file="jobs.json",
)
_KINDS = {
    "rectangle": "rectangle",
    "polygon": "polygon",
    "polyline": "line",
    "point": "landmark",
    "keypoints": "landmark",
    "cuboid": "cuboid",
}


@writer(HOLDS)
def write(job: Writing, *, mask_url: str | None = None) -> Counts:
    """Write jobs: see `labelwidgets.formats.write` and `labelwidgets.formats.gt_studio`.

    Parameters
    ----------
    items
        As for `labelwidgets.formats.write`; they are needed, for sizes and addresses.
    mask_url
        Address of the folder of pictures of masks as the jobs name it, such as
        ``https://bucket.example/masks``; None names the folder beside the file.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, or (if `strict`) a label has no place.
    """
    export = _Export(job, MaskFiles(job.output, mask_url, job.ontology))
    # As json.dumps does it with indent=1, and not all jobs in memory.
    texts = (json.dumps(one, ensure_ascii=False, indent=1) for one in _jobs(job, export))
    lines = (text.replace("\n", "\n ").encode("utf-8", "surrogatepass") for text in texts)
    jobs = JsonList(lines, b"\n ")
    job.output.add_pieces("jobs", jobs)
    return {"jobs": jobs.count, "labels": export.count}


def _jobs(job: Writing, export: _Export) -> Iterator[dict[str, Any]]:
    """Return one job after another."""
    for clip, labels in job.by_item("the addresses of pictures"):
        moves = clip.item.kind in IN_TIME
        if not labels and not moves and clip.item.kind != "image":
            continue
        if clip.size is None and labels:
            raise FormatError(
                "has no known size.", where=f"item {clip.item.id!r}", hint="Pass dataset=."
            )
        yield export.video(labels, clip) if moves else export.picture(labels, clip)


class _Export:
    """Makes one job after another."""

    def __init__(self, job: Writing, files: MaskFiles) -> None:
        self.frames, self.dropped, self.files, self.count = job.frames, job.dropped, files, 0

    def picture(self, labels: Sequence[Annotation], clip: Clip) -> dict[str, Any]:
        """Return the job of a picture."""
        data: dict[str, list[Any]] = {}
        masks = []
        for label in self._kept(labels, clip.item.kind):
            if isinstance(label.geometry, Mask):
                masks.append(label)
                continue
            shape = _outlined(label.geometry)
            said = self._said(label, shape, label.attributes, clip)
            data.setdefault(f"{_KINDS[shape.type]}s", []).append({"_id": label.id, **said})
        response: dict[str, Any] = {kind: {"data": some} for kind, some in data.items()}
        if masks and clip.size is not None:
            lost: Counter[str] = Counter()
            raster = self.files.add(clip.item, clip.size, masks, lost)
            self.dropped.add(lost)
            response["raster"] = {"data": raster}
        url = masked(clip.item.urls[0]) if clip.item.urls else clip.item.id
        return {"reference_id": clip.item.id, "image_url": url, "maker_response": response}

    def video(self, labels: Sequence[Annotation], clip: Clip) -> dict[str, Any]:
        """Return the job of a video or a sequence."""
        kept = self._kept(labels, clip.item.kind)
        count = clip.frames if clip.frames is not None else 1 + max(map(_last, kept), default=0)
        urls = [masked(url) for url in clip.item.urls] or [clip.item.id]
        srcs = urls if clip.item.kind == "image_sequence" else [urls[0]] * count
        objects: dict[str, dict[str, Any]] = {}
        for label in kept:
            shape = label.geometry
            kind = _kind(shape)
            own = label.track_id or label.id
            object_ = objects.setdefault(
                f"{own} {label.class_name} {kind}",
                {"_id": own, "type": kind, "label": label.class_name, "frames": {}},
            )
            for one in on_frames(label, clip, self.frames):
                seen = _outlined(one.sight.geometry, turned=kind == "polygon")
                said = self._said(label, seen, one.sight.attributes, clip)
                object_["frames"].setdefault(
                    str(one.frame), {"_id": f"{label.id}_{one.frame}", "type": kind, **said}
                )
        return {
            "reference_id": clip.item.id,
            "video_data": {
                "frames": [{"frame_id": str(at), "src": src} for at, src in enumerate(srcs)]
            },
            "maker_response": {"video2d": {"data": {"annotations": list(objects.values())}}},
        }

    def _kept(self, labels: Sequence[Annotation], on: str) -> list[Annotation]:
        """Return the labels that have a place; what is lost is counted."""
        lost: Counter[str] = Counter()
        kept = []
        for label in labels:
            shape = label.geometry
            moves = isinstance(shape, Track)
            kind = shape.shape_type if isinstance(shape, Track) else shape.type
            if label.frame is None and not moves and on in IN_TIME and label.class_name is not None:
                lost[f"{kind} on no frame"] += 1
                continue
            if moves and on not in IN_TIME:
                lost["track on a picture"] += 1
                continue
            # There is no picture of masks for a frame.
            if kind == "mask" and on != "image":
                lost[f"track of {kind}" if moves else f"{kind} on a frame"] += 1
                continue
            if moves and kind not in (*_KINDS, "ellipse"):
                lost[f"track of {kind}"] += 1
                continue
            if losses(HOLDS, label, lost).how == "left":
                continue
            if isinstance(shape, Track):
                _lost_of_track(shape, lost)
            elif kind == "mask" and label.attributes:
                lost["set of answers of a mask (in a field that only labelwidgets reads)"] += 1
            kept.append(label)
        self.dropped.add(lost)
        self.count += len(kept)
        return kept

    def _said(
        self, label: Annotation, shape: Geometry, answers: dict[str, AttributeValue], clip: Clip
    ) -> dict[str, Any]:
        assert clip.size is not None  # noqa: S101 - seen to by the caller
        said: dict[str, Any] = {
            "label": label.class_name,
            "state": "non_editable" if label.state == "locked" else "editable",
            **_shape(shape, clip.size),
        }
        if answers:
            said["attributes"] = {name: {"value": answer} for name, answer in answers.items()}
        return said


def _lost_of_track(track: Track, lost: Counter[str]) -> None:
    """Count what is lost of the shapes of a track."""
    shapes = [one.geometry for one in track.keyframes.values() if one.geometry is not None]
    if any(isinstance(one, Polygon) and any(p[1:] for p in one.parts) for one in shapes):
        lost["hole of a polygon"] += 1
    if any(isinstance(one, Keypoints) and any(v != 2 for _, _, v in one.points) for one in shapes):
        lost["visibility of a skeleton"] += 1
    if _kind(track) == "polygon" and track.shape_type != "polygon":
        lost[f"track of {track.shape_type} (as its outlines)"] += 1
    if any(one.occluded for one in track.keyframes.values()):
        lost["occlusion of a track"] += 1


def _kind(shape: AnyGeometry) -> str:
    """Return the type that a label has there."""
    if isinstance(shape, Track):
        shapes = [one.geometry for one in shape.keyframes.values()]
        turned = any(isinstance(one, Rectangle) and one.angle % 360 for one in shapes)
        return "polygon" if turned else _KINDS.get(shape.shape_type, "polygon")
    return _KINDS[_outlined(shape).type]


def _outlined(shape: AnyGeometry, turned: bool = False) -> Geometry:
    """Return an ellipse or a turned box (all boxes, if `turned`) as a polygon."""
    box = isinstance(shape, Rectangle) and (turned or shape.angle % 360)
    if isinstance(shape, Ellipse) or box:
        return Polygon(outlines_of(shape) or [])
    return shape


def _shape(shape: Geometry, size: Size) -> dict[str, Any]:
    """Return the fields of a shape."""
    if isinstance(shape, Rectangle):
        return {"coordinates": [_point(point, size) for point in shape.corners]}
    if isinstance(shape, Cuboid):
        return {"points": _named(shape.points, size)}
    if isinstance(shape, Polyline):
        points = _named(shape.points, size)
        names = list(points)
        pairs = enumerate(pairwise(names), 1)
        return {"points": points, "edges": {f"e{n}": list(pair) for n, pair in pairs}}
    if isinstance(shape, Polygon):
        rings = [part[0] for part in shape.parts]
        points = _named([point for ring in rings for point in ring], size)
        names, start = list(points), 0
        edges: dict[str, list[str]] = {}
        for ring in rings:
            own = names[start : start + len(ring)]
            for one, other in zip(own, own[1:] + own[:1], strict=True):
                edges[f"e{len(edges) + 1}"] = [one, other]
            start += len(ring)
        return {"points": points, "edges": edges}
    if isinstance(shape, Point):
        return {"points": _named([(shape.x, shape.y)], size)}
    assert isinstance(shape, Keypoints)  # noqa: S101 - the last that is kept
    named = _named([(x, y) for x, y, _ in shape.points], size)
    return {"points": {key: one | {"label": at} for at, (key, one) in enumerate(named.items(), 1)}}


def _named(points: Sequence[XY], size: Size) -> dict[str, dict[str, Any]]:
    return {f"p{n}": _point(point, size) for n, point in enumerate(points, 1)}


def _point(point: XY, size: Size) -> dict[str, Any]:
    return {"x": point[0] / size[0], "y": point[1] / size[1]}


def _last(label: Annotation) -> int:
    shape = label.geometry
    return max(shape.keyframes) if isinstance(shape, Track) else label.frame or 0
