"""What is known of videos when they are listed, and the parts that they are split into."""

import json
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import ImageError, LimitError, SourceError
from labelwidgets.media import Dataset, Limits
from labelwidgets.media.video.address import frames_of
from labelwidgets.media.video.timing import mean_rate, seconds_of, timing_problems
from labelwidgets.media.video_facts import problems_of
from tests.media.videos import number_of, small_video

pytest.importorskip("av")


def kinds(pts, base=Fraction(1, 1000), declared=None):
    return [one.kind for one in timing_problems(np.array(pts, np.int64), base, declared)]


@pytest.fixture
def film(tmp_path):
    return small_video(tmp_path / "film.mp4", 20, rate=10)


def test_the_index_of_a_video_is_read_when_it_is_listed(film):
    (metadata,) = Dataset.open(film).items.metadata
    assert metadata == {
        "frames": 20,
        "width": 64,
        "height": 48,
        "fps": 10.0,
        "duration": 2.0,
        "codec": "h264",
        "rotation": 0,
        "mime": "video/mp4",
    }


def test_an_even_rate_is_no_problem_even_where_times_are_rounded():
    assert kinds([0, 33, 67, 100, 133, 167]) == []
    assert kinds([0, 16, 33, 50, 66, 83, 100]) == []
    assert kinds([5, 45, 85]) == []
    assert kinds([7]) == kinds([]) == []


def test_what_is_odd_about_times_is_told_with_its_frames():
    assert kinds([0, 40, 80, 160, 200]) == ["gap"]
    (gap,) = timing_problems(np.array([0, 40, 80, 200, 240]), Fraction(1, 1000))
    assert gap.slices == (3,)
    assert gap.message.startswith("2 frames are missing")
    assert kinds([0, 40, 40, 80, 120]) == ["duplicate"]
    assert kinds([0, 40, 65, 200, 240, 280]) == ["frame rate"]
    assert kinds([0, 40, 80, 120], declared=30) == ["declared rate"]
    assert kinds([0, 40, 80, 120], declared=25.0) == []
    assert kinds([0, 0, 0]) == ["duplicate"]


def test_rates_and_durations_come_from_the_times_of_frames():
    pts = np.array([100, 140, 180, 220])
    assert mean_rate(pts, Fraction(1, 1000)) == pytest.approx(25)
    assert seconds_of(pts, Fraction(1, 1000)) == pytest.approx(0.16)
    assert mean_rate(pts[:1], Fraction(1, 1000)) is None


def test_a_video_whose_rate_is_not_constant_is_listed_with_a_remark(tmp_path):
    path = small_video(tmp_path / "uneven.mp4", 12, [0, 1, 2, 3, 4, 6, 9, 10, 11, 12, 13, 14])
    dataset = Dataset.open(path)
    assert dataset.items.status[0] == "ok"
    assert len(dataset.errors) == 0
    assert list(dataset.problems.kind) == ["gap"]
    assert dataset.problems.message[0].startswith("3 frames are missing")
    assert len(Dataset.open(small_video(tmp_path / "even.mp4")).problems) == 0


def test_what_a_manifest_says_is_believed_until_the_file_is_opened(tmp_path, film):
    entry = {"objectUrl": "film.mp4", "title": "film"}
    entry["videoMetadata"] = {"fps": 25, "duration": 1.0, "width": 64, "height": 48}
    manifest = tmp_path / "films.json"
    manifest.write_text(json.dumps({"videos": [entry]}))
    dataset = Dataset.open(manifest)
    assert dataset.traffic.item_id.isna().all()
    (metadata,) = dataset.items.metadata
    assert "frames" not in metadata
    found = problems_of(dataset.video(dataset.items.id[0]), metadata)
    assert [one.kind for one in found] == ["declared frames", "declared rate"]


def test_a_size_that_is_not_that_of_the_file_is_refused_when_it_is_opened(tmp_path, film):
    entry = {"objectUrl": "film.mp4", "videoMetadata": {"width": 640, "height": 480}}
    manifest = tmp_path / "films.json"
    manifest.write_text(json.dumps({"videos": [entry]}))
    project = lw.Project.create(tmp_path / "p.db", Dataset.open(manifest), ["car"])
    with project, pytest.raises(ImageError, match="is 64 x 48 pixels now and was 640 x 480"):
        project.session().video(project.tasks.item_id[0])


def test_files_that_are_cut_off_or_too_large_fail_by_name(tmp_path, film):
    with open(film, "rb") as file:
        data = file.read()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError, match=r"cut\.mp4"):
        Dataset.open(tmp_path / "cut.mp4")
    with pytest.raises(LimitError, match=r"film\.mp4: claims 64 x 48"):
        Dataset.open(film, limits=Limits(pixels=1000))


@pytest.mark.parametrize(
    "url", ["frames://3::/a/b.mp4", "frames://3-9::s3://bucket/a b.mp4", "frames://0::zip://m::/a"]
)
def test_addresses_of_frames_are_read_and_written(url):
    assert frames_of(url).url == url
    assert frames_of(frames_of(url).video) is None


