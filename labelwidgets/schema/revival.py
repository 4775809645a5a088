"""Classes, questions and options that labels still come in with after they were taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from labelwidgets.schema.attributes import Attribute, AttributeValue, Text
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import IMAGE, questions


def revived(
    ontology: Ontology,
    earlier: Sequence[Ontology],
    labels: Iterable[tuple[str | None, Mapping[str, AttributeValue]]],
) -> Ontology:
    """Return an ontology that has, retired, what labels have of earlier ones.

    A page may have been drawing while a class was taken out; its label must not be lost.

    Parameters
    ----------
    ontology
        As it is now.
    earlier
        Those before it, the newest first.
    labels
        Class and answers of each label that does not fit.

    Returns
    -------
    Ontology
        The same one, if nothing of the labels was in an earlier one.
    """
    for class_name, answers in labels:
        ontology = _with_class(ontology, earlier, class_name)
        for name, answer in answers.items():
            ontology = _with_answer(ontology, earlier, class_name or IMAGE, name, answer)
    return ontology


def _with_class(ontology: Ontology, earlier: Sequence[Ontology], name: str | None) -> Ontology:
    if name is None or name in ontology:
        return ontology
    found = next((one[name] for one in earlier if name in one), None)
    if found is None:
        return ontology
    taken = {it for made in ontology.classes for it in (made.name, *made.formerly)}
    former = [it for it in found.formerly if it not in taken]
    retired = msgspec.structs.replace(found, retired=True, hotkey=None, formerly=former)
    classes = [*ontology.classes, retired]
    return Ontology(classes, ontology.image_attributes, ontology.windows)


def _with_answer(
    ontology: Ontology, earlier: Sequence[Ontology], owner: str, name: str, answer: AttributeValue
) -> Ontology:
    now = list(questions(ontology).get(owner, ()))
    if owner != IMAGE and owner not in ontology:
        return ontology
    versions = [one for old in earlier for one in questions(old).get(owner, ()) if one.name == name]
    found = next((one for one in now if one.name == name), None)
    if found is None and versions:
        found = msgspec.structs.replace(versions[0], retired=True, shown_if=None, formerly=[])
        now.append(found)
    if found is None or isinstance(found, Text):
        return _asking(ontology, owner, now)
    given = [answer] if isinstance(answer, str) else answer
    once = {option for one in versions if not isinstance(one, Text) for option in one.valid_options}
    gone = [one for one in given if one in once and one not in found.valid_options]
    if gone:
        more = msgspec.structs.replace(found, retired_options=[*found.retired_options, *gone])
        now = [more if one is found else one for one in now]
    return _asking(ontology, owner, now)


def _asking(ontology: Ontology, owner: str, asked: list[Attribute]) -> Ontology:
    if owner == IMAGE:
        if asked == ontology.image_attributes:
            return ontology
        return Ontology(ontology.classes, asked, ontology.windows)
    if asked == ontology[owner].attributes:
        return ontology
    classes = [
        msgspec.structs.replace(made, attributes=asked) if made.name == owner else made
        for made in ontology.classes
    ]
    return Ontology(classes, ontology.image_attributes, ontology.windows)
