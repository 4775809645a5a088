"""What a measure of agreement is, and what it is asked about.

A room with measures offers ``MEASURES``, a mapping of names to `Measure`; `agreement` knows the
rooms. A measure is a function of what is asked and of the levels it is asked for; it returns one
row a group, with the columns of the levels (`KEYS`), ``value`` and whatever counts say how far it
can be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from labelwidgets.errors import SchemaError
from labelwidgets.workers import Workers
from labelwidgets.workflow.overlaps import OPTIONS
from labelwidgets.workflow.pairs import Pairs, pairs_of

if TYPE_CHECKING:
    import pandas as pd

KEYS: Mapping[str, tuple[str, ...]] = {
    "item": ("item_id",),
    "task": ("item_id",),
    "pair": ("rater_a", "rater_b"),
    "rater": ("rater",),
    "class": ("class_name",),
    "object": ("item_id", "object"),
    "attribute": ("attribute",),
    "threshold": ("threshold",),
}
"""The columns of each level. The tasks of an item are opinions on it, so that a task is an item;
a pair is two raters, and a rater all pairs that he or she is one of."""


@dataclass
class Asked:
    """Whose agreement is asked for, and on what.

    Parameters
    ----------
    annotations, rater, items
        As for `agreement`.
    threshold
        From which overlap on two shapes are the same object.
    options
        The rest of what `agreement` was given, by name.
    workers
        Who compares labels; None does so here.
    """

    annotations: pd.DataFrame
    rater: str = "author"
    items: Any = None
    threshold: float = 0.5
    options: Mapping[str, Any] = field(default_factory=dict)
    workers: Workers | None = None
    _pairs: dict[tuple[str, bool, float], Pairs] = field(default_factory=dict, repr=False)

    def pairs(
        self, overlap: str = "iou", across_classes: bool | None = None, at_least: float = 0.0
    ) -> Pairs:
        """Return the objects of every two raters, matched; see `pairs_of`. Made once."""
        if across_classes is None:
            across_classes = bool(self.options.get("across_classes", False))
        key = overlap, across_classes, at_least
        if key not in self._pairs:
            self._pairs[key] = pairs_of(
                self.annotations,
                overlap,
                rater=self.rater,
                items=self.items,
                across_classes=across_classes,
                at_least=at_least,
                options={name: self.options[name] for name in OPTIONS if name in self.options},
                workers=self.workers,
            )
        return self._pairs[key]


Function: TypeAlias = "Callable[[Asked, tuple[str, ...]], pd.DataFrame]"


class Measure(NamedTuple):
    """A measure of agreement.

    Parameters
    ----------
    function
        Of what is asked, and the levels (names in `KEYS`, none for one row over all).
    levels
        The levels it knows.
    options
        Names of the options that it takes, besides those of `agreement` itself.
    unit
        Of its values: "" for a share, "px" or "mm" for a distance (by the spacing).
    """

    function: Function
    levels: frozenset[str]
    options: frozenset[str] = frozenset()
    unit: str = ""


def columns_of(by: Sequence[str]) -> list[str]:
    """Return the columns of levels, each once."""
    return list(dict.fromkeys(name for level in by for name in KEYS[level]))


def read_levels(by: str | Sequence[str] | None, measure: Measure, name: str) -> tuple[str, ...]:
    """Return the levels that are asked for, checked against what a measure knows.

    Raises
    ------
    SchemaError
        If a level is none, or the measure does not know it.
    """
    levels = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    for level in levels:
        if level not in KEYS:
            raise SchemaError(f"{level!r:.60} is none of {', '.join(KEYS)}.", where="by")
        if level not in measure.levels:
            raise SchemaError(
                f"{name!r} is not told by {level!r}, only by {', '.join(sorted(measure.levels))}.",
                where="by",
            )
    return levels
