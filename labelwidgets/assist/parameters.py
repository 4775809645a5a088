"""The parameters of a tool, read from its signature: each is a slider, a check box or a choice."""

from __future__ import annotations

import enum
import inspect
import math
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from labelwidgets.errors import ToolError

MAX_TEXT = 10_000


class Slider(msgspec.Struct, frozen=True):
    """The range of a number, as in ``level: Annotated[int, lw.Slider(0, 255)] = 128``.

    Parameters
    ----------
    low, high
        Both ends are included.
    step
        Of the slider; 0 is 1 for whole numbers, else a hundredth of the range.
    unit
        Said after the value.
    label
        What the slider is called; else the name of the parameter, in words.
    keys
        ``"size"`` steps it by ``[`` and ``]``, ``"fineness"`` by ``,`` and ``.``.
    """

    low: float
    high: float
    step: float = 0
    unit: str | None = None
    label: str | None = None
    keys: Literal["size", "fineness"] | None = None

    def __post_init__(self) -> None:
        numbers = (self.low, self.high, self.step)
        if not all(math.isfinite(number) for number in numbers) or not self.low < self.high:
            raise ToolError("needs a lower end below its upper one.", where="Slider")
        if self.step < 0:
            raise ToolError("needs a step of 0 or more.", where="Slider")


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True, rename={"kind": "type"}):
    """One parameter, as the browser shows it.

    Parameters
    ----------
    kind
        ``number``, ``toggle``, ``choice`` or ``text``.
    name, label
        As in the signature, and as people read it.
    value
        The default.
    min, max, step, unit, keys
        Of a number.
    choices
        Of a choice, each with `value` and `label`.
    whole
        Whether the number is an int.
    only
        Geometries for which it means something; None for all.
    """

    kind: Literal["number", "toggle", "choice", "text"]
    name: str
    label: str
    value: Any
    min: float | None = None
    max: float | None = None
    step: float | None = None
    unit: str | None = None
    keys: str | None = None
    choices: list[dict[str, str]] | None = None
    whole: bool = False
    only: list[str] | None = None

    def read(self, value: Any) -> Any:
        """Return a value that came from a page or a script, checked.

        Raises
        ------
        ToolError
            If it is of another type, or out of range.
        """
        where = f"parameter {self.name!r}"
        if self.kind == "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ToolError(f"must be a number, not {value!r:.60}.", where=where)
            if self.min is None or self.max is None or not self.min <= value <= self.max:
                raise ToolError(
                    f"must be from {self.min:g} to {self.max:g}, not {value}.", where=where
                )
            if self.whole and value != int(value):
                raise ToolError(f"must be a whole number, not {value}.", where=where)
            return int(value) if self.whole else float(value)
        if self.kind == "toggle":
            if not isinstance(value, bool):
                raise ToolError(f"must be True or False, not {value!r:.60}.", where=where)
            return value
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise ToolError(f"must be a text, not {value!r:.60}.", where=where)
        if self.kind == "choice":
            known = [choice["value"] for choice in self.choices or []]
            if value not in known:
                raise ToolError(f"must be one of {known}, not {value!r:.60}.", where=where)
        return value


def parameter_of(name: str, annotation: Any, default: Any) -> Parameter:
    """Return the parameter that a part of a signature stands for.

    A number without a `Slider` gets a range: 0 to 255 for an int default in it, 0 to 1 for a
    float default in it, else from 0 (or the negative) to twice the default.

    Raises
    ------
    ToolError
        If it has no default, or a type that no control fits.
    """
    where = f"parameter {name!r}"
    if default is inspect.Parameter.empty:
        raise ToolError(
            "needs a default.",
            where=where,
            hint="Without one there are only image, volume, spacing, clicks, box and scribbles.",
        )
    slider: Slider | None = None
    if get_origin(annotation) is Annotated:
        annotation, *notes = get_args(annotation)
        slider = next((note for note in notes if isinstance(note, Slider)), None)
    label = (slider.label if slider else None) or _words(name)
    if isinstance(default, bool):
        return Parameter("toggle", name, label, default)
    choices = _choices(annotation, default)
    if choices is not None:
        if isinstance(default, enum.Enum):
            default = default.value
        return Parameter(
            "choice",
            name,
            label,
            default,
            # Signs of units stay as they are.
            choices=[
                {"value": choice, "label": choice if len(choice) < 3 else _words(choice)}
                for choice in choices
            ],
        )
    if isinstance(default, int | float) and math.isfinite(default):
        return _number(name, label, annotation, default, slider)
    if isinstance(default, str):
        return Parameter("text", name, label, default)
    raise ToolError(
        f"has the default {default!r:.60}, which no control fits.",
        where=where,
        hint="Use a number, a bool, a str, a Literal or an Enum of strings.",
    )


def _choices(annotation: Any, default: Any) -> list[str] | None:
    if get_origin(annotation) is Literal:
        values = get_args(annotation)
    elif isinstance(default, enum.Enum):
        values = tuple(member.value for member in type(default))
    else:
        return None
    if not values or not all(isinstance(value, str) for value in values):
        return None
    return list(values)


def _words(name: str) -> str:
    """Return a name as it is read: with blanks, and a capital in front."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _number(
    name: str, label: str, annotation: Any, default: float, slider: Slider | None
) -> Parameter:
    whole = isinstance(default, int) and annotation is not float and not _allows_float(annotation)
    if slider is None:
        if whole:
            low, high = (0, 255) if 0 <= default <= 255 else _around(default)
        else:
            low, high = (0, 1) if 0 <= default <= 1 else _around(default)
        slider = Slider(low, high)
    if not slider.low <= default <= slider.high:
        raise ToolError(
            f"has the default {default:g}, which is not from {slider.low:g} to {slider.high:g}.",
            where=f"parameter {name!r}",
        )
    step = slider.step or (1 if whole else (slider.high - slider.low) / 100)
    return Parameter(
        "number",
        name,
        label,
        default,
        min=slider.low,
        max=slider.high,
        step=step,
        unit=slider.unit,
        keys=slider.keys,
        whole=whole,
    )


def _allows_float(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and float in get_args(annotation)


def _around(default: float) -> tuple[float, float]:
    reach = 2 * abs(default)
    return (0, reach) if default > 0 else (-reach, 0 if default < 0 else 1)


def read_parameters(known: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all parameters, those not given by their defaults.

    Raises
    ------
    ToolError
        If one is unknown or impossible.
    """
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ToolError(
            f"{str(unknown[0])[:60]!r} is not a parameter.",
            hint="They are: " + (", ".join(known) or "none") + ".",
        )
    return {
        name: parameter.read(given[name]) if name in given else parameter.value
        for name, parameter in known.items()
    }
