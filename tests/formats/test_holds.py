"""What a format says that it holds is what comes back, cell by cell."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats import FormatWarning, registry
from labelwidgets.formats.holds import FEATURES, Fate, Holds
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Ellipse, Polygon, Rectangle
from labelwidgets.schema.tracks import Track
from tests.formats.specimens import ONTOLOGY, Specimen, specimen

# Formats of scans need scans: tests/formats/test_holds_of_scans.py.
NAMES = [name for name in formats.names() if registry.holds(name).on != "scans"]
CELLS = [(name, feature) for name in NAMES for feature in FEATURES]


def write(name: str, made: Specimen, path: Path, strict: bool = False) -> list[str]:
    """Write a specimen; return what was warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        formats.write(made.labels, path, name, items=made.items, ontology=ONTOLOGY, strict=strict)
    return [str(one.message) for one in said if issubclass(one.category, FormatWarning)]


def read(name: str, made: Specimen, path: Path) -> formats.Imported:
    """Read it back."""
    return formats.read(path, name, items=made.items, ontology=ONTOLOGY)


def close(one: Any, other: Any) -> bool:
    """Say whether two shapes are the same, to a thousandth of a pixel."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Track):
        frames = range(10)
        seen = [(one.at(at), other.at(at)) for at in frames]
        return all(
            (a is None) == (b is None) and (a is None or b is None or close(a.geometry, b.geometry))
            for a, b in seen
        )
    mine, yours = numbers(one), numbers(other)
    return len(mine) == len(yours) and np.allclose(mine, yours, atol=1e-3)


def numbers(shape: Any) -> list[float]:
    """Return the numbers of a shape, of polygons from the least point of each ring."""
    if isinstance(shape, Polygon):
        rings = [ring for part in shape.parts for ring in part]
        return [value for ring in rings for point in turned(ring) for value in point]
    found: list[float] = []
    if isinstance(shape, Rectangle | Ellipse):
        # 0 need not be written out, and 359 degrees are as good as -1.
        found += [math.cos(math.radians(shape.angle)), math.sin(math.radians(shape.angle))]
        shape = msgspec.structs.replace(shape, angle=1.0)

    def walk(value: Any) -> None:
        if isinstance(value, bool | int | float):
            found.append(float(value))
        elif isinstance(value, dict):
            for key in sorted(value, key=str):
                walk(value[key])
        elif isinstance(value, list | tuple):
            for one in value:
                walk(one)
        elif isinstance(value, str):
            found.extend(map(ord, value))

    walk(Annotation(item_id="x", class_name="car", geometry=shape).to_dict()["geometry"])
    return found


def turned(ring: Any) -> list[Any]:
    """Return a ring that begins with its least point and goes round one way."""
    points = [tuple(point) for point in ring]
    start = points.index(min(points))
    points = points[start:] + points[:start]
    return points if points[1] <= points[-1] else [points[0], *reversed(points[1:])]


def check_kept(feature: str, made: Specimen, back: formats.Imported) -> None:
    """Raise unless what a feature is about has come back."""
    if feature == "empty pictures":
        assert set(back.items["id"]) == {"one", "two"}
        return
    (was,) = made.labels
    assert len(back.annotations) == 1, back.annotations
    (now,) = back.annotations
    assert (now.item_id, now.class_name, now.frame) == (was.item_id, was.class_name, was.frame)
    assert close(was.geometry, now.geometry)
    if feature in ("answers", "image answers"):
        assert now.attributes == was.attributes
    elif feature == "confidence":
        assert now.confidence == pytest.approx(was.confidence, abs=1e-6)
    elif feature == "ids":
        assert now.id == was.id
    elif feature == "origin":
        assert (now.author, now.origin, now.state) == (was.author, was.origin, was.state)


@pytest.mark.parametrize(("name", "feature"), CELLS)
def test_what_is_written_comes_to_the_end_that_the_format_says(
    tmp_path: Path, name: str, feature: str
) -> None:
    holds, path = registry.holds(name), tmp_path / (registry.holds(name).file or "labels")
    made, fate = specimen(feature, holds), holds.fate(feature)
    said = write(name, made, path)
    back = read(name, made, path)
    assert back.left_out.empty
    assert back.unmatched.empty
    if fate.how in ("kept", "silent"):
        box_too = feature in ("ids", "origin") and holds.fate("rectangle").how != "kept"
        assert box_too or not said, "a warning of what is not lost"
        if fate.how == "kept":
            check_kept(feature, made, back)
        elif feature == "empty pictures":
            assert back.items.empty
        else:
            (was,), (now,) = made.labels, back.annotations
            same = (now.id, now.author, now.state) == (was.id, was.author, was.state)
            assert not same, "it is kept"
        return
    assert said, "nothing is said of what is lost"
    (tmp_path / "strict").mkdir()
    with pytest.raises(FormatError, match="no place for"):
        write(
            name, made, tmp_path / "strict" / (registry.holds(name).file or "labels"), strict=True
        )
    assert not (tmp_path / "strict" / (registry.holds(name).file or "labels")).is_file()
    if fate.how == "ours":
        check_kept(feature, made, back)
    else:
        check_lost(feature, fate, made, back)


def check_lost(feature: str, fate: Fate, made: Specimen, back: formats.Imported) -> None:
    """Raise unless what is left out is not there, and what is changed is what it is said to be."""
    if fate.how == "changed":
        assert back.annotations
        assert {one.geometry.type for one in back.annotations} == {fate.into}
        assert {one.class_name for one in back.annotations} == {made.labels[0].class_name}
    elif feature == "answers":
        assert [one.attributes for one in back.annotations] == [{}]
    elif feature == "confidence":
        assert [one.confidence for one in back.annotations] == [None]
    else:
        assert not back.annotations


@pytest.mark.parametrize("name", NAMES)
def test_no_other_format_takes_it_for_its_own(tmp_path: Path, name: str) -> None:
    holds, path = registry.holds(name), tmp_path / (registry.holds(name).file or "labels")
    feature = next(key for key in FEATURES if holds.fate(key).how in ("kept", "changed"))
    write(name, specimen(feature, holds), path)
    assert registry.sniff(path) == name


@pytest.mark.parametrize("name", formats.names())
def test_every_format_says_what_it_holds_and_that_it_holds_something(name: str) -> None:
    holds = registry.holds(name)
    assert isinstance(holds, Holds)
    assert holds.title
    assert any(holds.fate(feature).how in ("kept", "changed") for feature in FEATURES)


def test_a_format_says_nothing_of_what_there_is_not() -> None:
    with pytest.raises(ValueError, match="no such feature: wings"):
        Holds("x", "pictures", {"wings": Fate("kept")})
