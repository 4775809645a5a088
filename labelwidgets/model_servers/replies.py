"""Labels and words in the replies of servers of medical models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labelwidgets.assist.prompts import Click, Prompt
from labelwidgets.errors import AssistantError
from labelwidgets.media.scan import Scan
from labelwidgets.model_servers.reply import Reply, json_of

_IMAGES = ("image", "file", "label")
MOST_ID = 1_000
EXTREMES = 6


class Inferred(NamedTuple):
    """What a model said.

    Parameters
    ----------
    params
        In words and numbers.
    file
        The label map; None where it sent none.
    """

    params: Mapping[str, Any]
    file: bytes | None


def read_inferred(reply: Reply) -> Inferred:
    """Return what a model said, in whichever form.

    That are parts ``params`` and ``image`` (of older servers ``points``, JSON in JSON, and
    ``file``), JSON alone, or a file alone.

    Raises
    ------
    AssistantError
        If it is neither: a page, a part of the reply, JSON of something else.
    """
    if not reply.is_multipart:
        if reply.is_json:
            return Inferred(_object(reply.json()), None)
        if reply.kind.startswith("text/") or not reply.body:
            reply.json()
            raise AssistantError(f"answered with {reply.kind[:60] or 'nothing'}, not with labels.")
        return Inferred({}, reply.body)
    params: Mapping[str, Any] = {}
    file = None
    for part in reply.parts():
        if part.name == "params":
            params = _object(json_of(part.body))
        elif part.name == "points":
            # Of version 1: text of JSON, which may be in JSON once more.
            said = json_of(part.body)
            params = {"points": json_of(said.encode()) if isinstance(said, str) else said}
        elif part.filename or part.name in _IMAGES:
            if file is not None:
                raise AssistantError("answered with two files.")
            file = part.body
    return Inferred(params, file)


def _object(said: Any) -> Mapping[str, Any]:
    if isinstance(said, str):
        said = json_of(said.encode())
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        raise AssistantError(f"answered with {type(said).__name__}, not with an object of JSON.")
    return said


def id_of(said: Any, key: str) -> str:
    """Return an id that a server gave.

    Raises
    ------
    AssistantError
        If there is none.
    """
    made = said.get(key) if isinstance(said, Mapping) else None
    if isinstance(made, int) and not isinstance(made, bool):
        made = str(made)
    if not isinstance(made, str) or not 0 < len(made) <= MOST_ID:
        raise AssistantError("answered without an id.", where=key)
    return made


def clicks_of(prompt: Prompt | None, seen: Any) -> tuple[list[list[int]], list[list[int]]]:
    """Return clicks on what is meant, and those on what is not, as indices of voxels.

    Parameters
    ----------
    prompt
        What was shown.
    seen
        The scan, where a click is (column, row, slice), or the picture, where it is (column,
        row).
    """
    positive: list[list[int]] = []
    negative: list[list[int]] = []
    for click in prompt.clicks if prompt is not None else ():
        (positive if click.positive else negative).append(_index(click, seen))
    return positive, negative


def extremes_of(points: list[list[int]]) -> list[list[int]]:
    """Return points that are said to be the outermost ones of what is meant.

    Raises
    ------
    AssistantError
        If they are fewer than six.
    """
    if len(points) < EXTREMES:
        raise AssistantError(
            f"wants {EXTREMES} points, {len(points)} were shown.",
            hint="Click on what is farthest left, right, front, back, up and down.",
        )
    return points


def _index(click: Click, seen: Any) -> list[int]:
    index = click.voxel(seen.shape) if isinstance(seen, Scan) else click.pixel(seen.shape)
    return list(index[::-1])


def names_from(labels: Any) -> dict[int, str]:
    """Return what the numbers of a label map mean, by what a server says of its model.

    Parameters
    ----------
    labels
        A mapping from names to numbers (or to some, of which the first counts), or a list of
        names for 1, 2, ...

    Raises
    ------
    AssistantError
        If it is neither.
    """
    made: dict[int, str] = {}
    if isinstance(labels, Mapping):
        for name, number in labels.items():
            first = number[0] if isinstance(number, list) and number else number
            if isinstance(first, bool) or not isinstance(first, int):
                raise AssistantError(f"has no number but {str(first)[:40]!r}.", where=f"{name:.60}")
            made[first] = str(name)
    elif isinstance(labels, list):
        made = {number: str(name) for number, name in enumerate(labels, 1)}
    elif labels is not None:
        raise AssistantError(f"must be names, not {type(labels).__name__}.", where="labels")
    if any(name and number > 0 for number, name in made.items()):
        # Nothing is at 0, also where it is not said.
        made.setdefault(0, "background")
    return {number: name for number, name in made.items() if name}
