"""Slices at the same places: the phases, echoes and acquisitions of one series."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from labelwidgets.media.dicom.slice_header import SliceHeader

Say = Callable[[SliceHeader], Hashable]

# What tells phases apart, the most telling first, and what a phase is called by it.
_KEYS: tuple[tuple[str, Say], ...] = (
    ("phase {}", lambda header: header.temporal_position),
    ("echo {} ms", lambda header: header.echo_time),
    ("echo {}", lambda header: header.echo_number),
    ("b {}", lambda header: header.b_value),
    ("{} ms", lambda header: header.trigger_time),
    ("{}", lambda header: "\\".join(header.image_type)),
    ("acquisition {}", lambda header: header.acquisition_number),
    ("time {}", lambda header: header.acquisition_time or None),
)


class Phases(NamedTuple):
    """Which slices belong together.

    Parameters
    ----------
    numbers
        The phase of each slice, from 0; -1 for those that are in none: more than one slice
        at a place, with nothing to tell them apart.
    names
        What the phases are called.
    """

    numbers: npt.NDArray[np.intp]
    names: list[str]


def phases_of(headers: Sequence[SliceHeader], places: npt.NDArray[np.intp]) -> Phases:
    """Return the phases of slices, so that no two of a phase are at one place.

    By the first of these that tells them apart, or several of them together: temporal position,
    echo, b-value, trigger time, type of image, acquisition, time; else by their order. What
    covers less than half of the places is no phase.

    Parameters
    ----------
    headers
        Of the slices, in the order of their instance numbers or files.
    places
        Where each is in the stack; see `planes.levels`.
    """
    count = len(headers)
    most = int(np.bincount(places).max()) if count else 0
    if most <= 1:
        return Phases(np.zeros(count, np.intp), [""])
    needed = max(1, (int(places.max()) + 2) // 2)
    labels: list[tuple[str, ...]] = [()] * count
    for text, say in _KEYS:
        said = [say(header) for header in headers]
        if len(set(said)) < 2:
            continue
        finer = [
            (*label, "" if one is None else text.format(_short(one)))
            for label, one in zip(labels, said, strict=True)
        ]
        groups = _groups(finer)
        if min(len(members) for members in groups.values()) < needed:
            continue
        labels = finer
        if all(_unique(places[members]) for members in groups.values()):
            return _named(labels)
    return _by_order(labels, places, needed)


def _by_order(labels: list[tuple[str, ...]], places: npt.NDArray[np.intp], needed: int) -> Phases:
    numbers = np.full(len(labels), -1, np.intp)
    names: list[str] = []
    for label, members in _groups(labels).items():
        seen: dict[int, int] = {}
        turns = np.zeros(len(members), np.intp)
        for at, index in enumerate(members):
            place = int(places[index])
            turns[at] = seen.get(place, 0)
            seen[place] = int(turns[at]) + 1
        whole = [turn for turn in range(int(turns.max()) + 1) if (turns == turn).sum() >= needed]
        # The first at each place is always something to look at.
        for turn in whole or [0]:
            numbers[np.array(members)[turns == turn]] = len(names)
            more = f"pass {turn + 1}" if len(whole) > 1 else ""
            names.append(", ".join(part for part in (*label, more) if part))
    return Phases(numbers, names)


def _named(labels: list[tuple[str, ...]]) -> Phases:
    groups = _groups(labels)
    numbers = np.zeros(len(labels), np.intp)
    for number, members in enumerate(groups.values()):
        numbers[members] = number
    return Phases(numbers, [", ".join(part for part in label if part) for label in groups])


def _groups(labels: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], list[int]]:
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, label in enumerate(labels):
        groups.setdefault(label, []).append(index)
    return groups


def _unique(places: npt.NDArray[np.intp]) -> bool:
    return len(np.unique(places)) == len(places)


def _short(value: Hashable) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)[:64]
