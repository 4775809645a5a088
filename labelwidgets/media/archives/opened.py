"""The archives that are open: of each the index is read once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.archives.address import Address
from labelwidgets.media.archives.archive import Archive, fault
from labelwidgets.media.archives.gzip import GzipArchive
from labelwidgets.media.archives.tar import TarArchive
from labelwidgets.media.archives.zip import ZipArchive
from labelwidgets.media.limits import Limits
from labelwidgets.media.places import Place
from labelwidgets.media.traffic import Traffic

_Key: TypeAlias = tuple[str, str, bool]

_READERS: dict[str, Callable[[Place, Limits], Archive]] = {
    "zip": ZipArchive,
    "tar": TarArchive,
    "gzip": GzipArchive,
}


class OpenedArchives:
    """Indexes of archives by URL. Safe from several threads.

    Parameters
    ----------
    limits
        Bounds on members and on what they inflate to.
    traffic
        Counts what is read; indexes are counted to no item.
    """

    def __init__(self, limits: Limits, traffic: Traffic) -> None:
        self._limits, self._traffic = limits, traffic
        self._known: dict[_Key, Archive] = {}
        self._locks: dict[_Key, Lock] = {}
        self._guard = Lock()

    def archive(
        self, address: Address, place: Callable[[], Place], trusted: bool = True
    ) -> Archive:
        """Return the archive of an address, its index read where it is not known yet.

        Parameters
        ----------
        address
            Which.
        place
            Returns where the archive lies.
        trusted
            Whether the author named it: what a data file named is read by a place of its own.

        Raises
        ------
        SourceError
            If it cannot be read, or is no such archive.
        LimitError
            If it is larger than the limits allow.
        """
        key = address.kind, address.archive, trusted
        with self._guard:
            known = self._known.get(key)
            lock = self._locks.setdefault(key, Lock())
        if known is not None:
            return known
        with lock:
            with self._guard:
                known = self._known.get(key)
            if known is None:
                with self._traffic.of(None):
                    known = _READERS[address.kind](place(), self._limits)
                with self._guard:
                    self._known[key] = known
        return known

    def member(self, address: Address, place: Callable[[], Place], trusted: bool = True) -> Place:
        """Return where a member lies.

        Raises
        ------
        LabelwidgetsError
            If there is no such member, or it is refused.
        """
        archive = self.archive(address, place, trusted)
        try:
            return archive.member(address.member)
        except KeyError:
            pass
        refused: LabelwidgetsError | None = archive.faults.get(address.member)
        if refused is None:
            raise fault(
                address.archive, address.member, "does not exist.", "Check its spelling."
            ) from None
        raise refused
