"""File systems of fsspec, and their errors in our words."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, TypeVar, cast

from labelwidgets.errors import (
    ImageError,
    LabelwidgetsError,
    MissingExtraError,
    MissingFileError,
    SourceError,
)
from labelwidgets.media.urls import masked

T = TypeVar("T")

# The extra with what speaks each of the protocols that fsspec does not speak by itself.
_EXTRAS = {
    "http": "http",
    "https": "http",
    "s3": "s3",
    "s3a": "s3",
    "gs": "gcs",
    "gcs": "gcs",
    "abfs": "azure",
    "abfss": "azure",
    "az": "azure",
    "dicomweb": "dicom",
}
# The families of errors that say that no server was reached: of Python, aiohttp, botocore, Azure.
_NO_CONNECTION = {
    "ConnectionError",
    "ClientConnectionError",
    "HTTPClientError",
    "ServiceRequestError",
}


def filesystem(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Return the fsspec file system of a canonical URL and the path in it.

    Raises
    ------
    MissingExtraError
        If the package that speaks the protocol is not installed.
    SourceError
        If the protocol is unknown or its options are wrong.
    """
    import fsspec

    return connected(url, lambda: cast("tuple[Any, str]", fsspec.core.url_to_fs(url, **options)))


def connected(url: str, connect: Callable[[], T]) -> T:
    """Return what `connect` makes for a URL.

    Raises
    ------
    MissingExtraError
        If the package that speaks its protocol is not installed.
    SourceError
        If it fails otherwise.
    """
    with reported(url):
        try:
            return connect()
        except ImportError as error:
            extra = _EXTRAS.get(url.partition(":")[0].lower())
            raise MissingExtraError(
                f"needs a package that is not installed: {error}.",
                where=masked(url),
                hint=f'Install it with: pip install "labelwidgets[{extra}]"' if extra else None,
            ) from None


@contextmanager
def reported(url: str) -> Iterator[None]:
    """Turn whatever a file system raises into a SourceError that names the file.

    Cloud packages raise errors of many families, and their texts may quote a
    signed URL; so the cause is told in words, masked, and not chained.
    """
    where = masked(url)
    try:
        yield
    except LabelwidgetsError:
        raise
    except IsADirectoryError:
        raise ImageError("is a folder, not a picture.", where=where) from None
    except Exception as error:
        raise _told(error, where) from None


def _told(error: Exception, where: str) -> LabelwidgetsError:
    if type(error).__name__ == "MissingDependencyException":
        # Of botocore, for what is signed for several regions at once.
        return MissingExtraError(
            "needs a package that is not installed.",
            where=where,
            hint='Install it with: pip install "botocore[crt]"',
        )
    status = _status(error)
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        hint = "Check the spelling and who may read it."
        return MissingFileError("does not exist.", where=where, hint=hint)
    if isinstance(error, PermissionError) or status in (401, 403):
        return SourceError(
            f"may not be read ({_words(error)}).",
            where=where,
            hint="Check the rights, and the credentials in the storage options.",
        )
    if isinstance(error, TimeoutError):
        hint = "Try again, or check the network."
        return SourceError("did not answer in time.", where=where, hint=hint)
    return SourceError(
        f"cannot be read ({_words(error)}).", where=where, hint=_way_out(error, where)
    )


def _way_out(error: Exception, where: str) -> str | None:
    """Return what to do about an error that is neither of rights nor of spelling."""
    # By name, as the packages of the clouds are optional and each has a family of its own.
    families = {kind.__name__ for kind in type(error).__mro__}
    if families & _NO_CONNECTION:
        if "s3://" in where:
            return (
                "Check the network. A server that is not Amazon's is named by the storage option "
                "endpoint_url, which is given again whenever a project is opened."
            )
        return "Check the address and the network."
    if "endpoint" in str(error) and isinstance(error, ValueError):
        return "An endpoint_url begins with https:// or http://."
    if isinstance(error, TypeError) and "unexpected keyword" in str(error):
        return "Check the spelling of the options."
    if "BotoCoreError" in families:
        return "Check the storage options."
    return None


def _status(error: Exception) -> int | None:
    """Return the HTTP status in an error: of aiohttp, of Azure's package, of Google's."""
    for name in ("status", "status_code", "code"):
        found = getattr(error, name, None)
        if isinstance(found, int):
            return found
    return None


def open_local(path: str, buffered: bool = True) -> IO[bytes]:
    """Open a local file; a pipe or a device is refused, as it may never end."""
    with reported(path):
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ImageError("is a folder, not a picture.", where=path)
        if not stat.S_ISREG(mode):
            raise ImageError("is a pipe or a device, not a file.", where=path)
        return open(path, "rb", -1 if buffered else 0)


def _words(error: Exception) -> str:
    text = masked(" ".join(str(error).split()))[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
