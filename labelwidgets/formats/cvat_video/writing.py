"""From tracks to CVAT's XML of a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from labelwidgets.errors import FormatError
from labelwidgets.formats.clips import Clip
from labelwidgets.formats.cvat_video.shapes import write_shape
from labelwidgets.formats.cvat_video.tasks import answers_as_elements, class_as_elements
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.seen_frames import by_item
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.xml_elements import Element
from labelwidgets.formats.xml_text import attributes_of, clean
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import ObjectClass
from labelwidgets.schema.tracks import Keyframe, Shape, Track

HOLDS = Holds(
    "CVAT's XML of videos",
    "videos",
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
                "cuboid",
                "mask",
                "track",
                "answers",
                "empty pictures",
            ),
            KEPT,
        ),
        "holes": changed("polygon", "the outer ring"),
        "parts": changed("polygon", "the first part"),
    },
)


@writer(HOLDS, ".xml")
def write(job: Writing, *, frames: Literal["keyframes", "all"] = "keyframes") -> Counts:
    """Write tracks: see `labelwidgets.formats.write` and `labelwidgets.formats.cvat_video`.

    Parameters
    ----------
    path
        An ``.xml`` for one video; a folder, or a ``.zip``, with ``annotations.xml`` of each.
    frames
        ``keyframes``; with ``all`` what lies between them as well, with ``keyframe="0"``.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) the XML has no place for it.
    """
    if frames not in ("keyframes", "all"):
        raise FormatError(f'must be "keyframes" or "all", not {frames!r}.', where="frames")
    made = _Documents(job, frames == "all")
    labels = {id: made.kept(some) for id, some in by_item(job.annotations).items()}
    videos = job.videos(labels)
    counts = Counter(videos=0, tracks=0, shapes=0)
    for clip in videos:
        some = labels.get(clip.item.id, [])
        text = "".join(made.document(some, clip))
        counts.update(videos=1, tracks=len(some), shapes=made.shapes)
        name = "annotations" if len(videos) == 1 else f"{clip.stem}/annotations"
        job.output.add(name, text.encode())
    return counts


class _Documents:
    """Makes the document of one video after another."""

    def __init__(self, job: Writing, every: bool) -> None:
        self.ontology, self.every, self.dropped = job.ontology, every, job.dropped
        self.shapes = 0

    def kept(self, labels: Sequence[Annotation]) -> list[Annotation]:
        """Return the labels that have a place; what is lost of them is counted."""
        lost: Counter[str] = Counter()
        kept = []
        for label in labels:
            if losses(HOLDS, label, lost).how == "left":
                continue
            if not isinstance(label.geometry, Track) and label.frame is None:
                lost[f"{label.geometry.type} on no frame"] += 1
            else:
                kept.append(label)
        self.dropped.add(lost)
        return kept

    def document(self, labels: Sequence[Annotation], clip: Clip) -> Iterator[str]:
        """Return the pieces of a file."""
        self.shapes = 0
        count = clip.frames if clip.frames is not None else 1 + max(map(_last, labels), default=0)
        yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        yield from self._meta(clip, count)
        for number, label in enumerate(labels):
            yield from self._track(number, label, clip, count)
        yield "</annotations>\n"

    def _meta(self, clip: Clip, count: int) -> Iterator[str]:
        item = clip.item
        name = item.title or item.id
        yield "  <meta>\n    <task>\n"
        for key, value in (("name", name), ("size", count), ("mode", "interpolation"),
                           ("overlap", 0), ("start_frame", 0), ("stop_frame", count - 1),
                           ("frame_filter", ""), ("z_order", "False")):  # fmt: skip
            yield f"      <{key}>{clean(str(value))}</{key}>\n"
        yield "      <labels>\n"
        for made in self.ontology.classes:
            yield from class_as_elements(made)
        yield "      </labels>\n"
        if clip.size is not None:
            yield (
                f"      <original_size>\n        <width>{clip.size[0]}</width>\n"
                f"        <height>{clip.size[1]}</height>\n      </original_size>\n"
            )
        source = item.file_name.rsplit("/", 1)[-1]
        yield f"      <source>{clean(source)}</source>\n    </task>\n"
        yield f"    <source>{clean(source)}</source>\n  </meta>\n"

    def _track(self, number: int, label: Annotation, clip: Clip, count: int) -> Iterator[str]:
        name = label.class_name or ""
        if name not in self.ontology:
            raise FormatError(
                f"{name!r} is not a class of the ontology.",
                where=f"annotation {label.id!r}, class_name",
            )
        made = self.ontology[name]
        shape = label.geometry
        alone = not isinstance(shape, Track)
        said = {"id": str(number), "label": made.name, "source": source_of(label)}
        if alone:
            said["labelwidgets"] = "shape"
        yield f"  <track{attributes_of(said)}>\n"
        for frame, one, answers, is_key in self._frames(label, clip, count):
            self.shapes += 1
            yield self._element(frame, one, answers, is_key, made)
        yield "  </track>\n"

    def _frames(
        self, label: Annotation, clip: Clip, count: int
    ) -> Iterator[tuple[int, Keyframe, dict[str, AttributeValue], bool]]:
        """Return what is written of a label: frame, what is there, answers, is it a keyframe."""
        shape = label.geometry
        if not isinstance(shape, Track):
            frame = label.frame or 0
            clip.check(frame, f"annotation {label.id!r}, frame")
            hidden = label.origin.parameters.get("occluded") is True
            yield frame, Keyframe(shape, occluded=hidden), dict(label.attributes), True  # type: ignore[arg-type]
            if frame + 1 < count:
                yield frame + 1, Keyframe(shape, outside=True), dict(label.attributes), True  # type: ignore[arg-type]
            return
        if clip.stop is not None and clip.stop < count and shape.at(clip.stop) is not None:
            # Of a part of a video: in the file of the whole it would go on.
            shape = shape.cut(clip.stop)
        last_seen: Shape | None = None
        answers = dict(label.attributes)
        keys = list(shape.keyframes)
        seen = dict(shape.frames(count)) if self.every else {}
        for at, frame in enumerate(keys):
            one = shape.keyframes[frame]
            answers |= one.attributes
            if frame >= count:
                if not one.outside:
                    clip.check(frame, f"annotation {label.id!r}, keyframes")
                continue
            # Of a skeleton of which only some joints were placed, what is on the screen.
            sight = shape.at(frame)
            geometry = sight.geometry if sight is not None else one.geometry or last_seen
            if geometry is None:
                continue
            last_seen = geometry
            yield frame, Keyframe(geometry, outside=one.outside, occluded=one.occluded,
                                  joints=one.joints), dict(answers), True  # fmt: skip
            end = keys[at + 1] if at + 1 < len(keys) else count
            for between in range(frame + 1, min(end, count)) if self.every else ():
                now = seen.get(between)
                if now is not None:
                    last_seen = now.geometry
                    yield (
                        between,
                        Keyframe(now.geometry, occluded=now.occluded),
                        dict(answers),
                        False,
                    )

    def _element(
        self,
        frame: int,
        one: Keyframe,
        answers: dict[str, AttributeValue],
        is_key: bool,
        made: ObjectClass,
    ) -> str:
        shape = one.geometry
        joints = made.skeleton.joints if made.skeleton else []
        if isinstance(shape, Keypoints) and len(shape.points) != len(joints):
            joints = [f"p{n}" for n in range(1, len(shape.points) + 1)]
        assert shape is not None  # noqa: S101 - all that is written has one
        name, coordinates, children = write_shape(shape, joints)
        said = {
            "frame": str(frame),
            "keyframe": str(int(is_key)),
            "outside": str(int(one.outside)),
            "occluded": str(int(one.occluded)),
        }
        inside = []
        for at, child in enumerate(children):
            placed = is_key and (one.joints is None or at in one.joints)
            inside.append(_child(child, {"keyframe": str(int(placed))}))
        inside += answers_as_elements(answers, "      ")
        head = f"    <{name}{attributes_of(said | coordinates | {'z_order': '0'})}>"
        return f"{head}\n{''.join(inside)}    </{name}>\n"


def _child(child: Element, more: dict[str, str]) -> str:
    return f"      <{child.name}{attributes_of(more | child.attributes)}></{child.name}>\n"


def source_of(label: Annotation) -> str:
    """Return who made a label, in the words of CVAT."""
    said = label.origin.parameters.get("source")
    if label.origin.kind == "import" and isinstance(said, str):
        return said
    return "auto" if label.origin.kind == "model" else "manual"


def _last(label: Annotation) -> int:
    shape = label.geometry
    return max(shape.keyframes) if isinstance(shape, Track) else label.frame or 0
