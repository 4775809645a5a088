"""Pictures for people: labels drawn where they are, readable, on any picture."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import labelwidgets as lw
from labelwidgets import Annotation, Keypoints, Mask, Polygon, Rectangle, Tag
from labelwidgets.errors import ImageError, LimitError, SchemaError
from labelwidgets.widgets.lettering import Lettering

RED = "#e6194b"
ONTOLOGY = lw.Ontology(
    [
        lw.ObjectClass("car", color=RED),
        lw.ObjectClass(
            "fly",
            tool="keypoints",
            color=RED,
            skeleton=lw.Skeleton(["a", "b", "c"], [(0, 1), (1, 2)]),
        ),
    ]
)


def label(geometry: object, name: str = "car", **more: object) -> Annotation:
    return Annotation(item_id="one", class_name=name, geometry=geometry, **more)  # type: ignore[arg-type]


def drawn(*labels: Annotation, grey: int = 128, **options: object) -> NDArray[np.int64]:
    picture = np.full((400, 600), grey, np.uint8)
    made = lw.draw(picture, list(labels), ONTOLOGY, **{"names": False, **options})  # type: ignore[arg-type]
    return made.pixels.astype(np.int64)


def is_red(pixel: NDArray[np.int64]) -> bool:
    return bool(np.abs(pixel - (230, 25, 75)).max() < 60)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_outline_is_seen_on_any_picture(grey: int) -> None:
    made = drawn(label(Rectangle(100, 100, 200, 100)), grey=grey)
    assert made.shape == (400, 600, 3)
    assert is_red(made[150, 100])
    assert not is_red(made[150, 200])
    assert (made[50, 50] == grey).all()
    # The halo is darker than the picture, where that is not black.
    assert grey == 0 or made[150, 97:105].sum(axis=1).min() < made[50, 50].sum()


def test_a_hole_is_left_free_and_an_area_is_shaded() -> None:
    ring = [(50.0, 50.0), (350.0, 50.0), (350.0, 350.0), (50.0, 350.0)]
    hole = [(150.0, 150.0), (250.0, 150.0), (250.0, 250.0), (150.0, 250.0)]
    made = drawn(label(Polygon([[ring, hole]])))
    assert made[100, 100, 0] > 140
    assert (made[200, 200] == 128).all()
    assert (drawn(label(Polygon([[ring, hole]])), fill=0)[100, 100] == 128).all()


def test_joints_that_are_covered_are_hollow_and_missing_ones_are_not_drawn() -> None:
    points = [(100.0, 100.0, 2), (200.0, 100.0, 1), (300.0, 100.0, 0)]
    made = drawn(label(Keypoints(points), "fly"))
    assert is_red(made[100, 100])
    assert is_red(made[100, 150])
    assert not is_red(made[100, 200])
    assert (made[100, 300] == 128).all()


def test_a_mask_has_an_edge_and_edges_are_smooth() -> None:
    rows, columns = np.mgrid[:400, :600]
    code = lw.algorithms.encode_rle((rows - 200) ** 2 + (columns - 300) ** 2 < 80**2)
    made = drawn(label(Mask(lw.RLE(tuple(code["size"]), code["counts"]))))
    assert is_red(made[200, 221])
    slanted = drawn(label(lw.Polyline([(10, 10), (500, 300)])))
    shades = {tuple(pixel) for pixel in slanted[100:200, 200:300].reshape(-1, 3).tolist()}
    assert len(shades) > 6


def test_names_and_confidences_are_written_and_stay_in_the_picture() -> None:
    some = label(Rectangle(580, 2, 15, 15), confidence=0.5)
    plain, named = drawn(some), drawn(some, names=True)
    sure = drawn(some, names=True, scores=False)
    assert (plain != named).any()
    assert (named != sure).any()
    chip = drawn(label(Tag()))
    assert (chip[:40, 500:] != 128).any()


def test_letters_that_no_font_has_are_written_without_accents() -> None:
    text, font = Lettering(20).of("Bäume \U0010fffd")
    assert text.endswith("?")
    assert text[:5] in ("Bäume", "Baume")
    assert font.getlength(text) > 20
    assert Lettering(20).of("car")[0] == "car"


def test_a_drawing_is_an_array_that_shows_itself_and_can_be_saved(tmp_path: Path) -> None:
    made = lw.draw(np.zeros((30, 40, 3), np.uint8), [], edge=40)
    assert np.asarray(made).shape == (30, 40, 3)
    assert Image.open(io.BytesIO(made._repr_png_())).size == (40, 30)
    made.save(tmp_path / "one.png")
    made.save(tmp_path / "one.jpg")
    assert [Image.open(tmp_path / name).format for name in ("one.png", "one.jpg")] == [
        "PNG",
        "JPEG",
    ]
    assert repr(made) == "Drawing(40 x 30)"


def test_large_pictures_are_made_smaller_and_small_ones_larger(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (3000, 1500), (128, 128, 128)).save(path)
    made = lw.draw(path, [label(Rectangle(1000, 500, 1000, 500))], ONTOLOGY, names=False)
    assert made.shape == (640, 1280, 3)
    assert is_red(made.pixels[320, round(1000 * 1280 / 3000)].astype(np.int64))
    assert lw.draw(path, [], edge=None).shape == (1500, 3000, 3)
    assert lw.draw(np.zeros((20, 20), np.uint8), []).shape == (800, 800, 3)


def test_pixels_of_any_kind_are_shown() -> None:
    for pixels in (
        np.zeros((20, 20), bool),
        np.linspace(-1000, 3000, 400).reshape(20, 20).astype(np.int16),
        np.full((20, 20, 4), 255, np.uint8),
        np.random.default_rng(0).random((20, 20, 3)),
    ):
        assert lw.draw(pixels, []).shape == (800, 800, 3)
    for wrong in (np.zeros((2, 3, 4, 5)), np.zeros((0, 3)), np.array([["a"]])):
        with pytest.raises(ImageError):
            lw.draw(wrong, [])


def test_a_frame_shows_what_is_on_it() -> None:
    box = Rectangle(100, 100, 200, 100)
    track = lw.Track({0: lw.Keyframe(box), 10: lw.Keyframe(box, outside=True)})
    assert is_red(drawn(label(track), frame=5)[150, 100])
    assert (drawn(label(track), frame=20) == 128).all()
    assert (drawn(label(box, frame=3), frame=4) == 128).all()
    with pytest.raises(LimitError, match="frame"):
        drawn(label(track))


def test_what_is_out_of_range_is_named() -> None:
    for options, where in (
        ({"edge": 3}, "edge"),
        ({"fill": 2}, "fill"),
        ({"edge": 100_000}, None),
    ):
        if where is None:
            lw.draw(np.zeros((9, 9), np.uint8), [], **options)  # type: ignore[arg-type]
            continue
        with pytest.raises(LimitError, match=where):
            lw.draw(np.zeros((9, 9), np.uint8), [], **options)  # type: ignore[arg-type]
    with pytest.raises(LimitError, match="36,000,000"):
        lw.draw(np.broadcast_to(np.uint8(0), (7000, 7000)), [], edge=None)
    with pytest.raises(SchemaError):
        lw.draw(np.zeros((9, 9), np.uint8), ["no label"])  # type: ignore[list-item]
