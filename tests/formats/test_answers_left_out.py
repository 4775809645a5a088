"""An answer that the ontology does not allow is left out alone; its label stays."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import FormatWarning, registry
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


_OURS = ("json", "parquet", "geojson", "segment_anything", "coco_panoptic")
_ANSWERED = [
    name
    for name in registry.names()
    if registry.holds(name).fate("answers").how == "kept"
    and registry.holds(name).on != "scans"
    and name not in _OURS
]


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize("name", _ANSWERED)
def test_of_every_format_an_answer_that_stays_with_its_label_is_listed(
    tmp_path: Path, name: str
) -> None:
    items, written = _answered(name)
    path = tmp_path / (registry.holds(name).file or "all")
    formats.write(written, path, name, items=items, ontology=THEIRS)
    if name == "coco":
        # Of somebody else, who has the same fields and knows nothing of ours.
        document = msgspec.json.decode(path.read_bytes())
        for one in document["annotations"]:
            one["attributes"] = {"by": "y"}
            one.pop("labelwidgets")
        path.write_bytes(msgspec.json.encode(document))
    told: dict[str, Any] = {"items": items, "ontology": MINE}
    found = formats.read(path, name, errors="collect", **told)
    (only,) = [one for one in found.annotations if one.class_name]
    assert only.attributes == {}
    left = found.left_out
    assert left["field"].tolist() == ["class 'car', attribute 'by'"]
    assert left["record"][0].endswith(", answer")
    assert left["reason"][0].startswith("has no option 'y'")
    if name in ("label_studio", "youtube_vis"):
        return  # In fields of ours.
    with pytest.warns(FormatWarning, match=r"1 answer that .* attribute 'by'"):
        formats.read(path, name, **told)


def _answered(name: str) -> tuple[pd.DataFrame, list[Annotation]]:
    box, moving = Rectangle(1, 2, 9, 8), registry.holds(name).on == "videos"
    if not moving:
        return ITEMS, [
            Annotation(item_id="a", class_name="car", geometry=box, attributes={"by": "y"})
        ]
    said = {"width": 40, "height": 30, "frames": 5, "fps": 5}
    items = ITEMS.assign(kind="video", title="a.mp4", urls=[["a.mp4"]], metadata=[said])
    track = Track({0: Keyframe(box), 4: Keyframe(box)})
    return items, [
        Annotation(item_id="a", class_name="car", geometry=track, attributes={"by": "y"})
    ]


def test_what_no_project_asks_is_no_fault_of_a_file(tmp_path: Path) -> None:
    formats.write(_answered("cvat")[1], tmp_path / "a.xml", "cvat", items=ITEMS, ontology=THEIRS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = formats.read(tmp_path / "a.xml", errors="collect", items=ITEMS)
    assert found.left_out.empty
