"""What a data set of YOLO says of itself: ``data.yaml``, ``obj.data``, ``classes.txt``."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml

from labelwidgets.errors import FormatError
from labelwidgets.formats.inputs import Input, as_text

MAX_BYTES = 1 << 20
MAX_LIST = 1 << 28
MAX_CLASSES = 100_000
MAX_JOINTS = 10_000
SPLITS = ("train", "val", "test")
_DEEP = 8


class Settings(NamedTuple):
    """What is known of the rows.

    Parameters
    ----------
    file
        Where it is said; empty where it is nowhere.
    names
        Of classes, by their numbers.
    splits
        Of each part of the set, the folders of its pictures and the lists of them.
    task
        The kind, if a file of ours or of a model says it.
    joints
        How many a pose has, and how many numbers each.
    joint_names
        By the number of the class.
    """

    file: str = ""
    names: Mapping[int, str] = {}
    splits: Mapping[str, Sequence[str]] = {}
    task: str | None = None
    joints: tuple[int, int] | None = None
    joint_names: Mapping[int, Sequence[str]] = {}


def settings_of(source: Input, named: str | None = None) -> Settings:
    """Return what a folder or zip says of its rows.

    Parameters
    ----------
    source
        The files.
    named
        The file that the person named, None to look for it.

    Raises
    ------
    FormatError
        If it is malformed, or could be any of several files.
    """
    names = source.names()
    if named is None:
        found = [one for one in names if "/" not in one and one.endswith((".yaml", ".yml"))]
        # One of this name is meant, whatever it lacks: else classes were numbered by the ontology.
        named = next((one for one in found if one.startswith("data.")), None)
        if named is None:
            named = next((one for one in found if is_yaml(source.head(one))), None)
        if named is None:
            named = next((one for one in names if _last(one) == "obj.data"), None)
    if named is not None:
        where = source.where(named)
        text = as_text(source.read(named, MAX_BYTES), where)
        return _darknet(source, named, text) if named.endswith(".data") else _yaml(text, where)
    for one in ("obj.names", "classes.txt"):
        place = next((name for name in names if _last(name) == one), None)
        if place is not None:
            return Settings(source.where(place), _lines(source, place))
    return Settings()


def is_yaml(head: bytes) -> bool:
    """Say whether a file that begins like this is a ``data.yaml``."""
    lines = [line.split(b":")[0].strip() for line in _flush(head)]
    return b"names" in lines and bool({b"train", b"val", b"nc", b"path"} & set(lines))


def is_darknet(head: bytes) -> bool:
    """Say whether a file that begins like this is an ``obj.data``."""
    lines = [line.split(b"=")[0].strip() for line in _flush(head) if b"=" in line]
    return b"names" in lines and b"classes" in lines


def _flush(head: bytes) -> list[bytes]:
    """Return the lines that begin at the margin."""
    lines = head.removeprefix(codecs.BOM_UTF8).splitlines()
    return [line for line in lines if not line.startswith(b" ")]


class _Texts(yaml.BaseLoader):  # type: ignore[misc]  # it has no types
    """Takes every value as the text that stands there, so that a class ``no`` stays one.

    Nothing is made but dicts, lists and text. Aliases, with which a short file says an endless
    one, are refused.
    """

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return a node, not too deep."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has an alias")
        self.depth += 1
        if self.depth > _DEEP:
            raise yaml.YAMLError("it is nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _yaml(text: str, where: str) -> Settings:
    try:
        said = yaml.load(text, _Texts)  # noqa: S506 - a loader of texts alone
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        reason = getattr(error, "problem", None) or error
        raise FormatError(f"is no YAML ({str(reason)[:200]}).", where=f"{where}{line}") from None
    if not isinstance(said, dict):
        raise FormatError("must have names of classes.", where=where)
    splits = {}
    for split in (*SPLITS, "validation"):
        given = said.get(split) or []
        several = [given] if isinstance(given, str) else given
        if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
            raise FormatError("must be a path, or a list of paths.", where=f"{where}, {split}")
        if several:
            splits["val" if split == "validation" else split] = several
    task = said.get("task")
    return Settings(
        where,
        _names(said, where),
        splits,
        task if isinstance(task, str) else None,
        _joints(said.get("kpt_shape"), f"{where}, kpt_shape"),
        _joint_names(said.get("kpt_names"), f"{where}, kpt_names"),
    )


def _names(said: Mapping[str, Any], where: str) -> dict[int, str]:
    names = said.get("names")
    if names is None and "nc" in said:
        count = _whole(said["nc"], f"{where}, nc")
        return {number: f"class_{number}" for number in range(count)}
    return dict(_numbered(names, f"{where}, names"))


def _numbered(given: Any, where: str) -> dict[int, str]:
    if isinstance(given, list):
        given = {str(number): name for number, name in enumerate(given)}
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in given.values()):
        raise FormatError("must be a list of names, or names by number.", where=where)
    return {_whole(number, where): name for number, name in given.items()}


def _joints(given: Any, where: str) -> tuple[int, int] | None:
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 2:
        raise FormatError("must be [joints, 2 or 3].", where=where)
    count, numbers = _whole(given[0], where), _whole(given[1], where)
    if not 0 < count <= MAX_JOINTS or numbers not in (2, 3):
        raise FormatError(f"must be [joints, 2 or 3], not [{count}, {numbers}].", where=where)
    return count, numbers


def _joint_names(given: Any, where: str) -> dict[int, list[str]]:
    if given is None:
        return {}
    if isinstance(given, list):
        given = {"0": given}
    if not isinstance(given, dict):
        raise FormatError("must be lists of names by the number of the class.", where=where)
    found = {}
    for number, names in given.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise FormatError("must be a list of names.", where=f"{where}, {number}")
        found[_whole(number, where)] = names
    return found


def _whole(text: Any, where: str) -> int:
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 10:
        number = int(text)
        if number <= MAX_CLASSES:
            return number
    raise FormatError(f"must be a whole number from 0, not {str(text)[:40]!r}.", where=where)


def _darknet(source: Input, file: str, text: str) -> Settings:
    said = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        said[key.strip()] = value.strip()
    # Its paths are those of the machine that it trained on.
    listed = _last(said.get("names", "") or "obj.names")
    folder = file[: -len(_last(file))]
    place = next((one for one in source.names() if one == folder + listed), None)
    if place is None:
        raise FormatError(
            f"{listed[:80]!r} does not lie beside it.", where=f"{source.where(file)}, names"
        )
    splits = {
        "val" if key == "valid" else key: [value]
        for key, value in said.items()
        if key in ("train", "valid", "val", "test") and value
    }
    return Settings(source.where(file), _lines(source, place), splits)


def _lines(source: Input, file: str) -> dict[int, str]:
    text = as_text(source.read(file, MAX_BYTES), source.where(file))
    return dict(enumerate(line.strip() for line in text.rstrip().splitlines()))


def _last(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