@pytest.mark.parametrize(
    "url",
    ["frames://", "frames://x::/a.mp4", "frames://9-3::/a.mp4", "frames://1::frames://2::/a.mp4"],
)
def test_what_names_no_frame_says_so(url):
    with pytest.raises(SourceError):
        Dataset.open([url], validate=False)


def test_frames_are_pictures_that_are_decoded_where_they_are_asked_for(film):
    dataset = Dataset.open(film)
    frames = dataset.frames(every=6)
    assert list(frames.items.title) == [f"film.mp4, frame {k}" for k in (0, 6, 12, 18)]
    assert set(frames.items.kind) == {"image"}
    assert [number_of(frames.pixels(name)) for name in frames] == [0, 6, 12, 18]
    last = frames.items.id[3]
    np.testing.assert_array_equal(frames.pixels(last), dataset.pixels(dataset.items.id[0], 18))
    assert frames.read(last).startswith(b"\x89PNG")
    assert frames.encoded(last).width == 64
    assert frames.thumbnail(last, 16).width == 16
    assert frames[last].metadata["pts"] == dataset.video(dataset.items.id[0]).pts[18]
    with pytest.raises(SourceError):
        frames.pixels(last, 1)


def test_frames_survive_a_project_that_is_closed_and_opened_again(film, tmp_path):
    frames = Dataset.open(film).frames(at=[4, 7])
    lw.Project.create(tmp_path / "p.db", frames, ["car"]).close()
    with lw.Project.open(tmp_path / "p.db") as project:
        assert [number_of(project.session().pixels(one)) for one in project.tasks.item_id] == [4, 7]


def test_frames_by_seconds_are_those_that_are_on_the_screen_then(tmp_path):
    path = small_video(tmp_path / "u.mp4", 8, [0, 1, 2, 10, 11, 12, 30, 31], rate=10)
    frames = Dataset.open(path).frames(seconds=0.5)
    # At 0.5 s the third is still shown, and from 1.2 to 3 s the sixth.
    assert [one["frame"] for one in frames.items.metadata] == [0, 2, 3, 5, 6]
    within = Dataset.open(path).frames(start=1.0, stop=3.0)
    assert [one["frame"] for one in within.items.metadata] == [3, 4, 5]


def test_clips_share_the_file_and_keep_the_numbers_of_its_frames(film, tmp_path):
    dataset = Dataset.open(film)
    clips = dataset.clips(every=8, overlap=2)
    ends = [(one["first_frame"], one["last_frame"]) for one in clips.items.metadata]
    assert ends == [(0, 9), (8, 17), (16, 19)]
    assert set(clips.items.kind) == {"video"}
    assert clips.items.id.is_unique
    assert {one["video_id"] for one in clips.items.metadata} == {dataset.items.id[0]}
    second = clips.items.id[1]
    assert clips.video(second) is clips.video(clips.items.id[0])
    assert number_of(clips.pixels(second, 12)) == 12
    assert len(clips.video(second)) == 20
    with lw.Project.create(tmp_path / "p.db", clips, ["car"]) as project:
        assert list(project.tasks.title) == [f"film, frames {a}-{b}.mp4" for a, b in ends]


def test_a_clip_can_be_split_again(film):
    clips = Dataset.open(film).clips(at=[10])
    frames = clips.frames(clips.items.id[1], every=4)
    assert [one["frame"] for one in frames.items.metadata] == [10, 14, 18]
    assert set(frames.items.folder) == {"film.mp4"}
    assert frames.items.title[0] == "film.mp4, frame 10"


def test_scenes_begin_at_cuts(tmp_path):
    clips = Dataset.open(lw.media.sample_video(tmp_path / "s.mp4")).clips(scenes=True)
    ends = [(one["first_frame"], one["last_frame"]) for one in clips.items.metadata]
    assert ends == [(0, 99), (100, 149)]
    assert [one["frame"] for one in clips.frames(scenes=True).items.metadata] == [49, 124]


@pytest.mark.parametrize(
    "options",
    [
        {"every": 0},
        {"every": 1.5},
        {"seconds": 0},
        {"seconds": float("nan")},
        {"every": 2, "seconds": 1},
        {"at": [20]},
        {"at": [-1]},
        {"start": 20},
        {"start": 5, "stop": 5},
        {"start": -1},
        {"stop": "end"},
        {"items": "nothing"},
    ],
)
def test_wrong_options_are_refused_by_name(film, options):
    with pytest.raises(SourceError):
        Dataset.open(film).frames(**options)


