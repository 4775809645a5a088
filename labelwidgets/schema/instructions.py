"""What labellers are told: Markdown, read into a small tree in which nothing can do harm."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from labelwidgets.errors import SchemaError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_INSTRUCTIONS = 50_000
MAX_NODES = 20_000
MAX_DEPTH = 20
SCHEMES = ("http", "https", "mailto")

# A text, or an element with `tag`, `children`, and `href`, `start` or `align` where it has them.
Node: TypeAlias = "str | dict[str, Any]"

_BLOCKS = {
    "heading": "",
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "em": "em",
    "strong": "strong",
    "s": "s",
    "link": "a",
}


def check_instructions(text: Any) -> str:
    """Return instructions as they are kept.

    Raises
    ------
    SchemaError
        If they are no text, longer than 50,000 characters, or hold control characters.
    """
    if text is None:
        return ""
    if not isinstance(text, str):
        raise SchemaError(f"must be text, not {type(text).__name__}.", where="instructions")
    plain: str = text.replace("\r\n", "\n")
    if len(text) > MAX_INSTRUCTIONS:
        raise SchemaError(
            f"are {len(text):,} characters long, at most {MAX_INSTRUCTIONS:,} are allowed.",
            where="instructions",
            hint="Link to a longer page.",
        )
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in plain):
        raise SchemaError(
            "must not hold control characters or half characters.", where="instructions"
        )
    return plain


def read_instructions(text: str) -> list[Node]:
    """Return the tree of instructions: CommonMark with tables and strikethrough.

    There is no HTML in it, no picture, and no link but to http, https and mailto; all of these
    stay visible as the text that they are. What is nested too deeply, or too much, is cut.

    Parameters
    ----------
    text
        Markdown.

    Returns
    -------
    list
        Texts, and elements as dicts with `tag` and `children`; a link has `href`, a list that
        does not begin with 1 `start`, a cell of a table `align`.
    """
    return _Tree().read(_parser().parse(check_instructions(text)))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_DEPTH})
    parser.enable(["table", "strikethrough"])
    # Pictures would tell another server who looks at what.
    parser.disable(["image", "html_block", "html_inline"])
    parser.validateLink = _is_safe  # type: ignore[method-assign, assignment]
    return parser


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in SCHEMES


class _Tree:
    """Puts the flat tokens of the parser into each other, as far as the limits go."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def read(self, tokens: list[Token]) -> list[Node]:
        root: list[Node] = []
        stack: list[list[Node]] = [root]
        for token in tokens:
            if token.nesting < 0:
                if len(stack) > 1:
                    stack.pop()
                continue
            self.left -= 1
            if self.left < 0:
                root.append({"tag": "p", "children": ["…"]})
                break
            if token.nesting > 0:
                children: list[Node] = []
                element = self._element(token, children)
                # A paragraph of a tight list is only its text.
                if token.hidden or element is None or len(stack) > MAX_DEPTH:
                    children = stack[-1]
                else:
                    stack[-1].append(element)
                stack.append(children)
            else:
                stack[-1].extend(self._leaf(token))
        return root

    def _element(self, token: Token, children: list[Node]) -> Node | None:
        kind = token.type.removesuffix("_open")
        tag = _BLOCKS.get(kind)
        if tag is None:
            return None
        element: dict[str, Any] = {"tag": tag or token.tag, "children": children}
        if kind == "link":
            address = str(token.attrGet("href") or "")
            if not _is_safe(address):
                return None
            element["href"] = address
        if kind == "ordered_list" and token.attrGet("start") is not None:
            element["start"] = int(str(token.attrGet("start")))
        if kind in ("th", "td"):
            style = str(token.attrGet("style") or "")
            align = style.removeprefix("text-align:")
            if align in ("left", "center", "right"):
                element["align"] = align
        return element

    def _leaf(self, token: Token) -> list[Node]:
        if token.type == "inline":
            return self.read(token.children or [])
        if token.type in ("code_block", "fence"):
            return [{"tag": "pre", "children": [token.content]}]
        if token.type == "code_inline":
            return [{"tag": "code", "children": [token.content]}]
        if token.type == "hr":
            return [{"tag": "hr", "children": []}]
        if token.type == "hardbreak":
            return [{"tag": "br", "children": []}]
        if token.type == "softbreak":
            return ["\n"]
        return [token.content] if token.content else []
