"""The pictures of masks that jobs of GT Studio name, in a folder beside the file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from labelwidgets.formats.canvas import Canvas
from labelwidgets.formats.masks.colors import colors_of
from labelwidgets.formats.masks.numbering import Numbering
from labelwidgets.formats.matching import Item
from labelwidgets.formats.outputs import Output
from labelwidgets.formats.problems import naming
from labelwidgets.media.png import write_map_png
from labelwidgets.media.shown_paths import shown
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Mask
from labelwidgets.schema.ontology import Ontology


class MaskFiles:
    """Writes pictures of masks beside the file of jobs.

    Parameters
    ----------
    file
        The file of jobs, ``jobs.json``: the folder is ``jobs_masks``.
    url
        What addresses begin with; None is the folder, on this machine relative to the file.
    ontology
        Gives classes their colours.
    """

    def __init__(self, file: Output, url: str | None, ontology: Ontology) -> None:
        self._folder = f"{file.path.removesuffix('.json')}_masks"
        self._file = file
        near = self._folder.replace(os.sep, "/").rsplit("/", 1)[-1]
        # A path means nothing to who reads a file from elsewhere.
        place = shown(self._folder) if "://" in self._folder else near
        self._url = url.rstrip("/") if url else place
        self._ontology = ontology
        self._colors = {
            made.name: int(made.color[1:], 16) for made in ontology.classes if made.color
        }
        self._output: Output | None = None

    def add(
        self, item: Item, size: tuple[int, int], labels: Sequence[Annotation], lost: Counter[str]
    ) -> dict[str, Any]:
        """Write the masks on a picture, and return what its job says of them.

        Parameters
        ----------
        item, size
            The picture, its width and height.
        labels
            Masks, later ones above.
        lost
            Gains what is covered.
        """
        numbering = Numbering(labels, self._ontology, "instances")
        colors = colors_of(numbering.parts, self._colors)
        canvas = Canvas(size, np.uint32 if len(colors) > 65_535 else np.uint16)
        numbers = {part: number for number, part in enumerate(numbering.parts, 1)}
        for label in labels:
            if isinstance(label.geometry, Mask):
                with naming(label):
                    painted = canvas.paint(label.geometry, numbers[numbering.part(label)])
                lost["label without pixels"] += not painted
        lost["pixel under a later label"] += canvas.covered
        lost["object wholly under later labels"] += sum(not n for n in canvas.areas.values())
        table = np.zeros((len(colors) + 1, 3), np.uint8)
        for part, color in colors.items():
            table[numbers[part]] = color >> 16, color >> 8 & 255, color & 255
        if self._output is None:
            self._output = self._file.beside(self._folder, (".png",))
        stem = item.file_name.rsplit(".", 1)[0]
        place = self._output.add(stem, write_map_png(table[canvas.values]))
        legend = {f"#{colors[part]:06x}": part.text for part in numbering.parts}
        data: dict[str, Any] = {"url": f"{self._url}/{place}", "legend": legend}
        answers: dict[str, dict[str, Any]] = {}
        for label in labels:
            for name, answer in label.attributes.items():
                text = numbering.part(label).text
                answers.setdefault(text, {})[name] = {"value": answer}
        # A field of ours: pictures of masks have no attributes there.
        return data | ({"attributes": answers} if answers else {})
