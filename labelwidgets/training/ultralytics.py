"""Training sets for Ultralytics: a folder with ``data.yaml``, pictures and rows of YOLO."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from labelwidgets import formats
from labelwidgets.errors import SchemaError
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.file_names import plain_name
from labelwidgets.formats.yolo.kinds import KINDS
from labelwidgets.training.picture_files import PictureFiles
from labelwidgets.training.targets import is_crowd

if TYPE_CHECKING:
    from labelwidgets.training.training_set import TrainingSet


def write_ultralytics(
    training: TrainingSet,
    folder: str | os.PathLike[str],
    task: str = "detect",
    link: bool = True,
    strict: bool = False,
) -> str:
    """Write a folder that Ultralytics trains on, and return the path of its ``data.yaml``.

    Pictures go into ``images/PART``, rows into ``labels/PART``; see `labelwidgets.formats.yolo`.
    The parts are those of the split; without one all is in ``train``. Crowds of COCO are left out,
    as Ultralytics leaves them out when it converts COCO: a row would be one object.

    Parameters
    ----------
    training
        The training set.
    folder
        A local folder.
    task
        ``detect``, ``segment``, ``pose`` or ``obb``.
    link
        Whether pictures that lie on this machine are linked instead of copied.
    strict
        Raise where rows cannot express a label, instead of warning.

    Raises
    ------
    SchemaError
        If there is no such task.
    FormatError
        If two pictures would have the same name, or (if `strict`) something has no place.
    SourceError
        If a picture cannot be read, or something cannot be written.
    """
    if task not in KINDS:
        raise SchemaError(f"must be of {', '.join(KINDS)}, not {task!r:.40}.", where="task")
    root = Path(folder)
    files = PictureFiles(training.dataset, root / "images", link)
    parts = training.parts
    known = training.items[training.items["status"] != "failed"]
    there = set(known["id"])
    sizes = {sample.item: files.size(sample) for sample in training.samples}
    labels = [label for label in training.labels if label.item_id in there]
    crowds = sum(map(is_crowd, labels))
    dropped = Dropped(str(root), "Ultralytics", strict)
    dropped.add({"crowd": crowds})
    dropped.say()
    formats.write(
        [label for label in labels if not is_crowd(label)],
        root,
        "yolo",
        items=known,
        ontology=training.chosen_ontology,
        strict=strict,
        size_of=sizes.__getitem__,
        dataset=training.dataset,
        task=task,
        frames=training.choice.frames,
        split=parts,
    )
    lists: dict[str, list[str]] = {}
    for sample in training.samples:
        part = parts.get(sample.item, "train")
        lists.setdefault(part, []).append(f"./images/{part}/{plain_name(sample.name)}\n")
    files.put([(sample, parts.get(sample.item, "train")) for sample in training.samples])
    # With the pictures that are no label's, such as frames without any.
    for part, lines in lists.items():
        (root / f"{part}.txt").write_text("".join(lines), "utf-8")
    return str(root / "data.yaml")
