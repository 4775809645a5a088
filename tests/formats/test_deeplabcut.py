"""DeepLabCut in and out, judged by pandas, which DeepLabCut itself reads with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.formats import FormatWarning
from labelwidgets.formats.csv_cells import guarded, unguarded
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Keypoints, Rectangle
from labelwidgets.schema.ontology import ObjectClass, Ontology, Skeleton
from labelwidgets.schema.tracks import Keyframe, Track
from tests.formats.labels import ONTOLOGY, items

POSE = Keypoints([(10.5, 10, 2), (20, 30.25, 2), (0, 0, 0)])
HEAD = "scorer,Ana,Ana,Ana,Ana\nbodyparts,head,head,tip,tip\ncoords,x,y,x,y\n"


def fly(item: str, **fields: Any) -> Annotation:
    return Annotation(item_id=item, class_name="fly", geometry=POSE, **fields)


def test_the_file_of_deeplabcut_has_what_pandas_finds_in_it(shared_data: Path) -> None:
    path = shared_data / "imports" / "deeplabcut" / "CollectedData_Pranav.csv"
    found = formats.read(path)
    assert found.format == "deeplabcut"
    table = pd.read_csv(path, header=[0, 1, 2], index_col=0)
    assert len(found.annotations) == len(table) == 116
    assert found.ontology["animal"].skeleton == Skeleton(
        ["snout", "leftear", "rightear", "tailbase"], []
    )
    for label in found.annotations:
        assert isinstance(label.geometry, Keypoints)
        row = table.loc[label.item_id].to_numpy().reshape(-1, 2)
        seen = np.array([(x, y) if v else (np.nan, np.nan) for x, y, v in label.geometry.points])
        assert np.allclose(seen, row, equal_nan=True)
    assert found.annotations[0].origin.parameters == {"scorer": "Pranav"}


def test_pandas_reads_what_is_written_as_deeplabcut_does(tmp_path: Path) -> None:
    made = [fly("a"), fly("a"), fly("b")]
    formats.write(
        made, tmp_path / "p", "deeplabcut", items=items("a", "b", folder="day"), ontology=ONTOLOGY,
        scorer="Ana",
    )  # fmt: skip
    path = tmp_path / "p" / "labeled-data" / "day" / "CollectedData_Ana.csv"
    table = pd.read_csv(path, header=[0, 1, 2, 3], index_col=0)
    assert table.columns.names == ["scorer", "individuals", "bodyparts", "coords"]
    assert list(table.index) == ["labeled-data/day/a.jpg", "labeled-data/day/b.jpg"]
    assert table["Ana", "fly_1", "thorax", "y"].tolist() == [30.25, 30.25]
    assert table["Ana", "fly_2"].loc["labeled-data/day/b.jpg"].isna().all()
    back = formats.read(tmp_path / "p", items=items("a", "b", folder="day"), ontology=ONTOLOGY)
    assert [(one.item_id, one.class_name, one.geometry) for one in back.annotations] == [
        ("a", "fly", POSE), ("a", "fly", POSE), ("b", "fly", POSE),
    ]  # fmt: skip


def _videos() -> pd.DataFrame:
    frame = items("a", "b")
    frame["kind"] = "video"
    frame["title"] = ["film.mp4", "other.mp4"]
    frame["urls"] = [["/v/film.mp4"], ["/v/other.mp4"]]
    frame["metadata"] = [{"width": 60, "height": 50, "frames": 5, "fps": 25.0}] * 2
    return frame


def test_frames_of_a_video_are_called_as_deeplabcut_extracts_them(tmp_path: Path) -> None:
    track = Annotation(
        item_id="a",
        class_name="fly",
        geometry=Track({1: Keyframe(POSE), 3: Keyframe(outside=True)}),
    )
    with pytest.warns(FormatWarning, match="1 track .as poses on each frame"):
        formats.write([track], tmp_path / "a.csv", "deeplabcut", items=_videos(), ontology=ONTOLOGY)
    back = formats.read(tmp_path / "a.csv", items=_videos(), ontology=ONTOLOGY)
    assert [(one.frame, one.geometry) for one in back.annotations] == [(1, POSE), (2, POSE)]
    made = [fly("a", frame=1, track_id="t"), fly("a", frame=3, track_id="t")]
    formats.write(made, tmp_path / "a.csv", "deeplabcut", items=_videos(), ontology=ONTOLOGY)
    assert "labeled-data/film/img0003.png" in (tmp_path / "a.csv").read_text()
    back = formats.read(tmp_path / "a.csv", items=_videos(), ontology=ONTOLOGY)
    assert [(one.item_id, one.frame) for one in back.annotations] == [("a", 1), ("a", 3)]


PREDICTED = (
    "scorer,net,net,net,net,net,net\n"
    "bodyparts,head,head,head,tip,tip,tip\n"
    "coords,x,y,likelihood,x,y,likelihood\n"
    "0,1.5,2,0.5,3,4,1.0\n"
    "3,1.5,2,0.75,nan,,0\n"
)


def test_predictions_are_poses_of_frames_with_confidence_and_hidden_joints(tmp_path: Path) -> None:
    (tmp_path / "filmDLC_resnet50_x.csv").write_text(PREDICTED)
    one, two = formats.read(tmp_path / "filmDLC_resnet50_x.csv", items=_videos()).annotations
    assert (one.item_id, one.frame, two.frame) == ("a", 0, 3)
    assert one.geometry == Keypoints([(1.5, 2, 1), (3, 4, 2)])
    assert two.geometry == Keypoints([(1.5, 2, 2), (0, 0, 0)])
    assert (one.confidence, two.confidence) == (0.75, 0.75)
    assert one.track_id == two.track_id is not None
    named = formats.read(tmp_path / "filmDLC_resnet50_x.csv", items=_videos(), item="b")
    assert {made.item_id for made in named.annotations} == {"b"}


def test_a_path_in_three_columns_and_lines_of_windows_are_read(tmp_path: Path) -> None:
    text = HEAD.replace(",", ",,,", 1).replace("bodyparts,", "bodyparts,,,")
    text = text.replace("coords,", "coords,,,") + "labeled-data,day,a.jpg,1,2,3,4\n"
    (tmp_path / "a.csv").write_bytes(text.replace("\n", "\r\n").encode())
    (made,) = formats.read(tmp_path / "a.csv", items=items("a", folder="day")).annotations
    assert (made.item_id, made.geometry) == ("a", Keypoints([(1, 2, 2), (3, 4, 2)]))


def test_no_cell_is_a_formula_and_names_come_back(tmp_path: Path) -> None:
    joints = ["=1+1", "'=x", "@sum", "-a", "+b", "fine"]
    evil = ObjectClass("=cmd", tool="keypoints", skeleton=Skeleton(joints, []))
    ontology = Ontology([evil])
    pose = Keypoints([(float(n), 1.0, 2) for n in range(6)])
    frame = items("a")
    frame["title"], frame["urls"] = ["=a.jpg"], [["/x/=a.jpg"]]
    made = [Annotation(item_id="a", class_name="=cmd", geometry=pose)] * 1
    made.append(Annotation(item_id="a", class_name="=cmd", geometry=pose))
    path = tmp_path / "a.csv"
    formats.write(made, path, "deeplabcut", items=frame, ontology=ontology, scorer="=evil()")
    cells = [cell for line in path.read_text().splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
    assert not [cell for cell in cells if cell.startswith("-")]
    back = formats.read(path, items=frame, ontology=ontology)
    assert [(one.class_name, one.geometry) for one in back.annotations] == [("=cmd", pose)] * 2
    assert back.annotations[0].origin.parameters["scorer"] == "=evil()"


@given(st.text(alphabet="'=+-@\t\ra1.e"))
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    if guarded(text)[:1] in ("=", "+", "@", "\t", "\r"):
        pytest.fail("a spreadsheet computes it")


WRONG = {
    "no numbers": (HEAD + "a.jpg,x,2,3,4\n", "line 4, column 2.*finite number"),
    "infinite": (HEAD + "a.jpg,1,inf,3,4\n", "line 4, column 3.*finite number"),
    "half a joint": (HEAD + "a.jpg,1,,3,4\n", "line 4, column 3.*is empty"),
    "too few": (HEAD + "a.jpg,1,2,3\n", "line 4.*has 4 columns, the header has 5"),
    "no name": (HEAD + ",1,2,3,4\n", "line 4, column 1.*no name"),
    "5,000 digits": (HEAD + f"a.jpg,1,2,{'9' * 5000},4\n", "line 4, column 4"),
    "no coords": ("scorer,A\nbodyparts,b\na.jpg,1\n", "coords.*missing"),
    "z": (HEAD.replace("x,y,x,y", "x,y,x,z"), "coords, column 5.*not 'z'"),
    "twice": (HEAD.replace("tip,tip", "head,head"), "bodyparts, column 4.*twice"),
    "no y": ("scorer,A\nbodyparts,b\ncoords,x\n", "coords.*no x and y of 'b'"),
    "no parts": ("scorer\nbodyparts\ncoords\n", "no body parts"),
    "uneven": (HEAD.replace("head,head", "head"), "bodyparts.*has 4 columns, coords has 5"),
    "likelihood": (PREDICTED.replace("0.75", "7"), "line 5, column 4.*from 0 to 1"),
    "quotes": (HEAD + '"a.jpg,1,2,3,4\n', "malformed CSV"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_line_and_column(tmp_path: Path, case: str) -> None:
    text, expected = WRONG[case]
    (tmp_path / "film.csv").write_text(text)
    frame = pd.concat([items("x"), _videos()[:1]], ignore_index=True)
    frame.loc[0, "title"] = "a.jpg"
    frame.at[0, "urls"] = ["/photos/a.jpg"]
    with pytest.raises(LabelwidgetsError, match=f"(?s)film.csv.*({expected})"):
        formats.read(tmp_path / "film.csv", "deeplabcut", items=frame)


def test_rows_that_are_wrong_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(HEAD + "a.jpg,1,2,3,4\nb.jpg,1,,3,4\nfar.jpg,1,2,3,4\n")
    found = formats.read(tmp_path / "c.csv", items=items("a", "b"), errors="collect")
    assert len(found.annotations) == 1
    assert found.left_out["record"].tolist() == ["line 5"]
    assert found.unmatched[["file_name", "annotations"]].to_numpy().tolist() == [["far.jpg", 1]]
    (tmp_path / "u.csv").write_bytes(HEAD.encode("utf-16"))
    with pytest.raises(FormatError, match="UTF-8"):
        formats.read(tmp_path / "u.csv", "deeplabcut")
    with pytest.raises(LimitError, match="more than 10"):
        formats.read(tmp_path / "c.csv", max_bytes=10)


def test_poses_without_joints_and_other_shapes_are_counted(tmp_path: Path) -> None:
    nothing = Annotation(
        item_id="a", class_name="fly", geometry=Keypoints([(1, 1, 0), (2, 2, 0), (3, 3, 0)])
    )
    box = Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 1, 2, 2))
    with pytest.warns(FormatWarning, match="1 set of keypoints without any joint, 1 rectangle"):
        formats.write(
            [nothing, box], tmp_path / "a.csv", "deeplabcut", items=items("a"), ontology=ONTOLOGY
        )
