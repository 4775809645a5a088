"""Pictures that a page fetches by itself, from where they lie."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from labelwidgets.errors import SourceError
from labelwidgets.media.access import Access
from labelwidgets.media.archives.address import address_of
from labelwidgets.media.clouds.location import Location
from labelwidgets.media.encoded import passes
from labelwidgets.media.header import ImageHeader
from labelwidgets.media.urls import is_local
from labelwidgets.media.validation import header_of

Delivery: TypeAlias = Literal["kernel", "direct"]

SECONDS = 300
"""How long a signed URL is good for: a page uses it as soon as it has it."""
# The end of these can be told, so that a page sees when a file is cut short.
_FORMATS = ("JPEG", "PNG", "WEBP")
_KEPT = 1000

logger = logging.getLogger("labelwidgets")


@dataclass(frozen=True, slots=True)
class Direct:
    """A picture that a page fetches by itself.

    Parameters
    ----------
    url
        Good for a short while, and without further credentials. It goes to the page that asked
        and nowhere else: not into a store, an output or a log.
    mime
        The media type of the picture.
    width, height
        In pixels, of the upright picture.
    """

    url: str = field(repr=False)
    mime: str
    width: int
    height: int


def check_delivery(delivery: Delivery) -> Delivery:
    """Return how pictures are delivered.

    Raises
    ------
    SourceError
        If there is no such way.
    """
    if delivery not in ("kernel", "direct"):
        raise SourceError(f"must be 'kernel' or 'direct', not {delivery!r:.80}.", where="delivery")
    return delivery


class Signer:
    """Makes the URLs by which a page fetches pictures itself.

    Parameters
    ----------
    access
        Knows the credentials, and reads the headers of pictures.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._headers: OrderedDict[str, ImageHeader] = OrderedDict()
        self._told: set[str] = set()

    def direct(self, url: str, trusted: bool) -> Direct | None:
        """Return how a page gets a picture by itself, None where the kernel has to send it.

        Parameters
        ----------
        url
            Canonical URL of the picture.
        trusted
            Whether the author named it. A page is not sent to web addresses that a data file
            named, as they may mean something else where the page is.

        Raises
        ------
        SourceError, ImageError, LimitError
            If the header of the picture cannot be read.
        """
        if is_local(url) or address_of(url) is not None:
            return None
        fs, location = self._access.of(trusted).locate(url)
        web = location.protocol in ("http", "https")
        if web and not trusted:
            return None
        header = self._header(url, trusted)
        if header.format not in _FORMATS or header.frames != 1 or not passes(header):
            return None
        signed = location.path if web else self._sign(fs, location)
        return Direct(signed, header.mime, header.width, header.height) if signed else None

    def _header(self, url: str, trusted: bool) -> ImageHeader:
        known = self._headers.get(url)
        if known is None:
            known = self._headers[url] = header_of(url, self._access.of(trusted))
            if len(self._headers) > _KEPT:
                self._headers.popitem(last=False)
        return known

    def _sign(self, fs: Any, location: Location) -> str | None:
        """Return a signed URL; where there is nothing to sign with, None, which is told once."""
        try:
            return str(fs.sign(location.path, expiration=SECONDS))
        except Exception as error:
            # Of many families, and their texts may quote what they were to sign with.
            scheme = location.protocol
            if scheme not in self._told:
                self._told.add(scheme)
                logger.warning(
                    "URLs of %s:// cannot be signed with these credentials (%s): "
                    "the kernel sends their pictures.",
                    scheme,
                    type(error).__name__,
                )
            return None
