"""What a person should know of the slices of a scan before trusting them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labelwidgets.media.dicom.grid import known_gap, step_of
from labelwidgets.media.dicom.order import Order
from labelwidgets.media.dicom.planes import is_placed, median, normal_of
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.volumes import Grid, Problem

_TILT_DEGREES = 0.2
# Parts of the usual gap, beyond what positions with one decimal make.
_UNEVEN = 0.05
_SIDEWAYS_MM = 1.0
_NAMED = 8


def problems_of(headers: Sequence[SliceHeader], order: Order, grid: Grid) -> list[Problem]:
    """Return what is odd about slices that are in their order.

    Parameters
    ----------
    headers
        At least one, sorted.
    order
        How they were sorted.
    grid
        Made of them.
    """
    found = _of_spacing(headers, grid) + _of_order(headers, order)
    if grid.affine is not None and grid.positions is not None and len(headers) > 1:
        found += _of_geometry(grid.positions, normal_of(headers[0]))
    if any("LOCALIZER" in header.image_type for header in headers):
        found.append(
            Problem("localiser", "A localiser: pictures to plan a scan by, not the scan itself.")
        )
    if len({header.frame_of_reference for header in headers}) > 1:
        message = "Its slices name several frames of reference, and may not lie as they say."
        found.append(Problem("frame", message))
    return found


def _of_order(headers: Sequence[SliceHeader], order: Order) -> list[Problem]:
    found = []
    if order.by != "position" and len(headers) > 1:
        how = {
            "instance": "their instance numbers",
            "file": "the order of the files, as they lack instance numbers or repeat them",
        }[order.by]
        if any(header.frames > 1 for header in headers):
            how = "the order of the frames"
        what = "Not all slices say where they lie"
        if all(map(is_placed, headers)):
            what = "All slices lie at one place, as those of a movement do"
        if order.orientations == 1:
            found.append(Problem("order", f"{what}; they are sorted by {how}."))
    if order.orientations > 1:
        message = f"Its slices face {order.orientations} ways: they are no stack in space."
        found.append(Problem("orientations", message))
    stacks = len(order.phases) // max(1, order.orientations)
    if stacks > 1:
        named = ", ".join(filter(None, order.phases[:_NAMED]))
        message = f"Holds {stacks} stacks at the same places, one behind the other"
        found.append(Problem("phases", f"{message}: {named}." if named else f"{message}."))
    if order.repeated:
        places = tuple(at for at, index in enumerate(order.indices) if index in order.repeated)
        found.append(
            Problem(
                "duplicate",
                f"{_slices(places)} where another one lies, with nothing to tell them apart.",
                places,
            )
        )
    return found


def _of_spacing(headers: Sequence[SliceHeader], grid: Grid) -> list[Problem]:
    first = headers[0]
    if grid.spacing is None:
        message = "The size of its pixels is not known: lengths and areas are in pixels only."
        return [Problem("spacing", message)]
    found = []
    if first.spacing_source == "imager":
        message = (
            "Its spacing is that at the detector: in the patient, lengths are shorter by the "
            "magnification."
        )
        found.append(Problem("spacing", message))
    if first.spacing_source == "scanned":
        message = "Its spacing is the nominal one of a scanner: that of the film, not the patient."
        found.append(Problem("spacing", message))
    down, across = first.pixel_spacing or (1.0, 1.0)
    if abs(down / across - 1) > 1e-3:
        message = f"Its pixels are not square: {down:g} mm high and {across:g} mm wide."
        found.append(Problem("pixels", message))
    if len(headers) > 1 and grid.affine is None and known_gap(first) is None:
        message = "How far its slices lie apart is not known: 1 mm is taken, volumes mean nothing."
        found.append(Problem("spacing", message))
    return found


def _of_geometry(
    positions: npt.NDArray[np.float64], normal: npt.NDArray[np.float64]
) -> list[Problem]:
    found = []
    step = step_of(positions, normal)
    angle = float(np.degrees(np.arccos(min(1.0, 1 / float(np.linalg.norm(step))))))
    if angle > _TILT_DEGREES:
        message = (
            f"Gantry tilt of {angle:.1f} degrees: each slice is shifted sideways against the "
            "one before."
        )
        found.append(Problem("tilt", message))
    heights = positions @ normal
    straight = positions[0] + np.outer(heights - heights[0], step)
    aside = np.linalg.norm(positions - straight, axis=1)
    if aside.max() > _SIDEWAYS_MM:
        places = tuple(int(at) for at in np.flatnonzero(aside > _SIDEWAYS_MM))
        message = f"Slices lie up to {aside.max():.1f} mm beside the line of the others."
        found.append(Problem("shift", message, places))
    return found + _of_gaps(np.diff(heights))


def _of_gaps(gaps: npt.NDArray[np.float64]) -> list[Problem]:
    usual = _usual(gaps)
    odd = np.abs(gaps - usual) > max(_UNEVEN * usual, 1e-3)
    if not odd.any():
        return []
    times = gaps[odd] / usual
    whole = np.abs(times - np.round(times)) < _UNEVEN * np.round(times)
    if odd.mean() <= 0.25 and np.all(whole & (np.round(times) >= 2)):
        places = tuple(int(at) for at in np.flatnonzero(odd))
        count = int((np.round(times) - 1).sum())
        named = ", ".join(f"{at + 1} and {at + 2}" for at in places[:_NAMED])
        more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        message = (
            f"{count} {'slice seems' if count == 1 else 'slices seem'} to be missing, between "
            f"slices {named}{more} (as counted from 1): the gap there is "
            f"{_millimetres(gaps[odd])}, elsewhere {usual:.2f} mm."
        )
        return [Problem("missing", message, places)]
    counted = Counter(f"{gap:.2f}" for gap in gaps)
    shown = sorted(counted.items(), key=lambda one: float(one[0]))
    text = ", ".join(
        f"{gap} mm ({'once' if count == 1 else f'{count} times'})" for gap, count in shown[:_NAMED]
    )
    if len(shown) > _NAMED:
        text = f"from {gaps.min():.2f} to {gaps.max():.2f} mm"
    message = f"The gaps between its slices differ: {text}."
    return [Problem("gap", message, tuple(int(at) for at in np.flatnonzero(odd)))]


def _usual(gaps: npt.NDArray[np.float64]) -> float:
    """Return the gap that is the commonest, to a hundredth of a millimetre."""
    rounded = Counter(round(float(gap), 2) for gap in gaps)
    gap, count = rounded.most_common(1)[0]
    return gap if gap > 0 and count * 2 > len(gaps) else median(gaps)


def _millimetres(gaps: npt.NDArray[np.float64]) -> str:
    low, high = float(gaps.min()), float(gaps.max())
    return f"{low:.2f} mm" if high - low < 0.01 else f"{low:.2f} to {high:.2f} mm"


def _slices(places: Sequence[int]) -> str:
    if len(places) == 1:
        return f"Slice {places[0] + 1} lies"
    named = ", ".join(str(at + 1) for at in places[:_NAMED])
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return f"Slices {named}{more} lie"
