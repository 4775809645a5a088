"""A header as people read it: a line for each element, also where some cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, MutableSequence
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom import Dataset

_MOST = 20_000
_LONGEST = 2_000
_DEEPEST = 50
_BULK = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "UN"))


def header_lines(dataset: Dataset) -> list[dict[str, Any]]:
    """Return tag, name, vr, value and level of the elements of a header, in their order.

    Those of the file meta information come first; what is in the items of a sequence has a
    higher level. Bytes are told by their number.

    Parameters
    ----------
    dataset
        As pydicom reads it; its elements may be damaged.
    """
    meta = getattr(dataset, "file_meta", None)
    lines = [] if meta is None else list(_lines(meta, 0))
    return lines + list(islice(_lines(dataset, 0), _MOST))


def _lines(dataset: Dataset, level: int) -> Iterator[dict[str, Any]]:
    for tag in sorted(dataset.keys()):
        number = f"{tag >> 16:04X},{tag & 0xFFFF:04X}"
        try:
            element = dataset[tag]
            name, vr, value = element.name, element.VR, element.value
            text = _text(vr, value)
        except Exception as error:
            # pydicom converts values when they are asked for, and raises whatever comes then.
            reason = f"cannot be read ({type(error).__name__})"
            yield _line(number, "", "", reason, level)
            continue
        yield _line(number, name, vr, text, level)
        if vr == "SQ" and level < _DEEPEST:
            for at, item in enumerate(value):
                yield _line("FFFE,E000", f"Item {at + 1}", "", "", level + 1)
                yield from _lines(item, level + 2)


def _text(vr: str, value: Any) -> str:
    if vr == "SQ":
        return "1 item" if len(value) == 1 else f"{len(value)} items"
    if vr in _BULK or isinstance(value, bytes):
        return f"{len(value or b'')} bytes"
    if value is None:
        return ""
    if not isinstance(value, MutableSequence | tuple):
        return str(value)[:_LONGEST]
    return "\\".join(str(one) for one in islice(value, _LONGEST))[:_LONGEST]


def _line(tag: str, name: str, vr: str, value: str, level: int) -> dict[str, Any]:
    return {"tag": tag, "name": name, "vr": vr, "value": value, "level": level}
