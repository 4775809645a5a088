"""Names that became other names, and labels read through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.attributes import Attribute, AttributeValue, Text
from labelwidgets.schema.ontology import Ontology

# Stands for the image where classes are keys; no class has an empty name.
IMAGE = ""


class Renames(msgspec.Struct, frozen=True, omit_defaults=True):
    """From former names to current ones.

    Parameters
    ----------
    classes
        Former name of a class: its name now.
    attributes
        By the current name of the class, ``""`` for the image: former name of a question, and
        its name now.
    options
        By the class and the question as they are called now: former option, and what it is now.
    """

    classes: dict[str, str] = msgspec.field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    options: dict[str, dict[str, dict[str, str]]] = msgspec.field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.classes or self.attributes or self.options)

    @classmethod
    def of(cls, ontology: Ontology) -> Renames:
        """Return all former names that an ontology knows of."""
        made = cls({old: one.name for one in ontology.classes for old in one.formerly})
        for owner, attributes in questions(ontology).items():
            names = {old: one.name for one in attributes for old in one.formerly}
            if names:
                made.attributes[owner] = names
            options = {
                one.name: dict(one.former_options)
                for one in attributes
                if not isinstance(one, Text) and one.former_options
            }
            if options:
                made.options[owner] = options
        return made

    def class_name(self, name: str | None) -> str | None:
        """Return what a class is called now."""
        return None if name is None else self.classes.get(name, name)

    def answers(
        self, class_name: str | None, answers: Mapping[str, AttributeValue]
    ) -> dict[str, AttributeValue]:
        """Return answers under the current names of their questions and options.

        Parameters
        ----------
        class_name
            As it is now; None for the answers about an image.
        answers
            Where a question is answered under both its names, the current one counts.
        """
        owner = class_name or IMAGE
        names, options = self.attributes.get(owner, {}), self.options.get(owner, {})
        if not names and not options:
            return dict(answers)
        made: dict[str, AttributeValue] = {}
        for name, answer in answers.items():
            current = names.get(name, name)
            if current != name and (current in answers or current in made):
                continue
            former = options.get(current)
            if former and isinstance(answer, str):
                answer = former.get(answer, answer)
            elif former:
                answer = list(dict.fromkeys(former.get(one, one) for one in answer))
            made[current] = answer
        return made


def renamed(annotation: Annotation, renames: Renames) -> Annotation:
    """Return an annotation under the names that things have now."""
    if not renames:
        return annotation
    name = renames.class_name(annotation.class_name)
    answers = renames.answers(name, annotation.attributes)
    return msgspec.structs.replace(annotation, class_name=name, attributes=answers)


def questions(ontology: Ontology) -> Mapping[str, Sequence[Attribute]]:
    """Return the questions of each class, and those about the image under ``""``."""
    return {IMAGE: ontology.image_attributes} | {
        made.name: made.attributes for made in ontology.classes
    }