def test_a_dataset_without_videos_cannot_be_split(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    dataset = Dataset.open(tmp_path)
    with pytest.raises(SourceError, match="no video"):
        dataset.frames()
    with pytest.raises(ImageError, match="no video"):
        dataset.clips(dataset.items.id[0])


def test_written_frames_are_named_by_frame_and_pts_and_told_in_a_manifest(film, tmp_path):
    dataset = Dataset.open(film)
    written = dataset.write_frames(tmp_path / "out", every=10)
    pts = dataset.video(dataset.items.id[0]).pts
    names = [f"film/{k:06d}_pts{pts[k]}.png" for k in (0, 10)]
    assert [url[0].split("/out/")[1] for url in written.items.urls] == names
    np.testing.assert_array_equal(
        written.pixels(written.items.id[1]), dataset.pixels(dataset.items.id[0], 10)
    )
    (tmp_path / "out").rename(tmp_path / "moved")
    again = Dataset.open(tmp_path / "moved" / "frames.json")
    assert [one["clientMetadata"]["frame"] for one in again.items.metadata] == [0, 10]
    assert [number_of(again.pixels(name)) for name in again] == [0, 10]


def test_frames_are_written_to_any_place_and_two_videos_of_one_name_are_told_apart(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    small_video(tmp_path / "a" / "film.mp4"), small_video(tmp_path / "b" / "film.mp4")
    frames = Dataset.open(tmp_path).frames(at=[3])
    written = frames.write_frames("memory://frames", format="jpg")
    urls = [url[0] for url in written.items.urls]
    assert len(set(urls)) == 2
    assert all(url.endswith("000003_pts1536.jpg") for url in urls)
    assert [number_of(written.pixels(name)) for name in written] == [3, 3]
    with pytest.raises(SourceError, match="format"):
        frames.write_frames("memory://frames", format="gif")


def test_parts_are_not_named_in_manifests(film, tmp_path):
    with pytest.raises(SourceError, match="part of a video"):
        Dataset.open(film).frames(at=[1]).write_manifest(tmp_path / "m.json")


def test_a_manifest_may_not_name_frames(tmp_path, film):
    manifest = tmp_path / "m.json"
    manifest.write_text(json.dumps({"images": [{"objectUrl": f"frames://1::{film}"}]}))
    with pytest.raises(SourceError, match="chain"):
        Dataset.open(manifest)


def test_a_sequence_is_a_video_of_its_files(tmp_path):
    for number in range(5):
        Image.new("RGB", (32, 16), (20 * number,) * 3).save(tmp_path / f"{number}.png")
    entry = {"title": "walk", "createVideo": True}
    entry |= {f"objectUrl_{number}": f"{number}.png" for number in range(5)}
    (tmp_path / "m.json").write_text(json.dumps({"image_groups": [entry]}))
    dataset = Dataset.open(tmp_path / "m.json")
    (name,) = dataset
    video = dataset.video(name)
    assert (len(video), list(video.pts), list(video.keys)) == (5, list(range(5)), list(range(5)))
    assert (video.facts.width, video.facts.height, video.facts.decoder) == (32, 16, None)
    assert video[3].max() == video[3].min() == 60
    assert video[-1].max() == 80
    assert video.encoded(2).width == 32
    with pytest.raises(IndexError):
        video[5]
    assert [one["frame"] for one in dataset.frames(every=2).items.metadata] == [0, 2, 4]
    clips = dataset.clips(every=3)
    assert [len(urls) for urls in clips.items.urls] == [3, 2]
    assert clips.pixels(clips.items.id[1], 1).max() == 80


def test_tracks_of_a_clip_end_with_it_in_files_of_others(film, tmp_path):
    clips = Dataset.open(film).clips(at=[12])
    box = lw.Rectangle(4, 4, 20, 20)
    with lw.Project.create(tmp_path / "p.db", clips, ["car"], user="ana") as project:
        for item, start in zip(clips, (3, 14), strict=True):
            made = lw.Track({start: lw.Keyframe(box)})
            project.add(lw.Annotation(item_id=item, class_name="car", geometry=made))
        project.export("mot", tmp_path / "out")
    frames = [
        [int(line.split(",")[0]) - 1 for line in path.read_text().splitlines()]
        for path in sorted((tmp_path / "out").rglob("gt.txt"))
    ]
    assert frames == [list(range(3, 12)), list(range(14, 20))]


@pytest.mark.parametrize("format", ["mot", "cvat_video", "coco", "youtube_vis", "gt_studio"])
def test_tracks_of_a_clip_come_back_as_far_as_it_goes(film, tmp_path, format):
    clips = Dataset.open(film).clips(at=[12])
    box = lw.Rectangle(4, 4, 20, 20)
    with lw.Project.create(tmp_path / "p.db", clips, ["car"], user="ana") as project:
        for item, start in zip(clips, (3, 14), strict=True):
            made = lw.Track({start: lw.Keyframe(box)})
            project.add(lw.Annotation(item_id=item, class_name="car", geometry=made))
        several = format in ("mot", "cvat_video")
        path = tmp_path / ("out" if several else "out.json")
        project.export(format, path)
    with lw.Project.create(tmp_path / "q.db", clips, ["car"], user="ana") as other:
        for file in sorted(path.rglob("*.xml")) or [path]:
            other.import_annotations(file, format)
        seen = other.frames().groupby("item_id").frame.agg(["min", "max"])
    assert seen.loc[list(clips)].to_numpy().tolist() == [[3, 11], [14, 19]]
