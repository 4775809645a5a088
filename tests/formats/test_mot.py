"""Tracks of MOTChallenge in and out: every row comes back, and what is wrong is named."""

import random
import warnings

import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.errors import FormatError
from labelwidgets.formats.results import FormatWarning
from labelwidgets.schema.tracks import Interval, Keyframe, Track

FRAMES = 40


def videos(*ids, frames=FRAMES, size=(200, 100)):
    return pd.DataFrame(
        {
            "id": list(ids),
            "kind": "video",
            "title": [f"{id}.mp4" for id in ids],
            "folder": "",
            "urls": [[f"/films/{id}.mp4"] for id in ids],
            "metadata": [{"width": size[0], "height": size[1], "frames": frames} for _ in ids],
            "status": "ok",
        }
    )


def box(x, y, w=10, h=8):
    return lw.Rectangle(x, y, w, h)


def rows(path):
    return [tuple(map(float, line.split(","))) for line in path.read_text().splitlines()]


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path, **options):
    return formats.read(path, **{"items": videos("film"), **options})


def test_every_row_of_the_flies_comes_back_and_is_on_the_screen(shared_data, tmp_path):
    source = shared_data / "video" / "flies_clip_gt_mot.txt"
    items = videos("clip", frames=1500, size=(1024, 1024))
    ontology = lw.Ontology(["female", "male"])
    found = formats.read(source, items=items, ontology=ontology)
    assert found.format == "mot"
    assert [made.class_name for made in found.annotations] == ["female", "male"]
    for made in found.annotations:
        assert len(made.geometry.keyframes) < 1500
        assert made.geometry.at(1499) is not None
    out = tmp_path / "gt.txt"
    formats.write(found, out, "mot")
    assert sorted(rows(out)) == sorted(rows(source))
    for frame, id, left, top, width, height, *_ in rows(source):
        shape = found.annotations[int(id) - 1].geometry.at(int(frame) - 1).geometry
        assert (shape.x + 1, shape.y + 1, shape.width, shape.height) == pytest.approx(
            (left, top, width, height), abs=1e-6
        )


def test_a_line_needs_two_keyframes_a_gap_is_outside_and_so_is_what_follows_the_last_row(tmp_path):
    text = "".join(f"{n},7,{n},5,10,8,1,1,1\n" for n in (*range(1, 11), *range(15, 21)))
    found = read(written(tmp_path / "gt.txt", text))
    (made,) = found.annotations
    keys = made.geometry.keyframes
    assert sorted(keys) == [0, 9, 10, 14, 19, 20]
    assert [key for key, one in keys.items() if one.outside] == [10, 20]
    assert made.geometry.at(39) is None
    assert keys[0].geometry == box(0, 4)
    assert made.origin.parameters == {"id": 7}


def test_a_tolerance_gets_by_with_fewer_keyframes_and_keeps_within_it(tmp_path):
    draw = random.Random(1)
    text = "".join(
        f"{n},1,{20 + n + draw.uniform(-0.4, 0.4):.2f},5,10,8,1,1,1\n" for n in range(1, 41)
    )
    path = written(tmp_path / "gt.txt", text)
    (exact,), (near,) = read(path).annotations, read(path, tolerance=1.0).annotations
    assert len(exact.geometry.keyframes) == FRAMES
    assert len(near.geometry.keyframes) < 5
    for frame in range(FRAMES):
        assert (
            abs(near.geometry.at(frame).geometry.x - exact.geometry.at(frame).geometry.x) <= 1.001
        )


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("place", ["labels.txt", "labels.zip", "labels"])
def test_tracks_and_shapes_come_back_from_each_layout(tmp_path, base, place):
    track = Track({3: Keyframe(box(1.25, 2), occluded=True), 9: Keyframe(box(7.25, 2)),
                   12: Keyframe(outside=True), 20: Keyframe(box(50, 50.125)),
                   25: Keyframe(outside=True)})  # fmt: skip
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=track),
        lw.Annotation(item_id="film", class_name="bus", geometry=box(5, 6), frame=2),
    ]
    ontology = lw.Ontology(["bus", "car"])
    formats.write(
        labels, tmp_path / place, "mot", items=videos("film"), ontology=ontology, base=base
    )
    found = formats.read(
        tmp_path / place, items=videos("film"), ontology=ontology,
        **({"base": base} if place == "labels.txt" else {}),
    )  # fmt: skip
    made = {one.class_name: one for one in found.annotations}
    assert set(made) == {"car", "bus"}
    for frame in range(FRAMES):
        was, now = track.at(frame), made["car"].geometry.at(frame)
        assert (was is None) == (now is None)
        if was is not None:
            assert now.geometry.bounds == pytest.approx(was.geometry.bounds, abs=1e-6)
            assert now.occluded == was.occluded
    if place == "labels.txt":
        # Rows alone do not tell a shape from a track of one frame.
        assert made["bus"].geometry.at(2).geometry == box(5, 6)
        assert made["bus"].geometry.at(3) is None
    else:
        assert (made["bus"].geometry, made["bus"].frame) == (box(5, 6), 2)


