"""What is wrong with an ontology that is still being written, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import msgspec

from labelwidgets.errors import LabelwidgetsError, OntologyError
from labelwidgets.schema.attributes import Attribute, Growing, check_attributes
from labelwidgets.schema.hotkeys import check_clashes
from labelwidgets.schema.misfits import in_words
from labelwidgets.schema.names import check_former_apart
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.windows import WindowPreset, check_windows

# As in the JSON form: "classes", 0, "attributes", 2, "name".
Path: TypeAlias = tuple[str | int, ...]

_FIELDS = (
    ("class name", "name"),
    ("attribute name", "name"),
    ("color", "color"),
    ("hotkey", "hotkey"),
    ("tool", "tool"),
    ("skeleton", "skeleton"),
    ("shown_if", "shown_if"),
    ("description", "description"),
    ("option", "options"),
)


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, and where.

    Parameters
    ----------
    path
        Of the field in the JSON form of the ontology; empty for the whole.
    message
        In words.
    """

    path: Path
    message: str


def review(data: Any) -> list[Problem]:
    """Return all that is wrong with the JSON form of an ontology; nothing, if it is one.

    The same code judges it that makes an `Ontology`.
    """
    if not isinstance(data, Mapping):
        return [Problem((), "must be an object with classes and image_attributes.")]
    found: list[Problem] = []
    classes: list[tuple[int, ObjectClass]] = []
    for index, raw in enumerate(_list(data.get("classes"))):
        classes += [(index, made) for made in _class(found, ("classes", index), raw)]
    image: Path = ("image_attributes",)
    _attributes(found, image, _list(data.get("image_attributes")), "image")
    _doubles(found, [(("classes", index), made) for index, made in classes], "class")
    _hotkeys(found, classes)
    _windows(found, _list(data.get("windows")))
    if not found:
        _try(found, (), lambda: Ontology.from_dict(data))
    return found


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _class(found: list[Problem], path: Path, raw: Any) -> list[ObjectClass]:
    if not isinstance(raw, Mapping):
        found.append(Problem(path, "must be an object."))
        return []
    asked = _list(raw.get("attributes"))
    _attributes(found, (*path, "attributes"), asked, f"class {str(raw.get('name'))[:40]!r}")
    plain = {**raw, "attributes": []}
    made = _try(found, path, lambda: msgspec.convert(plain, ObjectClass))
    return [] if made is None else [made]


def _attributes(found: list[Problem], path: Path, raw: Sequence[Any], where: str) -> None:
    made: list[tuple[Path, Attribute]] = []
    for index, entry in enumerate(raw):
        place = (*path, index)
        one: Attribute | None = _try(found, place, partial(msgspec.convert, entry, Attribute))
        if one is None:
            continue
        made.append((place, one))
        _try(found, place, lambda: check_attributes(_apart(made), where))
    _doubles(found, made, "attribute")


def _apart(made: Sequence[tuple[Path, Attribute]]) -> list[Attribute]:
    """Return the last question with those before it; doubles are told of elsewhere."""
    last = made[-1][1]
    names = {last.name, *last.formerly}
    return [*(one for _, one in made[:-1] if not names & {one.name, *one.formerly}), last]


def _doubles(found: list[Problem], things: Sequence[tuple[Path, Growing]], kind: str) -> None:
    seen: set[str] = set()
    apart: list[tuple[str, list[str]]] = []
    for path, thing in things:
        name: str = thing.name  # type: ignore[attr-defined]
        if name in seen:
            found.append(Problem((*path, "name"), f"There is another {kind} {name!r}."))
            continue
        seen.add(name)
        apart.append((name, thing.formerly))
        if not _holds(found, (*path, "name"), partial(check_former_apart, apart, kind)):
            apart.pop()


def _windows(found: list[Problem], raw: Sequence[Any]) -> None:
    made: list[WindowPreset] = []
    for index, entry in enumerate(raw):
        place: Path = ("windows", index)
        one = _try(found, place, partial(msgspec.convert, entry, WindowPreset))
        if one is None:
            continue
        if _holds(found, (*place, "name"), partial(_check_apart, [*made, one])):
            made.append(one)


def _check_apart(windows: list[WindowPreset]) -> None:
    check_windows(windows)


def _hotkeys(found: list[Problem], classes: Sequence[tuple[int, ObjectClass]]) -> None:
    taken: list[tuple[str, str]] = []
    for index, made in classes:
        if made.hotkey is None or made.retired:
            continue
        own = [*taken, (made.hotkey, made.name)]
        path: Path = ("classes", index, "hotkey")
        if _holds(found, path, partial(check_clashes, own)):
            taken = own


def _try(found: list[Problem], path: Path, make: Callable[[], Any]) -> Any:
    """Return what `make` makes; None, and note the problem, where it raises."""
    try:
        return make()
    except msgspec.ValidationError as error:
        cause = error.__cause__
        if isinstance(cause, LabelwidgetsError):
            found.append(_problem(path, cause))
        else:
            found.append(Problem(path, in_words(error).message))
    except OntologyError as error:
        found.append(_problem(path, error))
    except (UnicodeEncodeError, RecursionError):
        found.append(Problem(path, "cannot be read."))
    return None


def _holds(found: list[Problem], path: Path, check: Callable[[], None]) -> bool:
    """Say whether a check passes; note the problem where it does not."""
    before = len(found)
    _try(found, path, check)
    return len(found) == before


def _problem(path: Path, error: LabelwidgetsError) -> Problem:
    text = f"{error.message} {error.hint}" if error.hint else error.message
    text = text[:1].upper() + text[1:]
    where = (error.where or "").rsplit("'", 1)[-1] or (error.where or "")
    whole = error.where or ""
    for word, field in _FIELDS:
        if word in where or (not where.strip(", ") and word in whole) or whole == word:
            own = path[-1:] == (field,)
            return Problem(path if own else (*path, field), text)
    if "hotkey" in error.message:
        return Problem((*path, "hotkey"), text)
    if "option" in error.message:
        return Problem((*path, "options"), text)
    return Problem(path, text)
