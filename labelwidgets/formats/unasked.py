"""Answers in the files of others that a project has no place for: its labels keep them, told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labelwidgets.errors import SchemaError
from labelwidgets.formats.numbered import numbered
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.warned import warn
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Attribute, Checkbox
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames
from labelwidgets.schema.validity import check_answers

_KEPT = "The label is kept without this answer, which its origin has."


class Unasked:
    """Tells of answers that stay with the origins of labels.

    Where problems are collected, each is one of them; else a warning says how many there are.

    Parameters
    ----------
    problems
        Those of the file.
    ontology
        That of the project; without one nothing is asked, and nothing is told.
    """

    def __init__(self, problems: Problems, ontology: Ontology | None) -> None:
        self._problems, self._ontology = problems, ontology
        self._renames = Renames.of(ontology) if ontology is not None else Renames()
        self._count, self._first = 0, ""

    def look(self, made: Annotation, record: str = "") -> None:
        """Note the answers that a label came without.

        Parameters
        ----------
        made
            The label; its origin has the answers in ``attributes`` and, of frames, in
            ``attributes_by_frame``. Of what a format has fields for, those are answers that the
            project has a question of that name for.
        record
            Its place in the file.
        """
        said = made.origin.parameters
        if self._ontology is None or not said:
            return
        asked: Sequence[Attribute] = self._ontology.image_attributes
        where = "image"
        if made.class_name is not None:
            name = self._renames.class_name(made.class_name) or made.class_name
            if name not in self._ontology:
                return
            asked, where = self._ontology[name].attributes, f"class {name!r}"
        for field, reason in _left(said, asked, where, made.attributes):
            self._count += 1
            self._first = self._first or field
            if self._problems.collect:
                place = record or f"annotation {made.id}"
                self._problems.rows.append((f"{place}, answer", made.id, field, reason))

    def say(self) -> None:
        """Warn of them, where they are not listed."""
        if self._count and not self._problems.collect:
            warn(
                f"{self._problems.file}: {numbered(self._count, 'answer')} that the project does "
                f"not ask for, kept with the origins of the labels; the first is of {self._first}. "
                'Pass errors="collect" to have them listed.'
            )


def _left(
    said: Mapping[str, Any], asked: Sequence[Attribute], where: str, answers: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return the questions of answers that are no answers of a label, and why they are not."""
    given = said.get("attributes")
    others = dict(given) if isinstance(given, Mapping) else {}
    others |= {
        one.name: said[one.name]
        for one in asked
        if one.name in said and one.name not in answers and one.name not in others
    }
    single = {one.name for one in asked if not isinstance(one, Checkbox)}
    for name, value in others.items():
        answer = value if isinstance(value, list | str) else str(value)
        if isinstance(answer, list) and len(answer) == 1 and name in single:
            # Whether one of several may be chosen, or several, not every file says.
            answer = answer[0]
        field = f"{where}, attribute {str(name)[:80]!r}"
        try:
            check_answers(asked, {name: answer}, where)
        except SchemaError as error:
            yield error.where or field, f"{error.message} {_KEPT}"
        else:
            yield field, f"is in a form that is no answer. {_KEPT}"
    by_frame = said.get("attributes_by_frame")
    if isinstance(by_frame, Mapping) and by_frame:
        yield f"{where}, attributes by frame", f"are no answers of keyframes. {_KEPT}"
