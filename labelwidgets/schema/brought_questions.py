"""Questions that labels from elsewhere answer, brought into an ontology along with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
