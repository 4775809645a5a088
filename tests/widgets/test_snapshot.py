"""The static picture: what is drawn lies where the label is."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from labelwidgets import formats
from labelwidgets.algorithms import encode_rle
from labelwidgets.errors import ImageError, LimitError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import (
    Cuboid,
    Ellipse,
    Keypoints,
    Mask,
    Point,
    Polygon,
    Polyline,
    Rectangle,
    Tag,
    VolumeMask,
)
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.widgets.painting import MAX_SHAPES
from labelwidgets.widgets.snapshot import snapshot
from tests.formats.labels import ONTOLOGY as ANY_ONTOLOGY
from tests.formats.labels import any_label

WIDTH, HEIGHT = 600, 500
RED = np.array([230, 25, 75])
ONTOLOGY = Ontology(
    [
        ObjectClass("car", color="#e6194b"),
        ObjectClass(
            "fly",
            color="#e6194b",
            tool="keypoints",
            skeleton=Skeleton(["a", "b", "c"], [(0, 1), (1, 2)]),
        ),
    ]
)


def photo(width: int = WIDTH, height: int = HEIGHT, format: str = "PNG", **save: Any) -> bytes:
    """Return a grey picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (128, 128, 128)).save(buffer, format, **save)
    return buffer.getvalue()


def label(geometry: Any, class_name: str = "car") -> Annotation:
    """Return a record."""
    return Annotation(item_id="a", class_name=class_name, geometry=geometry)


def pixels(data: bytes) -> NDArray[np.int64]:
    """Decode a snapshot."""
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    return np.asarray(image.convert("RGB")).astype(np.int64)


def drawn(*shapes: Any, class_name: str = "car") -> NDArray[np.int64]:
    """Return the picture with these shapes."""
    return pixels(snapshot(photo(), [label(shape, class_name) for shape in shapes], ONTOLOGY))


def is_line(seen: NDArray[np.int64], x: float, y: float) -> bool:
    """Say whether there is a pixel in the colour of the class within two pixels of a place."""
    near = seen[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].reshape(-1, 3)
    # Halos are dark and what is filled has a green of 107.
    return bool(((near[:, 0] > 125) & (near[:, 1] < 70)).any())


def is_filled(seen: NDArray[np.int64], x: int, y: int) -> bool:
    """Say whether a place has a fifth of the colour of the class."""
    return bool(np.abs(seen[y, x] - (128 * 0.8 + RED * 0.2)).max() < 8)


def is_bare(seen: NDArray[np.int64], x: int, y: int) -> bool:
    """Say whether a place is as it was."""
    return bool(np.abs(seen[y, x] - 128).max() < 8)


