"""Puts the tables into the pages that the code knows best: keys and limits."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any


def keys() -> str:
    """Return the keys of the widgets, a table for each group."""
    table = json.loads(files("labelwidgets.schema").joinpath("keys.json").read_text("utf-8"))
    groups: dict[str, list[str]] = {}
    for command in table["commands"]:
        spelled = [command["key"], *command.get("also", [])]
        row = f"| {' or '.join(map(_key, spelled))} | {command['label']} |"
        groups.setdefault(command["group"], []).append(row)
    return "\n\n".join(
        "\n".join([f"| {group} | |", "|---|---|", *rows]) for group, rows in groups.items()
    )


def limits() -> str:
    """Return the default limits on a file, as a table."""
    from labelwidgets.media import Limits

    said = {"pixels": "width times height of a picture", "file_bytes": "bytes of a file"}
    rows = [
        f"| `{it.name}` | {said[it.name]} | {it.default:,} |" for it in dataclasses.fields(Limits)
    ]
    return "\n".join(["| limit | of what | at most |", "|---|---|---|", *rows])


def _key(text: str) -> str:
    return f"<kbd>{text.replace('|', '&#124;')}</kbd>"


TABLES: Mapping[str, Callable[[], str]] = {"keys": keys, "limits": limits}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace ``{{ name }}`` by its table; MkDocs calls this for each page."""
    for name, table in TABLES.items():
        mark = f"{{{{ {name} }}}}"
        if mark in markdown:
            markdown = markdown.replace(mark, table())
    return markdown
