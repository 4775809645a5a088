"""What reading and writing a label file gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import KEY_SLICE, ObjectClass, Ontology

if TYPE_CHECKING:
    import pandas as pd


class FormatWarning(UserWarning):
    """A label file does not show other readers everything that was written."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Found:
    """What a label file came to.

    Parameters
    ----------
    path, format
        Where it came from, without keys, and how it was read.
    annotations
        The labels.
    left_out
        One row a record that is wrong: ``record`` (its place in the file),
        ``id``, ``field``, ``reason``. Of a label that stays without an answer, one that the project
        does not ask for or has no such option for, the record ends with ``, answer``.
    unmatched
        One row an image of the file that is no item of the dataset:
        ``record``, ``id``, ``file_name``, ``annotations`` (how many it has),
        ``reason``.
    categories
        One row a class of the file: ``id``, ``name``, ``supercategory``,
        ``annotations`` (how many were read), of COCO ``fields`` (what else is said of it).
    ontology
        The classes of the file as they would be in a project.
    items
        The items that the labels belong to.
    added, there
        Of an import into a project, how many labels are new in it, and how many were there already,
        which are not added again.
    differ
        How many of these are otherwise now than in the file: people have changed or deleted them,
        or somebody the file.
    left_alone
        Of predictions, one row an item that people have worked on, so that none were added:
        ``item_id``, ``annotations`` (how many were for it), ``reason``.
    mended
        How many labels crossed themselves or left their picture in the file, and were mended.
    """

    path: str
    format: str
    annotations: Any
    left_out: pd.DataFrame
    unmatched: pd.DataFrame
    categories: pd.DataFrame
    ontology: Ontology
    items: pd.DataFrame
    added: int = 0
    there: int = 0
    differ: int = 0
    left_alone: pd.DataFrame | None = None
    mended: int = 0

    def __repr__(self) -> str:
        """Return what a cell without HTML shows: numbers, not the labels."""
        counts = {
            name: len(getattr(self, name))
            for name in ("annotations", "left_out", "unmatched", "categories", "items")
        }
        if self.mended:
            counts["mended"] = self.mended
        if self.there:
            counts["there"] = self.there
        if self.left_alone is not None and len(self.left_alone):
            counts["left_alone"] = len(self.left_alone)
        told = ", ".join(f"{name}={count}" for name, count in counts.items())
        return f"{type(self).__name__}(path={self.path!r}, format={self.format!r}, {told})"

    def _repr_html_(self) -> str:
        from labelwidgets.formats.results_page import results_page

        return results_page(self)

    def missing(self, ontology: Ontology) -> list[ObjectClass]:
        """Return the classes that the labels use and `ontology` lacks, ready to extend it.

        A colour that is taken already is left to `Ontology.extend` to choose.
        """
        used = self._used()
        colors = {made.color for made in ontology.classes}
        found = []
        for made in self.ontology.classes:
            if made.name not in used or made.name in ontology or made.name == KEY_SLICE:
                continue
            if made.color in colors:
                # The ontology that takes it in gives it one that is free.
                made = msgspec.structs.replace(made, color=None)
            colors.add(made.color)
            found.append(made)
        return found

    @property
    def supercategories(self) -> dict[str, str]:
        """Group of each class by its name, where the file has one."""
        pairs = zip(self.categories["name"], self.categories["supercategory"], strict=True)
        return {name: group for name, group in pairs if isinstance(group, str)}

    @property
    def category_fields(self) -> dict[str, dict[str, Any]]:
        """What else a COCO file says of its categories, by the names of classes."""
        if "fields" not in self.categories:
            return {}
        pairs = zip(self.categories["name"], self.categories["fields"], strict=True)
        return {name: fields for name, fields in pairs if fields}

    def framed(self, frame: pd.DataFrame) -> ImportedFrame:
        """Return the same with another form of the labels."""
        told = {name: getattr(self, name) for name in Found.__annotations__}
        return ImportedFrame(**told | {"annotations": frame})

    def _used(self) -> set[Any]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, repr=False)
class Imported(Found):
    """A label file that was read.

    Every record of the file is accounted for: it is in `annotations`, in
    `left_out`, or counted in `unmatched`.

    Parameters
    ----------
    annotations
        The labels, with `item_id` set.
    path, format, left_out, unmatched, categories, ontology, items, there, differ, left_alone,
    mended
        As of `Found`.
    """

    annotations: list[Annotation]

    def _used(self) -> set[Any]:
        return {annotation.class_name for annotation in self.annotations}


@dataclass(frozen=True, kw_only=True, repr=False)
class ImportedFrame(Found):
    """A label file that was read as a frame.

    Parameters
    ----------
    annotations
        One row a label, with the columns and dtypes of ``project.annotations``; shapes of large
        files are decoded when they are looked at.
    path, format, left_out, unmatched, categories, ontology, items, there, differ, left_alone,
    mended
        As of `Found`.
    """

    annotations: pd.DataFrame

    def _used(self) -> set[Any]:
        return set(self.annotations["class_name"].dropna().unique())


@dataclass(frozen=True)
class Exported:
    """A label file that was written.

    Parameters
    ----------
    path
        Where it lies, without keys.
    counts
        How many ``images``, ``annotations`` and ``categories`` other readers
        find in it, how many annotations are ``extension_only`` (only
        labelwidgets reads them, answers to image attributes among them) and
        how many ``items_left_out`` (unlabelled, of unknown size). Of what the
        format has no place for, how many are ``changed``, in the file as
        something else (a box around an outline), and how many ``left_out``.
        Where there are some, how many names of pictures or other items are ``renamed``, as not all
        file systems take them.
    """

    path: str
    counts: dict[str, int]

    def _repr_html_(self) -> str:
        from labelwidgets.formats.results_page import exported_page

        return exported_page(self)
