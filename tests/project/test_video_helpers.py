"""What is carried on, suggested and cut without a widget."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import labelwidgets as lw
from labelwidgets.errors import ToolError

av = pytest.importorskip("av")
pytest.importorskip("cv2")

COUNT = 24
CUT = 16


@pytest.fixture
def project(tmp_path: Path) -> lw.Project:
    """A patch that goes down and right, four pixels a frame, until another shot comes."""
    rng = np.random.default_rng(3)
    blobs = gaussian_filter(rng.normal(0, 2, (40, 40, 3)), (1.5, 1.5, 0))
    thing = np.clip(120 + 90 * blobs, 0, 255)
    path = tmp_path / "moving.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "8", "qp": "5"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv444p"
        stream.time_base = Fraction(1, 10)
        for number in range(COUNT):
            pixels = np.full((120, 160, 3), 30.0 if number < CUT else 220.0)
            if number < CUT:
                at = 10 + 4 * number
                pixels[10:50, at : at + 40] = thing
            frame = av.VideoFrame.from_ndarray(pixels.astype(np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    made = lw.Project.create(tmp_path / "p.db", lw.Dataset.open(str(path)), ["fly"], user="ana")
    (item,) = made.dataset
    box = lw.Rectangle(10, 10, 40, 40)
    made.add(
        lw.Annotation(item_id=item, class_name="fly", geometry=lw.Track({0: lw.Keyframe(box)}))
    )
    return made


def test_a_label_is_carried_on_and_updated(project: lw.Project) -> None:
    (label,) = project.records()
    project.update(project.carry(label, frame=0, frames=10, tolerance=0))
    (kept,) = project.records()
    assert isinstance(kept.geometry, lw.Track)
    assert list(kept.geometry.keyframes) == list(range(11))
    assert kept.geometry.keyframes[0].confidence is None
    assert kept.geometry.keyframes[10].geometry.x == pytest.approx(50, abs=1)  # type: ignore[union-attr]
    assert (kept.origin.kind, kept.origin.name) == ("tool", "carry")
    with pytest.raises(ToolError, match="has a keyframe already"):
        project.carry(kept, frame=0)


def test_keyframes_are_suggested_with_their_frames(project: lw.Project) -> None:
    (label,) = project.records()
    last = lw.Keyframe(lw.Rectangle(10, 10, 40, 40))
    label = label.__class__(
        id=label.id,
        item_id=label.item_id,
        class_name="fly",
        geometry=lw.Track({0: lw.Keyframe(lw.Rectangle(10, 10, 40, 40)), 15: last}),
    )
    made, frames = project.suggest_keyframes(label, tolerance=4)
    assert frames
    assert isinstance(made.geometry, lw.Track)
    assert set(made.geometry.keyframes) == {0, 15, *frames}


def test_cuts_are_frames_of_the_video(project: lw.Project) -> None:
    (item,) = project.dataset
    assert [(cut.frame, cut.kind) for cut in project.cuts(item)] == [(CUT, "cut")]
