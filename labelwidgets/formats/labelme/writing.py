"""From annotations to LabelMe's JSON, a file for each picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.labelme.shapes import is_circle, write_shape
from labelwidgets.formats.losses import losses
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.splits import ByStem
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers, joint_names, one_ring
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Keypoints, Tag
from labelwidgets.schema.ontology import Ontology

VERSION = "5.5.0"
_PIXELS = changed("mask", "its pixels")
HOLDS = Holds(
    "LabelMe",
    "pictures",
    {
        **dict.fromkeys(
            (
                "rectangle",
                "turned rectangle",
                "polygon",
                "polyline",
                "point",
                "keypoints",
                "hidden joints",
                "mask",
                "tag",
                "answers",
                "image answers",
                "confidence",
                "empty pictures",
            ),
            KEPT,
        ),
        "ellipse": changed("polygon", "its outline"),
        "holes": _PIXELS,
        "parts": _PIXELS,
        "volume mask": changed("mask", "a mask on each slice"),
        "track": changed("rectangle", "a shape on each frame"),
    },
)


@writer(HOLDS, ".json", beside="")
def write(job: Writing) -> Counts:
    """Write LabelMe: see `labelwidgets.formats.write` and `labelwidgets.formats.labelme`.

    Parameters
    ----------
    path
        A ``.json`` for one picture; a folder or a ``.zip``, with one for each, beside which the
        pictures are to lie.
    """
    counts = Counter(images=0, annotations=0)
    stems = ByStem(job.output)
    made = [(stems.name(picture), _document(job, picture, counts)) for picture in job.pictures]
    job.output.check(len(made), "pictures")
    for name, document in made:
        # In the folder of its picture, whatever that is called.
        job.output.add(name, document, exact=job.copies)
    return counts


def _document(job: Writing, picture: Picture, counts: Counter[str]) -> bytes:
    shapes: list[dict[str, Any]] = []
    lost: Counter[str] = Counter()
    top: dict[str, Any] = {"version": VERSION, "flags": {}, "shapes": shapes}
    for number, label in enumerate(picture.labels, start=1):
        whole = isinstance(label.geometry, Ellipse) and is_circle(label.geometry)
        fate = losses(HOLDS, label, Counter() if whole else lost)
        if fate.how == "left":
            continue
        counts["annotations"] += 1
        shape: Any = label.geometry
        if isinstance(shape, Tag):
            if label.class_name is not None:
                top["flags"][label.class_name] = True
                said = _more(label)
                if label.confidence is not None:
                    said["score"] = label.confidence
                if said:
                    top.setdefault("tags", {})[label.class_name] = said
            else:
                top |= _more(label)
            continue
        shape = one_ring(shape, picture)
        if isinstance(shape, Keypoints):
            shapes += _joints(label, shape, job.ontology, number)
        else:
            shapes.append(_shape(label, write_shape(shape)))
    job.dropped.add(lost)
    counts["images"] += 1
    top["imagePath"], top["path"] = picture.name.rsplit("/", 1)[-1], picture.name
    top["imageData"] = None
    size = picture.size or (None, None)
    top["imageHeight"], top["imageWidth"] = size[1], size[0]
    return msgspec.json.format(msgspec.json.encode(top), indent=2)


def _shape(label: Annotation, said: dict[str, Any]) -> dict[str, Any]:
    made = {"label": label.class_name, "group_id": None, "description": "", "flags": {}} | said
    made |= _more(label)
    if label.confidence is not None:
        made["score"] = label.confidence
    return made


def _more(label: Annotation) -> dict[str, Any]:
    """Return the answers of a label, and what LabelMe said of it before."""
    more = label.origin.parameters if label.origin.kind == "import" else {}
    made: dict[str, Any] = {}
    if label.origin.name == "labelme":
        made = {key: value for key, value in more.items() if key != "attributes"}
    answers = all_answers(label)
    return made | ({"attributes": answers} if answers else {})


def _joints(
    label: Annotation, shape: Keypoints, ontology: Ontology, number: int
) -> Iterator[dict[str, Any]]:
    """Return the joints of a skeleton as points with the object that they are of."""
    made = ontology[label.class_name or ""]
    names = joint_names(made, shape)
    first = True
    for name, (x, y, seen) in zip(names, shape.points, strict=True):
        if not seen:
            continue
        said: dict[str, Any] = {"shape_type": "point", "points": [[x, y]], "parent": made.name}
        if seen == 1:
            said["hidden"] = True
        one = _shape(label, said) if first else {"flags": {}, "description": ""} | said
        yield one | {"label": name, "group_id": number}
        first = False
