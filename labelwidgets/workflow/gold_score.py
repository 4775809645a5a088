"""How much of a submission is right, by the golden answer of its item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labelwidgets.schema.annotation import Annotation
from labelwidgets.workflow.comparison import Compared, LengthOf, compare
from labelwidgets.workflow.difference import changed_answers
from labelwidgets.workflow.quality_rules import QualityRules
from labelwidgets.workflow.similarity import SizeOf


class Submission(NamedTuple):
    """What one person has handed in of one item.

    Parameters
    ----------
    item, task, person
        Of what, in which task, and whose.
    labels
        As they were handed in.
    """

    item: str
    task: str
    person: str
    labels: Sequence[Annotation]


class Score(NamedTuple):
    """How many of all things to get right are right.

    Objects count, those of the golden answer and those that are too many, and so do the
    questions about the image as a whole. An item that is rightly empty is one thing that is right.
    """

    right: int
    total: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.right / self.total


def compare_with_gold(
    submissions: Sequence[Submission],
    gold: Sequence[Annotation],
    rules: QualityRules,
    size_of: SizeOf | None = None,
    length_of: LengthOf | None = None,
) -> list[Compared]:
    """Return submissions laid beside golden answers, in the order of the items.

    Parameters
    ----------
    submissions
        Of golden items alone.
    gold
        Labels of the golden answers.
    rules
        How strictly.
    size_of, length_of
        Sizes of pictures and lengths of videos, where they are known.
    """
    labels = [made for one in submissions for made in one.labels]
    items = dict.fromkeys(one.item for one in submissions)
    submitted = [(one.item, one.task) for one in submissions]
    found = compare(labels, gold, rules, "task_id", items, submitted, size_of, length_of)
    people = {one.task: one.person for one in submissions}
    return [one._replace(author=people[one.task or ""]) for one in found]


def score_of(compared: Compared, rules: QualityRules) -> Score:
    """Return how much of a submission is right."""
    right = total = 0
    for layer in compared.layers:
        if layer.family != "image":
            right += sum(match.is_right for match in layer.matches)
            total += len(layer.matches)
            continue
        if rules.compare_attributes:
            for match in layer.matches:
                one = match.reference.attributes if match.reference else {}
                other = match.label.attributes if match.label else {}
                asked = len({*one, *other})
                total += asked
                right += asked - len(changed_answers(one, other))
    return Score(right, total) if total else Score(1, 1)
