"""One instance, or one of its frames, on a DICOMweb server."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from labelwidgets.errors import SourceError
from labelwidgets.media.dicomweb.address import dicom_address
from labelwidgets.media.signatures import masked

if TYPE_CHECKING:
    from labelwidgets.media.dicomweb.server import DicomwebServer

_MOST, _MOST_BYTES = 64, 1 << 28


class DicomwebPlace:
    """An instance, or a frame, that comes whole: WADO-RS knows no ranges.

    Parameters
    ----------
    url
        Its canonical URL.
    server
        Where it lies.
    """

    def __init__(self, url: str, server: DicomwebServer) -> None:
        self.url = url
        self._server = server
        self._address = dicom_address(url)
        self._lock = threading.Lock()
        self._data: bytes | None = None
        if not self._address.instance:
            raise SourceError(
                "names no instance, but all of a series, a study or a server.",
                where=masked(url),
                hint="Open it by itself, Dataset.open(url), which lists its series.",
            )

    @property
    def held(self) -> int:
        """How many of its bytes are in memory."""
        return len(self._data or b"")

    def size(self) -> int:
        """Return how many bytes it has."""
        return len(self._whole())

    def fetch(self, start: int, stop: int) -> bytes:
        """Return a range of its bytes; all of them are fetched with the first range."""
        return self._whole()[start:stop]

    def _whole(self) -> bytes:
        with self._lock:
            if self._data is None:
                address = self._address
                if address.frame:
                    (self._data,) = self._server.frames(address, [address.frame])
                else:
                    self._data = self._server.instance(address)
            return self._data


class KeptInstances:
    """Instances that were read last, as header and pixels of one come together.

    Safe from several threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: OrderedDict[str, DicomwebPlace] = OrderedDict()

    def get(self, url: str, make: Callable[[], DicomwebPlace]) -> DicomwebPlace:
        """Return the place of an instance."""
        with self._lock:
            place = self._places.pop(url, None) or make()
            self._places[url] = place
            while len(self._places) > 1 and (
                len(self._places) > _MOST
                or sum(one.held for one in self._places.values()) > _MOST_BYTES
            ):
                self._places.popitem(last=False)
            return place
