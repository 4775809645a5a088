"""Instructions: the tree has nothing in it that could do harm, however the text is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwidgets.errors import SchemaError
from labelwidgets.schema.instructions import (
    MAX_DEPTH,
    MAX_INSTRUCTIONS,
    MAX_NODES,
    check_instructions,
    read_instructions,
)

BLOCKS = "p ul ol li blockquote table thead tbody tr th td pre hr"
TAGS = {*BLOCKS.split(), "em", "strong", "s", "a", "code", "br"}
TAGS |= {f"h{level}" for level in range(1, 7)}


def walk(nodes: list[Any], depth: int = 0) -> tuple[int, int]:
    """Return how many nodes there are and how deep; fail at what is not allowed."""
    count, deepest = 0, depth
    for node in nodes:
        count += 1
        if isinstance(node, str):
            continue
        assert set(node) <= {"tag", "children", "href", "start", "align"}
        assert node["tag"] in TAGS
        if "href" in node:
            assert node["tag"] == "a"
            assert node["href"].lower().startswith(("http:", "https:", "mailto:"))
        inner, below = walk(node["children"], depth + 1)
        count, deepest = count + inner, max(deepest, below)
    return count, deepest


def test_what_markdown_is_for() -> None:
    text = (
        "# Cars\n\nDraw *every* **car**, `id` too.\n\n1. one\n2. two\n\n[more](https://a.example)"
    )
    assert read_instructions(text) == [
        {"tag": "h1", "children": ["Cars"]},
        {
            "tag": "p",
            "children": [
                "Draw ",
                {"tag": "em", "children": ["every"]},
                " ",
                {"tag": "strong", "children": ["car"]},
                ", ",
                {"tag": "code", "children": ["id"]},
                " too.",
            ],
        },
        {
            "tag": "ol",
            "children": [{"tag": "li", "children": ["one"]}, {"tag": "li", "children": ["two"]}],
        },
        {
            "tag": "p",
            "children": [{"tag": "a", "children": ["more"], "href": "https://a.example"}],
        },
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](  JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x) <javascript:alert(1)> [y](//evil.example) [z](/etc/passwd)",
        "[x]: javascript:alert(1)\n\n[x]",
        "![x](javascript:alert(1)) ![y](http://tracker.example/pixel.png)",
        "[x](http://[::1)",
        '[a](https://ok.example "onmouseover=alert(1)")',
    ],
)
def test_nothing_that_could_run_or_call_home(text: str) -> None:
    tree = read_instructions(text)
    walk(tree)
    assert "javascript:" not in json.dumps([n for n in tree if isinstance(n, dict) and "href" in n])


@pytest.mark.parametrize(
    "text",
    [
        ">" * 5_000 + "a",
        "- " * 5_000,
        "\n".join("  " * depth + "- x" for depth in range(150)),
        "[" * 20_000,
        "*a " * 16_000,
        "(x)[" * 10_000,
        "`" * 50_000,
        "|a" * 1_000 + "\n" + "|-" * 1_000 + "\n" + ("|b" * 1_000 + "\n") * 20,
        "\n".join("> " * depth + "x" for depth in range(200)),
    ],
)
def test_huge_nesting_and_many_nodes_are_cut(text: str) -> None:
    count, depth = walk(read_instructions(text[:MAX_INSTRUCTIONS]))
    assert count <= 2 * MAX_NODES
    assert depth <= 2 * MAX_DEPTH + 2


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab[]()<>!*_`#-|:/\\\n &;1.javscript:http"), max_size=200))
def test_any_text_gives_a_harmless_tree(text: str) -> None:
    walk(read_instructions(text))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("x" * (MAX_INSTRUCTIONS + 1), "50,001 characters long"),
        (7, "must be text, not int"),
        ("a\x00b", "control characters"),
        ("a\ud800", "half characters"),
    ],
)
def test_what_is_refused(text: Any, match: str) -> None:
    with pytest.raises(SchemaError, match=match):
        check_instructions(text)
