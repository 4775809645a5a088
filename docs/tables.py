"""Writes the tables that the code knows best into the pages: `python docs/tables.py`.

A table stands between two comments, such as ``<!-- keys -->`` and ``<!-- /keys -->``, so that
the pages can be read without building the site. A test says when one is out of date.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path

GUIDE = Path(__file__).parent / "guide"


def keys() -> str:
    """Return the keys of the widgets, a table for each group."""
    table = json.loads(files("labelwidgets.schema").joinpath("keys.json").read_text("utf-8"))
    groups: dict[str, list[str]] = {}
    for command in table["commands"]:
        spelled = [command["key"], *command.get("also", [])]
        row = f"| {' or '.join(f'`{key}`' for key in spelled)} | {command['label']} |"
        groups.setdefault(command["group"], []).append(row)
    for head, name in (
        ("While a task is judged", "review"),
        ("While opinions are settled", "adjudicate"),
    ):
        groups[head] = [f"| `{command['key']}` | {command['label']} |" for command in table[name]]
    return "\n\n".join(
        "\n".join([f"| {group} | |", "|---|---|", *rows]) for group, rows in groups.items()
    )


def limits() -> str:
    """Return the default limits on a file, as a table."""
    from labelwidgets.media import Limits

    said = {
        "pixels": "width times height of a picture that is decoded whole",
        "tile_pixels": "the same of one tile, chunk or strip, of a picture that is read by tiles",
        "file_bytes": "bytes of a file, or of a member of an archive",
        "members": "members of an archive",
        "inflate_ratio": "how many times as many bytes deflated data become, after 64 MiB",
        "metadata_bytes": "bytes of the metadata that come with an item, as JSON",
    }
    rows = [
        f"| `{it.name}` | {said[it.name]} | {it.default:,} |" for it in dataclasses.fields(Limits)
    ]
    return "\n".join(["| limit | of what | at most |", "|---|---|---|", *rows])


def windows() -> str:
    """Return the presets for CT with their sources, as a table."""
    from labelwidgets.schema.windows import ALIASES, CT_WINDOWS

    others = {real: f" (also {alias})" for alias, real in ALIASES.items()}
    rows = [
        f"| `{at}` | {it.name}{others.get(it.name, '')} "
        f"| {it.width:g} | {it.level:g} | {it.source} |"
        for at, it in enumerate(CT_WINDOWS, 1)
    ]
    head = ["| key | window | width, HU | level, HU | source |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def conversions() -> str:
    """Return what each format can hold, as two tables: shapes, and what is said of them."""
    from labelwidgets.formats import names, registry
    from labelwidgets.formats.holds import FEATURES, Fate, Holds

    def cell(fate: Fate) -> str:
        words = {"kept": "yes", "ours": "yes, here only", "left": "**left out**", "silent": "-"}
        return words.get(fate.how) or f"as {fate.words}"

    every = [(name, registry.holds(name)) for name in names()]
    features = list(FEATURES)
    middle = features.index("track")

    def table(columns: list[str]) -> str:
        def row(name: str, holds: Holds) -> str:
            cells = " | ".join(cell(holds.fate(column)) for column in columns)
            return f"| `{name}` | {holds.title} | {holds.on} | {cells} |"

        head = f"| name | format | of | {' | '.join(columns)} |"
        rows = [row(name, holds) for name, holds in every]
        return "\n".join([head, "|---" * (len(columns) + 3) + "|", *rows])

    said = [f"- *{name}*: {words}" for name, words in FEATURES.items()]
    return "\n\n".join([table(features[:middle]), table(features[middle:]), "\n".join(said)])


TABLES: Mapping[str, tuple[Path, Callable[[], str]]] = {
    "keys": (GUIDE / "labelling.md", keys),
    "limits": (GUIDE / "data.md", limits),
    "conversions": (GUIDE / "formats.md", conversions),
    "windows": (GUIDE / "dicom.md", windows),
}


def renewed(name: str) -> tuple[Path, str]:
    """Return a page, and its text with the table as it is now."""
    page, table = TABLES[name]
    before, _, rest = page.read_text("utf-8").partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not end:
        raise ValueError(f"{page}: has no place for the table {name}.")
    return page, f"{before}<!-- {name} -->\n\n{table()}\n\n{end}{after}"


if __name__ == "__main__":
    for each in TABLES:
        path, text = renewed(each)
        path.write_text(text, "utf-8")
