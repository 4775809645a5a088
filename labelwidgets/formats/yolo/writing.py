"""From annotations to rows of YOLO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import yaml

from labelwidgets.errors import FormatError
from labelwidgets.formats.drawing import Drawn
from labelwidgets.formats.file_names import plain_name
from labelwidgets.formats.holds import KEPT, Holds
from labelwidgets.formats.losses import kept
from labelwidgets.formats.mirrored_joints import mirrored
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.splits import ByStem, splits_of
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.yolo.kinds import HOLDS, Kind, check_kind
from labelwidgets.formats.yolo.row_texts import rows_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

# Of each layout, where the rows of a part lie, and where lists say that its pictures do.
_ROWS = {
    "ultralytics": ("labels/{}", "./images/{}"),
    "darknet": ("obj_{}_data", "data/obj_{}_data"),
}
_DARKNET = {"val": "valid"}


@writer(HOLDS["detect"], ".txt", ".yaml", folder=True)
def write(
    job: Writing,
    *,
    task: Kind = "detect",
    layout: Literal["ultralytics", "darknet"] = "ultralytics",
    split: Mapping[str, str] | None = None,
    confidence: bool = False,
    pictures: bool = False,
) -> Counts:
    """Write rows of YOLO: see `labelwidgets.formats.write` and `labelwidgets.formats.yolo`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    task
        The kind of rows: ``detect``, ``segment``, ``pose`` or ``obb``.
    layout
        ``ultralytics``, or ``darknet`` with ``obj.data``, ``obj.names`` and rows in
        ``obj_train_data``, where the pictures belong; of boxes alone.
    split
        ``train``, ``val`` or ``test`` by the id of the item; items that it does not name are in
        ``train``. None takes what the metadata of items say (``split``). Without a part ``val``,
        which trainers ask for, it is the pictures of ``train``.
    confidence
        Add a last column to rows whose label has one, as predictions have it. Trainers take no
        such rows.
    pictures
        Copy the pictures, too, to where trainers look for them: ``images/train``
        and so on, with ``darknet`` beside the rows.

    Raises
    ------
    FormatError
        If a label does not fit, two pictures would have the same file, or (if `strict`)
        something has no place.
    """
    job.copies = pictures
    check_kind(task)
    if layout not in _ROWS or (layout == "darknet" and task != "detect"):
        raise FormatError(
            f'must be "ultralytics", or "darknet" for boxes, not {layout!r:.40}.', where="layout"
        )
    job.holds = HOLDS[task]
    if confidence:
        job.holds = replace(job.holds, fates={**job.holds.fates, "confidence": KEPT})
    classes = {made.name: number for number, made in enumerate(job.ontology.classes)}
    joints = _joints(job.ontology, job.annotations)
    lists: dict[str, list[str]] = {"train": []}
    page = _Page(job.holds, task, classes, joints, confidence)
    wanted = _wanted(job, splits_of(job.items, split), layout, lists, pictures)
    found = job.draw(page, wanted)
    for part, names in lists.items():
        job.output.add(part, "".join(f"{name}\n" for name in names).encode(), ".txt")
    if layout == "darknet":
        job.output.add("obj", "".join(f"{name}\n" for name in classes).encode(), ".names")
        job.output.add("obj", _darknet(len(classes), lists).encode(), ".data")
    else:
        job.output.add("data", _yaml(job.ontology, task, lists, joints).encode(), ".yaml")
    return {"images": len(found), "annotations": sum(found)}


def _wanted(
    job: Writing,
    splits: Mapping[str, str],
    layout: str,
    lists: dict[str, list[str]],
    copies: bool,
) -> Iterator[tuple[str, Picture]]:
    """Return the pictures, and where the file of each lies; `lists` gains them by their part.

    With `copies`, the file of each is copied to where its list says.
    """
    files = ByStem(job.output)
    for picture in job.pictures:
        part = splits.get(picture.item.id, "train")
        rows, folder = (place.format(part) for place in _ROWS[layout])
        if copies:
            job.copy(picture, folder.removeprefix("./").removeprefix("data/"))
        lists.setdefault(part, []).append(f"{folder}/{plain_name(picture.name)}")
        yield job.output.place(files.name(picture, rows), ".txt", exact=True), picture


class _Page:
    """Writes the rows of pictures, each by itself."""

    def __init__(
        self, holds: Holds, task: Kind, classes: Mapping[str, int], joints: int, confidence: bool
    ) -> None:
        self.holds, self.task, self.classes = holds, task, classes
        self.joints, self.confidence = joints, confidence

    def __call__(self, wanted: tuple[str, Picture]) -> Drawn:
        """Return the file of a picture, and how many rows it has."""
        place, picture = wanted
        lost: Counter[str] = Counter()
        lines = []
        for label in kept(self.holds, picture.labels, lost):
            number = self.classes[label.class_name or ""]
            for row in rows_of(self.task, label, picture.pixels, self.joints, lost):
                lines.append(_line(number, row, label.confidence if self.confidence else None))
        text = "".join(f"{line}\n" for line in lines)
        return Drawn([(place, text.encode())], lost, len(lines))


def _darknet(classes: int, lists: Mapping[str, Sequence[str]]) -> str:
    # Darknet looks from the folder above, in which it finds this one as "data".
    parts = "".join(f"{_DARKNET.get(part, part)} = data/{part}.txt\n" for part in lists)
    return f"classes = {classes}\n{parts}names = data/obj.names\nbackup = backup/\n"


def _line(number: int, row: Sequence[float], confidence: float | None) -> str:
    values = [*row, confidence] if confidence is not None else row
    return " ".join([str(number), *map(_text, values)])


def _text(value: float) -> str:
    """Return a number of ten digits: in a picture of a million pixels, a ten-thousandth of one."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def _joints(ontology: Ontology, annotations: Sequence[Annotation]) -> int:
    """Return how many joints a row has: as many as the skeleton with the most."""
    skeletons = [len(one.skeleton.joints) for one in ontology.classes if one.skeleton is not None]
    drawn = [len(getattr(one.geometry, "points", ())) for one in annotations if _is_pose(one)]
    return max([1, *skeletons, *drawn])


def _is_pose(label: Annotation) -> bool:
    return label.geometry.type == "keypoints"


def _yaml(ontology: Ontology, task: Kind, lists: Mapping[str, Sequence[str]], joints: int) -> str:
    # The paths are relative to this file, as there is no "path".
    said: dict[str, Any] = {part: f"{part}.txt" for part in lists}
    said.setdefault("val", "train.txt")
    said["task"] = task
    if task == "pose":
        said["kpt_shape"] = [joints, 3]
        skeletons = {
            number: list(made.skeleton.joints)
            for number, made in enumerate(ontology.classes)
            if made.skeleton is not None
        }
        orders = [mirrored(names) for names in skeletons.values()]
        # One order for all classes: only where they agree is it known what a flip does.
        if orders and orders[0] is not None and all(one == orders[0] for one in orders):
            said["flip_idx"] = orders[0] + list(range(len(orders[0]), joints))
        if skeletons:
            said["kpt_names"] = skeletons
    said["nc"] = len(ontology.classes)
    said["names"] = {number: made.name for number, made in enumerate(ontology.classes)}
    text: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=10**6)
    return text
