"""From files to scans: by study and series, then by what cannot be one stack."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeVar

from labelwidgets.media.dicom.order import by_number, is_fan
from labelwidgets.media.dicom.phases import phases_of
from labelwidgets.media.dicom.planes import (
    alike,
    clusters,
    cosines_of,
    heights_of,
    is_placed,
    levels,
    name_of,
    normal_of,
)
from labelwidgets.media.dicom.slice_header import SliceHeader

K = TypeVar("K", bound=Hashable)


class Part(NamedTuple):
    """Files that are one scan.

    Parameters
    ----------
    files
        Their indices, in the order in which they were given.
    label
        What sets it apart from the other parts of its series, empty where there are none.
    repeated
        Those of the files at whose place another slice lies, with nothing that tells them
        apart, or which are copies of another one: they are not shown.
    """

    files: list[int]
    label: str = ""
    repeated: tuple[int, ...] = ()


def parts_of(headers: Sequence[SliceHeader]) -> list[Part]:
    """Return the scans that the files of a series make, as people would take them apart.

    Each file of several frames is one by itself. The others are parted by series, size, colour,
    spacing and plane, localisers from the rest, and what lies at the same places into phases
    (see `phases_of`). Slices around an axis stay together.

    Parameters
    ----------
    headers
        Of files with pictures, in the natural order of their names.
    """
    copies = _copies(headers)
    kept = [at for at in range(len(headers)) if at not in copies]
    parts = [
        part
        for series in _by(kept, lambda at: _uids(headers[at])).values()
        for part in _parts(series, headers)
    ]
    # A copy stays with what it is a copy of, so that the files of a scan are all there.
    for copy, original in copies.items():
        for number, part in enumerate(parts):
            if original in part.files:
                files = sorted([*part.files, copy])
                parts[number] = part._replace(files=files, repeated=(*part.repeated, copy))
    return sorted(parts, key=lambda part: part.files[0])


def _parts(files: list[int], headers: Sequence[SliceHeader]) -> list[Part]:
    groups = _by(files, lambda at: _kind(at, headers[at]))
    shapes: list[list[int]] = []
    for members in groups.values():
        spacings = clusters([headers[at].pixel_spacing for at in members], _same_spacing)
        for same in _by(range(len(members)), spacings.__getitem__).values():
            shapes.append([members[at] for at in same])
    planes: list[list[int]] = []
    for members in shapes:
        facing = clusters([cosines_of(headers[at]) for at in members], alike)
        if is_fan(max(facing) + 1, len(members)):
            planes.append(members)
            continue
        for same in _by(range(len(members)), facing.__getitem__).values():
            planes.append([members[at] for at in same])
    labels = _labels(planes, headers)
    return [
        part
        for members, label in zip(planes, labels, strict=True)
        for part in _phases(members, label, headers)
    ]


def _phases(files: list[int], label: str, headers: Sequence[SliceHeader]) -> list[Part]:
    own = [headers[at] for at in files]
    first = cosines_of(own[0])
    together = all(map(is_placed, own)) and all(alike(first, cosines_of(one)) for one in own)
    if not together or len(files) < 2 or own[0].frames > 1:
        return [Part(files, label)]
    turn = by_number(own).indices
    some = [own[at] for at in turn]
    places = levels(heights_of(some, normal_of(some[0])))
    if places.max() == 0:
        # A movement, seen at one place.
        return [Part(files, label)]
    phases = phases_of(some, places)
    number = dict(zip([files[at] for at in turn], phases.numbers.tolist(), strict=True))
    strays = tuple(at for at in files if number[at] < 0)
    parts = []
    for phase, name in enumerate(phases.names):
        members = [at for at in files if number[at] == phase or (phase == 0 and at in strays)]
        named = ", ".join(part for part in (label, name) if part)
        parts.append(Part(members, named, strays if phase == 0 else ()))
    return parts


def _labels(planes: list[list[int]], headers: Sequence[SliceHeader]) -> list[str]:
    """Return what tells parts of a series from each other, in words."""
    if len(planes) == 1:
        return [""]
    firsts = [headers[members[0]] for members in planes]
    says: tuple[Callable[[SliceHeader], str], ...] = (
        lambda one: "localiser" if _is_localiser(one) else "",
        lambda one: name_of(one),
        lambda one: f"{one.columns} x {one.rows}",
        lambda one: "colour" if one.samples > 1 else "grey",
        lambda one: f"{one.pixel_spacing[0]:.3g} mm" if one.pixel_spacing else "",
    )
    labels = [""] * len(planes)
    for say in says:
        said = [say(one) for one in firsts]
        if len(set(said)) > 1 and len(set(labels)) < len(planes):
            labels = [", ".join(filter(None, pair)) for pair in zip(labels, said, strict=True)]
    again: dict[str, int] = {}
    for at, label in enumerate(labels):
        again[label] = again.get(label, 0) + 1
        if labels.count(label) > 1:
            labels[at] = f"{label} {again[label]}".strip()
    return labels


def title_of(header: SliceHeader, label: str = "") -> str:
    """Return what people call a scan: modality and description of its series, never the patient.

    Parameters
    ----------
    header
        Of one of its slices.
    label
        See `Part`.
    """
    name = "".join(letter if letter.isprintable() else " " for letter in header.series_description)
    if not name.strip():
        number = header.series_number
        name = "series" if number is None else f"series {number}"
    title = f"{header.modality} {' '.join(name.split())}".strip()[:200]
    return f"{title} ({label})" if label else title


def largest(parts: Sequence[Part]) -> Part:
    """Return the part that is shown where one is asked for: that with the most slices."""
    return max(parts, key=lambda part: len(part.files) - len(part.repeated))


def _copies(headers: Sequence[SliceHeader]) -> dict[int, int]:
    """Return which file is the very object of an earlier one."""
    firsts: dict[str, int] = {}
    copies: dict[int, int] = {}
    for at, header in enumerate(headers):
        if not header.sop_instance:
            continue
        first = firsts.setdefault(header.sop_instance, at)
        # The same UID of another picture is a fault of the writer, and no copy.
        if first != at and _twins(headers[first], header):
            copies[at] = first
    return copies


def _twins(one: SliceHeader, other: SliceHeader) -> bool:
    return (
        _uids(one) == _uids(other)
        and one.position == other.position
        and one.instance_number == other.instance_number
        and (one.rows, one.columns, one.frames) == (other.rows, other.columns, other.frames)
    )


def _uids(header: SliceHeader) -> tuple[str, str]:
    return header.study, header.series


def _kind(file: int, header: SliceHeader) -> Hashable:
    """Return what has to be the same within a stack."""
    own = file if header.frames > 1 else -1
    return header.rows, header.columns, header.samples, _is_localiser(header), own


def _is_localiser(header: SliceHeader) -> bool:
    return "LOCALIZER" in header.image_type


def _same_spacing(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(abs(a - b) <= 0.01 * a for a, b in zip(one, other, strict=True))


def _by(files: Sequence[int], say: Callable[[int], K]) -> dict[K, list[int]]:
    groups: dict[K, list[int]] = {}
    for at in files:
        groups.setdefault(say(at), []).append(at)
    return groups
