"""What we write of tracks scores in TrackEval as it does with us."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from pycocotools import mask as pixels

import labelwidgets as lw
from labelwidgets import formats
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.tracks import Keyframe, Track
from tests.judges import judge

FRAMES, SIZE = 24, (240, 180)
FILMS = ("walk", "run")
CLASS = "pedestrian"
ONTOLOGY = Ontology([CLASS])
Score = Callable[[Path, list[Annotation], list[Annotation]], dict[str, dict[str, Any]]]


def videos(*names: str) -> pd.DataFrame:
    metadata = {"width": SIZE[0], "height": SIZE[1], "frames": FRAMES, "fps": 25.0}
    return pd.DataFrame(
        {
            "id": list(names),
            "kind": "video",
            "title": [f"{name}.mp4" for name in names],
            "folder": "day",
            "urls": [[f"/films/day/{name}.mp4"] for name in names],
            "metadata": [dict(metadata) for _ in names],
            "status": "ok",
        }
    )


def track(lane: int, x: int, first: int, last: int, gap: int | None = None) -> Track:
    """Return a box that moves a pixel a frame in a lane of its own, perhaps with a gap."""

    def box(frame: int) -> lw.Rectangle:
        return lw.Rectangle(x + frame, 30 * lane, 40, 27)

    keys = {first: Keyframe(box(first)), last: Keyframe(box(last))}
    if gap is not None:
        keys |= {
            gap: Keyframe(box(gap)),
            gap + 1: Keyframe(outside=True),
            gap + 4: Keyframe(box(gap + 4)),
        }
    if last + 1 < FRAMES:
        keys[last + 1] = Keyframe(outside=True)
    return Track(dict(sorted(keys.items())))


def labels(film: str, *tracks: Track) -> list[Annotation]:
    return [
        Annotation(item_id=film, class_name=CLASS, geometry=one, confidence=None) for one in tracks
    ]


def switched(one: Track, other: Track, at: int) -> Track:
    """Return a track that goes on as another from a frame on."""
    keys = {frame: key for frame, key in one.keyframes.items() if frame < at}
    here, there = one.at(at - 1), other.at(at)
    assert here is not None
    assert there is not None
    keys[at - 1], keys[at] = Keyframe(here.geometry), Keyframe(there.geometry)
    return Track(keys | {frame: key for frame, key in other.keyframes.items() if frame > at})


TRUTH = [
    one
    for film, start in zip(FILMS, (10, 60), strict=True)
    for one in labels(
        film,
        track(0, start, 0, 23, gap=9),
        track(1, start + 5, 3, 20),
        track(2, start, 0, 23),
        track(4, start + 20, 6, 18),
    )
]


def followed(film: str, start: int, off: int) -> list[Annotation]:
    """Return what somebody made of a film: late, off by pixels, two exchanged, one invented."""
    one, two = track(1, start + 5 + off, 5, 22), track(2, start + 3, 0, 23)
    return labels(
        film,
        track(0, start + 2 * off, 2, 23, gap=12),
        switched(one, two, 13),
        switched(two, one, 13),
        track(5, start, 0, 8),
    )


OTHER = [*followed("walk", 10, 3), *followed("run", 60, 8)]


def of(film: str, made: list[Annotation]) -> list[Annotation]:
    return [one for one in made if one.item_id == film]


def evaluated(dataset: Any, name: str = CLASS) -> dict[str, dict[str, Any]]:
    """Return the scores of each sequence, as TrackEval's evaluator has them."""
    trackeval = judge("trackeval")
    quiet = {"PRINT_CONFIG": False}
    metrics = [
        trackeval.metrics.HOTA(),
        trackeval.metrics.CLEAR(quiet),
        trackeval.metrics.Identity(quiet),
    ]
    off = ("PRINT_RESULTS", "PRINT_CONFIG", "TIME_PROGRESS", "OUTPUT_SUMMARY")
    off += ("OUTPUT_DETAILED", "PLOT_CURVES", "USE_PARALLEL")
    config = dict.fromkeys(off, False) | {"LOG_ON_ERROR": None}
    results, _ = trackeval.Evaluator(config).evaluate([dataset], metrics)
    ((by_sequence),) = (results[dataset.get_name()]["ours"],)
    return {
        film.rsplit("/", 1)[-1]: {
            key: value for one in scores[name].values() for key, value in one.items()
        }
        for film, scores in by_sequence.items()
        if film != "COMBINED_SEQ"
    }


