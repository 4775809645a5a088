"""From exports of Encord to annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.clips import Clips
from labelwidgets.formats.encord.classifications import Classifications
from labelwidgets.formats.encord.objects import Objects
from labelwidgets.formats.encord.rows import Row, Unit, facts_of, frames_of, names_of, row_of
from labelwidgets.formats.matching import Item
from labelwidgets.formats.picture_labels import PictureLabels, Spot
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.schema.ontology import Ontology

MAX_BYTES = 1 << 30
_SIGNS = (b'"data_units"', b'"object_answers"', b'"classification_answers"')


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is an export of Encord."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and any(
        sign in head for sign in _SIGNS
    )


@reader("encord", "videos")
def read(job: Reading, *, max_bytes: int = MAX_BYTES) -> Imported:
    """Read an export of Encord: see `labelwidgets.formats.read`.

    Parameters
    ----------
    max_bytes
        Larger files are refused before they are decoded.
    """
    document = job.json(max_bytes)
    found = job.picture_labels()
    reader = _Reader(found, job.clips, job.ontology)
    rows = document if isinstance(document, list) else [document]
    for number, row in enumerate(rows):
        place = f"[{number}]" if isinstance(document, list) else "row"
        try:
            reader.row(place, row)
        except LabelwidgetsError as error:
            found.wrong(place, None, error)
    return found.result()


class _Reader:
    """Reads one row after another."""

    def __init__(self, found: PictureLabels, clips: Clips, ontology: Ontology | None) -> None:
        self.found, self.clips = found, clips
        # How many frames the videos have that only the file tells of.
        self.lengths: dict[str, int | None] = {}
        self.objects = Objects(found, clips, self.lengths)
        self.classifications = Classifications(found, ontology)

    def row(self, place: str, said: Any) -> None:
        """Read the labels of a row."""
        row = row_of(said)
        for hash, one in row.units.items():
            where = f"{place}.data_units.{hash[:80]}"
            try:
                unit = self._unit(where, hash, one, row)
            except LabelwidgetsError as error:
                self.found.wrong(where, hash, error)
                continue
            if unit is not None:
                self.objects.take(unit, row)
                self._classifications(unit, row)

    def _unit(self, place: str, hash: str, unit: Any, row: Row) -> Unit | None:
        frames = frames_of(unit)
        sides = unit.get("width"), unit.get("height")
        size = None if None in sides else sides
        lists = [one.get("objects") for one in frames.values()]
        count = sum(len(one) for one in lists if isinstance(one, list))
        names = names_of(unit, row)
        spot = self.found.spot(place, names, id=hash, size=size, labels=count)
        if spot is None:
            return None
        kind = str(row.said.get("data_type"))
        if self.clips.frame is None and (None not in frames or kind == "video"):
            spot = self._film(spot, unit, kind)
        return Unit(place, spot, frames)

    def _film(self, spot: Spot, unit: Mapping[str, Any], kind: str) -> Spot:
        """Return the item of a video or scan that only the file tells of."""
        scan = kind in ("dicom", "nifti")
        facts = {} if scan else facts_of(unit)
        item: Item = spot.item._replace(kind="volume" if scan else "video")
        self.found.make(item, spot.size, **facts)
        self.lengths[item.id] = facts.get("frames")
        return spot._replace(item=item)

    def _classifications(self, unit: Unit, row: Row) -> None:
        for frame, said in unit.frames.items():
            where, given = unit.where(frame), said.get("classifications") or []
            if not isinstance(given, list):
                wrong = FormatError("must be a list.", where="classifications")
                self.found.wrong(where, None, wrong)
                continue
            for index, one in enumerate(given):
                try:
                    self.classifications.take(one, frame, unit, row)
                except LabelwidgetsError as error:
                    self.found.wrong(f"{where}.classifications[{index}]", None, error)
