"""Networks of the SAM family: a click selects what lies there, and a picture is encoded once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.assist.adapters.pictures import resized
from labelwidgets.assist.prompts import Box, Click, Prompt, Scribble
from labelwidgets.assist.sam import pixel_hashes
from labelwidgets.assist.sam.frame import MEAN, Frame, rgb_of
from labelwidgets.assist.sam.points import points_of
from labelwidgets.assist.sam.segmentation import positive
from labelwidgets.errors import AssistantError, MissingExtraError, MissingFileError
from tests.assist.sam_networks import decoder, encoder

CONTEXT = lw.Context(ontology=lw.Ontology([lw.ObjectClass("cup", tool="mask")]), class_name="cup")
WIDE = (256, 512)  # twice as large in the square
TALL = (300, 200)  # 1024 / 300 times as large


@pytest.fixture(scope="module")
def files(tmp_path_factory: Any) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sam")
    return encoder(folder / "encoder.onnx"), decoder(folder / "tiny.onnx")


@pytest.fixture
def segmenter(files: tuple[Path, Path]) -> lw.assist.PromptSegmenter:
    return lw.assist.PromptSegmenter(*files)


def picture(size: tuple[int, int] = WIDE, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8)


def disc(size: tuple[int, int], x: float, y: float, radius: float) -> Any:
    """The pixels whose middle lies within a radius of a place."""
    rows, columns = np.indices(size) + 0.5
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


def runs(segmenter: Any, monkeypatch: Any) -> list[Any]:
    """Count what the encoder is shown."""
    seen: list[Any] = []
    run = segmenter._encoder.embedding

    def counted(shown: Any) -> Any:
        seen.append(shown)
        return run(shown)

    monkeypatch.setattr(segmenter._encoder, "embedding", counted)
    return seen


# Prompts


@pytest.mark.parametrize(("size", "scale"), [(WIDE, 2.0), (TALL, 1024 / 300), ((2048, 1000), 0.5)])
def test_a_click_selects_what_lies_there_to_the_pixel(
    segmenter: Any, size: tuple[int, int], scale: float
) -> None:
    made = segmenter.segment(picture(size), Prompt(clicks=[Click(101.5, 77.5)]))
    wrong = made.mask ^ disc(size, 101.5, 77.5, 40 / scale)
    # Where the circle goes through the middle of a pixel, rounding may say either.
    assert wrong.sum() <= 4
    assert made.mask.shape == size
    assert made.confidence == pytest.approx(0.9)


def test_the_square_is_that_of_segment_anything(segmenter: Any, monkeypatch: Any) -> None:
    seen = runs(segmenter, monkeypatch)
    white = np.full((300, 200), 255, np.uint8)
    segmenter.prepare(white)
    (square,) = seen
    assert square.shape == (1, 3, 1024, 1024)
    assert square.dtype == np.float32
    assert Frame.of(TALL, 1024).resized == (1024, 683)
    assert square[0, 0, :, :683] == pytest.approx((255 - MEAN[0]) / 58.395)
    assert not square[..., 683:].any()


def test_what_is_clicked_with_alt_is_left_out(segmenter: Any) -> None:
    clicks = [Click(100, 100), Click(118, 100, positive=False)]
    mask = segmenter.segment(picture(), Prompt(clicks=clicks)).mask
    wanted = disc(WIDE, 100, 100, 20) & ~disc(WIDE, 118, 100, 20)
    assert (mask ^ wanted).sum() <= 4
    assert wanted.any()


def test_a_box_is_two_corners(segmenter: Any) -> None:
    mask = segmenter.segment(picture(), Prompt(box=Box(50, 60, 100, 30))).mask
    rows, columns = np.nonzero(mask)
    assert (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1) == (50, 150, 60, 90)
    assert mask.sum() == 100 * 30
    apart = Prompt(box=Box(50, 60, 100, 30), clicks=[Click(60, 75, positive=False)])
    assert segmenter.segment(picture(), apart).mask.sum() < 100 * 30


def test_four_extreme_points_are_a_box_and_fewer_are_nothing_yet(files: Any) -> None:
    made = lw.assist.PromptSegmenter(*files, clicks="extremes")
    ends = [Click(150, 70), Click(90, 60), Click(50, 80), Click(100, 90)]
    assert made.predict(picture(), Prompt(clicks=ends[:3]), CONTEXT) is None
    mask = made.segment(picture(), Prompt(clicks=ends)).mask
    assert mask[60:90, 50:150].all()
    assert mask.sum() == 100 * 30
    with pytest.raises(AssistantError, match=r"nothing.*4 extreme points"):
        made.segment(picture(), Prompt(clicks=ends[:2]))


def test_points_are_taken_evenly_along_a_scribble() -> None:
    line = Scribble([(0, 0), (10, 0), (10, 30)])
    made = points_of(Prompt(scribbles=[line, Scribble([(5, 5)], positive=False)]), 4)
    assert made.places == [(5, 0), (10, 5), (10, 15), (10, 25), (5, 5)]
    assert made.kinds == [1, 1, 1, 1, 0]


def test_a_scribble_selects_along_its_length(segmenter: Any) -> None:
    line = Scribble([(100, 50), (300, 50)])
    mask = segmenter.segment(picture(), Prompt(scribbles=[line])).mask
    assert mask[50, [120, 160, 200, 240, 280]].all()
    assert not mask[:, 400:].any()


def test_it_and_what_it_keeps_are_told_by_name(segmenter: Any, tmp_path: Path) -> None:
    assert repr(segmenter).startswith(f"PromptSegmenter({segmenter.name!r}, version=")
    assert repr(lw.assist.Embeddings()) == "Embeddings(in memory)"
    assert repr(lw.assist.Embeddings(folder=tmp_path)) == f"Embeddings(in {str(tmp_path)!r})"


def test_nothing_meant_is_nothing_proposed(segmenter: Any) -> None:
    assert segmenter.predict(picture(), Prompt(), CONTEXT) is None
    only = Prompt(clicks=[Click(3, 3, positive=False)])
    assert segmenter.predict(picture(), only, CONTEXT) is None
    with pytest.raises(AssistantError, match="shown nothing"):
        segmenter.predict(picture(), None, CONTEXT)


# Answers


def test_a_click_after_another_builds_on_the_answer_to_that_one(segmenter: Any) -> None:
    one, two = Click(100, 100), Click(300, 100)
    alone = segmenter.predict(picture(), Prompt(clicks=[one, two]), CONTEXT)["mask"]
    again = picture(seed=1)
    segmenter.predict(again, Prompt(clicks=[one]), CONTEXT)
    after = segmenter.predict(again, Prompt(clicks=[one, two]), CONTEXT)["mask"]
    # The low logits of the second mask are 40: its squared radius grows by as much.
    wanted = disc(WIDE, 100, 100, (40**2 + 40) ** 0.5 / 2) | disc(WIDE, 300, 100, 1640**0.5 / 2)
    assert (after ^ wanted).sum() <= 8
    assert after.sum() > alone.sum()


def test_an_answer_is_built_on_by_code(segmenter: Any) -> None:
    prompt = Prompt(clicks=[Click(100, 100)])
    first = segmenter.segment(picture(), prompt)
    assert first.logits.shape == (256, 256)
    assert (first.logits == 40).all()
    second = segmenter.segment(picture(), prompt, previous=first)
    assert second.mask.sum() > first.mask.sum()
    with pytest.raises(AssistantError, match=r"previous: is \(3, 3\)"):
        segmenter.segment(picture(), prompt, previous=np.zeros((3, 3), np.float32))


def test_of_four_masks_the_first_is_for_more_points_than_one(tmp_path: Path) -> None:
    four = decoder(tmp_path / "four.onnx", (10, 20, 40, 60), (0.95, 0.5, 0.9, 0.7))
    made = lw.assist.PromptSegmenter(encoder(tmp_path / "e.onnx"), four)
    one = made.segment(picture(), Prompt(clicks=[Click(100, 100)]))
    two = made.segment(picture(), Prompt(clicks=[Click(100, 100), Click(100, 100)]))
    assert one.confidence == pytest.approx(0.9)
    assert two.confidence == pytest.approx(0.95)
    assert (two.mask ^ disc(WIDE, 100, 100, 5)).sum() <= 4


def test_on_the_toolbar_it_takes_clicks_boxes_and_scribbles(segmenter: Any) -> None:
    made = lw.assist.register(segmenter, label="Tiny SAM")
    try:
        assert made.prompts == ("clicks", "box", "scribbles")
        told = made.told(lambda: CONTEXT)
        told.prepare(picture())
        (one,) = told.propose(picture(), Prompt(clicks=[Click(100, 100)])).shapes
        assert (one.class_name, one.confidence) == ("cup", pytest.approx(0.9))
        assert one.geometry.bounds == (80, 80, 40, 40)
        assert lw.assist.find("tiny") is made
    finally:
        lw.assist.unregister("tiny")


# What it saw


def test_a_picture_is_encoded_once_however_often_it_is_clicked(
    segmenter: Any, monkeypatch: Any
) -> None:
    seen = runs(segmenter, monkeypatch)
    segmenter.prepare(picture())
    for x in (10, 20, 30):
        segmenter.predict(picture(), Prompt(clicks=[Click(x, 10)]), CONTEXT)
    assert len(seen) == 1
    segmenter.predict(picture(seed=1), Prompt(clicks=[Click(10, 10)]), CONTEXT)
    segmenter.predict(picture(), Prompt(clicks=[Click(10, 20)]), CONTEXT)
    assert len(seen) == 2


def test_a_picture_that_nobody_can_write_into_is_hashed_once(
    segmenter: Any, monkeypatch: Any
) -> None:
    hashed: list[Any] = []
    plain = pixel_hashes.hash_of_pixels

    def counted(pixels: Any) -> str:
        hashed.append(pixels.shape)
        return plain(pixels)

    monkeypatch.setattr(pixel_hashes, "hash_of_pixels", counted)
    assistant = lw.assistant(segmenter)
    closed = Image.fromarray(picture()).tobytes()
    shown = np.frombuffer(closed, np.uint8).reshape(*WIDE, 3)
    assistant.prepare(shown)
    for x in (20, 30, 40):
        assistant.propose(shown, Prompt(clicks=[Click(x, 50)]), CONTEXT)
    assert hashed == [(*WIDE, 3)]
    # A part of it is another picture.
    assistant.propose(shown[:100], Prompt(clicks=[Click(20, 50)]), CONTEXT)
    assert hashed == [(*WIDE, 3), (100, WIDE[1], 3)]


def test_a_picture_that_was_written_into_is_encoded_anew(segmenter: Any, monkeypatch: Any) -> None:
    seen = runs(segmenter, monkeypatch)
    pixels = picture(seed=7)
    prompt = Prompt(clicks=[Click(20, 50)])
    view = pixels.view()
    view.flags.writeable = False
    segmenter.segment(view, prompt)
    pixels[:] = 255 - pixels
    segmenter.segment(view, prompt)
    assert len(seen) == 2


def test_hashes_are_forgotten_with_their_pictures() -> None:
    hashes = pixel_hashes.PixelHashes()
    for seed in range(3):
        pixels = picture(seed=seed)
        pixels.flags.writeable = False
        assert hashes.of(pixels) == pixel_hashes.hash_of_pixels(pixels)
        assert len(hashes._known) == 1
        del pixels


def test_of_a_large_picture_masks_are_asked_for_as_they_lie_in_the_square(
    segmenter: Any, monkeypatch: Any
) -> None:
    asked: list[Any] = []
    run = segmenter._decoder.run

    def heard(feeds: Any) -> Any:
        asked.append(feeds["orig_im_size"].tolist())
        return run(feeds)

    monkeypatch.setattr(segmenter._decoder, "run", heard)
    for size in ((3000, 4000), WIDE):
        prompt = Prompt(clicks=[Click(size[1] / 2, size[0] / 2)])
        made = segmenter.segment(np.zeros((*size, 3), np.uint8), prompt)
        assert made.mask.shape == size
    assert asked == [[768, 1024], list(WIDE)]


@pytest.mark.parametrize("size", [(90, 700), (31, 17), (64, 48), (257, 311)])
@pytest.mark.parametrize("seed", range(4))
def test_a_mask_is_made_larger_and_smaller_as_a_whole_picture_is(
    size: tuple[int, int], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    coarse = draw.normal(size=(8, 6)).astype(np.float32) - np.float32(0.4 * seed)
    logits = resized(coarse[np.newaxis], (64, 48))[0]
    expected = resized(logits[np.newaxis], size)[0] > 0
    assert (positive(logits, size) == expected).all()
    assert not positive(-np.abs(logits) - 1, size).any()


def test_each_picture_is_answered_by_what_was_seen_of_it(segmenter: Any) -> None:
    prompt = Prompt(clicks=[Click(10, 10)])
    black, white = (np.full((64, 64, 3), level, np.uint8) for level in (0, 255))
    sure = [segmenter.predict(one, prompt, CONTEXT)["score"] for one in (black, white, black)]
    assert sure == pytest.approx([0.9, 0.95, 0.9])


def test_memory_is_bounded_by_bytes(files: Any, monkeypatch: Any) -> None:
    one = 256 * 64 * 64 * 4
    kept = lw.assist.Embeddings(most_bytes=2 * one)
    made = lw.assist.PromptSegmenter(*files, embeddings=kept)
    seen = runs(made, monkeypatch)
    for seed in (0, 1, 0, 2, 0):
        made.prepare(picture(seed=seed))
    assert len(seen) == 3
    made.prepare(picture(seed=1))  # used longest ago
    assert len(seen) == 4


def test_another_kernel_finds_them_in_a_folder_and_no_pickle(
    files: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    def anew() -> tuple[Any, list[Any]]:
        kept = lw.assist.Embeddings(folder=tmp_path / "seen")
        made = lw.assist.PromptSegmenter(*files, embeddings=kept)
        return made, runs(made, monkeypatch)

    prompt = Prompt(clicks=[Click(100, 100)])
    first, seen = anew()
    answer = first.segment(picture(), prompt)
    (path,) = (tmp_path / "seen").iterdir()
    second, again = anew()
    assert (second.segment(picture(), prompt).mask == answer.mask).all()
    assert (len(seen), len(again)) == (1, 0)

    np.save(path, np.array([{"a": 1}], object))
    third, once_more = anew()
    third.prepare(picture())
    assert len(once_more) == 1
    assert np.load(path).shape == (1, 256, 64, 64)
    path.write_bytes(path.read_bytes()[:1000])
    fourth, cut = anew()
    fourth.prepare(picture())
    assert len(cut) == 1


def test_a_folder_is_bounded_too(files: Any, tmp_path: Path) -> None:
    one = 256 * 64 * 64 * 4 + 128
    kept = lw.assist.Embeddings(folder=tmp_path, most_bytes_in_folder=2 * one)
    made = lw.assist.PromptSegmenter(*files, embeddings=kept)
    for seed in range(4):
        made.prepare(picture(seed=seed))
    assert len(list(tmp_path.iterdir())) == 2


# Pictures of every kind


@pytest.mark.parametrize(
    "pixels",
    [
        np.arange(256 * 512, dtype=np.uint16).reshape(WIDE),
        np.linspace(-1000, 3000, 256 * 512).reshape(WIDE).astype(np.int16),
        np.linspace(0, 1, 256 * 512).reshape(WIDE),
        np.full(WIDE, np.nan),
        np.zeros(WIDE, bool),
        np.zeros((*WIDE, 1), np.uint8),
        np.zeros((*WIDE, 4), np.uint8),
        np.zeros((*WIDE, 3), np.uint16),
    ],
)
def test_grey_deep_and_transparent_pictures_are_seen(segmenter: Any, pixels: Any) -> None:
    mask = segmenter.segment(pixels, Prompt(clicks=[Click(100, 100)])).mask
    assert (mask ^ disc(WIDE, 100, 100, 20)).sum() <= 4


def test_deep_pictures_are_seen_through_their_window() -> None:
    grey = np.asarray(rgb_of(np.linspace(-1000, 3000, 10_000).reshape(100, 100).astype(np.int16)))
    assert grey.shape == (100, 100, 3)
    assert (grey.min(), grey.max()) == (0, 255)
    assert grey[50, 0, 0] == pytest.approx(128, abs=1)


def test_an_encoder_that_normalises_itself_gets_the_colours(
    tmp_path: Path, files: Any, monkeypatch: Any
) -> None:
    made = lw.assist.PromptSegmenter(encoder(tmp_path / "raw.onnx", raw=True), files[1])
    seen = runs(made, monkeypatch)
    mask = made.segment(picture(), Prompt(clicks=[Click(100, 100)])).mask
    assert (mask ^ disc(WIDE, 100, 100, 20)).sum() <= 4
    assert seen[0].shape == (512, 1024, 3)
    assert seen[0].max() > 200


def test_efficient_sam_gets_shares_and_pixels_of_the_picture(
    tmp_path: Path, files: Any, monkeypatch: Any
) -> None:
    made = lw.assist.PromptSegmenter(*files, look="efficient")
    seen = runs(made, monkeypatch)
    made.prepare(picture(TALL))
    assert seen[0].shape == (1, 3, 1024, 1024)
    assert 0 <= seen[0].min() < seen[0].max() <= 1
    monkeypatch.setattr(made._decoder, "batched", True)
    frame = made._frame(TALL)
    coords, _ = made._points(frame, TALL, points_of(Prompt(clicks=[Click(100, 150)]), 1))
    assert coords[0] == pytest.approx([100 - 0.5 * 200 / 1024, 150 - 0.5 * 300 / 1024])


# Networks that are none


def test_files_that_are_no_networks_are_said(files: Any, tmp_path: Path, monkeypatch: Any) -> None:
    with pytest.raises(MissingFileError):
        lw.assist.PromptSegmenter(tmp_path / "none.onnx", files[1])
    (tmp_path / "page.onnx").write_text("<html>")
    with pytest.raises(AssistantError, match=r"page.onnx.*no network"):
        lw.assist.PromptSegmenter(files[0], tmp_path / "page.onnx")
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"labelwidgets\[onnx\]"):
        lw.assist.PromptSegmenter(*files)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("point_coords", "places_there"), r"no input 'point_coords'"),
        (("point_labels", "what"), r"no input 'point_labels'"),
        (("image_embeddings", "seen_before"), r"no input 'image_embeddings'"),
        (("iou_predictions", "how"), r"no output 'iou_predictions'"),
        (("has_mask_input", "other_input"), r"'other_input', which no prompt says"),
        (("float[1,256,64,64]", "float[1,32,64,64]"), r"wants embeddings \[1, 32, 64, 64\]"),
    ],
)
def test_a_decoder_that_lacks_something_is_refused_with_it(
    files: Any, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    made = decoder(tmp_path / "bad.onnx", change=change)
    with pytest.raises(AssistantError, match=rf"bad.onnx.*{said}.*It takes"):
        lw.assist.PromptSegmenter(files[0], made)


def test_a_decoder_in_place_of_the_encoder_is_said(files: Any) -> None:
    with pytest.raises(AssistantError, match="takes 6 inputs, an encoder one"):
        lw.assist.PromptSegmenter(files[1], files[0])
    with pytest.raises(AssistantError, match="no input 'point_coords'"):
        lw.assist.PromptSegmenter(files[0], files[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Range (zero, height, one)", "Range (zero, width, one)"), "was asked for"),
        (("Add (sure, more)", "Div (zero, zero)"), "returned masks"),
        (("Sub (avoid, squares)", "Div (zero, zero)"), "NaN"),
    ],
)
def test_answers_that_are_no_masks_are_errors(
    files: Any, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    made = lw.assist.PromptSegmenter(files[0], decoder(tmp_path / "bad.onnx", change=change))
    with pytest.raises(AssistantError, match=f"bad.onnx.*{said}"):
        made.segment(picture(), Prompt(clicks=[Click(3, 3)]))


@pytest.mark.parametrize(
    "options",
    [{"clicks": "outside"}, {"along": 0}, {"look": "far"}, {"deviation": (0, 1, 1)}],
)
def test_options_that_are_none_are_refused(files: Any, options: dict[str, Any]) -> None:
    with pytest.raises(AssistantError, match=next(iter(options))):
        lw.assist.PromptSegmenter(*files, **options)