def config(folder: Path, **more: Any) -> dict[str, Any]:
    names = {"GT_FOLDER": str(folder / "truth"), "TRACKERS_FOLDER": str(folder / "trackers")}
    return names | {"TRACKERS_TO_EVAL": ["ours"], "PRINT_CONFIG": False} | more


def write(made: list[Annotation], path: Path, format: str, **options: Any) -> None:
    films = dict.fromkeys(one.item_id for one in made)
    path.parent.mkdir(parents=True, exist_ok=True)
    formats.write(made, path, format, items=videos(*films), ontology=ONTOLOGY, **options)


def by_mot(folder: Path, truth: list[Annotation], other: list[Annotation]) -> Any:
    write(truth, folder / "truth", "mot")
    for film in FILMS:
        write(of(film, other), folder / f"trackers/ours/data/{film}.txt", "mot")
    # The frames of each are told by the seqinfo.ini that we write.
    info = dict.fromkeys(FILMS)
    dataset = judge("trackeval").datasets.MotChallenge2DBox
    return evaluated(dataset(config(folder, SEQ_INFO=info, SKIP_SPLIT_FOL=True)))


def by_mots(folder: Path, truth: list[Annotation], other: list[Annotation]) -> Any:
    classes = {2: CLASS}
    for film in FILMS:
        path = folder / f"truth/{film}/gt/gt.txt"
        write(of(film, truth), path, "mots", classes=classes, first_frame=1)
        path = folder / f"trackers/ours/data/{film}.txt"
        write(of(film, other), path, "mots", classes=classes, first_frame=1)
    info = dict.fromkeys(FILMS, FRAMES)
    dataset = judge("trackeval").datasets.MOTSChallenge
    return evaluated(dataset(config(folder, SEQ_INFO=info, SKIP_SPLIT_FOL=True)))


def by_kitti_mots(folder: Path, truth: list[Annotation], other: list[Annotation]) -> Any:
    for film in FILMS:
        # KITTI's own numbers: 1 is a car, 2 a pedestrian.
        write(of(film, truth), folder / f"truth/label_02/{film}.txt", "mots", classes={2: CLASS})
        path = folder / f"trackers/ours/data/{film}.txt"
        write(of(film, other), path, "mots", classes={2: CLASS})
    info = dict.fromkeys(FILMS, FRAMES)
    dataset = judge("trackeval").datasets.KittiMOTS
    return evaluated(dataset(config(folder, SEQ_INFO=info, CLASSES_TO_EVAL=[CLASS])))


def by_kitti(folder: Path, truth: list[Annotation], other: list[Annotation]) -> Any:
    for made, place in ((truth, "truth/label_02"), (other, "trackers/ours/data")):
        for film in FILMS:
            write(of(film, made), folder / f"{place}/{film}.txt", "kitti_tracking")
    rows = "".join(f"{film} empty 000000 {FRAMES:06d}\n" for film in FILMS)
    (folder / "truth/evaluate_tracking.seqmap.training").write_text(rows)
    dataset = judge("trackeval").datasets.Kitti2DBox
    return evaluated(dataset(config(folder, CLASSES_TO_EVAL=[CLASS])))


def by_youtube(folder: Path, truth: list[Annotation], other: list[Annotation]) -> Any:
    split = "youtube_vis_val"
    write(truth, folder / f"truth/{split}/labels.json", "youtube_vis")
    write(other, folder / "other.json", "youtube_vis")
    results = []
    for one in json.loads((folder / "other.json").read_text())["annotations"]:
        codes = [
            code and pixels.frPyObjects(code, *code["size"]) | {"size": code["size"]}
            for code in one["segmentations"]
        ]
        for code in codes:
            if code:
                code["counts"] = code["counts"].decode()
        kept = {key: one[key] for key in ("video_id", "category_id")}
        results.append(kept | {"score": 1.0, "segmentations": codes})
    path = folder / f"trackers/{split}/ours/data/results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results))
    dataset = judge("trackeval").datasets.YouTubeVIS
    places = config(folder, SPLIT_TO_EVAL="val")
    places |= {key: f"{places[key]}/" for key in ("GT_FOLDER", "TRACKERS_FOLDER")}
    return evaluated(dataset(places))


