"""How many labels there are of each class, question and option."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from labelwidgets.schema.attributes import AttributeValue
from labelwidgets.schema.changes import Change
from labelwidgets.schema.renames import IMAGE
from labelwidgets.store.tables import labels, tasks

_decode = msgspec.json.Decoder(dict[str, AttributeValue]).decode


class Usage:
    """Numbers of labels, of which the deleted ones are none.

    Attributes
    ----------
    classes : Counter of str
        Labels by class.
    attributes : Counter of (str, str)
        Answers by class (``""`` for the image) and question.
    options : Counter of (str, str, str)
        Answers by class, question and option.
    """

    def __init__(
        self, classes: Mapping[str, int], answers: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> None:
        self.classes = Counter(classes)
        self.attributes: Counter[tuple[str, str]] = Counter()
        self.options: Counter[tuple[str, str, str]] = Counter()
        for owner, given in answers:
            for name, answer in given.items():
                self.attributes[owner, name] += 1
                for one in [answer] if isinstance(answer, str) else answer:
                    self.options[owner, name, one] += 1

    def of(self, change: Change, owner: str) -> int:
        """Return how many labels a change is about, counted under the names they have now.

        Parameters
        ----------
        change
            With the names that were counted.
        owner
            What its class is called there.
        """
        if change.attribute is None:
            return self.classes[owner]
        if change.option is None:
            return self.attributes[owner, change.attribute]
        return self.options[owner, change.attribute, change.option]

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers by class: labels, and by question the answers and options."""
        found: dict[str, Any] = {
            name: {"labels": count, "attributes": {}} for name, count in self.classes.items()
        }
        for (owner, name), count in self.attributes.items():
            of_class = found.setdefault(owner, {"labels": 0, "attributes": {}})
            of_class["attributes"][name] = {"answers": count, "options": {}}
        for (owner, name, option), count in self.options.items():
            found[owner]["attributes"][name]["options"][option] = count
        return found


def read_usage(connection: Connection) -> Usage:
    """Count the labels of a store."""
    alive = labels.c.deleted.is_(False)
    by_class = (
        select(labels.c.class_name, func.count())
        .where(alive, labels.c.class_name.is_not(None))
        .group_by(labels.c.class_name)
    )
    answered = select(labels.c.class_name, labels.c.attributes).where(
        alive, labels.c.attributes != "{}"
    )
    return Usage(
        {name: count for name, count in connection.execute(by_class)},
        ((name or IMAGE, _decode(text)) for name, text in connection.execute(answered)),
    )


def read_counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Return the number of tasks by state, and of annotations by class."""
    alive = labels.c.deleted.is_(False), labels.c.class_name.is_not(None)
    by_state = select(tasks.c.state, func.count()).group_by(tasks.c.state)
    by_class = select(labels.c.class_name, func.count()).where(*alive).group_by(labels.c.class_name)
    return {
        "states": {row[0]: row[1] for row in connection.execute(by_state)},
        "classes": {row[0]: row[1] for row in connection.execute(by_class)},
    }


def keypoints_of(connection: Connection, class_name: str) -> int:
    """Return how many labels of a class are keypoints."""
    query = select(func.count()).where(
        labels.c.class_name == class_name,
        labels.c.deleted.is_(False),
        labels.c.geometry_type == "keypoints",
    )
    return int(connection.execute(query).scalar_one())
