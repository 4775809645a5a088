"""The file systems behind the URLs of one dataset."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labelwidgets.media.clouds.location import FAMILIES, IDENTITY, Location, location_of
from labelwidgets.media.dicomweb.address import dicom_address
from labelwidgets.media.limits import Limits
from labelwidgets.media.network.policy import UrlPolicy
from labelwidgets.media.sources import connected, filesystem

if TYPE_CHECKING:
    from labelwidgets.media.dicomweb.server import DicomwebServer
    from labelwidgets.media.network.web import WebFileSystem


class Connections:
    """Finds the file system of a URL, with the options that are meant for it.

    Parameters
    ----------
    options
        Storage options of the author: flat ones for every file system, and under the name of
        a protocol those for it alone.
    policy
        What URLs of data files may name.

    Attributes
    ----------
    options
        The same options; they may hold keys.
    """

    def __init__(self, options: Mapping[str, Any], policy: UrlPolicy) -> None:
        self.options = dict(options)
        self._policy = policy
        self._lock = threading.Lock()
        self._webs: dict[tuple[str, bool, bool], WebFileSystem] = {}
        self._servers: dict[tuple[str, bool, bool], DicomwebServer] = {}
        self._stranger: bool | None = None

    def find(self, url: str, trusted: bool) -> tuple[Any, Location]:
        """Return the fsspec file system of a canonical URL, and where in it that lies.

        Parameters
        ----------
        url
            Canonical.
        trusted
            Whether the author named it. What a data file named gets none of the headers and
            logins for http, unless the policy says so of its host.

        Raises
        ------
        MissingExtraError
            If the package that speaks the protocol is not installed.
        SourceError
            If the protocol is unknown or its options are wrong.
        """
        location = location_of(url, self._options_for, trusted)
        if location is None:
            scheme = url.partition("://")[0]
            fs, path = filesystem(url, self._options_for(scheme))
            return fs, Location(scheme, path, {}, _urls_like(url, path, fs))
        if location.protocol in ("http", "https"):
            return self._web(url, location, trusted), location
        options = dict(location.options)
        if location.protocol == "s3" and self._is_stranger(url, options):
            options["anon"] = True
        return connected(url, lambda: _made(location.protocol, options)), location

    def _web(self, url: str, location: Location, trusted: bool) -> WebFileSystem:
        login = trusted or self._policy.sends_login(url)
        name = location.protocol, trusted, login
        with self._lock:
            if name not in self._webs:
                options = location.options if login else {}

                def make() -> WebFileSystem:
                    from labelwidgets.media.network.client import WebClient
                    from labelwidgets.media.network.web import WebFileSystem

                    return WebFileSystem(WebClient(self._policy, trusted, options))

                self._webs[name] = connected(url, make)
            return self._webs[name]

    def dicomweb(self, url: str, trusted: bool, limits: Limits) -> DicomwebServer:
        """Return the DICOMweb server of a canonical URL; for parameters and errors see `find`."""
        root, login = dicom_address(url).root, trusted or self._policy.sends_login(url)
        name = root, trusted, login
        with self._lock:
            if name not in self._servers:

                def make() -> DicomwebServer:
                    from labelwidgets.media.dicomweb.server import DicomwebServer

                    own = self._options_for("dicomweb")
                    return DicomwebServer(root, own, self._policy, trusted, login, limits)

                self._servers[name] = connected(url, make)
            return self._servers[name]

    def _is_stranger(self, url: str, options: Mapping[str, Any]) -> bool:
        """Say whether there are no credentials for S3: public objects can be read without."""
        if any(options.get(name) is not None for name in IDENTITY):
            return False
        with self._lock:
            if self._stranger is None:
                self._stranger = connected(url, _has_no_credentials)
            return self._stranger

    def _options_for(self, protocol: str) -> dict[str, Any]:
        import fsspec

        known = {*fsspec.available_protocols(), *FAMILIES}
        found = {
            name: value
            for name, value in self.options.items()
            if not (name in known and isinstance(value, Mapping))
        }
        for name in reversed(FAMILIES.get(protocol, (protocol,))):
            own = self.options.get(name)
            if isinstance(own, Mapping):
                found |= own
        return found


def _urls_like(url: str, path: str, fs: Any) -> Callable[[str], str]:
    """Return what gives the URL of another path of a file system, the host of `url` kept."""
    whole = url.rstrip("/")
    for lead in ("/", ""):
        end = path.strip("/") if lead else path.rstrip("/")
        if end and whole.endswith(end):
            head = whole[: -len(end)]
            return lambda other: head + (other.lstrip("/") if lead else other)
    return lambda other: str(fs.unstrip_protocol(other))


def _made(protocol: str, options: Mapping[str, Any]) -> Any:
    import fsspec

    return fsspec.filesystem(protocol, **options)


def _has_no_credentials() -> bool:
    import botocore.session

    return botocore.session.get_session().get_credentials() is None
