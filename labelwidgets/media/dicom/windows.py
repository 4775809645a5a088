"""The windows that a file suggests, and one for files that suggest none."""

from __future__ import annotations

import math
from typing import Any, cast, get_args

import numpy as np
import numpy.typing as npt

from labelwidgets.algorithms.tone import Curve, window_of
from labelwidgets.media.dicom.look_up import LookUp
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.volumes import Window

_SOURCE = "the file"


def windows_of(
    header: SliceHeader, tables: tuple[LookUp, ...] = (), factor: float = 1.0
) -> tuple[Window, ...]:
    """Return the windows and VOI LUTs of a file, in its order (DICOM PS3.3 C.11.2).

    Parameters
    ----------
    header
        Has centres, widths, explanations and the function.
    tables
        Those of its VOI LUT sequence.
    factor
        What values were multiplied with after the modality's own, such as for SUV.

    Returns
    -------
    tuple of Window
        A width below 1 cannot be `LINEAR` and is taken as `LINEAR_EXACT`; one that is not above
        0 tells only the middle, and becomes 1. Numbers that are not finite are left out.
    """
    curve = cast(
        "Curve", header.voi_function if header.voi_function in get_args(Curve) else "LINEAR"
    )
    made: list[Window] = []
    pairs = zip(header.window_centres, header.window_widths, strict=False)
    for number, (centre, width) in enumerate(pairs):
        if not math.isfinite(centre) or not math.isfinite(width):
            continue
        explained = header.window_explanations[number : number + 1]
        name = explained[0] if explained and explained[0] else _name("From the file", len(made))
        width, own = (1.0, curve) if width <= 0 else (width, curve)
        if own == "LINEAR" and width > 1 and factor != 1.0:
            # Its ends as they are, as one step of the values is no longer 1.
            centre, width, own = centre - 0.5, width - 1, "LINEAR_EXACT"
        elif own == "LINEAR" and width < 1:
            own = "LINEAR_EXACT"
        made.append(Window(name[:64], centre * factor, width * factor, _SOURCE, own))
    for number, table in enumerate(tables):
        name = table.explanation or _name("Table of the file", number)
        made.append(_of_table(table, name[:64], factor))
    return tuple(made)


def automatic_window(values: npt.NDArray[Any]) -> Window:
    """Return a window from the 0.1 to the 99.9 percentile of values; see `window_of`."""
    low, high = window_of(values)
    width = high - low
    if not math.isfinite(width) or width <= 0:
        width = 1.0
    return Window(
        "Automatic", low + (high - low) / 2, width, "the 0.1 and the 99.9 percentile of a slice"
    )


def _of_table(table: LookUp, name: str, factor: float) -> Window:
    shades = np.round(table.entries / ((1 << table.bits) - 1), 5)
    last = len(shades) - 1
    return Window(
        name,
        (table.first + last / 2) * factor,
        max(last, 1) * factor,
        _SOURCE,
        table=tuple(np.clip(shades, 0, 1).tolist()),
    )


def _name(text: str, number: int) -> str:
    return text if number == 0 else f"{text} {number + 1}"