def ring_mask() -> NDArray[np.bool_]:
    """Return a square with a square hole."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[100:300, 100:300] = True
    mask[150:250, 150:250] = False
    return mask


SQUARE = [(100, 100), (300, 100), (300, 300), (100, 300)]
HOLE = [(150, 150), (250, 150), (250, 250), (150, 250)]
CODE = encode_rle(ring_mask())
AREAS: list[tuple[Any, list[tuple[float, float]], list[tuple[int, int]], list[tuple[int, int]]]] = [
    (Rectangle(100, 100, 200, 200), [(100, 200), (299, 200)], [(200, 200)], [(310, 200)]),
    (Rectangle(100, 100, 200, 200, 45), [(200, 59), (341, 200)], [(200, 200)], [(105, 110)]),
    (Ellipse(200, 200, 100, 50), [(101, 200), (200, 249)], [(200, 200)], [(110, 160)]),
    (Ellipse(200, 200, 100, 50, 90), [(200, 101), (249, 200)], [(200, 200)], [(130, 200)]),
    (Polygon([[SQUARE, HOLE]]), [(100, 200), (150, 200)], [(125, 200)], [(200, 200)]),
    (Mask(CODE), [(100, 200), (149, 200)], [(125, 200)], [(200, 200)]),  # type: ignore[arg-type]
    (
        VolumeMask({3: CODE}),  # type: ignore[dict-item]
        [(100, 200), (149, 200)],
        [(125, 200)],
        [(200, 200)],
    ),
    (
        Cuboid([*SQUARE, (350, 50), (450, 50), (450, 150), (350, 150)]),
        [(100, 200), (400, 50), (225, 75)],
        [(200, 200)],
        [(400, 100)],
    ),
    (Polyline([(100, 100), (300, 100), (300, 300)]), [(200, 100), (300, 200)], [], [(200, 200)]),
    (Point(200, 200), [(200, 200)], [], [(220, 200)]),
]


@pytest.mark.parametrize(("shape", "lines", "filled", "bare"), AREAS)
def test_lines_fill_and_what_is_left_bare(
    shape: Any,
    lines: list[tuple[float, float]],
    filled: list[tuple[int, int]],
    bare: list[tuple[int, int]],
) -> None:
    seen = drawn(shape)
    assert seen.shape == (HEIGHT, WIDTH, 3)
    assert all(is_line(seen, *place) for place in lines)
    assert all(is_filled(seen, *place) for place in filled)
    assert all(is_bare(seen, *place) for place in bare)
    assert is_bare(seen, 550, 450)


def test_joints_and_the_edges_between_labelled_ones() -> None:
    points = [(100, 300, 2), (300, 300, 2), (300, 100, 0)]
    seen = drawn(Keypoints(points), class_name="fly")
    assert is_line(seen, 100, 300)
    assert is_line(seen, 200, 300)
    assert is_bare(seen, 300, 200)
    hidden = drawn(Keypoints([(100, 300, 1), (300, 300, 2), (0, 0, 0)]), class_name="fly")
    assert hidden[300, 100].max() < 128


def test_a_line_has_a_dark_halo() -> None:
    seen = drawn(Polyline([(100, 200), (500, 200)]))
    column = seen[190:211, 300].sum(axis=1)
    assert column.min() < 3 * 110
    assert column[0] == pytest.approx(3 * 128, abs=12)


def test_the_name_stands_above_the_label_in_its_colour() -> None:
    seen = drawn(Rectangle(100, 100, 200, 200))
    above = seen[84:96, 100:118].reshape(-1, 3)
    assert (np.abs(above - RED).max(axis=1) < 20).mean() > 0.5
    assert (above.min(axis=1) > 200).any()


def test_tags_stand_in_the_upper_right_corner_once() -> None:
    seen = drawn(Tag(), Tag())
    corner = seen[2:18, -26:-4].reshape(-1, 3)
    assert (np.abs(corner - RED).max(axis=1) < 20).mean() > 0.4
    np.testing.assert_array_equal(seen, drawn(Tag()))
    np.testing.assert_array_equal(seen[30:], drawn()[30:])


def test_answers_about_the_image_are_no_tag_of_it() -> None:
    answers = Annotation(item_id="a", geometry=Tag())
    np.testing.assert_array_equal(pixels(snapshot(photo(), [answers], ONTOLOGY)), drawn())


def test_very_many_tags_end_at_the_lower_edge() -> None:
    tags = [label(Tag(), f"class {number}") for number in range(3000)]
    assert pixels(snapshot(photo(60, 50), tags, ONTOLOGY, 240)).shape == (100, 120, 3)


def test_classes_that_are_unknown_are_grey() -> None:
    seen = pixels(snapshot(photo(), [label(Rectangle(100, 100, 200, 200), "lorry")], ONTOLOGY))
    assert seen[200, 100].min() > 150


@pytest.mark.parametrize(
    ("size", "edge", "expected"),
    [
        ((1920, 1000), 960, (960, 500)),
        ((960, 700), 960, (960, 700)),
        ((600, 500), 960, (600, 500)),
        ((40, 20), 960, (480, 240)),
        ((3000, 2), 300, (300, 1)),
        ((1, 1), 16, (8, 8)),
    ],
)
def test_size(size: tuple[int, int], edge: int, expected: tuple[int, int]) -> None:
    data = snapshot(photo(*size), [label(Rectangle(0, 0, 1, 1))], ONTOLOGY, edge)
    assert Image.open(io.BytesIO(data)).size == expected


def test_coordinates_are_those_of_the_full_picture() -> None:
    data = photo(2400, 2000, "JPEG")
    seen = pixels(snapshot(data, [label(Rectangle(400, 400, 800, 800))], ONTOLOGY, 600))
    assert is_line(seen, 100, 200)
    assert is_filled(seen, 200, 200)
    assert is_bare(seen, 310, 200)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_upright(orientation: int) -> None:
    stored = Image.new("RGB", (200, 100), "white")
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG", exif=exif)
    seen = pixels(snapshot(buffer.getvalue(), [], ONTOLOGY, 200))
    assert seen.shape[:2] == ((200, 100) if orientation >= 5 else (100, 200))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_any_mode(mode: str) -> None:
    buffer = io.BytesIO()
    image = Image.new(mode, (64, 48))
    image.save(buffer, "TIFF" if mode == "CMYK" else "PNG")
    seen = pixels(snapshot(buffer.getvalue(), [label(Rectangle(10, 10, 30, 30))], ONTOLOGY, 100))
    assert is_line(seen, 10, 25)


def test_what_is_seen_through_is_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (64, 48), (0, 0, 0, 0)).save(buffer, "PNG")
    assert pixels(snapshot(buffer.getvalue(), [], ONTOLOGY, 64)).min() > 250


@pytest.mark.parametrize("data", [b"", b"<html>", photo()[:100], photo(format="JPEG")[:700]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ImageError):
        snapshot(data, [], ONTOLOGY)


@pytest.mark.parametrize("edge", [15, 5000, True, 100.0])
def test_edges_out_of_range(edge: Any) -> None:
    with pytest.raises(LimitError, match="edge"):
        snapshot(photo(), [], ONTOLOGY, edge)


def test_of_very_many_labels_the_largest_are_drawn_and_counted() -> None:
    few = [label(Rectangle(300, 300, 100, 100))]
    many = [label(Rectangle(50 + n % 100, 50, 2, 2)) for n in range(MAX_SHAPES + 500)]
    seen = pixels(snapshot(photo(), many + few, ONTOLOGY))
    assert is_filled(seen, 350, 350)
    corner = seen[-14:-4, :100]
    assert corner.min() < 60
    assert corner.max() > 200
    assert is_bare(pixels(snapshot(photo(), few, ONTOLOGY)), 20, HEIGHT - 10)


def test_masks_of_very_many_pixels_are_counted_not_drawn() -> None:
    mask = np.zeros((20_000, 15_000), bool, order="F")
    mask[100:15_000, 100:10_000] = True
    seen = drawn(Mask(encode_rle(mask)))  # type: ignore[arg-type]
    assert is_bare(seen, 200, 200)
    assert seen[-14:-4, :100].max() > 200


def test_shapes_far_outside_are_drawn_as_far_as_they_are_inside() -> None:
    seen = drawn(Rectangle(-1e8, 200, 2e8, 1e8))
    assert is_filled(seen, 300, 400)
    assert is_line(seen, 300, 200)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(any_label("a"), max_size=5))
def test_any_labels_can_be_drawn(labels: list[Annotation]) -> None:
    assert pixels(snapshot(photo(60, 50), labels, ANY_ONTOLOGY, 240)).shape == (100, 120, 3)


def test_a_real_photo(shared_data: Path) -> None:
    read = formats.read(shared_data / "coco" / "instances.json", errors="collect")
    name = "000000159269.jpg"
    data = (shared_data / "coco" / "images" / name).read_bytes()
    labels = [made for made in read.annotations if made.item_id == name]
    plain = pixels(snapshot(data, [], read.ontology))
    seen = pixels(snapshot(data, labels, read.ontology))
    original = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    assert np.abs(plain - original).mean() < 4
    x, y, width, height = (round(n) for n in labels[0].geometry.bounds or ())
    box = slice(y, y + height), slice(x, x + width)
    assert np.abs(seen[box] - plain[box]).mean() > 3
