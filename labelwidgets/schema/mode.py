"""What a labeller is asked for: shapes, answers about the image, or both."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, cast, get_args

from labelwidgets.errors import OntologyError
from labelwidgets.schema.attributes import Attribute, Dropdown, Radio
from labelwidgets.schema.ontology import Ontology

Mode: TypeAlias = Literal["segmentation", "classification", "both"]


def check_mode(mode: Any) -> Mode | None:
    """Return a mode, None where the ontology implies it.

    Raises
    ------
    OntologyError
        If it is none.
    """
    if mode is not None and mode not in get_args(Mode):
        raise OntologyError(
            f"must be segmentation, classification or both, not {mode!r:.60}.", where="mode"
        )
    return cast("Mode | None", mode)


def implied_mode(ontology: Ontology) -> Mode:
    """Return the mode that an ontology implies by what there is in it."""
    shapes = any(made.tool != "tag" for made in ontology.offered)
    about_image = any(not one.retired for one in ontology.image_attributes)
    about_image |= any(made.tool == "tag" for made in ontology.offered)
    if shapes == about_image:
        return "both"
    return "segmentation" if shapes else "classification"


def image_questions(ontology: Ontology, mode: Mode) -> list[Attribute]:
    """Return the questions about the image that are asked in a mode."""
    return [] if mode == "segmentation" else list(ontology.image_attributes)


def one_key_answers(ontology: Ontology) -> bool:
    """Say whether one key answers all that is asked of an image: a single question of options."""
    asked = [one for one in ontology.image_attributes if not one.retired]
    tags = [made for made in ontology.offered if made.tool == "tag"]
    single = len(asked) == 1 and not tags
    return single and isinstance(asked[0], Radio | Dropdown) and asked[0].required
