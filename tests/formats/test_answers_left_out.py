"""An answer that the ontology does not allow is left out alone; its label stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.attributes import Checkbox, Radio, Text
from labelwidgets.schema.geometry import RLE, Mask, Rectangle, Tag
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Keyframe, Track

ITEMS = pd.DataFrame(
    [{
        "id": "a", "kind": "image", "title": "a.png", "folder": "", "urls": ["a.png"],
        "metadata": {"width": 40, "height": 30}, "status": "ok",
    }]
)  # fmt: skip
THEIRS = Ontology(
    [ObjectClass("car", attributes=[Radio("by", ["x", "y"]), Checkbox("has", ["p", "q"])])],
    [Text("note"), Radio("light", ["day", "night"])],
)
MINE = Ontology(
    [ObjectClass("car", attributes=[Radio("by", ["x"]), Checkbox("has", ["p", "q"])])],
    [Text("note")],
)
MASKS = [Mask(RLE((30, 40), counts)) for counts in ("05[U1", "b65in0")]


def labels() -> list[Annotation]:
    made = Origin("model", "net", parameters={"attributes": {"seen": "1"}, "epoch": 3})
    first, second = ({"item_id": "a", "class_name": "car", "geometry": mask} for mask in MASKS)
    return [
        Annotation(**first, attributes={"by": "y", "has": ["p"]}, origin=made),
        Annotation(**second, attributes={"by": "x"}),
        Annotation(item_id="a", geometry=Tag(), attributes={"note": "wet", "light": "day"}),
    ]


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("json", "a.json"),
        ("json", "a.jsonl"),
        ("parquet", "a"),
        ("geojson", "a.geojson"),
        ("segment_anything", "sa"),
        ("coco", "coco.json"),
        ("coco_panoptic", "panoptic"),
    ],
)
def test_a_label_stays_without_the_answer_that_has_no_option(
    tmp_path: Path, format: str, name: str
) -> None:
    written = labels()
    formats.write(written, tmp_path / name, format, items=ITEMS, ontology=THEIRS)
    told: dict[str, Any] = {"items": ITEMS, "ontology": MINE}
    with pytest.raises(FormatError, match=r'attribute .*errors="collect" to keep the label'):
        formats.read(tmp_path / name, format, **told)
    found = formats.read(tmp_path / name, format, errors="collect", **told)
    both = [one for one in found.annotations if one.class_name]
    assert [one.geometry for one in both] == MASKS
    assert [one.attributes for one in both] == [{"has": ["p"]}, {"by": "x"}]
    assert [one.id for one in both] == [one.id for one in written if one.class_name]
    left = found.left_out
    assert set(left["field"]) == {"class 'car', attribute 'by'", "image, attribute 'light'"}
    assert all(one.endswith(", answer") for one in left["record"])
    answers = {k: v for one in found.annotations for k, v in _kept(one).items()}
    assert answers.items() >= {"by": "y", "light": "day"}.items()
    notes = [one.attributes for one in found.annotations if one.class_name is None]
    assert notes == [{"note": "wet"}]


def _kept(made: Annotation) -> dict[str, Any]:
    return dict(made.origin.parameters.get("attributes", {}))


def test_what_its_origin_said_before_is_still_there(tmp_path: Path) -> None:
    formats.write(labels(), tmp_path / "a.json", "json", items=ITEMS, ontology=THEIRS)
    found = formats.read(tmp_path / "a.json", items=ITEMS, ontology=MINE, errors="collect")
    origin = found.annotations[0].origin
    assert (origin.kind, origin.name) == ("model", "net")
    assert origin.parameters == {"attributes": {"seen": "1", "by": "y"}, "epoch": 3}


def test_answers_of_keyframes_are_left_out_by_their_frames(tmp_path: Path) -> None:
    def asked(options: list[str]) -> Ontology:
        moving = Radio("lights", options, mutable=True)
        return Ontology([ObjectClass("car", attributes=[moving, Radio("by", ["x"])])])

    box = Rectangle(1, 2, 3, 4)
    track = Track({
        0: Keyframe(box, attributes={"lights": "on"}),
        4: Keyframe(box, attributes={"lights": "off"}),
        9: Keyframe(box, attributes={"by": "x"}),
    })  # fmt: skip
    video = ITEMS.assign(kind="video")
    made = Annotation(item_id="a", class_name="car", geometry=track)
    formats.write([made], tmp_path / "a.json", "json", items=video, ontology=asked(["on", "off"]))
    told: dict[str, Any] = {"items": video, "ontology": asked(["on"])}
    found = formats.read(tmp_path / "a.json", errors="collect", **told)
    shape = found.annotations[0].geometry
    assert isinstance(shape, Track)
    assert [one.attributes for one in shape.keyframes.values()] == [{"lights": "on"}, {}, {}]
    kept = found.annotations[0].origin.parameters["attributes_by_frame"]
    assert kept == {"lights": {"4": "off"}, "by": {"9": "x"}}
    assert [one.split(",")[0] for one in found.left_out["field"]] == [
        "keyframes[4]",
        "keyframes[9]",
    ]


def test_a_label_that_is_wrong_besides_is_left_out_as_a_whole(tmp_path: Path) -> None:
    far = Annotation(
        item_id="a", class_name="car", geometry=Rectangle(90, 90, 9, 9), attributes={"by": "y"}
    )
    formats.write([far], tmp_path / "a.json", "json", items=ITEMS, ontology=THEIRS)
    found = formats.read(tmp_path / "a.json", items=ITEMS, ontology=MINE, errors="collect")
    assert found.annotations == []
    assert found.left_out["record"].tolist() == ["annotations[0]"]
