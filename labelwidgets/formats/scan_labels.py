"""Labels of scans on their way out and in: by item, and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.counting import one_more
from labelwidgets.formats.dropped import Dropped
from labelwidgets.formats.found_frames import categories_frame, unmatched_frame
from labelwidgets.formats.holds import Holds
from labelwidgets.formats.losses import features_of, losses
from labelwidgets.formats.numbered import none_of
from labelwidgets.formats.problems import Problems
from labelwidgets.formats.results import Imported
from labelwidgets.formats.scans import Scans
from labelwidgets.schema.annotation import Annotation, Origin
from labelwidgets.schema.geometries import AnyGeometry
from labelwidgets.schema.ids import is_id, new_id
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.renames import Renames, renamed
from labelwidgets.schema.validity import check_geometry


def labels_by_item(
    annotations: Sequence[Annotation], scans: Scans, holds: Holds, dropped: Dropped
) -> dict[str, list[Annotation]]:
    """Return the labels that have a place, of each item that has any, in the dataset's order.

    Those of videos are left out, which have no slices.

    Raises
    ------
    FormatError
        If a label is on no item.
    """
    labels: dict[str, list[Annotation]] = {}
    lost: Counter[str] = Counter()
    for annotation in annotations:
        try:
            if scans.item(annotation.item_id).kind == "video":
                lost[f"{features_of(annotation)[0]} on a video"] += 1
                continue
        except FormatError as error:
            raise error.at(f"annotation {annotation.id!r}") from None
        own = labels.setdefault(annotation.item_id, [])
        if losses(holds, annotation, lost).how != "left":
            own.append(annotation)
    dropped.add(lost)
    return {id: labels[id] for id in scans.items if id in labels}


def ontology_of(annotations: Iterable[Annotation]) -> Ontology:
    """Return an ontology of the classes that occur, sorted by name."""
    names = {made.class_name for made in annotations if made.class_name is not None}
    return Ontology([ObjectClass(name) for name in sorted(names)])


class Found:
    """Labels of scans that a file has, on their way to an `Imported`.

    Parameters
    ----------
    file
        Its name as it is shown.
    format
        How it is read.
    scans
        Where the labels lie.
    ontology
        That of the project, None if there is none.
    collect
        Collect what is wrong instead of raising.
    """

    def __init__(
        self, file: str, format: str, scans: Scans, ontology: Ontology | None, collect: bool
    ) -> None:
        self.problems = Problems(file, collect)
        self._format, self._scans = format, scans
        self._renames = Renames.of(ontology) if ontology else Renames()
        self._by_code = (
            {made.code: made.name for made in ontology.classes if made.code} if (ontology) else {}
        )
        self._known = {made.name for made in ontology.classes} if ontology else set()
        self.annotations: list[Annotation] = []
        self._classes: dict[str, ObjectClass] = {}
        self._counts: Counter[str] = Counter()
        self._ids: set[str] = set()
        self._unmatched: list[tuple[str, str, str, int, str]] = []

    def class_of(self, name: str, **fields: Any) -> ObjectClass:
        """Return the class of labels, by what the file calls it.

        Parameters
        ----------
        name
            Its name. Where the project has no class of the name, one of the same code is it.
        **fields
            Of `ObjectClass`.
        """
        name = self._renames.class_name(name) or name
        code = fields.get("code")
        if name not in self._known and code in self._by_code:
            name = self._by_code[code]
        made = self._classes.get(name)
        return made or ObjectClass(name, **fields)

    def note(self, made: ObjectClass) -> None:
        """Count a class among those of the file, even if no label of it is read."""
        self._classes.setdefault(made.name, made)

    def keep(
        self,
        made: ObjectClass,
        geometry: AnyGeometry,
        item: str,
        *,
        frame: int | None = None,
        id: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        confidence: float | None = None,
    ) -> None:
        """Take in a label.

        Raises
        ------
        LabelwidgetsError
            If it does not fit its scan.
        """
        _, height, width = self._scans.volume(item).grid.shape
        check_geometry(geometry, (width, height))
        annotation = Annotation(
            item_id=item,
            class_name=made.name,
            geometry=geometry,
            frame=frame,
            id=id if id and is_id(id) and id not in self._ids else new_id(),
            confidence=confidence,
            origin=Origin("import", self._format, parameters=dict(parameters or {})),
        )
        self._ids.add(annotation.id)
        self._classes.setdefault(made.name, made)
        self._counts[made.name] += 1
        one_more()
        self.annotations.append(renamed(annotation, self._renames))

    def wrong(self, record: str, id: Any, error: LabelwidgetsError) -> None:
        """Note that a record is left out, or raise."""
        self.problems.add(record, id, error)

    def unmatched(self, record: str, id: str, name: str, count: int, reason: str) -> None:
        """Note that something lies on no scan of the dataset."""
        self._unmatched.append((record, id, name, count, reason))

    def result(self, what: str) -> Imported:
        """Return what was read, and what was not.

        Parameters
        ----------
        what
            One of the things that are matched, such as ``frame``.

        Raises
        ------
        FormatError
            If nothing of the file lies on a scan of the dataset, unless problems are collected.
        """
        if self._unmatched and not self.annotations and not self.problems.collect:
            _, _, _, _, reason = self._unmatched[0]
            count = sum(row[3] for row in self._unmatched)
            raise FormatError(
                f"{none_of(count, what)} on a scan of the dataset.",
                where=self.problems.file,
                hint=f"The first one {reason}",
            )
        frame = self._scans.frame
        used = {made.item_id for made in self.annotations}
        return Imported(
            path=self.problems.file,
            format=self._format,
            annotations=self.annotations,
            left_out=self.problems.frame(),
            unmatched=unmatched_frame(self._unmatched),
            categories=categories_frame((name, None, self._counts[name]) for name in self._classes),
            ontology=Ontology(list(self._classes.values())),
            items=frame[frame["id"].astype(str).isin(used)].reset_index(drop=True),
        )
