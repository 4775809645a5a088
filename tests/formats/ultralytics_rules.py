"""What Ultralytics makes of a file of rows, from its rules and not from its code.

The rules are those of ``verify_image_label`` in ``ultralytics/data/utils.py`` (release 8.3,
AGPL-3.0, so it is neither needed nor copied): rows are split at blanks and read as float32; with
more than six columns in any row, and no keypoints, all rows are polygons, and their boxes are
taken; else each has 5 columns, or 5 + joints x numbers. Coordinates (of poses: those of joints)
are at most 1.01, nothing is below -0.01, classes are below their count. Rows that are there twice
count once. A file that breaks a rule is left out, with its picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml


class Truth(NamedTuple):
    """The rows that a trainer sees."""

    classes: list[int]
    boxes: np.ndarray
    polygons: list[np.ndarray]
    joints: np.ndarray | None


def rules(file: Path, classes: int, joints: tuple[int, int] = (0, 0)) -> Truth:
    """Return what is in a file of rows; raise AssertionError where a rule is broken."""
    rows = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    polygons: list[np.ndarray] = []
    count, numbers = joints
    if not rows:
        return Truth([], np.zeros((0, 4)), [], None)
    if max(map(len, rows)) > 6 and not count:
        polygons = [np.array(row[1:], np.float32).reshape(-1, 2) for row in rows]
        low = np.array([ring.min(axis=0) for ring in polygons])
        high = np.array([ring.max(axis=0) for ring in polygons])
        boxes = np.hstack([(low + high) / 2, high - low])
        table = np.hstack([np.array([[row[0]] for row in rows], np.float32), boxes])
    else:
        table = np.array(rows, np.float32)
    assert table.shape[1] == 5 + count * numbers, f"{table.shape[1]} columns"
    points = table[:, 5:].reshape(-1, numbers)[:, :2] if count else table[:, 1:]
    assert points.max() <= 1.01, "not normalised"
    assert table.min() >= -0.01, "negative"
    assert table[:, 0].max() < classes, "no such class"
    once = np.sort(np.unique(table, axis=0, return_index=True)[1])
    table = table[once]
    return Truth(
        table[:, 0].astype(int).tolist(),
        table[:, 1:5],
        [polygons[at] for at in once] if polygons else [],
        table[:, 5:].reshape(len(table), count, numbers) if count else None,
    )


def dataset(folder: Path) -> dict[str, Truth]:
    """Return what a trainer finds by ``data.yaml``: the rows of each picture that is listed."""
    said = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))
    assert {"train", "val", "names"} <= set(said)
    found = {}
    for split in ("train", "val", "test"):
        for line in (folder / said[split]).read_text("utf-8").splitlines() if split in said else []:
            # A list names pictures from its own folder, and labels lie in place of images.
            picture = str(folder / line.removeprefix("./"))
            rows = "/labels/".join(picture.rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt"
            shape = tuple(said.get("kpt_shape", (0, 0)))
            found[line] = rules(Path(rows), len(said["names"]), shape)
    return found
