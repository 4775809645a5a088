"""From labels to the files of Cityscapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from labelwidgets.algorithms.bridged_rings import bridge_rings
from labelwidgets.errors import FormatError
from labelwidgets.formats.canvas import Canvas
from labelwidgets.formats.cityscapes.classes import KNOWN, PER_CLASS, counted, ids_of
from labelwidgets.formats.drawing import Drawn
from labelwidgets.formats.file_names import safe_name
from labelwidgets.formats.holds import AREAS, KEPT, Holds, changed
from labelwidgets.formats.losses import kept
from labelwidgets.formats.outlines import outlines_of
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Mask, Polygon, Rectangle
from labelwidgets.schema.ontology import Ontology

HOLDS = Holds(
    "Cityscapes",
    "pictures",
    {
        **dict.fromkeys(AREAS, changed("polygon", "its outline")),
        "polygon": KEPT,
        "holes": KEPT,
        "parts": KEPT,
        "volume mask": changed("polygon", "outlines on each slice"),
        "track": changed("polygon", "an outline on each frame"),
        "empty pictures": KEPT,
    },
)
CAMERA = "_leftImg8bit"
# The folders of both, where the pictures are copied, too.
LABELS, PICTURES = "gtFine", "leftImg8bit"
FILES = ("polygons", "instanceIds", "labelIds", "color")


@writer(HOLDS, ".json", folder=True, beside=PICTURES)
def write(
    job: Writing,
    *,
    classes: Mapping[str, int] | None = None,
    files: Collection[str] = ("polygons", "instanceIds", "labelIds"),
) -> Counts:
    """Write Cityscapes: see `labelwidgets.formats.write` and `labelwidgets.formats.cityscapes`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    classes
        Ids of classes by name, from 1 to 64, or -1 for what is in no picture.
    files
        Which of ``polygons``, ``instanceIds``, ``labelIds`` and ``color`` are written.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, a class has more than 1000 objects on a
        picture, or (if `strict`) something is lost.
    """
    unknown = [one for one in files if one not in FILES]
    if isinstance(files, str) or unknown or not files:
        raise FormatError(f"must be of {', '.join(FILES)}, not {files!r:.80}.", where="files")
    job.beside = None
    ids = ids_of(classes, job.ontology)
    counts = job.draw(_Painter(ids, job.ontology, files), _wanted(job, files))
    return {"images": len(counts), "annotations": sum(counts)}


class _Wanted(NamedTuple):
    """A picture, and the places of its files by what they are."""

    picture: Picture
    places: Mapping[str, str]


def _wanted(job: Writing, files: Collection[str]) -> Iterator[_Wanted]:
    """Return the pictures, and where the files of each lie."""
    for picture in job.pictures:
        if picture.size is None and not picture.labels:
            job.dropped.add({"picture of unknown size without labels": 1})
            continue
        # Both trees have the same names.
        job.output.plain(picture.name)
        stem = safe_name(job.pictures.stem_of(picture).removesuffix(CAMERA))
        if job.copies:
            job.copy(picture, PICTURES, name=f"{stem}{CAMERA}.png", png=True)
            stem = f"{LABELS}/{stem}"
        yield _Wanted(
            picture,
            {
                what: job.output.place(
                    f"{stem}_gtFine_{what}", ".json" if what == "polygons" else ".png", exact=True
                )
                for what in FILES
                if what in files
            },
        )


class _Painter:
    """Makes the files of pictures, each by itself."""

    def __init__(self, ids: Mapping[str, int], ontology: Ontology, files: Collection[str]) -> None:
        self.ids, self.ontology, self.files = ids, ontology, tuple(files)

    def __call__(self, wanted: _Wanted) -> Drawn:
        """Return the files of a picture, and how many objects are in them."""
        picture, lost = wanted.picture, Counter[str]()
        labels = list(kept(HOLDS, picture.labels, lost))
        objects = [made for one in labels if (made := _object(one, lost)) is not None]
        files: list[tuple[str, bytes | None]] = []
        if "polygons" in self.files:
            width, height = picture.pixels
            document = {"imgHeight": height, "imgWidth": width, "objects": objects}
            files.append((wanted.places["polygons"], msgspec.json.encode(document)))
        drawn = _drawn(picture, labels, self.ids, self.ontology, self.files)
        files += ((wanted.places[what], data) for what, data in drawn.items())
        return Drawn(files, lost, len(objects))


def _object(label: Annotation, lost: Counter[str]) -> dict[str, Any] | None:
    parts = outlines_of(label.geometry)
    rings = [ring for part in parts or () for ring in part]
    if not rings:
        lost["label without pixels"] += 1
        return None
    group = "group" if _is_group(label) else ""
    polygon = [[_whole(x), _whole(y)] for x, y in bridge_rings(rings)]
    return {"label": f"{label.class_name}{group}", "polygon": polygon}


def _is_group(label: Annotation) -> bool:
    return label.origin.parameters.get("iscrowd") in (1, True)


def _whole(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)


def _drawn(
    picture: Picture,
    labels: Sequence[Annotation],
    ids: Mapping[str, int],
    ontology: Ontology,
    files: Collection[str],
) -> dict[str, bytes]:
    """Return the pictures of ids: in the order of the labels, later ones above."""
    if not set(files) - {"polygons"}:
        return {}
    canvas = Canvas(picture.pixels, np.uint16)
    objects: Counter[str] = Counter()
    for label in labels:
        name, shape = label.class_name or "", label.geometry
        number = ids[name]
        if number < 0 or not isinstance(shape, Mask | Polygon | Rectangle | Ellipse):
            continue
        if counted(name, ontology) and not _is_group(label):
            if objects[name] >= PER_CLASS:
                raise FormatError(
                    f"is one of more than {PER_CLASS} objects of {name!r} on a picture.",
                    where=f"annotation {label.id!r}",
                )
            number = number * PER_CLASS + objects[name]
            objects[name] += 1
        canvas.paint(shape, number)
    values = canvas.values
    classes = np.where(values < PER_CLASS, values, values // PER_CLASS).astype(np.uint8)
    made: dict[str, bytes] = {}
    if "instanceIds" in files:
        made["instanceIds"] = write_map_png(values)
    if "labelIds" in files:
        made["labelIds"] = write_map_png(classes)
    if "color" in files:
        made["color"] = write_map_png(_colors(ids, ontology)[classes])
    return made


def _colors(ids: Mapping[str, int], ontology: Ontology) -> Any:
    table = np.zeros((256, 3), np.uint8)
    for name, id in ids.items():
        color = ontology[name].color if name in ontology and name not in KNOWN else None
        color = color or (KNOWN[name].color if name in KNOWN else "#ffffff")
        if id > 0:
            table[id] = tuple(bytes.fromhex(color[1:]))
    return table
