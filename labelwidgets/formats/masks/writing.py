"""From labels to pictures of masks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import FormatError
from labelwidgets.formats.canvas import Canvas
from labelwidgets.formats.drawing import Drawn
from labelwidgets.formats.holds import AREAS, KEPT, Holds, changed
from labelwidgets.formats.losses import losses
from labelwidgets.formats.mask_pictures import Kind
from labelwidgets.formats.masks.colors import colors_of
from labelwidgets.formats.masks.legend import Part, code_of
from labelwidgets.formats.masks.numbering import By, Numbering
from labelwidgets.formats.pictures import Picture
from labelwidgets.formats.problems import naming
from labelwidgets.formats.writing import Counts, Writing, writer
from labelwidgets.media.png import write_map_png
from labelwidgets.schema.ontology import Ontology

HOLDS = Holds(
    "a picture of masks",
    "pictures",
    {
        **dict.fromkeys(AREAS, changed("mask", "its pixels")),
        "mask": KEPT,
        "volume mask": changed("mask", "a mask on each slice"),
        "track": changed("mask", "a mask on each frame"),
        "empty pictures": KEPT,
    },
    disjoint=True,
)
# Where both are, if the pictures are copied, too.
MASKS, PICTURES = "masks", "images"
_MOST = {"indexed": 255, "grey": 65_535, "color": 0xFFFFFE}


@writer(HOLDS, ".png", folder=True, beside=PICTURES)
def write(
    job: Writing,
    *,
    kind: Kind = "color",
    by: By = "instances",
    bits: Literal[8, 16] | None = None,
    colors: Mapping[str, str] | None = None,
    numbers: Mapping[str, int] | None = None,
) -> Counts:
    """Write pictures of masks: see `labelwidgets.formats.write` and `labelwidgets.formats.masks`.

    Parameters
    ----------
    path
        A folder, or a ``.zip``.
    kind
        ``color``, ``indexed`` or ``grey``.
    by
        ``instances``: a number an object; ``classes``: a number a class.
    bits
        Of grey pictures; None takes 8 where all numbers fit.
    colors
        Colours of classes, such as ``{"car": "#00008e"}``, instead of those of the ontology.
    numbers
        Numbers of classes with ``by="classes"``, such as ``{"road": 1, "ignored": 255}``; None
        takes their places in the ontology, from 1.

    Raises
    ------
    FormatError
        If a label does not fit, a size is not known, there are more objects or classes than
        numbers, or (if `strict`) something is lost.
    """
    for name, value, known in (
        ("kind", kind, tuple(_MOST)),
        ("by", by, ("instances", "classes")),
        ("bits", bits, (None, 8, 16)),
    ):
        if value not in known:
            choice = ", ".join(map(repr, known))
            raise FormatError(f"must be one of {choice}, not {value!r}.", where=name)
    numbering = Numbering(job.annotations, job.ontology, by)
    given = _given_numbers(numbers, job.ontology, by, kind)
    painter = _Painter(
        numbering,
        _numbers(numbering.parts, given, kind, bits),
        _colors(numbering.parts, job.ontology, colors),
        kind,
        bits,
    )
    counts = job.draw(painter, _wanted(job))
    text = json.dumps(painter.legend(), ensure_ascii=False, indent=1)
    job.output.add("legend", text.encode("utf-8", "surrogatepass"), ".json")
    categories = len(job.ontology.classes)
    return {"images": len(counts), "annotations": sum(counts), "categories": categories}


def _wanted(job: Writing) -> Iterator[tuple[str, Picture]]:
    """Return the pictures, and where the file of each lies."""
    for picture in job.pictures:
        if picture.size is None and not picture.labels:
            job.dropped.add({"picture of unknown size without labels": 1})
        else:
            stem = job.pictures.stem_of(picture)
            yield job.output.place(f"{MASKS}/{stem}" if job.copies else stem), picture


class _Painter:
    """Paints pictures, each by itself."""

    def __init__(
        self,
        numbering: Numbering,
        numbers: dict[Part, int],
        colors: dict[Part, int],
        kind: Kind,
        bits: Literal[8, 16] | None,
    ) -> None:
        self.numbering, self.numbers, self.colors, self.kind = numbering, numbers, colors, kind
        most = max(numbers.values(), default=0)
        wide = bits == 16 or most > 255
        self.dtype = np.uint8 if not wide else np.uint16 if most < 65_536 else np.uint32
        self._table = np.zeros((most + 1, 3), np.uint8)
        for part, number in numbers.items():
            color = colors[part]
            self._table[number] = color >> 16, color >> 8 & 255, color & 255

    def __call__(self, wanted: tuple[str, Picture]) -> Drawn:
        """Return the file of a picture, and how many labels are in it."""
        place, picture = wanted
        lost: Counter[str] = Counter()
        count = 0
        canvas = Canvas(picture.pixels, self.dtype)
        objects: dict[Part, set[str]] = {}
        for label in picture.labels:
            if losses(HOLDS, label, lost).how == "left":
                continue
            part = self.numbering.part(label)
            with naming(label):
                painted = canvas.paint(label.geometry, self.numbers[part])
            if not painted:
                lost["label without pixels"] += 1
                continue
            count += 1
            objects.setdefault(part, set()).add(label.track_id or label.id)
        lost["pixel under a later label"] += canvas.covered
        lost["object wholly under later labels"] += sum(not n for n in canvas.areas.values())
        lost["object (in one mask with others of its class)"] += sum(
            len(some)
            for part, some in objects.items()
            if len(some) > 1 and self.numbering.merges(part)
        )
        return Drawn([(place, self._file(canvas.values))], lost, count)

    def _file(self, values: npt.NDArray[Any]) -> bytes:
        if self.kind == "color":
            # As one number of three bytes each: three at once.
            flat = self._table.view("V3").ravel()[values]
            return write_map_png(flat.view(np.uint8).reshape(*values.shape, 3))
        palette = self._table.ravel().tolist() if self.kind == "indexed" else ()
        return write_map_png(values, palette)

    def legend(self) -> dict[str, str]:
        """Return the legend, by number."""
        colored = self.kind == "color"
        return {
            f"#{self.colors[part]:06x}" if colored else str(number): part.text
            for part, number in sorted(self.numbers.items(), key=lambda one: one[1])
        }


def _given_numbers(
    numbers: Mapping[str, int] | None, ontology: Ontology, by: By, kind: Kind
) -> dict[str, int] | None:
    """Return the numbers of all classes as they are asked for, None where they are not."""
    if numbers is None:
        return None
    if by != "classes" or kind == "color":
        raise FormatError(
            'are those of classes, and need by="classes" and kind="indexed" or "grey".',
            where="numbers",
        )
    made: dict[str, int] = {}
    for one in ontology.classes:
        number = numbers.get(one.name)
        sound = isinstance(number, int) and not isinstance(number, bool)
        if number is None or not sound or not 0 < number <= _MOST[kind]:
            raise FormatError(
                f"must be a number from 1 to {_MOST[kind]}, not {number!r}.",
                where=f"numbers, {one.name!r}",
            )
        made[one.name] = number
    if len(set(made.values())) < len(made):
        raise FormatError("has a number twice.", where="numbers")
    return made


def _numbers(
    parts: Sequence[Part], given: dict[str, int] | None, kind: Kind, bits: Literal[8, 16] | None
) -> dict[Part, int]:
    if given is not None:
        made = {part: given[part.name] for part in parts}
    else:
        made = {part: number for number, part in enumerate(parts, 1)}
    most = 255 if bits == 8 and kind == "grey" else _MOST[kind]
    if max(made.values(), default=0) > most:
        raise FormatError(
            f"has {len(made)} objects or classes to tell apart, and at most {most} fit.",
            where=f"kind={kind!r}",
            hint='Use kind="color".' if kind == "grey" and bits != 8 else 'Use kind="grey".',
        )
    return made


def _colors(
    parts: Sequence[Part], ontology: Ontology, given: Mapping[str, str] | None
) -> dict[Part, int]:
    named = {made.name: int(made.color[1:], 16) for made in ontology.classes if made.color}
    fixed: dict[str, int] = {}
    for name, color in (given or {}).items():
        colored, code = code_of(color, f"colors, {name!r}")
        if not colored or not code or code in fixed.values():
            raise FormatError(
                f"must be a colour of its own, and not black, not {color!r}.",
                where=f"colors, {name!r}",
            )
        fixed[name] = code
    first = [part for part in parts if part.name in fixed and part.instance in (None, 1)]
    made = {part: fixed[part.name] for part in first}
    others = [part for part in parts if part not in made]
    return made | colors_of(others, named | fixed, fixed.values())
