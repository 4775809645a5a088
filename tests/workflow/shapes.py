"""Labels of one picture, in as few words as tests can do with."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Polygon, Rectangle
from labelwidgets.workflow.headless import acknowledged, creations, place


def label(name: str, geometry: Any, class_name: str | None = "car", **fields: Any) -> Annotation:
    """Return a label whose id begins with a name."""
    given = {"item_id": "photo", **fields}
    return Annotation(id=name.ljust(20, "0"), geometry=geometry, class_name=class_name, **given)


def box(x: float, y: float, width: float = 10, height: float = 10) -> Rectangle:
    return Rectangle(x, y, width, height)


def outline(x: float, y: float, width: float = 10, height: float = 10) -> Polygon:
    ring = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Polygon([[ring]])


@st.composite
def pictures(draw: st.DrawFn, prefix: str = "a", most: int = 6) -> list[Annotation]:
    """Boxes and polygons of two classes, anywhere on a picture of 60 x 60 pixels."""
    number = st.integers(0, 40)
    size = st.integers(1, 20)
    shape = st.builds(draw(st.sampled_from([box, outline])), number, number, size, size)
    classes = st.sampled_from(["car", "lorry"])
    some = draw(st.lists(st.tuples(shape, classes), max_size=most))
    return [label(f"{prefix}{i}x", one, name) for i, (one, name) in enumerate(some)]


def add_as(project: Any, made: Annotation, author: str) -> None:
    """Add a label that is somebody else's, as an import does."""
    session = project.session()
    tasks = project.tasks
    mine = list(tasks.loc[tasks["item_id"] == made.item_id, "id"])
    placed = place([made], {made.item_id: mine})
    acknowledged(session.apply(creations(placed, {}), authors={one.id: author for one in placed}))
