"""Whatever a format can hold comes back, in any number and order: drawn by hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.formats import registry
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Geometry, Keypoints, Polygon, Rectangle
from labelwidgets.schema.ids import new_id
from tests.formats import labels
from tests.formats.test_holds import NAMES, close

NEAR = st.floats(-4, 4, allow_nan=False, width=32)
DRAWN: dict[str, st.SearchStrategy[Geometry]] = {
    "rectangle": st.builds(
        Rectangle, *(st.floats(1, 30, width=32) for _ in "xy"), *(st.floats(0.5, 15),) * 2
    ),
    "turned rectangle": st.builds(
        Rectangle, *(st.floats(20, 24),) * 2, *(st.floats(1, 15),) * 2, st.floats(-179, 179)
    ).filter(lambda box: abs(box.angle) > 0.1),
    "ellipse": st.builds(
        Ellipse, *(st.floats(20, 30),) * 2, *(st.floats(1, 15),) * 2, st.floats(-90, 90)
    ),
    "polygon": labels.stars().filter(lambda shape: len(shape.parts[0]) == 1),
    "holes": labels.stars().filter(lambda shape: len(shape.parts[0]) == 2),
    "parts": st.tuples(NEAR, NEAR).map(
        lambda by: Polygon(
            [
                [[(5 + by[0], 5), (15, 5 + by[1]), (10, 20)]],
                [[(30 + by[0], 30), (50, 30 + by[1]), (40, 45)]],
            ]
        )
    ),
    "polyline": st.lists(labels.POINTS, min_size=2, max_size=5).map(labels.Polyline),
    "point": labels.POINTS.map(lambda point: labels.Point(*point)),
    "keypoints": st.lists(labels.POINTS, min_size=3, max_size=3).map(
        lambda points: Keypoints([(x, y, 2) for x, y in points])
    ),
    "hidden joints": labels.JOINTS.filter(lambda shape: any(v > 0 for _, _, v in shape.points)).map(
        # Where a joint is not there, nobody asks at which place.
        lambda shape: Keypoints([(x, y, v) if v else (0, 0, 0) for x, y, v in shape.points])
    ),
    "cuboid": st.lists(labels.POINTS, min_size=8, max_size=8).map(labels.Cuboid),
    "mask": labels.CODES.map(labels.Mask).filter(lambda mask: mask.area > 0),
    "tag": st.just(labels.Tag()),
}


@st.composite
def labels_of(draw: st.DrawFn, name: str) -> list[Annotation]:
    """Draw labels that a format can hold, on two pictures or on the frames of two videos."""
    holds = registry.holds(name)
    kept = [key for key in DRAWN if holds.fate(key).how == "kept"]
    made, taken = [], set()
    for _ in range(draw(st.integers(0, 6))):
        feature = draw(st.sampled_from(kept))
        item = draw(st.sampled_from(["a", "b"]))
        if (holds.disjoint or feature == "tag") and (item, feature == "tag") in taken:
            continue
        taken.add((item, feature == "tag"))
        fly = feature in ("keypoints", "hidden joints")
        answer = draw(st.none() | st.text(st.characters(categories=["L", "N"]), min_size=1))
        made.append(
            Annotation(
                id=new_id(),
                item_id=item,
                class_name="fly" if fly else draw(st.sampled_from(labels.CLASSES)),
                geometry=draw(DRAWN[feature]),
                frame=draw(st.integers(0, 9)) if holds.on == "videos" else None,
                attributes={"note": answer}
                if answer and not fly and holds.fate("answers").how == "kept"
                else {},
                confidence=draw(st.none() | st.sampled_from([0.0, 0.25, 1.0]))
                if holds.fate("confidence").how == "kept"
                else None,
            )
        )
    return made


def alike(one: Annotation, other: Annotation) -> bool:
    """Say whether two labels say the same."""
    same = (one.item_id, one.class_name, one.frame, one.attributes, one.confidence)
    return same == (
        other.item_id,
        other.class_name,
        other.frame,
        other.attributes,
        other.confidence,
    ) and close(one.geometry, other.geometry)


@pytest.mark.parametrize(
    "name", [it for it in NAMES if any(registry.holds(it).fate(key).how == "kept" for key in DRAWN)]
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_a_format_holds_comes_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, name: str
) -> None:
    made = data.draw(labels_of(name))
    path = tmp_path_factory.mktemp(name) / (registry.holds(name).file or "labels")
    moving = registry.holds(name).on == "videos"
    items = labels.items("a", "b")
    if moving:
        items["kind"] = "video"
        items["metadata"] = [{**said, "frames": 10, "fps": 25.0} for said in items["metadata"]]
    formats.write(made, path, name, items=items, ontology=labels.NOTED)
    back = formats.read(path, name, items=items, ontology=labels.NOTED)
    assert back.left_out.empty
    assert back.unmatched.empty
    left = list(back.annotations)
    for one in made:
        found = next((other for other in left if alike(one, other)), None)
        assert found is not None, f"{one} is not among {left}"
        left.remove(found)
    assert not left
