"""What a model is told beside the pixels: which item it is, what may be labelled, what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from labelwidgets.assist.cancelling import checkpoint, still_wanted
from labelwidgets.assist.late_labels import on_frame
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import ObjectClass, Ontology


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is told beside the pixels and the prompt.

    It names the item but not where it lies: addresses may hold keys.

    Parameters
    ----------
    item_id, kind, title
        The item; `kind` is ``image``, ``video``, ``dicom``, ...
    frame
        Index from 0 of the frame or slice that is looked at, None for a single image.
    ontology
        What may be labelled; None where anything may.
    class_name
        The class that is selected, None where none is.
    labels
        Those of the item that are there already, as the store has them: tracks and masks through
        a scan whole. They are read when they are first looked at.
    corner
        (x, y) in the picture of the first pixel that is shown: other than (0, 0) where it is a
        part of a picture that is too large to be shown whole. Labels are where they are in the
        picture.
    spacing
        Millimetres from row to row and from column to column (of a scan, from slice to slice
        before them), None where that is not known.
    threshold
        Confidence below which an answer is left out: a model that is told saves itself the work.
    parameters
        Settings that were made by hand, by name.
    """

    item_id: str = ""
    kind: str = "image"
    title: str = ""
    frame: int | None = None
    ontology: Ontology | None = None
    class_name: str | None = None
    labels: Sequence[Annotation] = ()
    corner: tuple[int, int] = (0, 0)
    spacing: tuple[float, ...] | None = None
    threshold: float = 0.0
    parameters: dict[str, Any] = {}

    @property
    def classes(self) -> list[str]:
        """Names of the classes that may be labelled, in the order of the ontology."""
        known = [] if self.ontology is None else self.ontology.classes
        return [made.name for made in known if not made.retired]

    def object_class(self, name: str | None) -> ObjectClass | None:
        """Return a class of the ontology by its name, None if there is none."""
        known = [] if self.ontology is None else self.ontology.classes
        return next((made for made in known if made.name == name), None)

    @property
    def labels_here(self) -> list[Annotation]:
        """Labels of the picture that is looked at: of a track its shape on this frame."""
        if self.frame is None:
            return list(self.labels)
        found = (on_frame(label, self.frame) for label in self.labels)
        return [label for label in found if label is not None]

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for the answer."""
        return still_wanted()

    def progress(self, done: float | None = None) -> None:
        """Say what share is done, from 0 to 1, and end here where nobody waits any more.

        Raises
        ------
        ToolError
            If it was given up on; nobody hears of it.
        """
        checkpoint(done)

    def changed(self, **fields: Any) -> Context:
        """Return the same context with other fields."""
        return msgspec.structs.replace(self, **fields)
