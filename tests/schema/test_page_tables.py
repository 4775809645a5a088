"""Tables of pages: names on the left, numbers on the right, nothing wider than its cell."""

from __future__ import annotations

import pandas as pd

from labelwidgets.schema.page_tables import MOST, table
from labelwidgets.workflow.charts import bars
from labelwidgets.workflow.page_tables import count_table, numbers

LONG = "a class name that somebody wrote as a whole sentence"


def test_a_long_name_is_cut_on_the_page_and_whole_in_its_title() -> None:
    made = table("Classes", ["class", "labels"], [(LONG, "7")])
    assert f'<th scope="row" title="{LONG}"' in made
    assert "text-overflow: ellipsis" in made
    assert "overflow-x: auto" in made
    assert 'tabindex="0" role="group" aria-label="Classes">' in made


def test_columns_of_words_stand_on_the_left_and_of_numbers_on_the_right() -> None:
    made = table("", ["", "", ""], [("a", "1,000", "here"), ("b", "-", "")])
    assert "<thead>" not in made
    sides = ["left" if "text-align: left" in cell else "right" for cell in made.split("<td")[1:]]
    assert sides == ["right", "left"] * 2


def test_what_has_no_room_is_counted_also_where_only_some_rows_are_given() -> None:
    rows = [(str(n), "1") for n in range(MOST + 3)]
    assert "and 3 more" in table("", ["name", "n"], rows)
    assert "and 88 more" in table("", ["name", "n"], rows[:MOST], 100)


def test_a_column_has_fractions_or_none() -> None:
    assert numbers([1.0, 0.25, float("nan")]) == ["1.000", "0.250", "-"]
    assert numbers([1.0, 2, 1000]) == ["1", "2", "1,000"]


def test_names_beside_bars_are_cut_where_their_room_ends() -> None:
    drawn = bars({LONG: 2, "交差点の信号機と横断歩道": 1, "none": 0}, "Labels")
    assert ">a class name that so\u2026</text>" in drawn
    assert ">交差点の信号機と横\u2026</text>" in drawn
    assert f"<title>{LONG}</title>" in drawn
    assert 'width="0.0"' in drawn, "What is not there has no bar."


def test_names_of_many_columns_stand_upright_and_shades_are_of_counts_alone() -> None:
    few, many = (pd.DataFrame([range(n)], ["a"], [f"class {k}" for k in range(n)]) for n in (3, 9))
    assert "vertical-rl" not in count_table("", few)
    made = count_table("", many)
    assert made.count("vertical-rl") == 9
    assert made.count("%, var(--jp-layout-color1, transparent))") == 9
