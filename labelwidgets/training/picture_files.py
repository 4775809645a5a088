"""The pictures of a training set as files, for trainers that read files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from labelwidgets.errors import FormatError, SourceError
from labelwidgets.formats.file_names import plain_name
from labelwidgets.formats.picture_copies import file_of, picture_file
from labelwidgets.media.file_pictures import is_near
from labelwidgets.media.urls import is_local
from labelwidgets.media.whole_files import write_bytes
from labelwidgets.training.samples import Sample
from labelwidgets.workers import Workers, run

if TYPE_CHECKING:
    from labelwidgets.media.dataset import Dataset

# Pictures that are on their way at once: those from afar take longest to answer.
_AT_ONCE = 4


class PictureFiles:
    """Finds the files of samples, or makes them.

    Parameters
    ----------
    dataset
        Where pixels come from.
    folder
        A local folder that pictures go into; None takes them where they lie.
    link
        Whether pictures that lie on this machine are linked from there instead of copied; where
        links cannot be made, they are copied.
    """

    def __init__(
        self, dataset: Dataset, folder: str | os.PathLike[str] | None, link: bool = True
    ) -> None:
        self._dataset, self._link = dataset, link
        self._folder = None if folder is None else Path(folder)
        self._items = dataset.items.set_index("id")

    def url(self, sample: Sample) -> str | None:
        """Return the URL of the file that is the picture; None of frames and slices."""
        item = self._items.loc[sample.item]
        return file_of(str(item["kind"]), list(item["urls"]), sample.frame)

    def path(self, sample: Sample, below: str = "") -> str:
        """Return the file of a sample: with a folder a local path, else where it lies.

        Parameters
        ----------
        sample
            Which.
        below
            In which folder of the folder.

        Raises
        ------
        FormatError
            If it is a frame or a slice, and there is no folder to write it to.
        SourceError
            If it cannot be read or written.
        """
        url = self.url(sample)
        if self._folder is None:
            if url is None:
                raise FormatError(
                    "is a part of a file, and no file of its own.",
                    where=sample.name,
                    hint="Pass folder= to have such pictures written.",
                )
            return url
        place = self._folder / below / plain_name(sample.name)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if self._link and url is not None and is_local(url) and is_near(url):
                if place.is_symlink():
                    place.unlink()
                if _linked(url, place):
                    return str(place)
            write_bytes(place, self.data(sample))
        except OSError as error:
            if isinstance(error, SourceError):
                raise
            raise SourceError(
                f"cannot be written ({error.strerror or error}).", where=str(place)
            ) from None
        return str(place)

    def put(self, wanted: Sequence[tuple[Sample, str]]) -> None:
        """Have the files of samples in the folder, several read beside each other: see `path`.

        Parameters
        ----------
        wanted
            Samples, each with the folder of the folder that it goes into.
        """
        from tqdm.auto import tqdm

        threads = Workers(None, _AT_ONCE, "threads")
        with closing(run(lambda one: self.path(*one), wanted, threads)) as done:
            for _ in tqdm(done, "Pictures", len(wanted), unit=" picture", delay=1, leave=False):
                pass

    def data(self, sample: Sample) -> bytes:
        """Return the picture as a file: as it is, and of frames and slices a PNG.

        Of values of more than 8 bits its brightest and darkest tell what is white and black.
        """
        return picture_file(self._dataset, sample.item, sample.frame, self.url(sample))

    def size(self, sample: Sample) -> tuple[int, int]:
        """Return width and height, in pixels."""
        if sample.size is not None:
            return sample.size
        height, width = self._dataset.pixels(sample.item, sample.frame or 0).shape[:2]
        return width, height


def _linked(url: str, place: Path) -> bool:
    if place.exists() and place.samefile(url):
        return True
    try:
        place.symlink_to(url)
    except FileExistsError:
        place.unlink()
        place.symlink_to(url)
    except (OSError, NotImplementedError):
        return False
    return True