def test_files_of_cvat_and_datumaro_count_pixels_from_0(shared_data):
    folder = shared_data / "imports" / "datumaro" / "mot"
    for name in ("mot_seq", "mot_seq_with_seqinfo"):
        (made,) = formats.read(folder / name).annotations
        assert made.geometry == lw.Rectangle(0, 4, 4, 8)
        assert (made.frame, made.class_name) == (0, "label_2")


def test_detections_are_shapes_of_their_frames_with_a_confidence(tmp_path):
    path = written(tmp_path / "film" / "det" / "det.txt", "1,-1,1,1,5,5,0.25,-1,-1,-1\n" * 2)
    found = read(tmp_path / "film")
    assert [(m.frame, m.confidence) for m in found.annotations] == [(0, 0.25)] * 2
    formats.write(found, tmp_path / "out.txt", "mot", variant="det")
    assert rows(tmp_path / "out.txt") == rows(path)


def test_rows_that_are_not_to_be_counted_and_confidences_come_back(tmp_path):
    text = "".join(f"{n},1,5,5,10,8,{0 if 3 <= n <= 6 else 1},1,1\n" for n in range(1, 11))
    path = written(tmp_path / "gt.txt", text)
    formats.write(read(path), tmp_path / "out.txt", "mot")
    assert rows(tmp_path / "out.txt") == rows(path)
    sure = "".join(f"{n},1,5,5,10,8,0.{n},-1,-1,-1\n" for n in range(1, 9))
    path = written(tmp_path / "sure.txt", sure)
    formats.write(read(path), tmp_path / "out.txt", "mot", variant="mot15")
    assert rows(tmp_path / "out.txt") == rows(path)


def test_visibility_is_kept_where_the_class_asks_for_it(tmp_path):
    text = "".join(f"{n},1,5,5,10,8,1,1,0.{n}\n" for n in range(1, 9))
    path = written(tmp_path / "gt.txt", text)
    ontology = lw.Ontology(
        [lw.ObjectClass("car", attributes=[lw.Text("visibility", mutable=True)])]
    )
    found = read(path, ontology=ontology)
    assert found.annotations[0].geometry.at(0).occluded
    assert not found.annotations[0].geometry.at(7).occluded
    formats.write(found, tmp_path / "out.txt", "mot")
    assert rows(tmp_path / "out.txt") == rows(path)


def test_boxes_that_leave_the_picture_are_cut_and_that_is_said(tmp_path):
    text = "1,1,-9,1,20,8,1,1,1\n2,1,191,1,20,8,1,1,1\n3,1,300,1,20,8,1,1,1\n"
    path = written(tmp_path / "gt.txt", text)
    with pytest.warns(FormatWarning, match="3 boxes cut at the edge of the picture.*1 box off"):
        (made,) = read(path).annotations
    assert made.geometry.at(0).geometry == lw.Rectangle(0, 0, 10, 8)
    assert made.geometry.at(1).geometry == lw.Rectangle(190, 0, 10, 8)
    assert made.geometry.at(2) is None
    with pytest.raises(FormatError, match="outside of the image"):
        read(path, clip=False)


