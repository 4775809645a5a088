"""What several people's labels come to: one answer for each object, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwidgets.algorithms.crowd import Answers, enough_votes
from labelwidgets.algorithms.crowd.settings import not_negative, share, whole
from labelwidgets.errors import SchemaError
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.workflow.agreed import Agreed, ability_frame, item_frame, object_frame
from labelwidgets.workflow.fused_shapes import Fused, Manner, fuse_shapes
from labelwidgets.workflow.object_votes import NOTHING, Objects, objects_in, votes_of
from labelwidgets.workflow.vote_methods import METHODS, answers_of, weights_of
from labelwidgets.workflow.voted_answers import image_answers, voted_attributes

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]


def consensus(
    annotations: pd.DataFrame,
    method: str = "majority",
    *,
    rater: str = "author",
    items: Any = None,
    overlap: float = 0.5,
    quorum: float = 0.5,
    boxes: str = "mean",
    masks: str = "staple",
    near: float = 10.0,
    weights: Mapping[str, float] | None = None,
    certainty: float = 0.95,
    least: int = 2,
    most: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Agreed:
    """Return one answer for each object that several people have labelled.

    Labels of an item are matched across raters, whatever class they gave them; each object is
    then voted on, where who has not drawn it says that there is nothing; shapes become one, and
    so do answers. Labels that go in are not changed.

    Parameters
    ----------
    annotations
        As `Project.annotations` has them: at least id, item_id, class_name, geometry and the
        rater; attributes and frame where they are there.
    method
        ``majority`` (of equals, who labelled first), ``weighted`` (by how often somebody agrees
        with the majority, or by `weights`), ``dawid_skene``, ``one_coin``, ``mace`` or ``glad``.
    rater
        The column that says who made a label.
    items
        Pairs of item and rater that were submitted, so that who left an item empty counts; see
        `agreement`.
    overlap
        How much labels have to overlap to be of one object: intersection over union of areas,
        volumes, tracks and intervals, OKS of keypoints.
    quorum
        How likely an object has to be to be kept, from 0 to 1; of ``majority`` this is the share
        of the item's raters who have it.
    boxes
        Edges are the ``mean`` or the ``median`` of those of a box.
    masks
        Masks become one by ``staple`` or by ``majority``.
    near
        Pixels that points of one object may be apart.
    weights
        Of raters by name, from 0, with ``weighted``: also in shapes. Others have 1.
    certainty, least, most
        When an item needs no further rater: all its objects are that certain and `least` have
        labelled it, or `most` have.
    options
        Of overlaps, such as ``sigmas`` of joints.

    Returns
    -------
    Agreed
        With `annotations` (new ones, of origin ``consensus``), and the frames `objects`, `items`
        and `ability`.

    Raises
    ------
    SchemaError
        If a column is missing or a setting is impossible.
    """
    if method not in METHODS:
        raise SchemaError(f"{str(method)!r:.60} is none of {', '.join(METHODS)}.", where="method")
    if weights is not None and method != "weighted":
        raise SchemaError('are for method="weighted".', where="weights")
    for name, value, known in (
        ("boxes", boxes, ("mean", "median")),
        ("masks", masks, ("staple", "majority")),
    ):
        if value not in known:
            raise SchemaError(f"{str(value)!r:.60} is none of {', '.join(known)}.", where=name)
    share(overlap, "overlap")
    share(quorum, "quorum")
    share(certainty, "certainty")
    not_negative(near, "near")
    whole(least, "least")
    for column in ("id", "item_id", "class_name", "geometry", rater):
        if column not in annotations.columns:
            raise SchemaError("is no column of the annotations.", where=repr(column)[:60])
    annotations = annotations[annotations[rater].notna().to_numpy()].reset_index(drop=True)
    if items is None:
        # Who only answered about the image has seen it too.
        items = list(
            {pair: None for pair in zip(annotations["item_id"], annotations[rater], strict=True)}
        )
    found = objects_in(
        annotations, rater=rater, items=items, overlap=overlap, near=near, options=options
    )
    said = votes_of(found, rater)
    answers = answers_of(said, method, weights) if said.task else None
    able = weights_of(answers, method)
    settings = {"method": method, "overlap": overlap, "quorum": quorum}
    manner = Manner(boxes, masks, 0.5)
    rows, made, pixels = _fuse_objects(found, answers, able, manner, rater, quorum, settings)
    asked = image_answers(annotations, method, weights, rater, settings)
    rows += [row for row, _ in asked]
    objects = object_frame(rows)
    counts = {item: len(names) for item, names in found.raters.items()}
    enough = _enough(rows, found, certainty, least, most)
    return Agreed(
        annotations=[*made, *(one for _, one in asked)],
        objects=objects,
        items=item_frame(objects, counts, enough),
        ability=ability_frame(answers, said, pixels, NOTHING),
        method=method,
    )


def _fuse_objects(
    found: Objects,
    answers: Answers | None,
    able: Mapping[str, float],
    manner: Manner,
    rater: str,
    quorum: float,
    settings: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], list[Annotation], dict[str, list[tuple[float, float]]]]:
    """Return a row for each object, those that are fused, and what STAPLE says of raters."""
    rows: list[dict[str, Any]] = []
    made: list[Annotation] = []
    pixels: dict[str, list[tuple[float, float]]] = {}
    labels: list[Any] = found.labels.to_dict("records")
    if answers is None:
        return rows, made, pixels
    for number, members in enumerate(found.members):
        some = [labels[row] for row in members]
        names = [str(label[rater]) for label in some]
        each = np.array([able.get(name, 1.0) for name in names])
        likely = dict(zip(answers.labels.tolist(), answers.posterior[number].tolist(), strict=True))
        there = 1.0 - likely.get(NOTHING, 0.0)
        class_name = _likeliest(likely, some)
        fused = fuse_shapes([label["geometry"] for label in some], each, manner)
        _note_pixels(pixels, fused, names)
        kept = there >= quorum - 1e-9 and fused.shape is not None
        agreement = float(found.agreement[number])
        one = None
        if kept and fused.shape is not None:
            one = Annotation(
                item_id=found.items[number],
                class_name=class_name,
                geometry=fused.shape,
                attributes=voted_attributes(some, each, class_name),
                frame=_frame(some[0].get("frame")),
                confidence=min(1.0, max(0.0, likely[class_name])),
                origin=Origin(
                    kind="consensus",
                    name=str(settings["method"]),
                    parameters={
                        **settings,
                        "from": [str(label["id"]) for label in some],
                        "raters": names,
                        "agreement": None if np.isnan(agreement) else round(agreement, 6),
                    },
                ),
            )
            made.append(one)
        rows.append(
            {
                "id": one.id if one else None,
                "item_id": found.items[number],
                "frame": _frame(some[0].get("frame")),
                "class_name": class_name,
                "geometry_type": fused.shape.type if fused.shape else some[0]["geometry"].type,
                "raters": len(found.raters[found.items[number]]),
                "drawn_by": names,
                "agreement": agreement,
                "posterior": likely[class_name],
                "present": there,
                "fused": one is not None,
                "reason": _reason(there, quorum, fused),
                "sources": [str(label["id"]) for label in some],
                "geometry": fused.shape,
                "certainty": max(likely.values()),
            }
        )
    return rows, made, pixels


def _reason(there: float, quorum: float, fused: Fused) -> str | None:
    if there < quorum - 1e-9:
        return f"likely {there:.2f}, below the quorum of {quorum:g}"
    return "no place that enough have marked" if fused.shape is None else None


def _likeliest(likely: Mapping[str, float], some: list[dict[str, Any]]) -> str:
    """Return the likeliest class of those that somebody gave; of equals, the first one."""
    given = list(dict.fromkeys(str(label["class_name"]) for label in some))
    return max(given, key=lambda name: round(likely.get(name, 0.0), 9))


def _note_pixels(
    pixels: dict[str, list[tuple[float, float]]], fused: Fused, names: list[str]
) -> None:
    if fused.able is None or fused.wary is None:
        return
    for place, index in enumerate(fused.used):
        pair = float(fused.able[place]), float(fused.wary[place])
        pixels.setdefault(names[index], []).append(pair)


def _frame(value: Any) -> int | None:
    if value is None or type(value).__name__ == "NAType" or value != value:
        return None
    return int(value)


def _enough(
    rows: list[dict[str, Any]],
    found: Objects,
    certainty: float,
    least: int,
    most: int | None,
) -> dict[str, bool]:
    """Return by item whether it needs no further rater."""
    # Of an item that all left empty, all say the same.
    enough = {item: len(names) >= least for item, names in found.raters.items()}
    sure = np.array([row["certainty"] for row in rows], np.float64).reshape(-1, 1)
    counts = np.array([row["raters"] for row in rows], np.int64)
    if rows:
        done = enough_votes(sure, counts, certainty, least, most)
        for row, one in zip(rows, done.tolist(), strict=True):
            enough[row["item_id"]] = enough.get(row["item_id"], True) and one
    return enough
