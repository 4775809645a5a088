"""Answers about pictures as COCO's captions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labelwidgets.formats.coco.records import CAPTION
from labelwidgets.schema.annotation import Annotation


class CaptionRecords:
    """Makes the records of captions, with the ids that they were read with where there are any."""

    def __init__(self) -> None:
        self._ids: set[int] = set()

    def records(
        self, annotation: Annotation, image: dict[str, Any], count: int
    ) -> Iterator[dict[str, Any]]:
        """Yield what is written about a picture.

        Parameters
        ----------
        annotation
            The answers about it.
        image
            Its record.
        count
            How many captions there are before.
        """
        text = annotation.attributes.get(CAPTION)
        known = {one["caption"]: one for one in _captions_of(annotation)}
        lines = text.split("\n") if isinstance(text, str) else list(known)
        for line in filter(None, lines):
            count += 1
            id = known.get(line, {}).get("id")
            number = id if isinstance(id, int) else count
            while number in self._ids:
                number += 1
            self._ids.add(number)
            yield {"id": number, "image_id": image["id"], "caption": line}


def is_caption(annotation: Annotation) -> bool:
    """Say whether there is something to write about a picture."""
    said = annotation.attributes.get(CAPTION) or _captions_of(annotation)
    return annotation.class_name is None and bool(said)


def _captions_of(annotation: Annotation) -> list[dict[str, Any]]:
    """Return the captions that a label was read with, as they were."""
    given = annotation.origin.parameters.get("captions")
    several = given if annotation.origin.name == "coco" and isinstance(given, list) else []
    return [one for one in several if isinstance(one, dict) and isinstance(one.get("caption"), str)]