WRONG = {
    "frames count from 1": ("0,1,5,5,10,8,1,1,1\n", r"line 1, frame: .*from 1.*not 0"),
    "half a frame": ("1,1,5,5,10,8,1,1,1\n1.5,1,5,5,10,8,1,1,1\n", "line 2, frame"),
    "NaN": ("1,1,5,nan,10,8,1,1,1\n", "line 1, top: must be a"),
    "inf": ("1,1,5,5,inf,8,1,1,1\n", "line 1, width"),
    "negative size": ("1,1,5,5,-10,8,1,1,1\n", "line 1, width: must be greater than 0, not -10"),
    "id": ("1,-2,5,5,10,8,1,1,1\n", "line 1, id"),
    "twice": ("1,1,5,5,10,8,1,1,1\n" * 2, "line 2 .id 1., id: is the second row of object 1"),
    "frame beyond": ("41,1,5,5,10,8,1,1,1\n", "line 1.*frame: is 41, and the video has 40 frames"),
    "class": ("1,1,5,5,10,8,1,99,1\n", "line 1, class: is 99.*classes="),
    "text": ("1,1,5,5,10,8,1,1,1\n2,1,x,5,10,8,1,1,1\n", "line 2, left: must be a number, not 'x'"),
    "few columns": ("1,1,5,5,10,8,1,1,1\n2,1,5,5\n", "line 2: has 4 columns"),
    "many columns": ("1,1,5,5,10,8,1\n2,1,5,5,10,8,1,1\n", "line 2: has 8 columns"),
    "no columns": ("hello\n", "line 1|no label format"),
    "not UTF-8": (b"1,1,5,5,10,8,1,1,1\n1,\xff\xfe,5,5,10,8,1,1,1\n", "line 2.*UTF-8"),
    "two classes": ("1,1,5,5,10,8,1,1,1\n2,1,5,5,10,8,1,2,1\n", "class: has the classes 1, 2"),
}  # fmt: skip


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named_with_its_line_and_field(tmp_path, row):
    text, expected = WRONG[row]
    path = written(tmp_path / "gt.txt", text)
    with pytest.raises(FormatError, match=expected):
        read(path, format="mot")


BAD = {
    "text": "2,1,x,5,10,8,1,1,1",
    "few columns": "2,1,5,5",
    "no size": "2,1,5,5,-10,8,1,1,1",
    "NaN": "2,1,5,nan,10,8,1,1,1",
    "1e999": "2,1,5,5,1e999,8,1,1,1",
    "not UTF-8": b"2,\xff,5,5,10,8,1,1,1",
    "frame 0": "0,1,5,5,10,8,1,1,1",
    "quotes": '2,1,"5,5,10,8,1,1,1',
}


@pytest.mark.parametrize("row", BAD)
def test_a_row_that_is_none_is_collected_and_those_around_it_are_read(tmp_path, row):
    good = b"1,1,5,5,10,8,1,1,1"
    bad = BAD[row] if isinstance(BAD[row], bytes) else BAD[row].encode()
    path = written(tmp_path / "gt.txt", b"\n".join([good, bad, b"3" + good[1:], b""]))
    found = read(path, format="mot", errors="collect")
    assert list(found.left_out["record"]) == ["line 2"]
    ((label),) = found.annotations
    assert sorted(label.geometry.keyframes) == [0, 1, 2, 3]
    assert label.geometry.keyframes[1].outside
    with pytest.raises(FormatError, match=r'line 2.*pass errors="collect" to leave it out'):
        read(path, format="mot")


def test_rows_of_a_folder_are_named_with_their_file(tmp_path):
    for name in ("a", "b"):
        written(tmp_path / name / "gt" / "gt.txt", "1,1,5,5,10,8,1,1,1\n1,1,5,5,10,8,1,1,1\n0,1\n")
    found = formats.read(tmp_path, "mot", errors="collect")
    assert list(found.left_out["record"]) == [
        f"{name}/gt/gt.txt, line {line}" for name in "ab" for line in (3, 2)
    ]


def test_what_is_wrong_can_be_collected_and_the_rest_is_read(tmp_path):
    text = "1,1,5,5,10,8,1,1,1\n1,1,6,5,10,8,1,1,1\n2,2,5,5,10,8,1,99,1\n50,1,5,5,10,8,1,1,1\n"
    found = read(written(tmp_path / "gt.txt", text), errors="collect")
    assert len(found.annotations) == 1
    assert list(found.left_out["record"]) == ["line 2", "line 4", "line 3"]


def test_a_video_is_found_by_the_name_of_its_sequence_or_named(tmp_path):
    written(tmp_path / "s" / "two" / "gt" / "gt.txt", "1,1,5,5,10,8,1,1,1\n")
    written(tmp_path / "s" / "elsewhere" / "gt" / "gt.txt", "1,1,5,5,10,8,1,1,1\n")
    items = videos("one", "two")
    found = formats.read(tmp_path / "s", items=items)
    assert [made.item_id for made in found.annotations] == ["two"]
    assert list(found.unmatched["record"]) == ["elsewhere/gt/gt.txt"]
    with pytest.raises(FormatError, match="item="):
        formats.read(tmp_path / "s" / "elsewhere", items=items)
    found = formats.read(tmp_path / "s" / "elsewhere", items=items, item="one")
    assert [made.item_id for made in found.annotations] == ["one"]


