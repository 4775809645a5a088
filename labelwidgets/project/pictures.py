"""What labels are on the pixels that they lie on: measures, volumes, growth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from labelwidgets.errors import OntologyError
from labelwidgets.project.vocabulary import Wording
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    from labelwidgets.formats import LabelledVolume


class InPictures(Wording):
    """Labels and the pixels under them."""

    def measurements(self, values: bool = True) -> pd.DataFrame:
        """Return one row for each shape that has a length, an angle, an area or a volume.

        Columns: id, task_id, item_id, class_name (string), frame (Int64), kind (the tool of a
        class that measures, else the type of the geometry), length_px, length_mm (of a
        bidirectional measurement its long axis, the short one is width_px, width_mm), angle_deg,
        area_px, area_mm2, volume_ml (float64), count (Int64: pixels with a value), mean, sd, min,
        max (float64, of the values inside) and unit (string). Millimetres are missing where the
        size of a pixel is not known, and values where the picture has colours or cannot be read.
        The annotator shows the same numbers.

        Parameters
        ----------
        values
            Read the pictures for the values inside the shapes; without, only the headers of scans
            are read.
        """
        from labelwidgets.workflow.measurements import measurements

        rows: list[Any] = self._store.items().to_dict("records")
        items = {row["id"]: row for row in rows}
        return measurements(self.annotations, items, self.ontology, self.dataset, values)

    def volume(self, item: str, by: Literal["classes", "instances"] = "classes") -> LabelledVolume:
        """Return a scan and its labels as arrays, to train with.

        Parameters
        ----------
        item
            The id of a scan, or of its task.
        by
            ``classes``: a number a class, from 1 in the order of the ontology, the same in all
            scans; ``instances``: a number an object.

        Returns
        -------
        LabelledVolume
            ``values, labels, spacing, classes, affine, overlaps``: arrays of (slices, rows,
            columns), millimetres in the same order, and what each number is.

        Raises
        ------
        FormatError
            If it is no scan.
        """
        from labelwidgets import formats

        tasks = self.tasks
        own = tasks[(tasks["item_id"] == item) | (tasks["id"] == item)]
        items = [*own["item_id"].unique()] or [item]
        # Of an item with opinions, what it came to; of a task that is named, what is in it.
        main = own[(own["copy"] == 0) | (own["id"] == item)]
        labels = [made for task in main["id"] for made in self._store.read(task)]
        return formats.labelled_volume(labels, items[0], self.dataset, self.ontology, by)

    def grow(
        self,
        item: str,
        seed: Sequence[int],
        low: float = -30,
        high: float = 30,
        *,
        class_name: str | None = None,
        **parameters: Any,
    ) -> Annotation:
        """Return what grows from a voxel of a scan, as the 3D growth of the widget proposes it.

        It is no label yet: `add` makes it one.

        Parameters
        ----------
        item
            Which scan, by its id.
        seed
            Slice, row and column of the voxel that it grows from, each from 0.
        low, high
            Range of values relative to that of the voxel, both ends included, in the unit of
            the scan (of CT, Hounsfield units).
        class_name
            Of the object; by default the first class that is drawn as a mask through a scan.
        **parameters
            ``radius`` (50; 0 is anywhere), ``unit`` (``"px"`` or ``"mm"``, of radius and
            smoothing), ``connected`` (True), ``smoothing`` (0) and ``limit`` (in millilitres, 0
            is none): see `labelwidgets.assist.grow_volume.grow_volume`.

        Raises
        ------
        ToolError
            If nothing grows there, a parameter is impossible, or the seed lies outside.
        OntologyError
            If no class is drawn as a mask through a scan.
        SourceError, ImageError
            If the scan cannot be read.

        Examples
        --------
        >>> nodule = project.grow(item, (40, 210, 155), radius=20, unit="mm")
        >>> project.add(nodule)
        """
        from labelwidgets.assist import find
        from labelwidgets.assist.headless import propose_in_scan
        from labelwidgets.assist.prompts import seed_prompt

        classes = [one.name for one in self.ontology.classes if one.tool == "volumemask"]
        if class_name is None and not classes:
            raise OntologyError(
                "has no class that is drawn as a mask through a scan.",
                where="ontology",
                hint='Add one: lw.ObjectClass("nodule", tool="volumemask").',
            )
        scan = self.dataset.scan(item)
        shape, origin = propose_in_scan(
            find("grow_volume"),
            scan,
            seed_prompt(seed, scan.shape),
            {"low": low, "high": high, **parameters},
        )
        return Annotation(
            item_id=item, class_name=class_name or classes[0], geometry=shape, origin=origin
        )
