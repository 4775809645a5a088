"""A DICOM series by itself, for scripts and notebooks."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import numpy.typing as npt

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.dicom.assembly import assemble, parts
from labelwidgets.media.dicom.grouping import Part, title_of
from labelwidgets.media.dicom.planes import is_placed, normal_of
from labelwidgets.media.dicom.reading import Frames, read_frames
from labelwidgets.media.dicom.slice_stack import SliceStack
from labelwidgets.media.gathering import Source, gather
from labelwidgets.media.items import Item
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.option_names import check_names
from labelwidgets.media.urls import canonical_url, masked
from labelwidgets.media.volume_page import told, volume_page
from labelwidgets.media.volumes import Problem, Window

if TYPE_CHECKING:
    import pandas as pd

_OWN = ("source", "series", "limits", "policy")
_SHOWN = 20


class DicomSeries(SliceStack):
    """The slices of a scan, in the order of space.

    All headers are read at once, beside each other and by ranges; pixels when they are asked
    for. Slices are counted from 0 along the normal of their planes.

    Parameters
    ----------
    source
        A file, a folder, a DICOMDIR, an archive, a pattern or a list of files, as paths or as
        any URL of fsspec, or a series of a DICOMweb server.
    series
        Which one, where the source holds several: its number as the error lists them, from 0,
        its title, or its series UID.
    limits
        Bounds on what is read; the default ones where None.
    policy
        What URLs in a manifest may name; the default one where None.
    **storage_options
        Options of the fsspec file system, such as credentials.

    Raises
    ------
    SourceError
        If there is no scan, or several and `series` names none of them.
    LabelwidgetsError
        If none of the files can be read.
    """

    def __init__(
        self,
        source: Source,
        series: int | str | None = None,
        *,
        limits: Limits | None = None,
        policy: UrlPolicy | None = None,
        **storage_options: Any,
    ) -> None:
        check_names(storage_options, _OWN)
        access = Access(storage_options, limits, policy=policy)
        items = [
            item
            for page in gather(source, access, _raise, skip_duplicates=True)
            for item in page
            if item.kind == "dicom_series"
        ]
        if not items:
            if isinstance(source, str | PathLike):
                # What is not there is a missing file, not one of another kind.
                access.place(canonical_url(source)).fetch(0, 1)
            raise SourceError("holds no DICOM files.", where="source")
        if not all(item.by_name for item in items):
            # Told apart already, by a server or by whoever wrote them down.
            items = [_chosen(items, [item.title for item in items], _uids(items), series)]
            series = None
        urls = [url for item in items for url in item.urls]
        access = access.of(all(item.trusted for item in items))
        frames = read_frames(urls, access)
        found = parts(urls, frames)
        titles = [title_of(_first(frames, part), part.label) for part in found]
        uids = [_first(frames, part).series for part in found]
        part = _chosen(found, titles, uids, series)
        self._title = titles[found.index(part)]
        self._open(assemble(urls, frames, part), access)

    @property
    def title(self) -> str:
        """Modality and description of the series."""
        return self._title

    @property
    def spacing(self) -> tuple[float, float, float] | None:
        """Millimetres from slice to slice (the median), row to row and column to column."""
        return self.grid.spacing

    @property
    def affine(self) -> npt.NDArray[np.float64] | None:
        """(4, 4) from (column, row, slice) to millimetres, LPS; see `Grid`."""
        return self.grid.affine

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a person should know before trusting the scan."""
        return self.facts.problems

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows that the files suggest."""
        return self.facts.windows

    def hu(self, slice_index: int) -> npt.NDArray[Any]:
        """Return the values of a slice, (rows, columns): Hounsfield units of a CT.

        Those of other modalities are in the unit that `facts` name, rescaled as the file says;
        of colour they are RGB.
        """
        return self.values(slice_index)

    def volume(self) -> npt.NDArray[Any]:
        """Return the values of all slices, (slices, rows, columns); see `hu`."""
        return self.box((0, 0, 0), self.grid.shape)

    @property
    def slices(self) -> pd.DataFrame:
        """One row a slice, and nothing of the patient.

        Columns: file, frame (in the file, from 0), instance_number, position (of the centre of
        the first pixel, LPS millimetres), location (along the normal, millimetres), gap (to the
        slice before), thickness, window_level, window_width, slope, intercept.
        """
        import pandas as pd

        headers = [one.header for one in self._slices]
        places = [_location(one) for one in headers]
        gaps = np.diff(places, prepend=np.nan)
        return pd.DataFrame(
            {
                "file": [masked(one.url) for one in self._slices],
                "frame": [one.frame for one in self._slices],
                "instance_number": pd.array([one.instance_number for one in headers], "Int64"),
                "position": pd.Series([one.position for one in headers], dtype=object),
                "location": places,
                "gap": gaps,
                "thickness": [_number(one.thickness) for one in headers],
                "window_level": [_number(next(iter(one.window_centres), None)) for one in headers],
                "window_width": [_number(next(iter(one.window_widths), None)) for one in headers],
                "slope": [one.slope for one in headers],
                "intercept": [one.intercept for one in headers],
            }
        )

    def __repr__(self) -> str:
        return told(self, self._title)

    def _repr_html_(self) -> str:
        return volume_page(self, self._title)


def _chosen(found: list[Any], titles: list[str], uids: list[str], series: int | str | None) -> Any:
    """Return the one that is meant; raise SourceError with what there is where none is."""
    if series is None and len(found) == 1:
        return found[0]
    if isinstance(series, int) and not isinstance(series, bool) and 0 <= series < len(found):
        return found[series]
    if isinstance(series, str):
        for names in (uids, titles):
            if names.count(series) == 1:
                return found[names.index(series)]
    listed = "; ".join(
        f"{number}: {title} ({_size(one)})"
        for number, (one, title) in enumerate(zip(found[:_SHOWN], titles, strict=False))
    )
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    holds = "one scan" if len(found) == 1 else f"{len(found)} scans"
    hint = "Pass series= with a number, a title or a series UID."
    raise SourceError(f"holds {holds}: {listed}{more}.", where="source", hint=hint)


def _size(one: Part | Item) -> str:
    count = len(one.files) if isinstance(one, Part) else len(one.urls)
    return "1 file" if count == 1 else f"{count} files"


def _uids(items: list[Item]) -> list[str]:
    return [str(item.metadata.get("series_uid", "")) for item in items]


def _first(frames: list[Frames], part: Part) -> Any:
    first = frames[part.files[0]]
    # Parts are of files that were read.
    return first[0] if isinstance(first, list) else None


def _location(header: Any) -> float:
    if not is_placed(header):
        return float("nan")
    return float(np.array(header.position) @ normal_of(header))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _raise(
    row: int, place: str, item_id: str | None, url: str, error: LabelwidgetsError
) -> NoReturn:
    raise error
