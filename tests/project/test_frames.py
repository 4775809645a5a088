"""Labels of a video frame by frame, and the proof that frames are those that were labelled."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import labelwidgets as lw
from labelwidgets.errors import SchemaError
from labelwidgets.media.video.verification import frame_hash
from tests.media.videos import small_video

COUNT = 12


@pytest.fixture
def project(tmp_path: Path) -> lw.Project:
    path = small_video(tmp_path / "film.mp4", COUNT)
    ontology = lw.Ontology(
        [
            lw.ObjectClass("fly", attributes=[lw.Radio("pose", ["up", "down"], mutable=True)]),
            lw.ObjectClass("event", tool="interval"),
        ]
    )
    return lw.Project.create(
        tmp_path / "film.db", lw.Dataset.open(path, progress=False), ontology, user="ana"
    )


def item(project: lw.Project) -> str:
    return str(project.dataset.items.id[0])


def moving() -> lw.Track:
    return lw.Track(
        {
            2: lw.Keyframe(lw.Rectangle(1, 2, 10, 10), attributes={"pose": "up"}),
            6: lw.Keyframe(lw.Rectangle(9, 2, 14, 10), occluded=True),
            8: lw.Keyframe(lw.Rectangle(9, 4, 14, 10), attributes={"pose": "down"}),
            10: lw.Keyframe(outside=True),
        }
    )


def test_a_track_has_a_row_for_each_frame_that_it_is_seen_on(project: lw.Project) -> None:
    made = lw.Annotation(item_id=item(project), class_name="fly", geometry=moving())
    project.add(made)
    table = project.frames()
    assert table.frame.tolist() == list(range(2, 10))
    assert table.id.tolist() == [made.id] * 8
    assert table.pts.tolist() == project.dataset.video(item(project)).pts[2:10].tolist()
    assert table.x.tolist() == [1, 3, 5, 7, 9, 9, 9, 9]
    assert table.width.tolist() == [10, 11, 12, 13, 14, 14, 14, 14]
    assert table.keyframe.tolist() == [frame in (2, 6, 8) for frame in range(2, 10)]
    assert table.occluded.tolist() == [6 <= frame < 8 for frame in range(2, 10)]
    assert [said["pose"] for said in table.attributes] == ["up"] * 6 + ["down"] * 2
    assert table.geometry.tolist() == [moving().at(frame).geometry for frame in range(2, 10)]
    pd.testing.assert_frame_equal(project.frames(shapes=False), table.drop(columns="geometry"))


def test_labels_of_one_frame_and_intervals_are_in_it_too(project: lw.Project) -> None:
    project.add(
        [
            lw.Annotation(
                item_id=item(project), class_name="fly", geometry=lw.Point(3, 4), frame=5
            ),
            lw.Annotation(item_id=item(project), class_name="event", geometry=lw.Interval(4, 6)),
        ]
    )
    table = project.frames(item(project))
    assert list(zip(table.frame, table.geometry_type, table.keyframe, strict=True)) == [
        (4, "interval", True),
        (5, "point", True),
        (5, "interval", False),
        (6, "interval", True),
    ]
    assert table.x.isna().tolist() == [True, False, True, True]


def test_it_has_the_same_columns_where_nothing_is_labelled(project: lw.Project) -> None:
    empty = project.frames()
    project.add(lw.Annotation(item_id=item(project), class_name="fly", geometry=moving()))
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == project.frames().dtypes.to_dict()
    with pytest.raises(SchemaError, match="is no video"):
        project.frames("nothing")


def test_labelled_frames_are_remembered_and_compared_later(
    project: lw.Project, tmp_path: Path
) -> None:
    assert len(project.verify()) == 0
    project.add(lw.Annotation(item_id=item(project), class_name="fly", geometry=moving()))
    first = project.verify()
    assert first.frame.tolist() == [2, 6, 8, 10]
    assert first.same.isna().all()
    video = project.dataset.video(item(project))
    assert first.hash.tolist() == [frame_hash(video[frame]) for frame in (2, 6, 8, 10)]
    again = project.verify(item(project))
    assert again.same.tolist() == [True] * 4
    assert again.first_seen.tolist() == first.first_seen.tolist()
    assert again.dtypes.to_dict() == first.dtypes.to_dict() == _empty(tmp_path).dtypes.to_dict()


def test_another_file_in_the_place_of_the_one_that_was_labelled_is_found_out(
    project: lw.Project, tmp_path: Path
) -> None:
    project.add(lw.Annotation(item_id=item(project), class_name="fly", geometry=moving()))
    project.verify()
    project.close()
    # One frame less at the beginning, and a pause in the middle.
    small_video(tmp_path / "film.mp4", 9, pts=[0, 1, 2, 3, 4, 5, 6, 20, 21], begin=1)
    with lw.Project.open(tmp_path / "film.db", user="ana") as other:
        table = other.verify()
    assert table.same.tolist() == [False] * 4
    assert "pixels" in table.problem[0]
    assert "timestamp" in table.problem[2]
    assert "has 9 frames now" in table.problem[3]


def _empty(folder: Path) -> pd.DataFrame:
    path = small_video(folder / "other.mp4", 2)
    dataset = lw.Dataset.open(path, progress=False)
    with lw.Project.create(folder / "other.db", dataset, ["fly"], user="ana") as project:
        return project.verify()
