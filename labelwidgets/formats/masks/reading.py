"""From pictures of masks to annotations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError, LabelwidgetsError
from labelwidgets.formats.frame_masks import mask_of
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.labelled_volume import numbers_of
from labelwidgets.formats.mask_pictures import MAX_BYTES, MaskPicture, Regions, read_mask
from labelwidgets.formats.masks import legend as legends
from labelwidgets.formats.masks.legend import Legend, Part
from labelwidgets.formats.masks.meaning import nameless, parts_of, shown
from labelwidgets.formats.masks.writing import MASKS, PICTURES
from labelwidgets.formats.picture_labels import PictureLabels
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.media.kinds import IN_TIME, VOLUMES
from labelwidgets.media.limits import Limits
from labelwidgets.schema.ontology import ObjectClass, Ontology


def sniff(head: bytes) -> bool:
    """Return False: one picture alone does not say what it is of."""
    return False


def sniff_files(source: Input) -> bool:
    """Say whether a folder or zip has pictures and a legend."""
    names = source.names()
    if not any(name.lower().endswith(".png") for name in names):
        return False
    if any("SegmentationClass" in name.split("/")[:-1] for name in names):
        return False  # Pascal VOC, which has the same map of colours.
    found = list(filter(legends.is_file, names))[:20]
    for name in found:
        data = source.maybe(name, legends.MAX_BYTES)
        if data is not None and (not name.endswith(".json") or legends.is_legend(data)):
            return True
    return False


@reader("masks", "pictures")
def read(
    job: Reading,
    *,
    legend: Mapping[str, str] | str | os.PathLike[str] | None = None,
    void: str | int | None = None,
    suffix: str = "",
    limits: Limits | None = None,
) -> Imported:
    """Read pictures of masks: see `labelwidgets.formats.read` and `labelwidgets.formats.masks`.

    Parameters
    ----------
    path
        As for `labelwidgets.formats.read`. A path is a PNG, a folder or a ``.zip``.
    legend
        What colours or numbers mean, such as ``{"#c76e2a": "car # 5"}``, or the path of a file
        that says so; None takes those that lie beside the pictures, else the ontology.
    void
        A colour (``"#e0e0c0"``) or number (``255``) of pixels that are to be passed over.
    suffix
        What names of masks have after those of their pictures, such as ``"_L"``; others are then
        passed over.
    limits
        Bounds on the size of a picture; the default ones where None.

    Raises
    ------
    FormatError
        Naming the file and the colour or number that no legend has.
    LimitError
        If a picture is too large.
    """
    source = job.input()
    found = job.picture_labels()
    reader = _Reader(source, found, job.ontology, void, limits)
    if legend is not None:
        reader.give(legend, job.storage_options)
    ending = f"{suffix}.png".lower()
    several = [name for name in source.names() if name.lower().endswith(ending)]
    if not several and not any(map(legends.is_file, source.names())):
        raise FormatError(f"has no files that end with {ending[:40]}.", where=source.shown)
    if any(name.startswith(f"{MASKS}/") for name in several):
        # Pictures that lie beside their masks are none.
        several = [name for name in several if not name.startswith(f"{PICTURES}/")]
    for name in several:
        try:
            reader.picture(name, name[: -len(ending)])
        except LabelwidgetsError as error:
            found.wrong(name, None, error)
    return found.result()


class _Meaning(NamedTuple):
    """A legend, with what its words are: classes, objects of them, or None for nothing."""

    colors: dict[int, Part | None]
    numbers: dict[int, Part | None]


class _Reader:
    """Reads one picture after another."""

    def __init__(
        self,
        source: Input,
        found: PictureLabels,
        ontology: Ontology | None,
        void: str | int | None,
        limits: Limits | None,
    ) -> None:
        self.source, self.found, self.ontology, self.limits = source, found, ontology, limits
        self.void = None if void is None else legends.code_of(void, "void")
        classes = ontology.classes if ontology else []
        self.known = {name for made in classes for name in (made.name, *made.formerly)}
        self.given: _Meaning | None = None
        self.legends: dict[str, _Meaning | None] = {}
        self.told: set[tuple[int, str]] = set()

    def give(self, legend: Any, storage_options: dict[str, Any]) -> None:
        """Take the legend for all pictures."""
        if isinstance(legend, Mapping):
            self.given = self._meant(legends.legend_of(legend, "legend"), "legend")
            return
        file = Input(legend, **storage_options)
        data = file.read(file.name, legends.MAX_BYTES)
        self.given = self._meant(legends.read_legend(data, file.name, file.shown), file.shown)

    def picture(self, name: str, stem: str) -> None:
        """Read the labels of a picture."""
        where = self.source.where(name)
        made = read_mask(self.source.read(name, MAX_BYTES), where, self.limits)
        parts = self._parts(name, made)
        regions = Regions(made.values)
        mine = {code: part for code in regions.areas if (part := parts.get(code)) is not None}
        spot = self.found.spot(name, [stem, name], size=made.size, labels=len(mine), stem=True)
        if spot is None:
            return
        moves = spot.item.kind in (*IN_TIME, *VOLUMES)
        for code, part in mine.items():
            counted = part.instance is not None
            try:
                self.found.keep(
                    part.name,
                    mask_of(regions.runs(code)),
                    spot,
                    track_id=part.text if counted and moves else None,
                    parameters={"instance": part.instance} if counted else {},
                )
            except LabelwidgetsError as error:
                self.found.wrong(f"{name}, {shown(code, made.kind)}", None, error)
        others = {code: area for code, area in regions.areas.items() if code not in parts}
        for wrong in nameless(others, made.kind):
            self.found.wrong(name, None, wrong)

    def _parts(self, name: str, made: MaskPicture) -> dict[int, Part | None]:
        """Return what the numbers of a picture are of, by its legend."""
        meaning = self.given or self._beside(name) or self._plain()
        parts = dict(meaning.colors if made.kind == "color" else meaning.numbers)
        by_palette = made.kind == "indexed" and not parts
        if by_palette:
            for index, color in enumerate(made.palette):
                if color in meaning.colors or not color:
                    parts[index] = meaning.colors.get(color)
        if not parts and made.values.any():
            says = "is in colour" if made.kind == "color" else "has numbers"
            raise FormatError(
                f"{says}, and no legend says of what.",
                hint='Lay a legend.json beside it, or pass legend={"#c76e2a": "car", ...}, '
                'of numbers legend={"1": "car", ...}.',
            )
        parts.setdefault(0, None)
        if self.void is not None:
            colored, code = self.void
            if colored == (made.kind == "color"):
                parts[code] = None
            elif colored:
                parts |= {at: None for at, color in enumerate(made.palette) if color == code}
        self._tell(meaning, made, parts)
        return parts

    def _beside(self, name: str) -> _Meaning | None:
        """Return the legend in the folder of a picture, or the next one above that has one."""
        folder = name.rpartition("/")[0]
        if folder not in self.legends:
            self.legends[folder] = self._in(folder)
            if self.legends[folder] is None and folder:
                self.legends[folder] = self._beside(folder)
        return self.legends[folder]

    def _in(self, folder: str) -> _Meaning | None:
        names = set() if self.source.single else set(self.source.names())
        for file in (*legends.FILES, legends.LABELMAP):
            name = f"{folder}/{file}" if folder else file
            data = None
            if self.source.single or name in names:
                data = self.source.maybe(name, legends.MAX_BYTES)
            if data is not None:
                where = self.source.where(name)
                return self._meant(legends.read_legend(data, file, where), name)
        return None

    def _plain(self) -> _Meaning:
        """Return the numbers and colours of the ontology."""
        if self.ontology is None:
            return _Meaning({}, {})
        colors = {int(made.color[1:], 16): made for made in self.ontology.classes if made.color}
        return _Meaning(
            {code: Part(made.name) for code, made in colors.items()},
            {number: Part(name) for name, number in numbers_of(self.ontology).items()},
        )

    def _meant(self, legend: Legend, record: str) -> _Meaning:
        def told(text: str, error: LabelwidgetsError) -> None:
            self.found.wrong(f"{record}, {text[:40]!r}", None, error)

        colors, numbers = (parts_of(one, self.known, self.found.name_of, told) for one in legend)
        return _Meaning(colors, numbers)

    def _tell(self, meaning: _Meaning, made: MaskPicture, parts: dict[int, Part | None]) -> None:
        """Note the classes of a legend, with the colours of their first objects."""
        if (id(meaning), made.kind) in self.told:
            return
        self.told.add((id(meaning), made.kind))
        colors = made.palette if made.kind == "indexed" else ()
        for code, part in sorted(
            parts.items(), key=lambda one: one[1].instance or 0 if one[1] else 0
        ):
            if part is None or self.found.known(part.name) is not None:
                continue
            color = code if made.kind == "color" else colors[code] if code < len(colors) else 0
            shade = f"#{color:06x}" if color else None
            self.found.tell(ObjectClass(part.name, color=shade, tool="mask"))
