"""Styles of URLs, read from servers: the one that is written reads the same object."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

import labelwidgets as lw
from tests.servers.azure import ACCOUNT, Azure
from tests.servers.s3 import S3

KEY = "two words/a#b.png"


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (5, 4), "red").save(data, "PNG")
    return data.getvalue()


@pytest.mark.parametrize(
    ("style", "known"),
    [
        ("https://{bucket}.s3.eu-west-1.amazonaws.com/", "s3://{bucket}/two words/"),
        ("https://s3.amazonaws.com/{bucket}/", "s3://{bucket}/two words/"),
        ("arn:aws:s3:::{bucket}/", "s3://{bucket}/two words/"),
        (
            "https://{bucket}.obs.eu-de.otc.t-systems.com/",
            "https://{bucket}.obs.eu-de.otc.t-systems.com/two%20words/",
        ),
        (
            "https://obs.eu-de.otc.t-systems.com/{bucket}/",
            "https://{bucket}.obs.eu-de.otc.t-systems.com/two%20words/",
        ),
    ],
)
def test_styles_of_s3_are_listed_and_read(s3: S3, style: str, known: str) -> None:
    bucket = s3.bucket()
    bucket.put(KEY, picture())
    name = bucket.url.removeprefix("s3://")
    # The server stands for all of them, so that its address is given; keys go to hosts virtually
    # otherwise, which have no names here.
    near: dict[str, Any] = {**bucket.options, "config_kwargs": {"s3": {"addressing_style": "path"}}}
    base, expected = style.format(bucket=name), known.format(bucket=name)
    escaped = base.startswith("https")
    listed = lw.Dataset.open(
        f"{base}{'two%20words' if escaped else 'two words'}/", s3=near, progress=False
    )
    end = "a%23b.png" if expected.startswith("https") else "a#b.png"
    assert list(listed.items.urls) == [[f"{expected}{end}"]]
    key = "two%20words/a%23b.png" if escaped else KEY
    named = lw.Dataset.open([f"{base}{key}"], s3=near, progress=False)
    assert list(named) == list(listed)
    assert named.read(next(iter(named))) == picture()


def test_styles_of_azure_are_listed_and_read(azure: Azure) -> None:
    bucket = azure.bucket()
    bucket.put(KEY, picture())
    container = bucket.url.partition("://")[2]
    # Nothing is asked of this host: the connection string of the account says where it lies.
    host = f"{ACCOUNT}.blob.core.windows.net"
    listed = lw.Dataset.open(
        f"https://{host}/{container}/two%20words/", abfs=dict(bucket.options), progress=False
    )
    expected = f"abfs://{container}@{ACCOUNT}.dfs.core.windows.net/{KEY}"
    assert list(listed.items.urls) == [[expected]]
    assert listed.read(next(iter(listed))) == picture()
