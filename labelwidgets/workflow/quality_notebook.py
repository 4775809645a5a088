"""A quality report as a notebook that computes it again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.workflow.comparison import Compared
from labelwidgets.workflow.similarity import SizeOf

if TYPE_CHECKING:
    from labelwidgets.workflow.quality import QualityReport


def write_notebook(
    report: QualityReport,
    path: str | os.PathLike[str],
    compared: Sequence[Compared],
    labels: Iterable[Annotation],
    reference: Iterable[Annotation],
    size_of: SizeOf | None,
) -> None:
    """Write the notebook and, beside it, what it compares, a label a line; see `to_notebook`."""
    place = Path(path)
    if place.suffix != ".ipynb":
        raise FormatError("must end in .ipynb.", where=str(place))
    items = list(dict.fromkeys(one.item for one in compared))
    known = set(items)
    for kind, some in (("labels", labels), ("reference", reference)):
        lines = [msgspec.json.encode(one) for one in some if one.item_id in known]
        beside = place.with_suffix(f".{kind}.jsonl")
        beside.write_bytes(b"".join(line + b"\n" for line in lines))
    # Where the rater is the author, so is what a submission is called.
    by_author = any(one.rater is not None and one.rater != one.task for one in compared)
    facts = {
        "rater": "author" if by_author else "task_id",
        "items": items,
        "submitted": [[one.item, one.rater] for one in compared if one.rater is not None],
        "sizes": {item: list(size_of(item)) for item in items} if size_of else {},
        "lengths": {one.item: one.stop for one in compared},
        "settings": msgspec.to_builtins(report.rules),
    }
    facts_path = place.with_suffix(".settings.json")
    facts_path.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    place.write_text(json.dumps(_notebook(place.stem), indent=1), encoding="utf-8")


def _notebook(stem: str) -> dict[str, Any]:
    load = f"""\
import json
from pathlib import Path

import labelwidgets as lw


def read(name):
    lines = Path(name).read_text(encoding="utf-8").splitlines()
    return [lw.Annotation.from_dict(json.loads(line)) for line in lines]


labels = read({stem + ".labels.jsonl"!r})
reference = read({stem + ".reference.jsonl"!r})
facts = json.loads(Path({stem + ".settings.json"!r}).read_text(encoding="utf-8"))"""
    report = """\
report = lw.quality(
    labels,
    reference,
    rater=facts["rater"],
    items=facts["items"],
    submitted=facts["submitted"],
    size_of=facts["sizes"].__getitem__ if facts["sizes"] else None,
    length_of=facts["lengths"].__getitem__,
    **facts["settings"],
)
report"""
    cells = [
        _text("# Quality of labels\n\nThe labels and the reference lie beside this notebook."),
        _code(load, 0),
        _code(report, 1),
        _text("Where they contradict each other:"),
        _code("report.conflicts", 2),
        _text("By submission, and by person:"),
        _code("report.items", 3),
        _code("report.authors", 4),
        _text("Which class is taken for which, and how well objects of videos are followed:"),
        _code("report.confusion", 5),
        _code("report.tracks", 6),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _text(text: str) -> dict[str, Any]:
    name = f"text-{len(text):x}"
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(text: str, number: int) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": f"code-{number}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text,
    }
