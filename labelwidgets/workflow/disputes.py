"""What people said of each object of an item, beside what it comes to: the most disputed first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.verdict import Opinion
from labelwidgets.workflow.consensus_labels import consensus

if TYPE_CHECKING:
    import pandas as pd

# From which share of the people on an object is kept, as `consensus` has it.
QUORUM = 0.5
ADJUDICATED = "adjudication"
"""The name in the origin of what a person chose among versions; its kind is ``consensus``."""


class Dispute(msgspec.Struct, frozen=True):
    """An object, or the answers about an image, as several people have it.

    Parameters
    ----------
    id
        Of the first of its labels.
    item_id, frame, class_name
        Where it is and of which class most have it; None for the answers about the image.
    agreement
        Mean overlap of all pairs of people, 0 for a pair of whom one has it not; of answers the
        share of pairs who say the same. None where one person had the item.
    same
        Share of the pairs who have it that say the same of its class and answers, 0 to 1; the
        mean over class and questions.
    differs
        What they differ in: ``class``, and names of attributes.
    versions
        Ids of its labels, by who made them, in the order they were made.
    present
        How likely it is there, 0 to 1.
    kept
        Whether it would be in the fused answer.
    fused
        What it comes to, kept or not; None where no place is common to enough.
    """

    id: str
    item_id: str
    frame: int | None
    class_name: str | None
    agreement: float | None
    same: float
    differs: list[str]
    versions: dict[str, str]
    present: float
    kept: bool
    fused: Annotation | None

    @property
    def alike(self) -> float:
        """How far people agree about all of it, 0 to 1: what disputes are sorted by."""
        return (1.0 if self.agreement is None else self.agreement) * self.same


def disputes(
    opinions: Mapping[str, Sequence[Opinion]], method: str = "majority", **options: Any
) -> list[Dispute]:
    """Return the objects of items as people have them, those they agree least about first.

    Parameters
    ----------
    opinions
        By item, what each person labelled; an opinion without labels is one too.
    method, **options
        Of `consensus`.

    Raises
    ------
    SchemaError
        If a setting is impossible.
    """
    made = [
        (item, one.author, label)
        for item, some in opinions.items()
        for one in some
        for label in one.annotations
    ]
    pairs = [(item, one.author) for item, some in opinions.items() for one in some]
    quorum = options.pop("quorum", QUORUM)
    # What is not likely enough is shown too, to be taken all the same.
    agreed = consensus(frame_of(made), method, items=pairs, quorum=0.0, **options)
    fused = {one.id: one for one in agreed.annotations}
    labels = {label.id: (author, label) for _, author, label in made}
    raters = {item: len({one.author for one in some}) for item, some in opinions.items()}
    found = []
    for row in agreed.objects.to_dict("records"):
        some = [labels[name] for name in row["sources"]]
        about_image = some[0][1].class_name is None
        same, differs = _compared([label for _, label in some])
        agreement = None if np.isnan(row["agreement"]) else float(row["agreement"])
        if about_image and raters[row["item_id"]] > 1:
            agreement = 1.0
        one = fused.get(row["id"]) if isinstance(row["id"], str) else None
        if one is not None:
            one.origin.parameters["quorum"] = quorum
        found.append(
            Dispute(
                id=row["sources"][0],
                item_id=row["item_id"],
                frame=some[0][1].frame,
                class_name=None if about_image else row["class_name"],
                agreement=agreement,
                same=same,
                differs=differs,
                versions={author: label.id for author, label in some},
                present=float(row["present"]),
                kept=one is not None and row["present"] >= quorum - 1e-9,
                fused=one,
            )
        )
    return sorted(found, key=lambda one: one.alike)


def most_disputed(found: Iterable[Dispute], items: Iterable[str]) -> list[str]:
    """Return items, those first whose objects people agree about least, by the mean over them."""
    heaps: dict[str, list[float]] = {item: [] for item in items}
    for one in found:
        heaps[one.item_id].append(one.alike)
    # Of what all left empty nobody thinks otherwise.
    means = {item: sum(heap) / len(heap) if heap else 1.0 for item, heap in heaps.items()}
    return sorted(means, key=lambda item: means[item])


def frame_of(labels: Sequence[tuple[str, str, Annotation]]) -> pd.DataFrame:
    """Return labels, each with its item and whose it is, as `consensus` takes them."""
    import pandas as pd

    made = [label for _, _, label in labels]
    shapes = np.empty(len(made), object)
    shapes[:] = [label.geometry for label in made]
    return pd.DataFrame(
        {
            "id": pd.array([label.id for label in made], dtype="string"),
            "item_id": pd.array([item for item, _, _ in labels], dtype="string"),
            "author": pd.array([author for _, author, _ in labels], dtype="string"),
            "class_name": pd.array([label.class_name for label in made], dtype="string"),
            "geometry": shapes,
            "geometry_type": pd.array([label.geometry.type for label in made], dtype="string"),
            "frame": pd.array([label.frame for label in made], dtype="Int64"),
            "attributes": pd.Series([label.attributes for label in made], dtype="object"),
        }
    )


def _compared(labels: Sequence[Annotation]) -> tuple[float, list[str]]:
    """Return the share of pairs who say the same of class and answers, and what differs."""
    pairs = list(combinations(labels, 2))
    if not pairs:
        return 1.0, []
    names = list(dict.fromkeys(name for one in labels for name in one.attributes))
    said: dict[str, list[Any]] = {
        name: [one.attributes.get(name) for one in labels] for name in names
    }
    if labels[0].class_name is not None:
        said = {"class": [one.class_name for one in labels], **said}
    shares = {
        name: sum(a == b for a, b in combinations(values, 2)) / len(pairs)
        for name, values in said.items()
    }
    differs = [name for name, share in shares.items() if share < 1]
    return (sum(shares.values()) / len(shares) if shares else 1.0), differs
