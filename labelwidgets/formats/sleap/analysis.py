"""SLEAP's analysis files: the poses of all tracks of one video as arrays."""

from __future__ import annotations

import numpy as np

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clip_labels import ClipLabels
from labelwidgets.formats.clips import Clips, unknown_item
from labelwidgets.formats.dense_tracks import Seen, track_of
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.sleap.hdf5 import Hdf5
from labelwidgets.formats.sleap.skeletons import named
from labelwidgets.schema.geometry import Keypoints
from labelwidgets.schema.ontology import Skeleton

_HALF = 0.5


def is_analysis(file: Hdf5) -> bool:
    """Say whether a file is one for analysis."""
    return "tracks" in file and "node_names" in file and "metadata" not in file


def read_analysis(file: Hdf5, clips: Clips, found: ClipLabels, item: str | None) -> None:
    """Take in the tracks of a file.

    ``tracks`` is (tracks, 2, nodes, frames), nan where there is nothing; the centre of the first
    pixel is (0, 0).

    Raises
    ------
    FormatError
        Naming the dataset.
    """
    places = file.array("tracks", 4)
    nodes = file.texts("node_names")
    count, axes, joints, frames = places.shape
    if axes != 2 or joints != len(nodes):
        raise FormatError(
            f"has the shape {places.shape}, must be (tracks, 2, "
            f"{numbered(len(nodes), 'node')}, frames).",
            where=f"{file.where}, tracks",
        )
    if np.isinf(places).any():
        raise FormatError("has numbers that are infinite.", where=f"{file.where}, tracks")
    edges = []
    if "edge_inds" in file:
        given = file.array("edge_inds", 2).astype(int)
        if given.shape[1:] != (2,) or ((given < 0) | (given >= joints)).any():
            raise FormatError("must be pairs of nodes.", where=f"{file.where}, edge_inds")
        edges = [(int(a), int(b)) for a, b in given]
    made = named("", Skeleton(nodes, edges), found.ontology)
    found.note(made.name, made.skeleton)
    names = [one.replace("\\", "/") for one in file.texts("video_path")]
    if clips.frame is None:
        clip = found.item(unknown_item(item or (names or ["video"])[0]), None, frames=frames)
    else:
        clip = clips.of(clips.find(names, item, file.where).id)
    found.match(clip.item.id)
    scores = file.array("instance_scores", 2) if "instance_scores" in file else None
    tracks = file.texts("track_names")
    for number in range(count):
        own = places[number][:, made.order]
        there = np.flatnonzero(~np.isnan(own).all(axis=(0, 1)))
        if not there.size:
            continue
        try:
            clip.check(int(there[-1]), "tracks")
            seen = []
            for at in there.tolist():
                shape = [
                    (0.0, 0.0, 0) if np.isnan(x + y) else (x + _HALF, y + _HALF, 2)
                    for x, y in own[:, :, at].T.tolist()
                ]
                score = None
                if scores is not None and scores.shape == (count, frames):
                    value = round(float(scores[number, at]), 6)
                    score = value if 0 <= value <= 1 else None
                seen.append(Seen(at, Keypoints(shape), confidence=score))
            said = {"track": tracks[number][:200]} if number < len(tracks) else {}
            found.keep(made.name, track_of(seen, clip.frames), clip, parameters=said)
        except LabelwidgetsError as error:
            found.wrong(f"tracks[{number}]", None, error)
