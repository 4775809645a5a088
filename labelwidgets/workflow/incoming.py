"""Labels that come in from a file: which are there already, and where they must not go."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometry import VolumeMask
from labelwidgets.schema.ids import made_since
from labelwidgets.schema.tracks import Track
from labelwidgets.store.records import Held
from labelwidgets.workflow.stages import AT_WORK

if TYPE_CHECKING:
    import pandas as pd

_encode = msgspec.json.Encoder(order="deterministic").encode
_CONTENT = ("class_name", "geometry", "attributes", "frame")


class Sorted(NamedTuple):
    """Labels of a file beside those of the project.

    Parameters
    ----------
    new
        Those to be added.
    there
        How many are there already, or came from a file and have been deleted since by a person.
    differ
        How many of these are now otherwise than in the file.
    """

    new: list[Annotation]
    there: int
    differ: int


def lasting_ids(labels: Iterable[Annotation], since: int) -> list[Annotation]:
    """Return labels of a file with the ids that they get each time that it is read.

    Parameters
    ----------
    labels
        As a reader returns them: a label has the id that the file gives it, or a new one.
    since
        When the reader began, in milliseconds since 1970: ids say when they were made, and one
        that is younger is not the file's.
    """
    seen: Counter[bytes] = Counter()
    return [
        msgspec.structs.replace(made, id=_of_content(made, seen))
        if made_since(made.id, since)
        else made
        for made in labels
    ]


def own_ids(placed: Sequence[Annotation], held: Mapping[str, Held]) -> list[Annotation]:
    """Return labels with other ids where a file has one that is that of another item's label."""
    seen: Counter[bytes] = Counter()
    return [
        msgspec.structs.replace(made, id=_of_content(made, seen))
        if made.id in held and held[made.id].annotation.item_id != made.item_id
        else made
        for made in placed
    ]


def _of_content(made: Annotation, seen: Counter[bytes]) -> str:
    """Return an id that follows from what a label is; `seen` counts those that are alike."""
    # The names of objects through frames may be a reader's own.
    said = (
        made.item_id,
        made.frame,
        made.class_name,
        made.geometry,
        made.attributes,
        made.confidence,
        made.author,
        *((made.origin.name,) if made.origin.kind == "model" else ()),
    )
    by_number = isinstance(made.geometry, Track | VolumeMask)
    # Keyframes and slices have numbers for keys, which cannot be put in order as they are.
    content = _encode(msgspec.to_builtins(said, str_keys=True) if by_number else said)
    digest = hashlib.blake2b(content, digest_size=14).digest()
    seen[digest] += 1
    again = seen[digest] - 1
    return digest.hex() + (f"-{again}" if again else "")


def sort_out(
    placed: Sequence[Annotation],
    held: Mapping[str, Held],
    deleted_by_hand: Callable[[Collection[str]], Collection[str]],
) -> Sorted:
    """Return which labels of a file are new.

    Parameters
    ----------
    placed
        With their tasks; see `headless.place`.
    held
        What the store holds under their ids.
    deleted_by_hand
        Returns those of deleted labels that were not taken back with what made them.
    """
    # What people drew and deleted comes back from a file of ours: that is what it was kept for.
    gone = [
        name
        for name, now in held.items()
        if now.deleted and now.annotation.origin.kind in ("import", "model")
    ]
    final = set(deleted_by_hand(gone)) if gone else set()
    new: list[Annotation] = []
    there = differ = 0
    for made in placed:
        now = held.get(made.id)
        if now is None or (now.deleted and made.id not in final):
            new.append(made)
        elif made.class_name is None:
            # Answers to questions about the image are added to those that are there.
            known = now.annotation.attributes
            if now.deleted or made.attributes.items() <= known.items():
                there += 1
            else:
                new.append(made)
        else:
            there += 1
            differ += any(getattr(made, name) != getattr(now.annotation, name) for name in _CONTENT)
    return Sorted(new, there, differ)


def as_predictions(labels: Iterable[Annotation], model: str | None) -> list[Annotation]:
    """Return labels of a file as proposals of a model.

    Parameters
    ----------
    labels
        Their origins' parameters stay.
    model
        Its name; by default that of the model that a label says it is of, else the format's.
    """
    return [
        msgspec.structs.replace(
            made,
            state="editable",
            author=None,
            origin=Origin(
                "model",
                model or made.origin.name,
                made.origin.version,
                made.origin.parameters,
            ),
        )
        for made in labels
    ]


def spare_people(
    new: Sequence[Annotation],
    tasks: pd.DataFrame,
    labels: pd.DataFrame,
    changed: Callable[[Collection[str]], Collection[str]],
) -> tuple[list[Annotation], pd.DataFrame]:
    """Return the proposals that get in no person's way, and what became of the others.

    Parameters
    ----------
    new
        With their tasks.
    tasks, labels
        Frames of the store.
    changed
        Returns those of labels that were changed after they were made.

    Returns
    -------
    tuple
        The proposals to add; and one row an item that is left alone: item_id (string),
        annotations (int64: how many were for it) and reason (string).
    """
    import pandas as pd

    states = dict(zip(tasks["id"], tasks["state"], strict=True))
    proposed = labels["origin"] == "model"
    touched = set(labels.loc[~proposed, "task_id"])
    # What was taken back and brought again has another revision, and is as it was.
    later = labels[proposed & (labels["revision"] > 1)]
    by_people = set(changed(list(later["id"]))) if len(later) else set()
    touched |= set(later.loc[later["id"].isin(by_people), "task_id"])
    kept: list[Annotation] = []
    spared: dict[str, Any] = {}
    for one in new:
        reason = None
        if states.get(one.task_id) not in AT_WORK:
            reason = "has been handed in"
        elif one.task_id in touched:
            reason = "has labels that a person made"
        if reason is None:
            kept.append(one)
        else:
            row = spared.setdefault(one.item_id, [one.item_id, 0, reason])
            row[1] += 1
    frame = pd.DataFrame(list(spared.values()), columns=["item_id", "annotations", "reason"])
    kinds = {"item_id": "string", "annotations": "int64", "reason": "string"}
    return kept, frame.astype(kinds)
