"""From keypoints to CSV of DeepLabCut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from labelwidgets.errors import FormatError
from labelwidgets.formats.csv_cells import csv_bytes
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.kinds import IN_TIME
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints

HOLDS = Holds(
    "DeepLabCut",
    "pictures",
    {
        "keypoints": KEPT,
        "track": changed("keypoints", "poses on each frame"),
        "hidden joints": changed("keypoints", "joints in sight"),
        "empty pictures": KEPT,
    },
    file="CollectedData_ana.csv",
)
_ROOT = "labeled-data"


@writer(HOLDS, ".csv", beside=_ROOT)
def write(job: Writing, *, scorer: str = "labelwidgets") -> Counts:
    """Write poses: see `labelwidgets.formats.write` and `labelwidgets.formats.deeplabcut`.

    Parameters
    ----------
    path
        A ``.csv`` with all pictures; a folder, or a ``.zip``, with a file for each folder of
        pictures and each video.
    scorer
        What the file says of who placed the joints; DeepLabCut finds files by it.
    """
    job.beside = None
    tables: dict[str, list[tuple[str, list[Annotation]]]] = {"": []} if job.output.single else {}
    names = _Names()
    count = 0
    for picture in job.pictures:
        lost: Counter[str] = Counter()
        kept = [one for one in picture.labels if _has_place(one, lost)]
        job.dropped.add(lost)
        place = names.of(picture)
        if job.copies:
            job.copy(picture, "", name=place)
        folder = "" if job.output.single else place.rsplit("/", 1)[0]
        tables.setdefault(folder, []).append((place, kept))
        count += len(kept)
    joints = {
        made.name: list(made.skeleton.joints)
        for made in job.ontology.classes
        if made.skeleton is not None
    }
    for folder, rows in tables.items():
        data = csv_bytes(_table(rows, joints, scorer))
        job.output.add(f"{folder}/CollectedData_{scorer}" if folder else "CollectedData", data)
    return {"images": sum(map(len, tables.values())), "annotations": count}


def _has_place(label: Annotation, lost: Counter[str]) -> bool:
    if losses(HOLDS, label, lost).how == "left":
        return False
    shape = label.geometry
    if isinstance(shape, Keypoints) and any(seen for _, _, seen in shape.points):
        return True
    lost["keypoints without any joint"] += 1
    return False


class _Names:
    """What pictures are called, as DeepLabCut has them: below ``labeled-data``, in a folder."""

    def __init__(self) -> None:
        self._videos: dict[str, str] = {}

    def of(self, picture: Picture) -> str:
        """Return the path of a picture, which no other one has."""
        if picture.frame is not None and picture.item.kind in IN_TIME:
            name = (picture.item.title or picture.item.id).rsplit("/", 1)[-1]
            stem = name.rsplit(".", 1)[0] or name
            if self._videos.setdefault(stem, picture.item.id) == picture.item.id:
                return f"{_ROOT}/{stem}/img{picture.frame:04d}.png"
        name = picture.name if "/" in picture.name else f"images/{picture.name}"
        return name if name.startswith(f"{_ROOT}/") else f"{_ROOT}/{name}"


def _table(
    rows: Sequence[tuple[str, Sequence[Annotation]]],
    joints: Mapping[str, Sequence[str]],
    scorer: str,
) -> Iterator[list[str]]:
    """Return the lines of a file."""
    owners: dict[tuple[str, str], str] = {}
    placed: list[tuple[str, dict[str, Annotation]]] = []
    for name, labels in rows:
        taken: dict[str, Annotation] = {}
        for label in labels:
            taken[_owner(label, owners, taken)] = label
        placed.append((name, taken))
    classes = {owner: key[0] for key, owner in owners.items()}
    several = len(owners) > 1
    columns = [
        (owner, part)
        for owner in sorted(classes) or [""]
        for part in _parts(classes.get(owner), joints)
        for _ in "xy"
    ]
    yield ["scorer", *(scorer for _ in columns)]
    if several:
        yield ["individuals", *(owner for owner, _ in columns)]
    yield ["bodyparts", *(part for _, part in columns)]
    yield ["coords", *("x" if at % 2 == 0 else "y" for at in range(len(columns)))]
    for name, taken in placed:
        cells = [name]
        for owner in sorted(classes) or [""]:
            parts = _parts(classes.get(owner), joints)
            cells += _cells(taken.get(owner), len(parts))
        yield cells


def _parts(name: str | None, joints: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return the body parts of a class; without any pose, those of the first class with joints."""
    if name is not None:
        if name not in joints:
            raise FormatError("has no skeleton.", where=f"class {name!r}")
        return joints[name]
    return next(iter(joints.values()), ["bodypart"])


def _owner(
    label: Annotation, owners: dict[tuple[str, str], str], taken: Mapping[str, Annotation]
) -> str:
    """Return what an animal is called: an object the same on all pictures, others by number."""
    name = label.class_name or ""
    if label.track_id is not None:
        key = (name, f"track {label.track_id}")
        found = owners.get(key)
        if found is None or found not in taken:
            return owners.setdefault(key, _free(name, owners))
    number = 1
    while True:
        key = (name, f"number {number}")
        owner = owners.setdefault(key, _free(name, owners)) if key not in owners else owners[key]
        if owner not in taken:
            return owner
        number += 1


def _free(name: str, owners: Mapping[tuple[str, str], str]) -> str:
    used = set(owners.values())
    return next(one for n in range(1, 10**9) if (one := f"{name}_{n}") not in used)


def _cells(label: Annotation | None, count: int) -> list[str]:
    if label is None or not isinstance(label.geometry, Keypoints):
        return ["", ""] * count
    points = label.geometry.points
    if len(points) != count:
        raise FormatError(
            f"has {numbered(len(points), 'joint')}, its class has {count}.",
            where=f"annotation {label.id!r}, geometry",
        )
    cells = []
    for x, y, seen in points:
        cells += [repr(round(x, 6)), repr(round(y, 6))] if seen else ["", ""]
    return cells
