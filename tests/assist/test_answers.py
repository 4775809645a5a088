"""What a model answers is read in all its shapes; what is no label is an error that names it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace as Fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labelwidgets as lw
from labelwidgets.algorithms import decode_rle
from labelwidgets.assist import results
from labelwidgets.assist.cancelling import telling, while_wanted
from labelwidgets.errors import AssistantError, LabelwidgetsError, ToolError

HEIGHT, WIDTH = 20, 30
PIXELS = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
BOX = lw.Rectangle(2, 3, 4, 5)
MASK = np.zeros((HEIGHT, WIDTH), bool)
MASK[3:8, 2:6] = True
ONTOLOGY = lw.Ontology(
    classes=[
        lw.ObjectClass("car"),
        lw.ObjectClass("sky", tool="mask"),
        lw.ObjectClass("road", tool="polygon"),
    ],
    image_attributes=[lw.Dropdown("weather", ["dry", "rain"]), lw.Radio("sure", ["yes", "rain"])],
)
CONTEXT = lw.Context(ontology=ONTOLOGY, class_name="sky")


def read(answer: Any, context: lw.Context = CONTEXT, **options: Any) -> lw.Proposal:
    return lw.assistant(lambda pixels: answer, name="net", **options).propose(PIXELS, None, context)


def said(made: lw.Proposal) -> list[tuple[Any, ...]]:
    return [(one.class_name, one.geometry, one.confidence) for one in made.shapes]


def test_of_grey_pictures_it_is_said_that_there_is_no_axis_of_colours() -> None:
    bright = lw.assistant(lambda pixels: pixels[..., :3].mean(axis=-1) > 9, name="bright")
    with pytest.raises(
        AssistantError, match=r"shape \(20,\).*The picture is grey.*\(height, width\)"
    ):
        bright.propose(PIXELS[..., 0], None, CONTEXT)
    assert bright.propose(PIXELS, None, CONTEXT).shapes == []


def test_one_value_everywhere_is_said_as_one() -> None:
    with pytest.raises(AssistantError, match=r"with 255 alone, not probabilities"):
        read(np.full((HEIGHT, WIDTH), 255.0))
    with pytest.raises(AssistantError, match=r"with values from 2 to 255, not probabilities"):
        read(np.where(MASK, 255.0, 2.0))


SAME_BOX = [
    (BOX, "car", 0.5),
    [(BOX, "car", 0.5)],
    lw.Annotation(item_id="x", class_name="car", geometry=BOX, confidence=0.5),
    [lw.Annotation(item_id="x", class_name="car", geometry=BOX, confidence=0.5).to_dict()],
    lw.Proposed(BOX, "car", 0.5),
    lw.Proposal([lw.Proposed(BOX, "car", 0.5)]),
    {"label": "car", "score": 0.5, "box": {"xmin": 2, "ymin": 3, "xmax": 6, "ymax": 8}},
    {"class_name": "car", "confidence": 0.5, "bbox": [2, 3, 6, 8]},
    {
        "class": "car",
        "score": np.float32(0.5),
        "geometry": {"type": "rectangle", "x": 2.0, "y": 3.0, "width": 4.0, "height": 5.0},
    },
    {"boxes": np.array([[2, 3, 6, 8]]), "labels": np.array([1]), "scores": np.array([0.5])},
    {"boxes": [[2, 3, 6, 8]], "labels": ["car"], "scores": [0.5]},
    Fields(
        xyxy=np.array([[2.0, 3, 6, 8]]),
        class_id=np.array([1]),
        confidence=np.array([0.5]),
        mask=None,
        data={},
    ),
    Fields(
        xyxy=np.array([[2.0, 3, 6, 8]]),
        class_id=np.array([7]),
        confidence=np.array([0.5]),
        mask=None,
        data={"class_name": np.array(["car"])},
    ),
    [
        Fields(
            boxes=Fields(
                xyxy=np.array([[2.0, 3, 6, 8]]), conf=np.array([0.5]), cls=np.array([4.0])
            ),
            names={4: "car"},
            masks=None,
        )
    ],
]


@pytest.mark.parametrize("answer", SAME_BOX, ids=range(len(SAME_BOX)))
def test_a_box_is_read_in_whatever_way_it_is_said(answer: Any) -> None:
    assert said(read(answer, classes=[None, "car"])) == [("car", BOX, 0.5)]


def test_supervisions_own_detections_are_read() -> None:
    supervision = pytest.importorskip("supervision")
    found = supervision.Detections(
        xyxy=np.array([[2.0, 3, 6, 8]]),
        mask=MASK[None],
        confidence=np.array([0.5]),
        class_id=np.array([0]),
    )
    ((name, shape, sure),) = said(read(found, classes=["sky"]))
    assert (name, sure) == ("sky", 0.5)
    assert np.array_equal(decode_rle(shape.rle.to_coco()), MASK)


@pytest.mark.parametrize(
    "answer",
    [
        MASK,
        MASK.astype(np.uint8),
        MASK.astype(np.uint8) * 255,
        MASK * 0.9,
        [MASK],
        (MASK, "sky"),
        {"label": "sky", "mask": MASK},
    ],
    ids=["bool", "0 and 1", "0 and 255", "shares", "list", "named", "record"],
)
def test_a_mask_is_of_the_class_that_is_selected_and_drawn_as_that_is(answer: Any) -> None:
    ((name, shape, _),) = said(read(answer))
    assert name == "sky"
    assert np.array_equal(decode_rle(shape.rle.to_coco()), MASK)
    if not isinstance(answer, tuple | dict):
        ((_, outline, _),) = said(read(answer, CONTEXT.changed(class_name="road")))
        assert outline.bounds == (2, 3, 4, 5)
        assert outline.type == "polygon"


def test_a_map_of_numbers_is_a_mask_for_each_class_but_the_background() -> None:
    numbers = MASK.astype(np.int64) * 2
    numbers[0, 0] = 1
    made = read(numbers, classes={1: "car", 2: "sky"})
    assert [(one.class_name, one.geometry.type) for one in made.shapes] == [
        ("car", "rectangle"),
        ("sky", "mask"),
    ]
    assert [one.class_name for one in read(numbers, classes=[None, None, "sky"]).shapes] == ["sky"]
    with pytest.raises(AssistantError, match="class '1'"):
        read(numbers, classes={2: "sky"})


def test_planes_of_probabilities_are_read_before_and_after() -> None:
    planes = np.stack([1 - MASK * 0.9, MASK * 0.9]).astype(np.float32)
    for answer in (planes, np.moveaxis(planes, 0, -1)):
        ((name, _, sure),) = said(read(answer, classes=[None, "sky"]))
        assert (name, sure) == ("sky", pytest.approx(0.9))


def test_masks_of_a_scan_go_through_its_slices() -> None:
    scan = lw.Scan.of(np.zeros((4, HEIGHT, WIDTH), np.int16))
    mask = np.zeros(scan.shape, np.uint8)
    mask[1:3, 3:8, 2:6] = 2

    def model(volume: lw.Scan) -> Any:
        assert volume.shape == scan.shape
        return mask

    made = lw.assistant(model, classes={2: "sky"})
    assert made.takes == "volume"
    (one,) = made.propose(scan, None, CONTEXT).shapes
    assert (one.class_name, sorted(one.geometry.slices)) == ("sky", [1, 2])  # type: ignore[union-attr]
    with pytest.raises(AssistantError, match="looks at scans"):
        made.propose(PIXELS[..., 0])
    with pytest.raises(AssistantError, match="looks at pictures"):
        lw.assistant(lambda pixels: None).propose(scan)
    part = lw.BoxMask(np.ones((2, 3, 3), bool), (1, 2, 2))
    (one,) = lw.assistant(lambda volume: part, classes=["sky"]).propose(scan, None, CONTEXT).shapes
    assert one.geometry.type == "volumemask"


def test_a_word_is_a_class_or_the_answer_to_the_one_question_that_has_it() -> None:
    assert said(read({"label": "car", "score": 0.5})) == [("car", lw.Tag(), 0.5)]
    (one,) = read([{"label": "dry", "score": 0.5}, {"label": "car", "score": 0.2}]).shapes
    assert (one.class_name, one.attributes) == (None, {"weather": "dry"})
    with pytest.raises(AssistantError, match="weather and sure"):
        read({"label": "rain", "score": 0.5})
    (one,) = read({"attributes": {"sure": "rain"}}).shapes
    assert one.attributes == {"sure": "rain"}
    assert read(np.array([0.1, 0.9]), classes=["dry", "car"]).shapes[0].class_name == "car"


def test_what_is_not_sure_enough_is_left_out() -> None:
    answer = [(BOX, "car", 0.5), (BOX, "car", 0.2), (BOX, "car")]
    assert len(read(answer, threshold=0.3).shapes) == 2
    assert len(read(answer, CONTEXT.changed(threshold=0.6)).shapes) == 1


def test_classes_are_mapped_by_number_and_by_word() -> None:
    answer = [(BOX, "auto"), (BOX, 3), (BOX, "tree"), (BOX, "sky")]
    made = read(answer, classes={"auto": "car", 3: "road", "sky": "sky", "*": None})
    assert [one.class_name for one in made.shapes] == ["car", "road", "sky"]


def test_boxes_that_stick_out_are_cut_off_and_outlines_that_cross_are_mended() -> None:
    ((_, box, _),) = said(read((lw.Rectangle(-3, -2, 10, 10), "car")))
    assert box == lw.Rectangle(0, 0, 7, 8)
    bow = lw.Polygon([[[(2, 2), (10, 10), (10, 2), (2, 10)]]])
    ((_, mended, _),) = said(read((bow, "road")))
    assert mended.area == pytest.approx(32)
    out = lw.Polygon([[[(-5, 2), (10, 2), (10, 10), (-5, 10)]]])
    assert said(read((out, "road")))[0][1].bounds == (0, 2, 10, 8)
    assert read({"boxes": [[3, 3, 3, 8]], "labels": ["car"]}).shapes == []


def endless() -> Iterator[Any]:
    while True:
        yield (BOX, "car")


WRONG = [
    (np.full((HEIGHT, WIDTH), np.nan), "NaN"),
    (np.zeros((5, 5), bool), r"shape \(5, 5\), the picture has \(height, width\) \(20, 30\)"),
    (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH), "not a mask"),
    (np.full((HEIGHT, WIDTH), 7.5), "not probabilities"),
    (np.full((HEIGHT, WIDTH), "x"), "not of numbers"),
    ((BOX, "cow"), "'cow', which is none of the ontology's"),
    ((BOX, 5), "'5', and nothing says what that is"),
    ((BOX, "car", 3), "confidence 3"),
    ((BOX, "car", float("nan")), "confidence nan"),
    ([(BOX, "car"), (lw.Rectangle(500, 0, 2, 2), "car")], r"answer\[1\]: .* outside of the image"),
    ({"boxes": [[1, 1, float("nan"), 2]], "labels": ["car"]}, "object 0: .*NaN"),
    ({"boxes": [[9, 1, 2, 2]], "labels": ["car"]}, "ends before it begins"),
    ({"boxes": [[1, 1, 2, 2]], "labels": ["car", "car"]}, "2 labels for 1 object"),
    ({"boxes": [[1, 1, 2]], "labels": ["car"]}, "not \\(objects, 4\\)"),
    ({"boxes": "many"}, "boxes that are no numbers"),
    ({"label": "car", "box": {"xmin": 1}}, "without 'ymin'"),
    ({"geometry": {"type": "blob"}, "label": "car"}, "geometry that is none"),
    ({"weights": 3}, "a dict of weights"),
    ("<!DOCTYPE html><html>Bad gateway", "the text '<!DOCTYPE html>"),
    (b"\x89PNG", "the text"),
    ([1, 2], r"answer\[0\]: answered with int"),
    (object(), "answered with object"),
    (endless(), "10001 shapes or more"),
    ([(BOX, "car")] * (results.MOST_SHAPES + 1), "10001 shapes or more"),
    (lw.Mask(lw.RLE((5, 5), [25])), "answered with a mask"),
    (lw.VolumeMask({0: lw.RLE((HEIGHT, WIDTH), [0, HEIGHT * WIDTH])}), "was shown a picture"),
    (lw.Track({0: lw.Keyframe(BOX)}), "was shown one picture"),
    ({"attributes": {"weather": 3}, "label": None}, "not with words"),
]


@pytest.mark.parametrize(("answer", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_is_no_label_is_an_error_that_names_the_model(answer: Any, words: str) -> None:
    with pytest.raises(AssistantError, match=words) as caught:
        read(answer)
    assert str(caught.value).startswith("assistant 'net'")


def test_a_model_that_raises_is_named_and_its_error_kept() -> None:
    def net(pixels: Any) -> Any:
        raise RuntimeError("CUDA out of\nmemory")

    with pytest.raises(
        AssistantError, match=r"assistant 'net': raised RuntimeError: CUDA out of memory"
    ) as caught:
        lw.assistant(net).propose(PIXELS)
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_pixels_cannot_be_written_into() -> None:
    def net(pixels: Any) -> Any:
        pixels[:] = 0

    with pytest.raises(AssistantError, match="read-only"):
        lw.assistant(net).propose(PIXELS)


def test_a_model_that_hangs_is_left_after_a_while() -> None:
    free = threading.Event()
    with pytest.raises(AssistantError, match=r"did not answer within 0\.1 seconds"):
        lw.assistant(lambda pixels: free.wait(20), name="net").propose(PIXELS, timeout=0.1)
    free.set()

    async def net(pixels: Any) -> Any:
        import asyncio

        try:
            await asyncio.sleep(20)
        finally:
            ended.set()

    ended = threading.Event()
    with pytest.raises(AssistantError, match="did not answer"):
        lw.assistant(net).propose(PIXELS, timeout=0.1)
    assert ended.wait(5), "the coroutine was cancelled"


def test_a_model_says_how_far_it_is_and_ends_where_nobody_waits() -> None:
    told: list[float] = []
    wanted = [True, True, False]

    def net(pixels: Any, context: lw.Context) -> Any:
        for step in range(9):
            context.progress(step / 9)

    with (
        telling(told.append),
        while_wanted(lambda: wanted.pop(0) if wanted else False),
        pytest.raises(ToolError, match="given up"),
    ):
        lw.assistant(net).propose(PIXELS)
    assert told == [0, pytest.approx(1 / 9)]


def test_a_coroutine_is_cancelled_where_nobody_waits() -> None:
    import asyncio

    ended = threading.Event()

    async def net(pixels: Any) -> Any:
        try:
            await asyncio.sleep(20)
        finally:
            ended.set()

    start = time.monotonic()
    with (
        while_wanted(lambda: time.monotonic() - start < 0.1),
        pytest.raises(ToolError, match="given up"),
    ):
        lw.assistant(net).propose(PIXELS)
    assert ended.wait(5)


def test_one_bad_picture_spoils_no_other_of_its_batch() -> None:
    asked: list[int] = []

    class Net:
        name, version = "net", "1"

        def predict(self, pixels: Any, prompt: Any, context: Any) -> Any:
            asked.append(1)
            if pixels.max() > 0:
                raise ValueError("too bright")
            return (BOX, "car")

        def predict_batch(self, pixels: Any, contexts: Any) -> Any:
            asked.append(len(pixels))
            return [self.predict(one, None, None) for one in pixels]

    made = lw.assistant(Net()).propose_batch([PIXELS, PIXELS + 9, PIXELS], [CONTEXT] * 3)
    first, second, third = made
    assert isinstance(first, lw.Proposal)
    assert isinstance(third, lw.Proposal)
    assert isinstance(second, AssistantError)
    assert "too bright" in str(second)
    assert asked[0] == 3
    assert len(lw.assistant(Net()).propose_batch([PIXELS] * 4, [None] * 4)) == 4


def test_a_batch_of_too_few_answers_is_asked_again_one_by_one() -> None:
    made = lw.assistant(lambda pixels: (BOX, "car"), batch=lambda pixels, contexts: [None])
    assert [
        len(one.shapes)
        for one in made.propose_batch([PIXELS] * 2, [CONTEXT] * 2)
        if isinstance(one, lw.Proposal)
    ] == [1, 1]


@pytest.mark.parametrize(
    "options",
    [
        {"classes": "car"},
        {"classes": {1: 2}},
        {"threshold": 2},
        {"coarseness": -1},
        {"name": "a\nb"},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(AssistantError):
        lw.assistant(lambda pixels: None, **options)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just(BOX)
    | st.just(MASK),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "label",
                    "score",
                    "box",
                    "mask",
                    "boxes",
                    "labels",
                    "scores",
                    "masks",
                    "geometry",
                    "attributes",
                    "type",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(answer=JUNK)
@settings(max_examples=40, deadline=None)
def test_whatever_is_answered_is_labels_or_an_error_of_ours(answer: Any) -> None:
    try:
        made = read(answer)
    except LabelwidgetsError as error:
        words = str(error)
        made = lw.Proposal()
    else:
        words = "assistant 'net'"
    assert words.startswith("assistant 'net'")
    for one in made.shapes:
        assert one.class_name in ("car", "sky", "road") or one.attributes


def test_outlines_that_would_take_for_ever_are_refused_at_once() -> None:
    def zigzag(count: int) -> lw.Polygon:
        return lw.Polygon([[[(float(k % 390), 1.0 + k % 7) for k in range(count)]]])

    context = lw.Context(ontology=lw.Ontology([lw.ObjectClass("tree", tool="polygon")]))
    for count, said in ((1_000_000, "1000000 points, at most 50000"), (20_000, "cross")):
        model = lw.assistant(lambda pixels, count=count: (zigzag(count), "tree"), name="net")
        with pytest.raises(AssistantError, match=said):
            model.propose(np.zeros((300, 400, 3), np.uint8), None, context)


def test_what_an_answer_raises_as_it_is_read_is_the_models() -> None:
    def begins(pixels: Any) -> Any:
        yield (lw.Rectangle(1, 1, 2, 2), "car")
        raise ValueError("half way")

    with pytest.raises(AssistantError, match="raised ValueError: half way"):
        lw.assistant(begins, name="net").propose(np.zeros((30, 40, 3), np.uint8))
