"""An ontology as people see it in a notebook: everything that people wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from labelwidgets.schema.attributes import Attribute, Text
from labelwidgets.schema.page_style import FAINT, LINE, STYLE

if TYPE_CHECKING:
    from labelwidgets.schema.ontology import ObjectClass, Ontology

# More rows than a page is good for: `classes` has all.
_MOST = 100
_OPTIONS = 12
_FAINT = f"color: {FAINT}"
_CELL = f"padding: 2px 10px; text-align: left; vertical-align: top; border-bottom: 1px solid {LINE}"


def ontology_page(ontology: Ontology) -> str:
    """Return a table of the classes, and the questions about the picture.

    A class has its colour, its tool, its key (the first nine that are offered have digits, where
    they have none of their own) and its questions.
    """
    digits = {made.name: str(place) for place, made in enumerate(ontology.offered[:9], 1)}
    shown = ontology.classes[:_MOST]
    rows = "".join(_row(made, digits.get(made.name, "")) for made in shown)
    head = "".join(
        f'<th style="{_CELL}">{name}</th>' for name in ("class", "tool", "key", "questions")
    )
    count, questions = len(ontology.classes), len(ontology.image_attributes)
    parts = [
        f"<p><b>Ontology</b> {_counted(count, 'class', 'classes')}, "
        f"{_counted(questions, 'question', 'questions')} about the picture, "
        f'<span style="{_FAINT}">version {ontology.hash}</span></p>'
    ]
    if shown:
        body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        parts.append(f'<table style="border-collapse: collapse">{body}</table>')
    if count > len(shown):
        parts.append(f'<p style="{_FAINT}">and {count - len(shown):,} more</p>')
    if questions:
        parts.append(f"<p><b>About the picture</b></p>{_questions(ontology.image_attributes)}")
    if ontology.windows:
        names = ", ".join(
            escape(f"{one.name} ({one.level:g} / {one.width:g})") for one in ontology.windows
        )
        parts.append(f"<p><b>Windows</b> {names}</p>")
    return f'<div style="{STYLE}">{"".join(parts)}</div>'


def _row(made: ObjectClass, digit: str) -> str:
    swatch = (
        '<span style="display: inline-block; width: 12px; height: 12px; border-radius: 2px; '
        f"border: 1px solid {LINE}; vertical-align: -2px; "
        f'background: {escape(made.color or "transparent")}" title="{escape(made.color or "")}">'
        "</span>"
    )
    name = f"{swatch} <b>{escape(made.name)}</b>"
    if made.retired:
        name += f' <span style="{_FAINT}">retired</span>'
    if made.description:
        name += f'<br><span style="{_FAINT}">{escape(made.description)}</span>'
    tool = escape(made.tool) if made.instances else f"{escape(made.tool)}, one for all"
    if made.skeleton is not None:
        joints = ", ".join(made.skeleton.joints[:_OPTIONS])
        more = len(made.skeleton.joints) - _OPTIONS
        named = f"{joints}, and {more} more" if more > 0 else joints
        tool += f'<br><span style="{_FAINT}">{escape(named)}</span>'
    key = "&nbsp;".join(f"<kbd>{escape(one)}</kbd>" for one in (made.hotkey, digit) if one)
    cells = (name, tool, key, _questions(made.attributes))
    told = "".join(f'<td style="{_CELL}">{one}</td>' for one in cells)
    return f"<tr>{told}</tr>"


def _questions(attributes: Sequence[Attribute]) -> str:
    return "".join(f"<div>{_question(one)}</div>" for one in attributes)


def _question(asked: Attribute) -> str:
    told = [type(asked).__name__.lower()]
    if asked.required:
        told.append("required")
    if asked.mutable:
        told.append("frame by frame")
    if asked.retired:
        told.append("retired")
    if asked.shown_if:
        told += [f"if {name} is {' or '.join(some)}" for name, some in asked.shown_if.items()]
    options = ""
    if not isinstance(asked, Text):
        more = len(asked.options) - _OPTIONS
        options = f" {', '.join(asked.options[:_OPTIONS])}"
        options += f", and {more} more" if more > 0 else ""
    detail = f'<span style="{_FAINT}">({escape(", ".join(told))})</span>'
    return f"{escape(asked.name)} {detail}{escape(options)}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