def by_tao(folder: Path, truth: list[Annotation], other: list[Annotation]) -> Any:
    write(truth, folder / "truth/labels.json", "coco")
    # On every frame of both, so that they have the same ids.
    write(other, folder / "other.json", "coco")
    said = {
        name: json.loads((folder / name).read_text())
        for name in ("truth/labels.json", "other.json")
    }
    images = {
        name: {one["file_name"]: one["id"] for one in file["images"]} for name, file in said.items()
    }
    number = images["truth/labels.json"]
    names = {id: name for name, id in images["other.json"].items()}
    results = [
        one | {"image_id": number[names[one["image_id"]]], "score": 1.0}
        for one in said["other.json"]["annotations"]
    ]
    path = folder / "trackers/ours/data/results.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results))
    scores = evaluated(judge("trackeval").datasets.TAO(config(folder)))
    return {film.removesuffix(".mp4").removeprefix("day-"): one for film, one in scores.items()}


# Boxes are pixels there.
pytestmark = pytest.mark.filterwarnings("ignore::labelwidgets.formats.results.FormatWarning")
JUDGES = [by_mot, by_mots, by_kitti_mots, by_kitti, by_youtube, by_tao]


@pytest.mark.parametrize("score", JUDGES)
def test_labels_against_themselves_are_perfect(score: Score, tmp_path: Path) -> None:
    found = score(tmp_path, TRUTH, TRUTH)
    assert sorted(found) == sorted(FILMS)
    for film, scores in found.items():
        seen = sum(
            one.geometry.at(frame) is not None  # type: ignore[union-attr]
            for one in of(film, TRUTH)
            for frame in range(FRAMES)
        )
        assert (scores["GT_Dets"], scores["Dets"], scores["CLR_TP"]) == (seen, seen, seen)
        assert scores["HOTA"].min() == 1
        assert (scores["MOTA"], scores["IDF1"], scores["IDSW"]) == (1, 1, 0)


@pytest.mark.parametrize("score", JUDGES)
def test_what_somebody_followed_scores_as_it_does_with_us(score: Score, tmp_path: Path) -> None:
    theirs = score(tmp_path, TRUTH, OTHER)
    ours = lw.quality(OTHER, TRUTH, length_of=lambda _: FRAMES).tracks.set_index("item_id")
    assert 0.2 < ours["HOTA"].min() < ours["HOTA"].max() < 0.9
    for film in FILMS:
        for name in ("HOTA", "DetA", "AssA", "LocA", "IDF1", "MOTA", "MOTP"):
            assert ours.loc[film, name] == pytest.approx(np.mean(theirs[film][name]), abs=1e-9), (
                name
            )
        counts = {"id_switches": "IDSW", "fragments": "Frag", "missed": "CLR_FN", "extra": "CLR_FP"}
        for name, field in counts.items():
            assert ours.loc[film, name] == theirs[film][field], name
        assert ours.loc[film, "id_switches"] >= 2


def test_boxes_of_the_challenge_lie_where_trackeval_reads_them(tmp_path: Path) -> None:
    write(TRUTH, tmp_path / "truth", "mot")
    write(of("walk", TRUTH), tmp_path / "trackers/ours/data/walk.txt", "mot")
    dataset = judge("trackeval").datasets.MotChallenge2DBox
    info: dict[str, int | None] = {"walk": None}
    reader = dataset(config(tmp_path, SEQ_INFO=info, SKIP_SPLIT_FOL=True))
    for raw in (
        reader._load_raw_file(None, "walk", True),
        reader._load_raw_file("ours", "walk", False),
    ):
        kind = "gt" if "gt_dets" in raw else "tracker"
        assert raw["num_timesteps"] == FRAMES
        for frame in range(FRAMES):
            sights = [one.geometry.at(frame) for one in of("walk", TRUTH)]  # type: ignore[union-attr]
            # The first pixel is 1 there.
            wanted = [
                (box[0] + 1, box[1] + 1, *box[2:])
                for one in sights
                if one
                for box in [one.geometry.bounds]
            ]
            assert raw[f"{kind}_dets"][frame].tolist() == [list(map(float, box)) for box in wanted]
            assert set(raw[f"{kind}_classes"][frame].tolist()) == {1}


