"""The names of a bucket, page by page: what lists millions of objects without holding them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

SIZE = 1000
"""How many names stores give at a time, and how many make a page of what comes one by one."""


def pages(fs: Any, path: str) -> Iterator[list[str]]:
    """Yield the names of all files under a folder of an fsspec file system, some at a time.

    fsspec itself collects a whole listing before it gives the first name, with a dict of
    details for each. Here S3, Google and Azure are asked for one page after another, in the
    order of their keys; other file systems for one folder after another.

    Parameters
    ----------
    fs, path
        The file system, and the folder in it.
    """
    protocols = {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)
    ask: Callable[[Any, str, str, str | None], tuple[list[str], str | None]] | None = None
    if "s3" in protocols and hasattr(fs, "call_s3"):
        ask = _s3
    elif "gs" in protocols and hasattr(fs, "call"):
        ask = _google
    elif "abfs" in protocols and hasattr(fs, "service_client"):
        ask = _azure
    bucket, _, folder = path.strip("/").partition("/")
    if ask is None or not bucket:
        yield from _walk(fs, path)
        return
    prefix, token = f"{folder}/" if folder else "", None
    while True:
        keys, token = ask(fs, bucket, prefix, token)
        # What ends in a slash is the empty object that consoles make for a folder.
        yield [f"{bucket}/{key}" for key in keys if not key.endswith("/")]
        if token is None:
            return


def _walk(fs: Any, path: str) -> Iterator[list[str]]:
    for root, _, files in fs.walk(path, on_error="raise"):
        names = [f"{root.rstrip('/')}/{name}" for name in sorted(files)]
        for start in range(0, len(names), SIZE):
            yield names[start : start + SIZE]


def _s3(fs: Any, bucket: str, prefix: str, token: str | None) -> tuple[list[str], str | None]:
    more = {} if token is None else {"ContinuationToken": token}
    page = fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=SIZE, **more)
    keys = [entry["Key"] for entry in page.get("Contents", ())]
    return keys, page.get("NextContinuationToken") if page.get("IsTruncated") else None


def _google(fs: Any, bucket: str, prefix: str, token: str | None) -> tuple[list[str], str | None]:
    page = fs.call(
        "GET",
        "b/{}/o",
        bucket,
        prefix=prefix,
        maxResults=SIZE,
        pageToken=token,
        fields="items/name,nextPageToken",
        json_out=True,
    )
    return [entry["name"] for entry in page.get("items", ())], page.get("nextPageToken")


def _azure(fs: Any, bucket: str, prefix: str, token: str | None) -> tuple[list[str], str | None]:
    from fsspec.asyn import sync

    async def ask() -> tuple[list[str], str | None]:
        client = fs.service_client.get_container_client(bucket)
        blobs = client.list_blobs(name_starts_with=prefix, results_per_page=SIZE)
        found = blobs.by_page(token)
        async for page in found:
            return [blob.name async for blob in page], found.continuation_token or None
        return [], None

    keys, following = sync(fs.loop, ask)
    return keys, following
