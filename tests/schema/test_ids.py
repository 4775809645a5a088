"""Identifiers sort by time, are valid, and do not repeat."""

from __future__ import annotations

import time

import pytest

from labelwidgets.schema.ids import is_id, new_id


def test_ids_are_valid_different_and_in_the_order_of_their_milliseconds() -> None:
    first = [new_id() for _ in range(2000)]
    time.sleep(0.003)
    second = [new_id() for _ in range(2000)]
    assert len(set(first + second)) == 4000
    assert max(first) < min(second)
    assert all(is_id(one) and len(one) == 20 for one in first)


@pytest.mark.parametrize("text", ["a", "mwpsad74z94391vlyllf", "task:image", "A.b-c_d"])
def test_what_is_an_identifier(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", " a", "../a", "a/b", "a\n", "é", "a" * 65, ":a", "<b>"])
def test_what_is_none(text: str) -> None:
    assert not is_id(text)
