"""The one door through which bytes come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import IO, TYPE_CHECKING, Any, cast

from labelwidgets.media.archives.address import Address, address_of
from labelwidgets.media.archives.archive import Archive
from labelwidgets.media.archives.opened import OpenedArchives
from labelwidgets.media.clouds.location import Location
from labelwidgets.media.connections import Connections
from labelwidgets.media.dicomweb.address import DICOMWEB
from labelwidgets.media.dicomweb.place import DicomwebPlace, KeptInstances
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.places import LocalPlace, Place, RemotePlace, fetch_into
from labelwidgets.media.range_file import HEADERS, Plan, RangeFile
from labelwidgets.media.ranges import fetch_ranges
from labelwidgets.media.sources import reported
from labelwidgets.media.traffic import Traffic
from labelwidgets.media.urls import is_local, masked, unsigned_url
from labelwidgets.media.video.address import frames_of

if TYPE_CHECKING:
    from labelwidgets.media.dicomweb.server import DicomwebServer


class Access:
    """Reads files, wherever they lie, within limits and counted.

    Parameters
    ----------
    options
        Storage options of fsspec, such as credentials; kept in memory only. An option
        with the name of a protocol and a dict, such as ``s3={"anon": True}``, is for that
        protocol alone.
    limits
        Bounds on the size of a file; the default ones where None.
    traffic
        Counts what is read; a new one where None.
    policy
        What URLs of data files may name; the default one where None.

    Attributes
    ----------
    trusted
        Whether it reads what the author named; the door that `of` gives for what a data file
        named keeps to the policy.
    """

    def __init__(
        self,
        options: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
        traffic: Traffic | None = None,
        policy: UrlPolicy | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.traffic = traffic or Traffic()
        self._archives = OpenedArchives(self.limits, self.traffic)
        self.policy = policy or UrlPolicy()
        self._connections = Connections(options or {}, self.policy)
        self.trusted = True
        self._other: Access | None = None
        self._signed: dict[str, str] = {}
        self._instances = KeptInstances()

    def __repr__(self) -> str:
        return f"Access({self.limits})"

    def again(self) -> Access:
        """Return a door like this one with nothing opened, such as for another process."""
        made = Access(self._connections.options, self.limits, policy=self.policy)
        made._signed = dict(self._signed)
        return made

    def of(self, trusted: bool) -> Access:
        """Return the door for what the author named (itself), or for what a data file named.

        Both share options, limits, traffic and policy.
        """
        if trusted == self.trusted:
            return self
        if self._other is None:
            other = copy(self)
            other.trusted, other._other = trusted, self
            # Not what was read with the login of the author.
            other._instances = KeptInstances()
            self._other = other
        return self._other

    def keep_signature(self, url: str) -> str:
        """Return a canonical URL without its signature, which is kept for when it is read.

        A signature is a credential: it stays in memory, as the storage options do, and what
        goes into frames and stores is the URL of the object.
        """
        if (frames := frames_of(url)) is not None:
            return frames._replace(video=self.keep_signature(frames.video)).url
        plain = unsigned_url(url)
        if plain != url:
            inner, outer = address_of(url), address_of(plain)
            if inner is not None and outer is not None:
                self._signed[outer.archive] = inner.archive
            else:
                self._signed[plain] = url
        return plain

    def filesystem(self, url: str) -> tuple[Any, str]:
        """Return the fsspec file system of a canonical URL and the path in it (see `locate`)."""
        fs, location = self.locate(url)
        return fs, location.path

    def locate(self, url: str) -> tuple[Any, Location]:
        """Return the fsspec file system of a canonical URL, and where in it that lies.

        Raises
        ------
        MissingExtraError
            If the package that speaks the protocol is not installed.
        SourceError
            If the protocol is unknown or its options are wrong; behind the door for data
            files, if the policy forbids it.
        """
        if not self.trusted:
            self.policy.check(url)
            self.policy.check(self._signed.get(url, url))
        return self._connections.find(self._signed.get(url, url), self.trusted)

    def place(self, url: str) -> Place:
        """Return where a file lies, counted and within the limits.

        Raises
        ------
        SourceError
            Behind the door for data files, if the policy forbids it.
        """
        if not self.trusted:
            self.policy.check(url)
        address = address_of(url)
        if address is not None:
            # Not counted: what it reads of its archive is.
            archive = address.archive
            return self._archives.member(address, lambda: self.place(archive), self.trusted)
        return _Counted(self._bare(url), self.traffic)

    def dicomweb(self, url: str) -> DicomwebServer:
        """Return the DICOMweb server of a canonical URL.

        Raises
        ------
        MissingExtraError
            If the package that speaks to it is not installed.
        SourceError
            Behind the door for data files, if the policy forbids it.
        """
        if not self.trusted:
            self.policy.check(url)
        return self._connections.dicomweb(url, self.trusted, self.limits)

    def _bare(self, url: str) -> Place:
        if is_local(url):
            return LocalPlace(url)
        if url.startswith(DICOMWEB):
            return self._instances.get(url, lambda: DicomwebPlace(url, self.dicomweb(url)))
        fs, location = self.locate(url)
        if location.protocol in ("http", "https"):
            from labelwidgets.media.network.web import WebPlace

            return WebPlace(location.path, fs)
        return RemotePlace(url, fs, location.path)

    def archive(self, address: Address) -> Archive:
        """Return an archive, its index read once."""
        place = address.archive
        return self._archives.archive(address, lambda: self.place(place), self.trusted)

    def read_ranges(self, url: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return several ranges of a file, fetched beside each other (see `fetch_ranges`)."""
        with reported(url):
            return fetch_ranges(self.place(url), ranges)

    def read(self, url: str) -> bytes:
        """Return the content of a file.

        Raises
        ------
        SourceError
            If it cannot be found or read.
        ImageError
            If it is a folder.
        LimitError
            If it is larger than the limits allow.
        """
        data = self.place(url).fetch(0, self.limits.file_bytes + 1)
        self.limits.check_bytes(len(data), masked(url))
        return data

    @contextmanager
    def open(self, url: str, plan: Plan = HEADERS) -> Iterator[IO[bytes]]:
        """Open a file for reading little of it."""
        with RangeFile(self.place(url), plan) as raw, reported(url):
            yield cast("IO[bytes]", raw)


class _Counted:
    """A place whose traffic is counted."""

    def __init__(self, place: Place, traffic: Traffic) -> None:
        self._place = place
        self._traffic = traffic

    @property
    def url(self) -> str:
        return self._place.url

    def size(self) -> int:
        asks = getattr(self._place, "known_size", None) is None
        size = self._place.size()
        if asks:
            self._traffic.count(0)
        return size

    def fetch(self, start: int, stop: int) -> bytes:
        data = self._place.fetch(start, stop)
        self._traffic.count(len(data))
        return data

    def fetch_into(self, start: int, buffer: memoryview) -> int:
        count = fetch_into(self._place, start, buffer)
        self._traffic.count(count)
        return count
