"""Reading ranges of one version of an object, where its store tells versions apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from labelwidgets.errors import SourceError
from labelwidgets.media.cancellation import cat, sync
from labelwidgets.media.urls import masked


def version_of(fs: Any, facts: Mapping[str, Any]) -> str | None:
    """Return what names the version of an object, None where the store cannot be asked for it.

    Parameters
    ----------
    fs
        The file system of fsspec.
    facts
        What its `info` says of the object.
    """
    name = {"s3": "ETag", "gs": "generation"}.get(_protocol(fs), "")
    found = facts.get(name)
    return str(found) if found else None


def cat_version(fs: Any, path: str, start: int, stop: int, version: str | None) -> bytes:
    """Return a range of one version of an object, in one request that can be cancelled.

    Raises
    ------
    SourceError
        If the object is another one by now.
    """
    if _protocol(fs) == "gs":
        # One request, whatever its default: of several, some would begin behind the end.
        one = {"generation": version, "concurrency": 1}
        return cast("bytes", sync(fs.loop, fs._cat_file, path, start=start, end=stop, **one))
    if version is None:
        return cat(fs, path, start, stop)
    try:
        return cast("bytes", sync(fs.loop, _of_s3, fs, path, start, stop, version))
    except OSError as error:
        text = f"{error} {error.__cause__}".lower()
        if "precondition" in text or "pre-condition" in text or "(412)" in text:
            raise SourceError(
                "was changed while it was read.", where=masked(path), hint="Open it again."
            ) from None
        raise


async def _of_s3(fs: Any, path: str, start: int, stop: int, version: str) -> bytes:
    bucket, key, _ = fs.split_path(path)
    answer = await fs._call_s3(
        "get_object", Bucket=bucket, Key=key, Range=f"bytes={start}-{stop - 1}", IfMatch=version
    )
    try:
        return cast("bytes", await answer["Body"].read())
    finally:
        answer["Body"].close()


def _protocol(fs: Any) -> str:
    names = (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
    return next((name for name in ("s3", "gs") if name in names), "")
