"""The sequences in a file, a folder or a zip of MOTChallenge."""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from labelwidgets.errors import FormatError
from labelwidgets.formats.inputs import Input, as_text

SECTION = "labelwidgets"
_FILES = ("gt/gt.txt", "det/det.txt")


class Sequence(NamedTuple):
    """A sequence: its rows, and what is said of it beside them.

    Parameters
    ----------
    file
        The name of the file of rows.
    names
        What its video may be called, the surest first.
    frames, size, rate
        From ``seqinfo.ini``, None where it does not say.
    labels
        The names of classes from ``labels.txt``, None without it.
    ours
        What labelwidgets has added.
    """

    file: str
    names: list[str]
    frames: int | None = None
    size: tuple[int, int] | None = None
    rate: float | None = None
    labels: list[str] | None = None
    ours: dict[str, Any] = {}  # noqa: RUF012 - never changed


def sequences(source: Input) -> Iterator[Sequence]:
    """Return the sequences of a source.

    Raises
    ------
    FormatError
        If there are none, or what is said of one is malformed.
    """
    if source.single:
        stem = source.name.rsplit(".", 1)[0]
        folders = source.shown.replace("\\", "/").split("/")[:-1]
        inside = stem in ("gt", "det") and folders[-1:] == [stem]
        name = folders[-2] if inside and len(folders) > 1 else stem
        info = source.maybe("../seqinfo.ini") if inside else None
        labels = source.maybe("labels.txt") if source.name == "gt.txt" else None
        yield _sequence(source, source.name, name, info, labels)
        return
    found = 0
    there = set(source.names())
    # A sequence whose truth is there is not read a second time from what was detected in it.
    taken: set[str] = set()
    for kind in _FILES:
        for file in source.names():
            if file != kind and not file.endswith(f"/{kind}"):
                continue
            folder = file[: -len(kind)]
            if folder in taken:
                continue
            taken.add(folder)
            found += 1
            name = folder.rstrip("/").rsplit("/", 1)[-1] or source.name.removesuffix(".zip")
            beside = {one: folder + one for one in ("seqinfo.ini", "gt/labels.txt")}
            info, labels = (source.maybe(one) if one in there else None for one in beside.values())
            yield _sequence(source, file, name, info, labels)
    if not found:
        raise FormatError("has no gt/gt.txt or det/det.txt.", where=source.shown)


def _sequence(
    source: Input, file: str, name: str, info: bytes | None, labels: bytes | None
) -> Sequence:
    where = f"{source.where(file)}, seqinfo.ini"
    lines = None
    if labels is not None:
        text = as_text(labels, f"{source.where(file)}, labels.txt")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
    if info is None:
        return Sequence(file, [name], labels=lines)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(as_text(info, where))
    except configparser.Error as error:
        raise FormatError(f"is malformed: {str(error)[:200]}.", where=where) from None
    said = parser["Sequence"] if parser.has_section("Sequence") else {}
    ours: dict[str, Any] = {}
    if parser.has_section(SECTION):
        try:
            ours = {key: json.loads(value) for key, value in parser[SECTION].items()}
        except ValueError:
            raise FormatError("is malformed.", where=f"{where}, {SECTION}") from None
    width, height = _number(said, "imwidth", where), _number(said, "imheight", where)
    rate = _number(said, "framerate", where)
    frames = _number(said, "seqlength", where)
    return Sequence(
        file,
        [one for one in (ours.get("item"), name, said.get("name")) if isinstance(one, str)],
        int(frames) if frames else None,
        (int(width), int(height)) if width and height else None,
        rate,
        lines,
        ours,
    )


def _number(said: Any, key: str, where: str) -> float | None:
    text = said.get(key)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise FormatError(
            f"must be a number greater than 0, not {text[:40]!r}.", where=f"{where}, {key}"
        )
    return value
