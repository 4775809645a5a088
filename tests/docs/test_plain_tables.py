"""Tables of docstrings become tables of the pages."""

from __future__ import annotations

from docs.plain_tables import markdown

PLAIN = """Words.

============  =========
``box``       a shape
``polygon``,  some, and
``mask``      more | less
``very_long_name`` beside it
of words
============  =========

More words."""


def test_a_table_has_a_row_for_each_thing_and_keeps_what_is_around_it() -> None:
    assert markdown(PLAIN).splitlines() == [
        "Words.",
        "",
        "| | |",
        "|---|---|",
        "| ``box`` | a shape |",
        r"| ``polygon``, ``mask`` | some, and more \| less |",
        "| ``very_long_name`` of words | beside it |",
        "",
        "More words.",
    ]


def test_text_without_a_table_stays_as_it_is() -> None:
    assert markdown("a = b\n====\nc") == "a = b\n====\nc"