@pytest.mark.parametrize("between", [",", ", ", " ", "\t"])
def test_rows_in_any_order_are_read_as_trackeval_reads_them(tmp_path: Path, between: str) -> None:
    random = np.random.default_rng(3)
    rows = [
        [frame, id, *random.uniform(1, 60, 2).round(2), *random.uniform(5, 60, 2).round(2), 1, 1, 1]
        for id in (3, 7, 40)
        for frame in range(1, FRAMES + 1)
        if random.random() < 0.7
    ]
    random.shuffle(rows)
    text = "".join(between.join(f"{cell:g}" for cell in row) + "\n" for row in rows)
    path = tmp_path / "truth/walk/gt/gt.txt"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    dataset = judge("trackeval").datasets.MotChallenge2DBox
    info = {"walk": FRAMES}
    theirs = dataset(config(tmp_path, SEQ_INFO=info, TRACKERS_TO_EVAL=[], SKIP_SPLIT_FOL=True))
    raw = theirs._load_raw_file(None, "walk", True)
    ours = formats.read(path, "mot", items=videos("walk"), ontology=ONTOLOGY).annotations
    assert {one.origin.parameters["id"] for one in ours} == {3, 7, 40}
    for frame in range(FRAMES):
        boxes = dict(
            zip(raw["gt_ids"][frame].tolist(), raw["gt_dets"][frame].tolist(), strict=True)
        )
        for one in ours:
            sight = one.geometry.at(frame)  # type: ignore[union-attr]
            id = one.origin.parameters["id"]
            assert (sight is not None) == (id in boxes)
            if sight is not None:
                x, y, width, height = sight.geometry.bounds or (0, 0, 0, 0)
                assert (x + 1, y + 1, width, height) == pytest.approx(boxes[id], abs=1e-6)


def test_who_rides_and_what_is_ignored_does_not_count_in_trackeval(tmp_path: Path) -> None:
    rider = Annotation(item_id="walk", class_name="person on vehicle", geometry=track(3, 30, 0, 23))
    own = {"origin": lw.Origin("import", "mot", parameters={"ignored": True})}
    ignored = msgspec.structs.replace(labels("walk", track(5, 30, 0, 23))[0], **own)
    truth = [*of("walk", TRUTH), rider, ignored]
    both = Ontology([CLASS, "person on vehicle"])
    formats.write(truth, tmp_path / "truth", "mot", items=videos("walk"), ontology=both)
    # A tracker takes the rider for somebody who walks.
    followed = [*of("walk", TRUTH), *labels("walk", track(3, 30, 0, 23))]
    write(followed, tmp_path / "trackers/ours/data/walk.txt", "mot")
    dataset = judge("trackeval").datasets.MotChallenge2DBox
    info: dict[str, int | None] = {"walk": None}
    (scores,) = evaluated(dataset(config(tmp_path, SEQ_INFO=info, SKIP_SPLIT_FOL=True))).values()
    assert (scores["MOTA"], scores["CLR_FP"], scores["CLR_FN"], scores["GT_IDs"]) == (1, 0, 0, 4)


def test_what_tao_says_of_a_video_is_said_again(tmp_path: Path) -> None:
    write(TRUTH, tmp_path / "labels.json", "coco")
    said = json.loads((tmp_path / "labels.json").read_text())
    for one in said["videos"]:
        assert (one["neg_category_ids"], one["not_exhaustive_category_ids"]) == ([], [])
    said["categories"].append({"id": 9, "name": "cat"})
    said["videos"][1]["neg_category_ids"] = [9]
    for one in (*said["images"], *said["videos"], *said["annotations"], said):
        one.pop("labelwidgets", None)
    (tmp_path / "labels.json").write_text(json.dumps(said))
    found = formats.read(tmp_path / "labels.json")
    formats.write(found, tmp_path / "again.json", "coco")
    again = json.loads((tmp_path / "again.json").read_text())
    number = {one["name"]: one["id"] for one in again["categories"]}
    assert [one["neg_category_ids"] for one in again["videos"]] == [[], [number["cat"]]]


@pytest.mark.parametrize("format", ["mot", "youtube_vis", "coco"])
def test_videos_of_one_name_are_two_sequences(tmp_path: Path, format: str) -> None:
    items = videos(*FILMS).assign(folder=["a", "b"], title="film.mp4")
    formats.write(TRUTH, tmp_path / "out", format, items=items, ontology=ONTOLOGY)
    if format == "mot":
        names = [one.parent.parent.name for one in (tmp_path / "out").rglob("gt.txt")]
    else:
        (file,) = (
            one for one in [tmp_path / "out", *(tmp_path / "out").rglob("*.json")] if one.is_file()
        )
        said = json.loads(file.read_text())
        # TrackEval goes by the folder of the first picture, or by the name.
        names = [
            one["file_names"][0].split("/")[0] if format == "youtube_vis" else one["name"]
            for one in said["videos"]
        ]
    assert len(set(names)) == 2
    back = formats.read(tmp_path / "out", format, items=items, ontology=ONTOLOGY)
    for film in FILMS:
        assert len(of(film, back.annotations)) == len(of(film, TRUTH))
