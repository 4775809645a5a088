"""The split of a project: which item is in which part, kept in the log of the project."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.training.splitting import Shares, by_hash, check_shares, stratified

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Split:
    """Which items are in which part.

    Parameters
    ----------
    shares, by, stratify, seed
        How it was made; see `labelwidgets.project.Project.split`.
    parts
        The part of each item.
    """

    shares: Mapping[str, float]
    by: str | None
    stratify: bool
    seed: int
    parts: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, payloads: Iterable[Mapping[str, Any]]) -> Split | None:
        """Return what events have come to, in their order; None if there is no split.

        An event names the items that it is about only, so that adding to a split is a small one.
        """
        made: Split | None = None
        for payload in payloads:
            parts = {} if made is None or payload["anew"] else dict(made.parts)
            for part, ids in payload["after"].items():
                parts |= dict.fromkeys(ids, part)
            made = cls(
                payload["shares"], payload["by"], payload["stratify"], payload["seed"], parts
            )
        return made

    @property
    def rules(self) -> dict[str, Any]:
        """How it was made, as JSON can hold it."""
        return {
            "shares": dict(self.shares),
            "by": self.by,
            "stratify": self.stratify,
            "seed": self.seed,
        }

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that tell it from any other."""
        content = {**self.rules, "parts": dict(sorted(self.parts.items()))}
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:16]

    def check_part(self, part: str) -> None:
        """Raise WorkflowError unless there is such a part."""
        if part not in self.shares:
            raise WorkflowError(
                f"{str(part)[:60]!r} is none of the split, which has "
                f"{', '.join(map(repr, self.shares))}.",
                where="part",
            )


def payload_of(split: Split, before: Split | None, anew: bool) -> dict[str, Any]:
    """Return what the event of a new split, or of more items in it, keeps."""
    known = {} if before is None or anew else before.parts
    after: dict[str, list[str]] = defaultdict(list)
    for item, part in split.parts.items():
        if known.get(item) != part:
            after[part].append(item)
    return {**split.rules, "anew": anew or before is None, "after": dict(after)}


def make_split(
    items: pd.DataFrame,
    labels: Iterable[Annotation],
    shares: Shares,
    by: str | None,
    stratify: bool,
    seed: int,
    before: Split | None,
) -> Split:
    """Return a split of items; those that are in one before stay where they are.

    Raises
    ------
    WorkflowError
        If the shares are none, items lack what they are to be grouped by, there are fewer groups
        than parts, or the split before was made by other rules.
    """
    shares = check_shares(shares)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise WorkflowError(f"must be a whole number, not {seed!r:.40}.", where="seed")
    if by is not None and not isinstance(by, str):
        raise WorkflowError(
            f"must be the name of a column, not {type(by).__name__}.",
            where="by",
            hint="Put the groups into the metadata of the items: Dataset.open takes a frame.",
        )
    groups = groups_of(items, by)
    sizes = Counter(groups.values())
    if len(sizes) < len(shares):
        raise WorkflowError(
            f"are {len(sizes)} of {len(groups)} items, fewer than the {len(shares)} parts.",
            where=f"groups by {by!r}",
            hint="Group by something finer, or ask for fewer parts.",
        )
    rules = Split(shares, by, stratify, seed, {})
    known: dict[str, str] = {}
    if before is not None:
        if before.rules != rules.rules:
            raise WorkflowError(
                f"is {_shown(before)}, and a model may have been trained on it.",
                where="split of the project",
                hint="Pass anew=True to put it aside and split anew.",
            )
        known = {groups[item]: part for item, part in before.parts.items() if item in groups}
    if stratify:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for label in labels:
            if label.class_name is not None and label.item_id in groups:
                counts[groups[label.item_id]][label.class_name] += 1
        parts = stratified(sizes, counts, shares, seed, known)
    else:
        parts = by_hash(sizes, shares, seed) | known
    return Split(shares, by, stratify, seed, {item: parts[groups[item]] for item in groups})


def _shown(split: Split) -> str:
    shares = ", ".join(f"{name} {share:g}" for name, share in split.shares.items())
    how = "stratified" if split.stratify else "not stratified"
    return f"{shares}, by {split.by!r}, {how}, seed {split.seed}"


def groups_of(items: pd.DataFrame, by: str | None) -> dict[str, str]:
    """Return the group of each item.

    Parameters
    ----------
    items
        A frame like `Dataset.items`.
    by
        A column of it, or a name in the metadata; None makes each item a group of its own, but
        for clips and frames of one video.

    Raises
    ------
    WorkflowError
        If items lack it.
    """
    said = [one if isinstance(one, dict) else {} for one in items["metadata"]]
    ids = [str(one) for one in items["id"]]
    if by is None:
        return {id: str(one.get("video_id", id)) for id, one in zip(ids, said, strict=True)}
    if by in items.columns and by not in ("metadata", "urls"):
        return dict(zip(ids, map(str, items[by]), strict=True))
    lacking = [id for id, one in zip(ids, said, strict=True) if one.get(by) in (None, "")]
    if lacking:
        raise WorkflowError(
            f"is no column of the items, and {len(lacking)} of {len(ids)} do not have it in their "
            f"metadata, such as {lacking[0]!r}.",
            where=f"by {str(by)[:60]!r}",
        )
    return {id: str(one[by]) for id, one in zip(ids, said, strict=True)}


def split_frame(
    split: Split | None, items: pd.DataFrame, labels: Iterable[Annotation]
) -> pd.DataFrame:
    """Return one row an item of a split, in the order of the dataset.

    Columns: item_id, title, folder, group, part (string) and n_labels (int64).
    """
    import pandas as pd

    kinds = dict.fromkeys(("item_id", "title", "folder", "group", "part"), "string")
    if split is None:
        empty: dict[str, list[object]] = {name: [] for name in (*kinds, "n_labels")}
        return pd.DataFrame(empty).astype(kinds | {"n_labels": "int64"})
    inside = items[items["id"].isin(split.parts)]
    groups = groups_of(inside, split.by)
    counts = Counter(label.item_id for label in labels if label.class_name is not None)
    ids = list(inside["id"])
    made = pd.DataFrame(
        {
            "item_id": ids,
            "title": list(inside["title"]),
            "folder": list(inside["folder"]),
            "group": [groups[id] for id in ids],
            "part": [split.parts[id] for id in ids],
            "n_labels": [counts[id] for id in ids],
        }
    )
    return made.astype(kinds | {"n_labels": "int64"})
