"""From annotations to a project of VIA 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from labelwidgets.formats.flat_shapes import FLAT, OUTLINE, flat_shapes
from labelwidgets.formats.holds import KEPT, Holds
from labelwidgets.formats.losses import kept
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.via.attributes3 import (
    FRAME_SHAPE,
    PICTURE_SHAPE,
    STRETCH,
    WHOLE_FILE,
    Asking,
)
from labelwidgets.formats.via.shapes3 import numbers_of
from labelwidgets.formats.via.times import time_of
from labelwidgets.formats.via.version3 import CREATOR, TAG
from labelwidgets.formats.via.views import BESIDE, IMAGE, VIDEO
from labelwidgets.formats.via.writing import CLASS
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers
from labelwidgets.media.video.address import video_url
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse
from labelwidgets.schema.tracks import Interval

SCORE = "score"
HOLDS = Holds(
    "VIA 3",
    "pictures",
    FLAT
    | {"ellipse": OUTLINE}
    | dict.fromkeys(("event", "tag", "answers", "image answers", "confidence"), KEPT),
    file="via3.json",
)
# An ellipse without an angle is one for VIA, too.
_UPRIGHT = replace(HOLDS, fates={**HOLDS.fates, "ellipse": KEPT})


@writer(HOLDS, beside="")
def write(job: Writing) -> Counts:
    """Write a project of VIA 3: see `formats.write` and `formats.via.projects`.

    Parameters
    ----------
    pictures
        Copy the pictures, too, to where its page looks for them if it lies with the project: the
        path is that of a folder or a ``.zip`` then. Videos are copied whole, as they are.
    """
    job.beside = None
    project = _Project(job)
    for picture in job.pictures:
        if job.copies and picture.item.kind != "video":
            job.copy(picture, "")
        project.add(picture)
    for id, events in _events(job).items():
        project.add_events(id, events)
    copied: set[str] = set()
    for item in job.clips.items.values():
        if item.kind == "video" and item.status != "failed":
            # Also those that nobody has labelled, as it is with pictures.
            project.file(item.file_name, VIDEO)
            film = video_url((*item.urls, "")[0])
            if job.copies and film not in copied:
                # Parts of a video are parts of one file.
                copied.add(film)
                job.copy_film(item, "")
    job.output.add("via3", msgspec.json.encode(project.document()))
    return {"images": len(project.files), "annotations": project.count}


def _events(job: Writing) -> dict[str, list[Annotation]]:
    found: dict[str, list[Annotation]] = {}
    for label in job.annotations:
        if isinstance(label.geometry, Interval):
            found.setdefault(label.item_id, []).append(label)
    return found


class _Project:
    """A project on its way."""

    def __init__(self, job: Writing) -> None:
        self.job, self.count = job, 0
        self.asking = Asking()
        self.names = [made.name for made in job.ontology.classes]
        # The first of all, so that VIA writes its answer beside a shape.
        self.asking.choice(PICTURE_SHAPE, CLASS, self.names)
        self.files: dict[str, dict[str, Any]] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        self._views: dict[str, str] = {}

    def file(self, name: str, kind: int) -> str:
        """Return the id of the view of a file."""
        view = self._views.setdefault(name, str(len(self._views) + 1))
        if view not in self.files:
            self.files[view] = {
                "fid": view, "fname": name, "type": kind, "loc": BESIDE, "src": name
            }  # fmt: skip
        return view

    def add(self, picture: Picture) -> None:
        """Put in a picture, or a frame of a video, with its labels."""
        item, times = picture.item, []
        if item.kind == "video":
            view = self.file(item.file_name, VIDEO)
            if any(label.geometry.type != "tag" for label in picture.labels):
                clip = self.job.clips.of(item.id)
                times = [time_of(clip, self.job.dataset, picture.frame or 0)]
        else:
            view = self.file(picture.name, IMAGE)
        lost: Counter[str] = Counter()
        about: dict[str, str] = {}
        for label in picture.labels:
            upright = isinstance(label.geometry, Ellipse) and not label.geometry.angle % 180
            for one in kept(_UPRIGHT if upright else HOLDS, [label], lost):
                if one.geometry.type == "tag":
                    self._about(view, one, about)
                    continue
                shapes = flat_shapes(one.geometry, (Ellipse,) if upright else ())
                if not shapes:
                    lost["mask without pixels"] += 1
                said = self._said(FRAME_SHAPE if times else PICTURE_SHAPE, one)
                for shape in shapes:
                    self._put(view, times, numbers_of(shape), said)
        if about:
            self._put(view, [], [], about)
        self.job.dropped.add(lost)

    def add_events(self, id: str, events: Iterable[Annotation]) -> None:
        """Put in the events of a video."""
        clip = self.job.clips.of(id)
        lost: Counter[str] = Counter()
        for label in self.job.kept(events, lost):
            shape: Any = label.geometry
            view = self.file(clip.item.file_name, VIDEO)
            ends = (shape.first, shape.last + 1)
            times = [time_of(clip, self.job.dataset, frame) for frame in ends]
            self._put(view, times, [], self._said(STRETCH, label))
        self.job.dropped.add(lost)

    def document(self) -> dict[str, Any]:
        """Return the project."""
        views = list(self.files)
        return {
            "project": {
                "pid": "__VIA_PROJECT_ID__",
                "rev": "__VIA_PROJECT_REV_ID__",
                "rev_timestamp": "__VIA_PROJECT_REV_TIMESTAMP__",
                "pname": "labelwidgets",
                "creator": CREATOR,
                "created": 0,
                "data_format_version": "3.1.1",
                "vid_list": views,
            },
            "config": {
                "file": {"loc_prefix": dict.fromkeys("1234", "")},
                "ui": {
                    "file_content_align": "center",
                    "file_metadata_editor_visible": True,
                    "spatial_metadata_editor_visible": True,
                    "spatial_region_label_attribute_id": "1",
                },
            },
            "attribute": self.asking.records,
            "file": self.files,
            "metadata": self.metadata,
            "view": {view: {"fid_list": [view]} for view in views},
        }

    def _about(self, view: str, label: Annotation, about: dict[str, str]) -> None:
        """Put in a class of a file, or answers about it: VIA shows one record of each file."""
        if label.class_name is not None and not all_answers(label) and label.confidence is None:
            self.asking.choice(WHOLE_FILE, CLASS, self.names, several=True)
            id, option = self.asking.answer(WHOLE_FILE, CLASS, [label.class_name])
            about[id] = f"{about[id]},{option}" if id in about else option
            return
        said = self._said(WHOLE_FILE, label)
        if label.class_name is None:
            about.update(said)
        else:
            self._put(view, [], [], said)

    def _said(self, anchor: str, label: Annotation) -> dict[str, str]:
        """Return the class and the answers of a label by the ids of attributes."""
        said: dict[str, str] = {}
        asked = self.job.ontology.image_attributes
        if label.class_name is not None:
            key = TAG if anchor == WHOLE_FILE else CLASS
            self.asking.choice(anchor, key, self.names)
            said.update([self.asking.answer(anchor, key, label.class_name)])
            asked = self.job.ontology[label.class_name].attributes
        for one in asked:
            self.asking.question(anchor, one)
        said.update(
            self.asking.answer(anchor, key, value) for key, value in all_answers(label).items()
        )
        if label.confidence is not None:
            said.update([self.asking.answer(anchor, SCORE, str(label.confidence))])
        return said

    def _put(
        self, view: str, times: list[float], numbers: list[float], said: dict[str, str]
    ) -> None:
        self.count += 1
        self.metadata[f"{view}_{self.count}"] = {
            "vid": view, "flg": 0, "z": times, "xy": numbers, "av": said
        }  # fmt: skip
