"""Questions that labels from elsewhere answer, brought into an ontology along with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import msgspec

from labelwidgets.schema.attributes import Attribute
from labelwidgets.schema.ontology import Ontology
from labelwidgets.schema.renames import Renames


def lacked_questions(mine: Ontology, theirs: Ontology) -> dict[str | None, list[Attribute]]:
    """Return the questions of an ontology that another lacks, about what both have.

    Parameters
    ----------
    mine
        What is asked here, by names of today or of before.
    theirs
        What is asked elsewhere.

    Returns
    -------
    dict
        By the names that classes have in `mine`, None for the image; only what is lacked.
    """
    renames = Renames.of(mine)
    lacked: dict[str | None, list[Attribute]] = {}
    lacked[None] = _others(mine.image_attributes, theirs.image_attributes)
    for made in theirs.classes:
        name = renames.class_name(made.name) or made.name
        if name in mine:
            lacked[name] = _others(mine[name].attributes, made.attributes)
    return {name: several for name, several in lacked.items() if several}


def with_questions(mine: Ontology, theirs: Ontology, about: Collection[str | None]) -> Ontology:
    """Return an ontology with the questions that it lacks about some classes, None the image."""
    lacked = lacked_questions(mine, theirs)
    lacked = {name: several for name, several in lacked.items() if name in about}
    if not lacked:
        return mine
    classes = [
        msgspec.structs.replace(made, attributes=[*made.attributes, *lacked.get(made.name, ())])
        for made in mine.classes
    ]
    return Ontology(classes, [*mine.image_attributes, *lacked.get(None, ())], mine.windows)


def _others(mine: Sequence[Attribute], theirs: Sequence[Attribute]) -> list[Attribute]:
    known = {name for one in mine for name in (one.name, *one.formerly)}
    return [one for one in theirs if one.name not in known]


def without_brought(
    now: Ontology,
    before: Ontology,
    after: Ontology,
    used: Callable[[str | None, str | None], int],
) -> Ontology:
    """Return an ontology without what came with labels that are taken back.

    Classes and questions that something else has since, or that somebody has changed, stay.

    Parameters
    ----------
    now
        As it is.
    before, after
        As it was before the labels came, and with them.
    used
        How many labels have a class, and a question of it; None for the image, and for no
        question.
    """

    def left(
        name: str | None,
        mine: Sequence[Attribute],
        was: Sequence[Attribute] | None,
        came: Sequence[Attribute],
    ) -> list[Attribute]:
        old = {one.name for one in was or ()}
        new = {one.name: one for one in came if one.name not in old} if was is not None else {}
        # Answers of keyframes are not counted one by one.
        return [
            one
            for one in mine
            if new.get(one.name) != one or used(name, None if one.mutable else one.name)
        ]

    classes = []
    theirs = {made.name: made for made in after.classes}
    for made in now.classes:
        came = theirs.get(made.name)
        if came is None:
            classes.append(made)
        elif made.name in before:
            mine = left(made.name, made.attributes, before[made.name].attributes, came.attributes)
            classes.append(msgspec.structs.replace(made, attributes=mine))
        elif made != came or used(made.name, None):
            classes.append(made)
    asked = left(None, now.image_attributes, before.image_attributes, after.image_attributes)
    return Ontology(classes, asked, now.windows)


def with_brought(now: Ontology, before: Ontology, after: Ontology) -> Ontology:
    """Return an ontology with what came with labels that are brought again: see above."""
    grown = with_questions(now, after, {None, *(made.name for made in before.classes)})
    return grown.extend(
        [made for made in after.classes if made.name not in before and made.name not in grown]
    )