def test_what_rows_have_no_place_for_is_said(tmp_path):
    labels = [
        lw.Annotation(item_id="film", class_name="car", geometry=lw.Point(1, 1), frame=0),
        lw.Annotation(item_id="film", class_name="car", geometry=Interval(1, 2)),
        lw.Annotation(
            item_id="film", class_name="car", frame=1,
            geometry=lw.Polygon([[[(1, 1), (5, 1), (5, 5)]]]),
        ),
    ]  # fmt: skip
    with pytest.warns(FormatWarning, match="1 event, 1 point, 1 polygon .as its box."):
        formats.write(labels, tmp_path / "gt.txt", "mot", items=videos("film"))
    assert rows(tmp_path / "gt.txt") == [(2, 1, 2, 2, 4, 4, 1, 1, 1)]
    with pytest.raises(FormatError, match="strict"):
        formats.write(labels, tmp_path / "x.txt", "mot", items=videos("film"), strict=True)
    assert not (tmp_path / "x.txt").exists()


def test_keyframes_alone_or_every_so_many_frames_are_written_on_request(tmp_path):
    track = Track({0: Keyframe(box(0, 0)), 10: Keyframe(box(10, 0)), 21: Keyframe(outside=True)})
    labels = [lw.Annotation(item_id="film", class_name="car", geometry=track)]
    for frames, expected in (
        ("keyframes", [1, 11]),
        (5, [1, 6, 11, 16, 21]),
        ("all", range(1, 22)),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            formats.write(labels, tmp_path / "o.txt", "mot", items=videos("film"), frames=frames)
        assert [row[0] for row in rows(tmp_path / "o.txt")] == list(expected)


def loose(frame, **fields):
    return lw.Annotation(
        item_id="film", class_name="car", geometry=box(5, 6), frame=frame, **fields
    )


def test_confidences_come_back_whatever_they_are_beside_rows_that_have_none(tmp_path):
    sure = [0.0, 1.0, None, 0.25]
    labels = [loose(frame, confidence=value) for frame, value in enumerate(sure)]
    labels.append(loose(9, origin=lw.Origin("import", "mot", parameters={"ignored": True})))
    formats.write(labels, tmp_path / "s", "mot", items=videos("film"))
    back = formats.read(tmp_path / "s", items=videos("film")).annotations
    assert [(made.frame, made.confidence) for made in back] == [*enumerate(sure), (9, None)]
    assert [made.origin.parameters.get("ignored") for made in back] == [None] * 4 + [True]


def test_what_rows_alone_do_not_tell_is_said(tmp_path):
    for sure in ([None, 0.5], [1.0, 0.0]):
        labels = [loose(frame, confidence=value) for frame, value in enumerate(sure)]
        with pytest.warns(FormatWarning, match=r"\d confidences?, 2 rectangles .as a track of one"):
            formats.write(labels, tmp_path / "gt.txt", "mot", items=videos("film"))
    track = lw.Annotation(
        item_id="film", class_name="car", geometry=Track({0: Keyframe(box(1, 1))})
    )
    with pytest.warns(FormatWarning, match="1 track .as a box on each frame"):
        formats.write([track], tmp_path / "det.txt", "mot", variant="det", items=videos("film"))


def test_a_shape_whose_box_is_empty_has_no_row(tmp_path):
    line = lw.Polyline([(1, 5), (9, 5)])
    label = lw.Annotation(item_id="film", class_name="car", geometry=line, frame=1)
    with pytest.warns(FormatWarning, match="1 polyline whose box is empty"):
        formats.write([label], tmp_path / "s", "mot", items=videos("film"))
    assert not formats.read(tmp_path / "s", items=videos("film")).annotations


@pytest.mark.parametrize("name", ["mot", "mots", "cvat_video", "youtube_vis"])
def test_videos_without_labels_are_written_where_others_are_but_for_those_that_failed(
    tmp_path, name
):
    items = videos("film", "nothing", "broken", "unknown")
    items["status"] = ["ok", "ok", "failed", "ok"]
    items["metadata"] = [*items["metadata"][:3], {}]
    path = tmp_path / ("a.json" if name == "youtube_vis" else "s")
    made = [
        lw.Annotation(item_id="film", class_name="car", geometry=Track({0: Keyframe(box(1, 1))}))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FormatWarning)
        formats.write(made, path, name, items=items)
    back = formats.read(path, name, items=items)
    assert set(back.items["id"]) == {"film", "nothing"}
    assert len(back.annotations) == 1
