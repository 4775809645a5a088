"""What a notebook says of videos, and the picture that is left where no kernel runs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import WorkflowError
from labelwidgets.schema.geometry import Rectangle
from labelwidgets.schema.tracks import Interval, Keyframe, Track
from labelwidgets.widgets.item_info import mark_of
from labelwidgets.widgets.still import fullest_frame
from tests.media.videos import small_video

pytest.importorskip("av")


@pytest.fixture
def project(tmp_path: Path) -> lw.Project:
    dataset = lw.Dataset.open(small_video(tmp_path / "a.mp4", 20))
    return lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana")


def box(x: float) -> Rectangle:
    return Rectangle(x, 4, 20, 20)


def track(*frames: tuple[int, bool]) -> lw.Annotation:
    keyframes = {frame: Keyframe(box(frame), outside=outside) for frame, outside in frames}
    return lw.Annotation(item_id="v", class_name="car", geometry=Track(keyframes))


def test_what_a_notebook_says_of_videos_is_told_to_the_page(project: lw.Project) -> None:
    widget = project.annotate(frame=7, speed=0.5, tracking=False)
    assert isinstance(widget, lw.VideoAnnotator)
    assert widget.film == {"frame": 7, "speed": 0.5, "tracking": False}
    assert "VideoAnnotator" in repr(widget)
    widget.close()


@pytest.mark.parametrize(
    "options",
    [
        {"frame": -1},
        {"frame": True},
        {"frame": 1.5},
        {"speed": 3},
        {"tracking": "yes"},
        {"tracking": 1},
    ],
)
def test_what_is_no_frame_and_no_speed_is_refused_by_name(
    project: lw.Project, options: dict[str, Any]
) -> None:
    with pytest.raises(WorkflowError, match=next(iter(options))):
        project.annotate(**options)


def test_a_file_is_labelled_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABELWIDGETS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    widget = lw.annotate(small_video(tmp_path / "clip.mp4"), classes=["car"])
    assert len(widget.session.video(widget.place["item"])) == 12
    widget.close()


def test_the_fullest_frame_is_where_most_labels_are_seen() -> None:
    one = track((2, False), (9, True))
    other = track((5, False), (7, True), (15, False))
    alone = lw.Annotation(item_id="v", class_name="car", geometry=box(1), frame=6)
    happens = lw.Annotation(item_id="v", class_name="car", geometry=Interval(0, 3))
    assert fullest_frame([one, other], 0, 19) == 6
    assert fullest_frame([one, other, alone], 0, 19) == 6
    assert fullest_frame([one, happens], 0, 19) == 3
    assert fullest_frame([other], 8, 19) == 17
    assert fullest_frame([one], 10, 19) is None
    assert fullest_frame([], 0, 19) is None


def test_the_still_picture_has_the_tracks_of_its_frame(project: lw.Project) -> None:
    item = project.tasks.item_id[0]
    made = lw.Annotation(
        item_id=item,
        class_name="car",
        geometry=Track({8: Keyframe(box(8)), 10: Keyframe(box(30), outside=True)}),
    )
    project.add(made)
    widget = project.annotate()
    data = widget._repr_mimebundle_()[0]["image/jpeg"]
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("HSV"))
    scale = picture.shape[1] / 64
    # A grey video: what has a colour is drawn, along the box at frame 9, half way to the next.
    coloured = (picture[..., 1] > 120).nonzero()[1] / scale
    assert coloured.min() == pytest.approx(19, abs=1.5)
    assert coloured.max() == pytest.approx(39, abs=1.5)
    widget.close()


def test_thumbnails_say_how_long_a_video_is() -> None:
    def mark(kind: str, urls: int = 1, **metadata: Any) -> str | None:
        return mark_of({"kind": kind, "urls": ["u"] * urls, "metadata": metadata})

    assert mark("video", duration=75.4) == "▶ 1:15"
    assert mark("video", duration=3675) == "▶ 1:01:15"
    assert mark("video") == "▶"
    assert mark("video", duration=20, frames=200, first_frame=50, last_frame=99) == "▶ 0:05"
    assert mark("image_sequence", 12) == "▶ 12"
    assert mark("image") is None
