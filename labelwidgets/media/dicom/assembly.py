"""From the headers of files to the slices of one scan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labelwidgets.errors import ImageError, LabelwidgetsError
from labelwidgets.media.dicom.grid import grid_of
from labelwidgets.media.dicom.grouping import Part, largest, parts_of, title_of
from labelwidgets.media.dicom.order import in_order
from labelwidgets.media.dicom.problems import problems_of
from labelwidgets.media.dicom.reading import Frames
from labelwidgets.media.dicom.slice_header import SliceHeader
from labelwidgets.media.urls import file_name, masked
from labelwidgets.media.volumes import Grid, Problem
from labelwidgets.numbered import numbered

_NAMED = 5


class Slice(NamedTuple):
    """One picture of a scan.

    Parameters
    ----------
    url
        Of its file.
    frame
        Its number in the file, from 0.
    header
        That of the file, with what holds for this frame.
    """

    url: str
    frame: int
    header: SliceHeader


class Assembly(NamedTuple):
    """A scan: its slices in their order, where they lie, and what is odd about them."""

    slices: list[Slice]
    grid: Grid
    problems: tuple[Problem, ...]


def assemble(urls: Sequence[str], frames: Sequence[Frames], part: Part | None = None) -> Assembly:
    """Return the scan that files make.

    Parameters
    ----------
    urls
        Of the files, in natural order.
    frames
        For each, the headers of its frames, or why it cannot be read.
    part
        Which files to take, as `parts` returns them; the largest where None, and then the others
        are among the problems.

    Raises
    ------
    LabelwidgetsError
        If none of the files can be read: the error of the first one.
    ImageError
        If none of them is a picture.
    """
    problems: list[Problem] = []
    if part is None:
        found = parts(urls, frames)
        part = largest(found)
        problems = _other_parts(found, part, [_headers(one)[:1] for one in frames])
    slices = [
        Slice(urls[at], number, header)
        for at in part.files
        if at not in part.repeated
        for number, header in enumerate(_headers(frames[at]))
    ]
    order = in_order([one.header for one in slices])
    slices = [slices[index] for index in order.indices]
    headers = [one.header for one in slices]
    stack = order.by == "position" and order.orientations == len(order.phases) == 1
    grid = grid_of(headers, stack and not order.repeated)
    problems += problems_of(headers, order, grid)
    if part.repeated:
        named = _names([urls[at] for at in part.repeated])
        message = f"At the place of another slice lie {named}: they are left out."
        problems.append(Problem("duplicate", message))
    return Assembly(slices, grid, (*problems, *_unread(urls, frames)))


def parts(urls: Sequence[str], frames: Sequence[Frames]) -> list[Part]:
    """Return the scans that files make, whose numbers are those of the files.

    Raises as `assemble` does.
    """
    good = [at for at, one in enumerate(frames) if not isinstance(one, LabelwidgetsError) and one]
    if not good:
        for one in frames:
            if isinstance(one, LabelwidgetsError):
                raise one
        where = masked(urls[0])
        raise ImageError("is a DICOM file, but no picture.", where=where)
    return [
        Part([good[at] for at in part.files], part.label, tuple(good[at] for at in part.repeated))
        for part in parts_of([_headers(frames[at])[0] for at in good])
    ]


def _headers(frames: Frames) -> list[SliceHeader]:
    return [] if isinstance(frames, LabelwidgetsError) else frames


def _other_parts(
    found: Sequence[Part], shown: Part, firsts: Sequence[list[SliceHeader]]
) -> list[Problem]:
    if len(found) == 1:
        return []

    def name(part: Part) -> str:
        count = len(part.files)
        files = "1 file" if count == 1 else f"{count} files"
        return f"{title_of(firsts[part.files[0]][0], part.label)} with {files}"

    others = [name(part) for part in found if part is not shown]
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    message = (
        f"The files are {numbered(len(found), 'scan')}. Shown is {name(shown)}; left out "
        f"{'is' if len(others) == 1 else 'are'} {', '.join(others[:_NAMED])}{more}."
    )
    return [Problem("parts", message)]


def _unread(urls: Sequence[str], frames: Sequence[Frames]) -> list[Problem]:
    broken = [
        (url, one)
        for url, one in zip(urls, frames, strict=True)
        if isinstance(one, LabelwidgetsError)
    ]
    found = [
        Problem("unreadable", f"{masked(file_name(url))} is left out: it {error.message}")
        for url, error in broken[:_NAMED]
    ]
    if len(broken) > _NAMED:
        message = f"{len(broken) - _NAMED} more files are left out, as they cannot be read."
        found.append(Problem("unreadable", message))
    objects = [url for url, one in zip(urls, frames, strict=True) if one == []]
    if objects:
        message = f"{_names(objects)}: no pictures, and left out."
        found.append(Problem("objects", message))
    return found


def _names(urls: Sequence[str]) -> str:
    named = ", ".join(masked(file_name(url)) for url in urls[:_NAMED])
    return f"{named} and {len(urls) - _NAMED} more" if len(urls) > _NAMED else named
