"""What a dataset is like: its labels counted, measured, placed, and those that are odd."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labelwidgets.errors import SchemaError
from labelwidgets.media.whole_files import write_bytes
from labelwidgets.numbered import numbered
from labelwidgets.schema.annotation_rows import Labels
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.store.item_metadata import size_of
from labelwidgets.workflow.average_precisions import SIZES
from labelwidgets.workflow.label_boxes import label_boxes
from labelwidgets.workflow.label_outliers import label_outliers
from labelwidgets.workflow.page_files import document

if TYPE_CHECKING:
    import pandas as pd

_ITEMS = ("id", "title", "metadata")
RANGES = ("small", "medium", "large")


def report(
    annotations: Labels,
    items: pd.DataFrame | None = None,
    ontology: Ontology | Mapping[str, Any] | Sequence[str | ObjectClass] | None = None,
    *,
    groups: dict[str, pd.Series[Any]] | None = None,
    name: str = "Dataset",
) -> DatasetReport:
    """Return what a dataset is like: frames, and a page of charts that shows itself.

    Parameters
    ----------
    annotations
        Labels: records, or a frame like `project.annotations`.
    items
        As `dataset.items`: to know pictures without labels, and how large pictures are. Without,
        the items are those that have labels, and nothing is known of sizes.
    ontology
        To count classes without labels, too.
    groups
        By what labels are counted besides: for each name a series from items to what they are,
        such as their part of a split.
    name
        Of the dataset, for the page.

    Raises
    ------
    SchemaError
        Naming the row and the column that are wrong.

    Examples
    --------
    >>> lw.report(found.annotations, dataset.items).save("report.html")
    """
    boxes = label_boxes(annotations)
    if items is not None:
        for column in ("id", "metadata"):
            if column not in items.columns:
                raise SchemaError("is not there.", where=f"items, column {column!r}")
    classes = [] if ontology is None else [made.name for made in Ontology.of(ontology).classes]
    return DatasetReport(boxes, items, classes, groups or {}, name)


class DatasetReport:
    """What a dataset is like; made by `report` and `project.describe`. Shows itself."""

    def __init__(
        self,
        boxes: pd.DataFrame,
        items: pd.DataFrame | None,
        classes: list[str],
        groups: dict[str, pd.Series[Any]],
        name: str,
    ) -> None:
        self.name = name
        self._boxes, self._groups = boxes, groups
        self._named = list(dict.fromkeys([*classes, *sorted(boxes["class_name"].unique())]))
        self._titles: dict[str, str] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        ids = boxes["item_id"].unique() if items is None else items["id"]
        self._items = [str(one) for one in ids]
        if items is not None:
            titles = items["title"] if "title" in items.columns else items["id"]
            self._titles = dict(zip(self._items, map(str, titles), strict=True))
            for item, metadata in zip(self._items, items["metadata"], strict=True):
                size = size_of(metadata)
                if size is not None:
                    self._sizes[item] = size

    @cached_property
    def summary(self) -> pd.Series[Any]:
        """Items, with and without labels, labels, classes with labels, and labels an item."""
        import pandas as pd

        labelled = self._boxes["item_id"].isin(self._items)
        some = self._boxes.loc[labelled, "item_id"].nunique()
        values = {
            "items": len(self._items),
            "labelled": some,
            "without_labels": len(self._items) - some,
            "labels": len(self._boxes),
            "classes": self._boxes["class_name"].nunique(),
            "labels_per_item": len(self._boxes) / len(self._items) if self._items else np.nan,
            "outliers": len(self.outliers),
        }
        return pd.Series(values, dtype=object, name=self.name)

    @cached_property
    def classes(self) -> pd.DataFrame:
        """One row a class, those with most labels first.

        Columns: labels, items (int64), share (of all labels), width, height, area (medians, in
        pixels; float64), small, medium and large (how many are of COCO's sizes; int64).
        """
        import pandas as pd

        grouped = self._boxes.groupby("class_name")
        counts = grouped.size().reindex(self._named).fillna(0).astype("int64")
        made = pd.DataFrame({"labels": counts})
        made["items"] = grouped["item_id"].nunique().reindex(self._named).fillna(0).astype("int64")
        made["share"] = made["labels"] / max(1, len(self._boxes))
        sized = self._boxes[self._boxes["area"] > 0].groupby("class_name")
        for column in ("width", "height", "area"):
            made[column] = sized[column].median().reindex(self._named).astype("float64")
        ranges = self._ranges
        for name in RANGES:
            own = self._boxes[ranges == name].groupby("class_name").size()
            made[name] = own.reindex(self._named).fillna(0).astype("int64")
        made.index = pd.Index(self._named, name="class_name", dtype="object")
        return made.sort_values("labels", ascending=False, kind="stable")

    @property
    def _ranges(self) -> NDArray[np.object_]:
        area = self._boxes["area"].to_numpy()
        place = np.digitize(area, [SIZES["medium"][0], SIZES["large"][0]])
        made: NDArray[np.object_] = np.array(RANGES, object)[place]
        made[~(area > 0)] = None
        return made

    def histogram(self, of: str, class_name: str | None = None, bins: int = 20) -> pd.DataFrame:
        """Return how labels are spread: low, high (float64) and labels (int64), one row a bin.

        Parameters
        ----------
        of
            ``size`` (the root of the area, in pixels), ``aspect`` (width over height), both in
            bins that grow by a factor; or ``labels`` (of an item).
        class_name
            Of one class; None for all.
        bins
            How many at most, from 1 to 1000.

        Raises
        ------
        SchemaError
            If it is of something else.
        """
        import pandas as pd

        if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= 1000:
            raise SchemaError(f"must be from 1 to 1000, not {bins!r:.60}.", where="bins")
        boxes = self._boxes
        if class_name is not None:
            boxes = boxes[boxes["class_name"] == class_name]
        if of == "labels":
            counts = boxes["item_id"].value_counts().reindex(self._items).fillna(0)
            values = counts.to_numpy(np.float64)
            most = int(values.max(initial=0)) + 1
            ends = np.unique(np.linspace(0, most, min(bins, most) + 1).round())
        elif of in ("size", "aspect"):
            sound = boxes[(boxes["area"] > 0) & (boxes["width"] > 0) & (boxes["height"] > 0)]
            raw = np.sqrt(sound["area"]) if of == "size" else sound["width"] / sound["height"]
            values = raw.to_numpy(np.float64)
            if not values.size:
                ends = np.array([1.0, 2.0])
            else:
                low, high = float(values.min()), float(values.max())
                ends = np.geomspace(low, max(high, low * 1.01), bins + 1)
                ends[0], ends[-1] = low, max(high, low * 1.01)
        else:
            raise SchemaError(f"must be size, aspect or labels, not {of!r:.60}.", where="of")
        count, _ = np.histogram(values, ends)
        return pd.DataFrame({"low": ends[:-1], "high": ends[1:], "labels": count.astype(np.int64)})

    def positions(self, class_name: str | None = None, bins: int = 24) -> NDArray[np.int64]:
        """Return where the middles of boxes lie in their pictures: (bins, bins) int64.

        Row 0 is the upper end of all pictures, column 0 their left end. Labels count whose picture
        has a size that is known.

        Parameters
        ----------
        class_name
            Of one class; None for all.
        bins
            Into how many parts each side is divided, from 1 to 200.

        Raises
        ------
        SchemaError
            If the number is impossible.
        """
        if isinstance(bins, bool) or not isinstance(bins, int) or not 1 <= bins <= 200:
            raise SchemaError(f"must be from 1 to 200, not {bins!r:.60}.", where="bins")
        import pandas as pd

        boxes = self._boxes[self._boxes["width"].notna()]
        if class_name is not None:
            boxes = boxes[boxes["class_name"] == class_name]
        place, items = pd.factorize(boxes["item_id"])
        known = [self._sizes.get(str(item), (np.nan, np.nan)) for item in items]
        sizes = np.array(known, np.float64).reshape(-1, 2)[place]
        x = (boxes["x"] + boxes["width"] / 2).to_numpy() / sizes[:, 0]
        y = (boxes["y"] + boxes["height"] / 2).to_numpy() / sizes[:, 1]
        inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        at = np.minimum((np.stack([y, x])[:, inside] * bins).astype(np.int64), bins - 1)
        made = np.zeros((bins, bins), np.int64)
        np.add.at(made, (at[0], at[1]), 1)
        return made

    @cached_property
    def together(self) -> pd.DataFrame:
        """On how many items two classes are both, int64; on the diagonal, those of one class."""
        import pandas as pd

        names = list(self.classes.index)
        pairs = self._boxes[["item_id", "class_name"]].drop_duplicates()
        there = pd.crosstab(pairs["item_id"], pairs["class_name"]).reindex(columns=names)
        table = there.fillna(0).to_numpy(np.int64)
        index = pd.Index(names, name="class_name", dtype="object")
        return pd.DataFrame(table.T @ table, index=index, columns=index.rename("with"))

    def by(self, group: str) -> pd.DataFrame:
        """Return how many labels of each class (rows) there are in each group of items, int64.

        Parameters
        ----------
        group
            The name of one, such as ``state`` or ``part``; of items that are in none it is ``-``.

        Raises
        ------
        SchemaError
            If there is none of the name.
        """
        import pandas as pd

        if group not in self._groups:
            known = ", ".join(self._groups) or "none"
            raise SchemaError(f"must be one of {known}, not {group!r:.60}.", where="group")
        part = self._boxes["item_id"].map(self._groups[group]).fillna("-").astype(str)
        counts = pd.crosstab(self._boxes["class_name"], part)
        made = counts.reindex(self.classes.index).fillna(0).astype("int64")
        made.columns = pd.Index([str(one) for one in made.columns], name=group)
        return made

    @property
    def groups(self) -> list[str]:
        """What labels can be counted `by`."""
        return list(self._groups)

    @cached_property
    def without_labels(self) -> pd.DataFrame:
        """Items that have no label: item_id and title (string)."""
        import pandas as pd

        some = set(self._boxes["item_id"])
        rows = [(it, self._titles.get(it, it)) for it in self._items if it not in some]
        return pd.DataFrame(rows, columns=["item_id", "title"]).astype("string")

    @cached_property
    def outliers(self) -> pd.DataFrame:
        """Labels that are odd, one row each; a work list. See `label_outliers`."""
        return label_outliers(self._boxes, self._sizes)

    def title_of(self, item: str) -> str:
        """Return what people call an item."""
        return self._titles.get(item, item)

    def __repr__(self) -> str:
        told = self.summary
        return (
            f"DatasetReport({self.name!r}, {numbered(told['items'], 'item')}, "
            f"{numbered(told['labels'], 'label')}, "
            f"{numbered(told['classes'], 'class')}, {numbered(told['outliers'], 'outlier')})"
        )

    def _repr_html_(self) -> str:
        from labelwidgets.workflow.dataset_page import dataset_page

        return dataset_page(self)

    def save(self, path: str | os.PathLike[str], **storage_options: Any) -> None:
        """Write the page as HTML that needs no other file and no script, whole or not at all.

        Parameters
        ----------
        path
            File or any fsspec URL; what is there is replaced.
        **storage_options
            For fsspec: keys, endpoints.
        """
        page = document(self.name, self._repr_html_())
        write_bytes(path, page.encode(), **storage_options)
