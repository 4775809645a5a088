"""GeoJSON: whatever there is comes back, and files of QuPath are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import LabelwidgetsError, LimitError
from labelwidgets.formats import FormatWarning, registry
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import Ellipse, Point, Polygon, Polyline, Rectangle, Tag
from tests.formats.labels import ONTOLOGY, any_label, items

SQUARE = [[1, 2], [11, 2], [11, 12], [1, 12], [1, 2]]
HOLE = [[2, 3], [2, 5], [4, 5], [2, 3]]


@pytest.mark.filterwarnings("ignore::labelwidgets.formats.FormatWarning")
@pytest.mark.parametrize("name", ["a.geojson", "a.zip", "a"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(any_label("a", "b"), max_size=4, unique_by=lambda one: one.id))
def test_every_field_of_every_label_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, made: Any
) -> None:
    path, frame = tmp_path_factory.mktemp("g") / name, items("a", "b", folder="day")
    formats.write(made, path, "geojson", items=frame, ontology=ONTOLOGY)
    back = formats.read(path)
    assert back.format == "geojson"
    assert sorted(back.annotations, key=lambda one: one.id) == sorted(made, key=lambda one: one.id)
    assert back.ontology == ONTOLOGY
    assert set(back.items["id"]) == {"a", "b"}


def test_features_are_as_qupath_and_geopandas_have_them(tmp_path: Path) -> None:
    shape = Polygon([[[(1, 2), (11, 2), (11, 12), (1, 12)], [(2, 3), (2, 5), (4, 5)]]])
    label = Annotation(item_id="a", class_name="car", geometry=shape, state="locked")
    formats.write([label], tmp_path / "g", "geojson", items=items("a", "b"), ontology=ONTOLOGY)
    assert sorted(one.name for one in (tmp_path / "g").iterdir()) == ["a.geojson", "b.geojson"]
    document = json.loads((tmp_path / "g" / "a.geojson").read_text())
    (feature,) = document["features"]
    assert feature["geometry"] == {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
    color = ONTOLOGY["car"].color or ""
    assert feature["properties"]["classification"] == {
        "name": "car",
        "color": [int(color[at : at + 2], 16) for at in (1, 3, 5)],
    }
    assert feature["properties"]["isLocked"] is True
    assert feature["properties"]["item"] == "a.jpg"
    assert "y down" in document["labelwidgets"]["axes"]


def _file(tmp_path: Path, *features: Any, name: str = "a.geojson", **more: Any) -> Path:
    document = {"type": "FeatureCollection", "features": list(features)} | more
    (tmp_path / name).write_text(json.dumps(document))
    return tmp_path / name


def _feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": "0b5c",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


QUPATH = {"classification": {"name": "Tumor", "color": [200, 0, 0]}, "objectType": "annotation"}


def test_a_file_of_qupath_is_read_with_classes_colours_and_measurements(tmp_path: Path) -> None:
    older = {"classification": {"name": "Stroma", "colorRGB": -6895466}, "isLocked": True}
    several = {"classification": {"names": ["Cell", "CD3"]}, "measurements": {"Area": 5.5}}
    features = [
        _feature("Polygon", [SQUARE, HOLE], **QUPATH),
        _feature("MultiPolygon", [[SQUARE], [[[20, 20], [30, 20], [30, 30]]]], **older),
        _feature("MultiPoint", [[1, 2], [3, 4]], **several),
        _feature("LineString", [[1, 2], [3, 4], [5, 5]], name="edge"),
    ]
    features[3]["geometry"]["plane"] = {"c": -1, "z": 2, "t": 0}
    (tmp_path / "list.json").write_text(json.dumps(features))
    for path in (_file(tmp_path, *features), tmp_path / "list.json"):
        found = formats.read(path, items=items("a"))
        assert found.format == "geojson"
        said = [(one.class_name, one.geometry, one.frame) for one in found.annotations]
        outer, hole = ([tuple(map(float, point)) for point in ring[:-1]] for ring in (SQUARE, HOLE))
        assert said == [
            ("Tumor", Polygon([[outer, hole]]), None),
            ("Stroma", Polygon([[outer], [[(20, 20), (30, 20), (30, 30)]]]), None),
            ("Cell: CD3", Point(1, 2), None),
            ("Cell: CD3", Point(3, 4), None),
            ("edge", Polyline([(1, 2), (3, 4), (5, 5)]), 2),
        ]
        assert found.annotations[1].state == "locked"
        assert found.annotations[2].origin == Origin(
            "import", "geojson", parameters={"measurements": {"Area": 5.5}, "id": "0b5c"}
        )
        assert found.ontology["Tumor"].color == "#c80000"
        assert found.ontology["Stroma"].color == f"#{-6895466 & 0xFFFFFF:06x}"


def test_files_are_found_by_their_names_by_a_property_or_told(tmp_path: Path) -> None:
    box = _feature("Polygon", [SQUARE], **QUPATH)
    frame = items("a", "b")
    _file(tmp_path, box, name="b.geojson")
    assert formats.read(tmp_path / "b.geojson", items=frame).annotations[0].item_id == "b"
    assert formats.read(tmp_path, items=frame).annotations[0].item_id == "b"
    (tmp_path / "b.geojson").rename(tmp_path / "x.geojson")
    told = formats.read(tmp_path / "x.geojson", items=frame, item="a")
    assert told.annotations[0].item_id == "a"
    box["properties"]["image"] = "photos/b.jpg"
    assert formats.read(_file(tmp_path, box), items=frame).annotations[0].item_id == "b"
    box["properties"]["image"] = "far.jpg"
    lost = formats.read(_file(tmp_path, box), items=frame, errors="collect")
    assert lost.unmatched["file_name"].tolist() == ["far.jpg"]


def test_a_label_that_a_tool_has_moved_keeps_its_answers(tmp_path: Path) -> None:
    made = [
        Annotation(item_id="a", class_name="car", geometry=Ellipse(20, 20, 9, 5), confidence=0.5),
        Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 2, 10, 10)),
    ]
    path = tmp_path / "a.geojson"
    formats.write(made, path, "geojson", items=items("a"))
    document = json.loads(path.read_text())
    document["features"][0]["geometry"]["coordinates"] = [SQUARE]
    path.write_text(json.dumps(document))
    moved, kept = formats.read(path, items=items("a")).annotations
    assert (moved.id, moved.confidence) == (made[0].id, 0.5)
    assert isinstance(moved.geometry, Polygon)
    assert kept == made[1]


def test_what_is_no_shape_is_said_and_comes_back(tmp_path: Path) -> None:
    made = [Annotation(item_id="a", class_name="car", geometry=Tag())]
    with pytest.warns(FormatWarning, match="1 tag. labelwidgets reads them back"):
        formats.write(made, tmp_path / "a.geojson", "geojson", items=items("a"))
    assert json.loads((tmp_path / "a.geojson").read_text())["features"] == []
    assert formats.read(tmp_path / "a.geojson").annotations == made


WRONG: dict[str, tuple[Any, str]] = {
    "no feature": (5, r"features\[0\].*must be a Feature"),
    "no geometry": ({"type": "Feature", "geometry": None}, "geometry: must be an object"),
    "a collection": (_feature("GeometryCollection", []), "geometry.type: 'GeometryCollection'"),
    "properties": ({"type": "Feature", "properties": 5}, "properties: must be an object"),
    "one number": (_feature("Point", [1]), r"geometry.coordinates: must be \[x, y\]"),
    "text": (_feature("Point", ["1", "2"]), r"geometry.coordinates: must be \[x, y\]"),
    "huge": (_feature("Point", [10**400, 1]), "must be finite|digits|no number|number"),
    "half a ring": (_feature("Polygon", [[[1, 2], [3, 4]]]), r"features\[0\]"),
    "no list": (_feature("LineString", {"x": 1}), "must be a list"),
    "outside": (_feature("Point", [500, 1]), r"features\[0\].*outside"),
    "no class": (_feature("Point", [1, 1], classification={"name": " "}), "classification.name"),
    "ours": (_feature("Point", [1, 1], labelwidgets={"item_id": 5}), r"features\[0\].*item_id"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_feature_and_field(tmp_path: Path, case: str) -> None:
    feature, expected = WRONG[case]
    path = _file(tmp_path, feature)
    with pytest.raises(LabelwidgetsError, match=f"(?s)a.geojson.*({expected})"):
        formats.read(path, items=items("a"))


BROKEN = {
    "half a file": '{"type":"FeatureCollection","features":[',
    "NaN": '{"type":"FeatureCollection","features":[NaN]}',
    "brackets": '{"type":"FeatureCollection","features":' + "[" * 100_000,
    "no list": '{"type":"FeatureCollection","features":7}',
    "another thing": '{"type":"Topology"}',
    "5,000 digits": '{"type":"FeatureCollection","features":[' + "9" * 5000 + "]}",
    "ours": '{"type":"FeatureCollection","features":[],"labelwidgets":{"ontology":5}}',
    "our items": '{"type":"FeatureCollection","features":[],"labelwidgets":{"items":[5]}}',
    "our labels": '{"type":"FeatureCollection","features":[],"labelwidgets":{"annotations":5}}',
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_told(tmp_path: Path, case: str) -> None:
    (tmp_path / "a.geojson").write_text(BROKEN[case])
    with pytest.raises(LabelwidgetsError, match=r"a\.geojson"):
        formats.read(tmp_path / "a.geojson", "geojson", items=items("a"))


def test_features_that_are_wrong_can_be_left_out(tmp_path: Path) -> None:
    path = _file(tmp_path, _feature("Point", [1, 1], **QUPATH), _feature("Point", [1]))
    found = formats.read(path, items=items("a"), errors="collect")
    assert len(found.annotations) == 1
    assert found.left_out[["record", "id"]].to_numpy().tolist() == [["features[1]", "0b5c"]]
    with pytest.raises(LimitError, match="more than 10 bytes"):
        formats.read(path, max_bytes=10)


def test_a_word_of_another_format_in_an_answer_makes_it_no_file_of_that(tmp_path: Path) -> None:
    label = Annotation(
        item_id="a",
        class_name="car",
        geometry=Rectangle(1, 2, 3, 4),
        attributes={"x": "segments_info"},
    )
    formats.write([label], tmp_path / "a.geojson", "geojson")
    assert registry.sniff(tmp_path / "a.geojson") == "geojson"


def test_a_table_is_made_for_no_label_and_no_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [0]
    real = pd.DataFrame.__init__

    def counted(self: Any, *given: Any, **told: Any) -> None:
        tables[0] += 1
        real(self, *given, **told)

    counts = []
    for count in (2, 40):
        ids = [f"i{at}" for at in range(count)]
        some = [Annotation(item_id=one, class_name="car", geometry=Tag()) for one in ids]
        some += [
            Annotation(item_id=one, class_name="car", geometry=Rectangle(1, 2, 3, 4)) for one in ids
        ]
        frame = items(*ids)
        with monkeypatch.context() as patched:
            patched.setattr(pd.DataFrame, "__init__", counted)
            for name in ("geojson", "json"):
                formats.write(some, tmp_path / f"a.{name}", name, items=frame)
                formats.read(tmp_path / f"a.{name}", name)
        counts.append(tables[0])
        tables[0] = 0
    assert counts[0] == counts[1]
