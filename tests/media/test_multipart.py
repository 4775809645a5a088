"""Bodies in several parts, whole and broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import SourceError
from labelwidgets.media.dicomweb.multipart import parts_of

TYPE = 'multipart/related; type="application/dicom"; boundary="{}"'


def made(parts: list[bytes], boundary: str = "b-1", preamble: bytes = b"") -> bytes:
    mark = b"--" + boundary.encode()
    body = preamble
    for part in parts:
        body += mark + b"\r\nContent-Type: application/dicom\r\n\r\n" + part + b"\r\n"
    return body + mark + b"--\r\n"


@given(parts=st.lists(st.binary(max_size=200), max_size=5))
def test_parts_come_back_as_they_were(parts: list[bytes]) -> None:
    if any(b"\r\n--b-1" in part for part in parts):
        return
    assert parts_of(made(parts), TYPE.format("b-1"), "x") == parts
    assert parts_of(made(parts, preamble=b"hello\r\n"), TYPE.format("b-1"), "x") == parts


def test_a_part_may_hold_the_mark_within_a_line_and_be_without_headers() -> None:
    body = b"--b\r\n\r\nab--b--cd\r\n--b--"
    assert parts_of(body, "multipart/related; boundary=b", "x") == [b"ab--b--cd"]


def test_what_does_not_come_in_parts_is_the_whole() -> None:
    assert parts_of(b"abc", "application/octet-stream", "x") == [b"abc"]


@given(cut=st.integers(0, len(made([b"abcdef", b"ghi"])) - 5))
def test_a_body_that_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(SourceError, match="cut short"):
        parts_of(made([b"abcdef", b"ghi"])[:cut], TYPE.format("b-1"), "x")


def test_a_body_without_a_boundary_is_refused() -> None:
    with pytest.raises(SourceError, match="without a boundary"):
        parts_of(b"abc", "multipart/related", "x")


@given(body=st.binary(max_size=300), kind=st.sampled_from([TYPE.format("b"), "multipart/x"]))
def test_noise_is_refused_and_never_hangs(body: bytes, kind: str) -> None:
    try:
        parts_of(body, kind, "x")
    except SourceError:
        return
    assert b"--b--" in body
