"""From annotations to CVAT's XML of images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from labelwidgets.formats.cvat_video.shapes import write_shape
from labelwidgets.formats.cvat_video.tasks import answers_as_elements, class_as_elements
from labelwidgets.formats.cvat_video.writing import source_of
from labelwidgets.formats.holds import KEPT, Holds, changed
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.formats.written_labels import all_answers, joint_names, one_ring
from labelwidgets.formats.xml_text import attributes_of
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Tag
from labelwidgets.schema.ontology import Ontology

_PIXELS = changed("mask", "its pixels")
HOLDS = Holds(
    "CVAT's XML",
    "pictures",
    {
        "rectangle": KEPT,
        "turned rectangle": KEPT,
        "ellipse": KEPT,
        "polygon": KEPT,
        "holes": _PIXELS,
        "parts": _PIXELS,
        "polyline": KEPT,
        "point": KEPT,
        "keypoints": KEPT,
        "hidden joints": KEPT,
        "cuboid": KEPT,
        "mask": KEPT,
        "volume mask": changed("mask", "a mask on each slice"),
        "tag": KEPT,
        "track": changed("rectangle", "a shape on each frame"),
        "answers": KEPT,
        "empty pictures": KEPT,
    },
    file="annotations.xml",
)


@writer(HOLDS, ".xml", beside="images")
def write(job: Writing) -> Counts:
    """Write shapes of images: see `labelwidgets.formats.write` and `labelwidgets.formats.cvat`.

    Parameters
    ----------
    path
        An ``.xml``; or a folder or a ``.zip``, in which it is ``annotations.xml``.

    Raises
    ------
    FormatError
        If a label does not fit, or (if `strict`) the XML has no place for it.
    """
    counts = Counter(images=0, annotations=0)
    # Whether something is lost is known at the end, and nothing is written then if it is strict.
    job.output.add_pieces("annotations", list(_pieces(job, counts)))
    return counts


def _pieces(job: Writing, counts: Counter[str]) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
    yield "".join(_meta(job.ontology)).encode()
    for number, picture in enumerate(job.pictures):
        yield "".join(_image(job, number, picture, counts)).encode()
    yield b"</annotations>\n"


def _meta(ontology: Ontology) -> Iterator[str]:
    yield "  <meta>\n    <task>\n      <mode>annotation</mode>\n      <z_order>True</z_order>\n"
    yield "      <labels>\n"
    for made in ontology.classes:
        yield from class_as_elements(made)
    yield "      </labels>\n    </task>\n  </meta>\n"


def _image(job: Writing, number: int, picture: Picture, counts: Counter[str]) -> Iterator[str]:
    said = {"id": str(number), "name": picture.name}
    if picture.size is not None:
        said |= {"width": str(picture.size[0]), "height": str(picture.size[1])}
    yield f"  <image{attributes_of(said)}>\n"
    lost: Counter[str] = Counter()
    for label in job.kept(picture.labels, lost):
        yield _label(label, one_ring(label.geometry, picture), job.ontology)
        counts["annotations"] += 1
    job.dropped.add(lost)
    counts["images"] += 1
    yield "  </image>\n"


def _label(label: Annotation, shape: Any, ontology: Ontology) -> str:
    made = ontology[label.class_name or ""]
    more = label.origin.parameters if label.origin.kind == "import" else {}
    said = {"label": made.name, "source": source_of(label)}
    if isinstance(shape, Tag):
        name, inside = "tag", []
    else:
        joints = joint_names(made, shape) if isinstance(shape, Keypoints) else []
        name, coordinates, children = write_shape(shape, joints)
        said["occluded"] = str(int(more.get("occluded") is True))
        said |= coordinates
        inside = [
            f"      <points{attributes_of(child.attributes)}></points>\n" for child in children
        ]
        z_order = more.get("z_order", 0)
        said["z_order"] = str(z_order) if isinstance(z_order, int) else "0"
    group = more.get("group_id")
    if isinstance(group, str) and group.isdecimal():
        said["group_id"] = group
    inside += answers_as_elements(all_answers(label), "      ")
    return f"    <{name}{attributes_of(said)}>\n{''.join(inside)}    </{name}>\n"
