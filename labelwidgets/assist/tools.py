"""A Python function becomes a tool: a button, with controls made from its signature."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, overload

import msgspec
import numpy.typing as npt

from labelwidgets.assist.parameters import Parameter, Slider, parameter_of, read_parameters
from labelwidgets.assist.prompts import Prompt
from labelwidgets.assist.results import (
    Proposal,
    read_film_result,
    read_result,
    read_volume_result,
)
from labelwidgets.assist.source_hash import hash_of_source
from labelwidgets.errors import LabelwidgetsError, OntologyError, ToolError
from labelwidgets.media.film import Film
from labelwidgets.media.scan import Scan
from labelwidgets.schema.geometries import GEOMETRY_TYPES
from labelwidgets.schema.hotkeys import check_clashes, normalise
from labelwidgets.schema.names import check_description, check_name

PromptKind: TypeAlias = Literal["clicks", "box", "scribbles", "track"]
PROMPTS: tuple[PromptKind, ...] = ("clicks", "box", "scribbles", "track")
IMAGE = "image"
VOLUME = "volume"
VIDEO = "video"
SPACING = "spacing"
# What masks can be turned into, beside masks.
FITTED = ("mask", "polygon", "rectangle")
COARSENESS = "coarseness"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Tool:
    """A function that proposes labels.

    Parameters
    ----------
    function
        Takes any of ``image`` ((H, W) or (H, W, C) array as `open_image` gives it), ``clicks``
        (list of `Click`), ``box`` (`Box` or None), ``scribbles`` (list of `Scribble`) and
        ``spacing`` (millimetres from row to row and column to column, or None), by
        these names; all other parameters need a default, and become controls. Returns a mask
        ((H, W), bool or 0 and 1), a shape, a list of either, or None for nothing.
        One that takes ``volume`` (a `Scan`) in place of ``image`` sees a scan: its clicks and
        scribbles say on which slice they are, and it returns a mask (slices, rows, columns), a
        `BoxMask`, a `VolumeMask`, a list of these, or None.
        One that takes ``video`` (a `Film`) sees a video, and on which frame the person is; with
        ``track`` (a `Track`) what is selected, too. It returns a `Track`, an `Interval`, a shape
        on the frame that is shown, a list of these, a `Proposal`, or None. Of a track that it was
        shown it returns the keyframes to be added: those that are there stay.
    name
        How labels, keys and messages call it; else that of the function.
    label, hint
        The tooltip: what people call it, and one sentence on how to use it; else the name, and
        the first line of the docstring.
    version
        Kept with each label that it makes; else a hash of the function's source.
    makes
        Types of geometry that it can make. A mask is turned into a polygon (its outline) or a
        rectangle (its box) where the class wants that. Of one that takes ``volume``, always
        masks through the scan.
    prepare
        Called with the image, or the scan, when the tool is taken in hand, before the first
        click: to load or compute what takes its time.
    hotkey
        Takes the tool, such as ``Alt+D``; one of the widgets' own cannot be given. Where a class
        of the ontology has it, too, the class is meant.

    Raises
    ------
    ToolError
        If its name or signature cannot be used, saying why.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        label: str | None = None,
        hint: str | None = None,
        version: str | None = None,
        makes: Sequence[str] = FITTED,
        prepare: Callable[[Any], Any] | None = None,
        hotkey: str | None = None,
    ) -> None:
        if not callable(function):
            raise ToolError(f"must be a function, not {type(function).__name__}.", where="tool")
        self.function = function
        self._prepare = prepare
        self.name: str = name or getattr(function, "__name__", None) or type(function).__name__
        where = f"tool {self.name!r}"
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise ToolError(
                "needs a name of lower-case letters, digits and _.",
                where=where,
                hint='Give it one: @lw.tool(name="threshold").',
            )
        unknown = sorted(set(makes) - set(GEOMETRY_TYPES))
        if unknown or not makes:
            raise ToolError(f"makes {unknown or 'nothing'}, which is no geometry.", where=where)
        self.makes = tuple(makes)
        self.hotkey = _checked_key(hotkey, where)
        self.takes: frozenset[str] = frozenset()
        self.prompts, self.parameters = self._read_signature(where)
        words = (inspect.getdoc(function) or "").strip().partition("\n")[0]
        self.label = label or self.name.replace("_", " ").capitalize()
        self.hint = hint or words or self._default_hint()
        self.version = version or hash_of_source(function)
        self._check_texts(where)
        self.__doc__ = getattr(function, "__doc__", None)
        self.__name__ = self.name
        self.__wrapped__ = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as it is."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"Tool({self.name!r}, version={self.version!r})"

    @property
    def takes_volume(self) -> bool:
        """Whether it sees scans, not pictures."""
        return VOLUME in self.takes

    @property
    def takes_video(self) -> bool:
        """Whether it sees videos, not pictures."""
        return VIDEO in self.takes

    def propose(
        self,
        image: npt.NDArray[Any] | Scan | Film,
        prompt: Prompt | None = None,
        parameters: Mapping[str, Any] | None = None,
        geometry: str = "mask",
        *,
        spacing: tuple[float, float] | None = None,
    ) -> Proposal:
        """Run the tool, and check what it came to.

        Parameters
        ----------
        image
            (H, W) or (H, W, C); or a scan or a video, for a tool that takes one.
        prompt
            What was shown to it.
        parameters
            Values by name; those not given have their defaults.
        geometry
            What masks are turned into: ``mask``, ``polygon`` or ``rectangle``.
        spacing
            Millimetres from row to row and from column to column of the image.

        Raises
        ------
        ToolError
            If a parameter is impossible, the function raises, or what it returns is nothing
            that can be drawn on the image; it says why.
        """
        where = f"tool {self.name!r}"
        prompt = prompt or Prompt()
        try:
            values = read_parameters(self.parameters, parameters or {})
            coarseness = values.pop(COARSENESS, None)
            arguments = dict(values)
            for kind in self.prompts:
                arguments[kind] = getattr(prompt, kind)
            if isinstance(image, Scan):
                if not self.takes_volume:
                    raise ToolError("looks at pictures, not at scans.")
                arguments[VOLUME] = image
                made = read_volume_result(self._call(arguments), image.shape)
                return made.of(self.name, self.version, values)
            if self.takes_volume:
                what = "video" if isinstance(image, Film) else "picture"
                raise ToolError(f"looks at scans, and this is a {what}.")
            if isinstance(image, Film):
                if not self.takes_video:
                    raise ToolError("looks at pictures, not at videos.")
                if "track" in self.prompts and prompt.track is None:
                    raise ToolError("needs to be shown what it is about.", where="track")
                arguments[VIDEO] = image
                made = read_film_result(self._call(arguments), image.shape, len(image), geometry)
                return made.of(self.name, self.version, values)
            if self.takes_video:
                raise ToolError("looks at videos, and this is a picture.")
            if IMAGE in self.takes:
                # A tool that writes into its image must not change what the next one sees.
                view = image.view()
                view.flags.writeable = False
                arguments[IMAGE] = view
            if SPACING in self.takes:
                arguments[SPACING] = spacing
            coarseness = coarseness or 0.0
            result = self._call(arguments)
            return read_result(result, image.shape[:2], geometry, coarseness).of(
                self.name, self.version, {**values, COARSENESS: coarseness}
            )
        except LabelwidgetsError as error:
            raise _at(error, where) from error.__cause__

    def cornered(self, corner: tuple[int, int]) -> Tool:
        """Return the tool as it is to be used on a part of a picture: most need not know."""
        return self

    def told(self, context: Callable[[], Any]) -> Tool:
        """Return the tool as it is: only models are told what is shown, see `AssistantTool`."""
        return self

    def prepare(self, image: npt.NDArray[Any] | Scan | Film) -> None:
        """Get ready for an image, a scan or a video; what goes wrong is said on use."""
        if self._prepare is not None:
            self._prepare(image)

    def _call(self, arguments: Mapping[str, Any]) -> Any:
        try:
            return self.function(**arguments)
        except LabelwidgetsError:
            raise
        except RecursionError as error:
            raise ToolError("raised RecursionError.") from error
        except Exception as error:
            words = " ".join(str(error).split())[:300]
            raise ToolError(f"raised {type(error).__name__}: {words}") from error

    def spec(self) -> dict[str, Any]:
        """Return what the browser needs to show the tool."""
        return {
            "name": self.name,
            "version": self.version,
            "label": self.label,
            "hint": self.hint,
            "prompts": list(self.prompts),
            "options": [msgspec.to_builtins(one) for one in self.parameters.values()],
            "makes": list(self.makes),
            "volume": self.takes_volume,
            "video": self.takes_video,
            **({} if self.hotkey is None else {"key": self.hotkey}),
        }

    def _read_signature(self, where: str) -> tuple[tuple[PromptKind, ...], dict[str, Parameter]]:
        try:
            signature = inspect.signature(self.function)
        except (TypeError, ValueError):
            raise ToolError("has no signature that can be read.", where=where) from None
        try:
            hints = typing.get_type_hints(self.function, include_extras=True)
        except Exception:
            # Annotations that name what is not imported: the defaults say enough.
            hints = {}
        prompts: list[PromptKind] = []
        parameters: dict[str, Parameter] = {}
        takes = set()
        for name, parameter in signature.parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise ToolError(f"takes {name!r} by position only.", where=where)
            if name in (IMAGE, VOLUME, VIDEO, SPACING):
                takes.add(name)
            elif name in PROMPTS:
                prompts.append(name)
            else:
                try:
                    parameters[name] = parameter_of(name, hints.get(name), parameter.default)
                except ToolError as error:
                    raise error.at(where) from None
        self.takes = frozenset(takes)
        if self.takes_volume:
            other = "image" if IMAGE in takes else "spacing" if SPACING in takes else None
            other = "box" if "box" in prompts else other
            if other:
                raise ToolError(
                    f"takes a volume and {other!r}, which do not go together.",
                    where=where,
                    hint="Beside a volume there can be clicks and scribbles; its spacing is "
                    "volume.spacing.",
                )
            self.makes = ("volumemask",)
        if self.takes_video and (takes & {IMAGE, VOLUME, SPACING}):
            raise ToolError(
                f"takes a video and {min(takes - {VIDEO})!r}, which do not go together.",
                where=where,
                hint="The picture that is shown is video[video.frame].",
            )
        if "track" in prompts and (not self.takes_video or len(prompts) > 1):
            raise ToolError(
                "takes a track, which goes with a video and no other prompt.", where=where
            )
        if "polygon" in self.makes and not self.takes_video and COARSENESS not in parameters:
            slider = Slider(0, 20, step=0.25, unit="px")
            made = parameter_of(COARSENESS, typing.Annotated[float, slider], 1.0)
            parameters[COARSENESS] = _only(made, "polygon")
        return tuple(prompts), parameters

    def _check_texts(self, where: str) -> None:
        """Refuse what a page could not show, or not even be sent."""
        names = [("label", self.label), ("version", self.version)]
        texts = [("hint", self.hint)]
        for one in self.parameters.values():
            place = f"parameter {one.name!r}"
            names.append((f"{place}, label", one.label))
            if one.unit is not None:
                names.append((f"{place}, unit", one.unit))
            names += [(f"{place}, choice", choice["value"]) for choice in one.choices or []]
            if one.kind == "text":
                texts.append((f"{place}, default", one.value))
        try:
            for place, text in names:
                check_name(text, place)
            for place, text in texts:
                check_description(text, place)
        except OntologyError as error:
            raise ToolError(error.message, where=f"{where}, {error.where}") from None

    def _default_hint(self) -> str:
        words = {
            "clicks": "Click what is meant",
            "box": "drag a box",
            "scribbles": "draw a line",
            "track": "Click on an object",
        }
        said = " or ".join(words[kind] for kind in self.prompts)
        return f"{said[:1].upper()}{said[1:]}." if said else "Click to run it on the picture."


def _checked_key(hotkey: str | None, where: str) -> str | None:
    if hotkey is None:
        return None
    try:
        made = normalise(hotkey)
        check_clashes([(made, "the tool")])
    except OntologyError as error:
        raise ToolError(error.message, where=f"{where}, hotkey", hint=error.hint) from None
    return made


def _only(parameter: Parameter, geometry: str) -> Parameter:
    return msgspec.structs.replace(parameter, only=[geometry])


def _at(error: LabelwidgetsError, where: str) -> LabelwidgetsError:
    made = error.at(where)
    if isinstance(made, ToolError):
        return made
    return ToolError(made.message, where=made.where, hint=made.hint)


@overload
def tool(function: Callable[..., Any]) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    label: str | None = None,
    hint: str | None = None,
    version: str | None = None,
    makes: Sequence[str] = FITTED,
    prepare: Callable[[Any], Any] | None = None,
    hotkey: str | None = None,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Make a function a button on the toolbar of every annotator of this kernel.

    Used as ``@lw.tool`` or ``@lw.tool(label="Dark parts")``; for the parameters see `Tool`. A
    function of the same name takes the place of the one before, so that a cell can be run again.

    Examples
    --------
    >>> @lw.tool
    ... def dark(image: np.ndarray, clicks: list[lw.Click], level: int = 128) -> np.ndarray:
    ...     "Selects what is darker than the level."
    ...     return image.min(axis=-1) < level
    """
    from labelwidgets.assist.registry import register

    if function is not None:
        return register(Tool(function, **options))
    return lambda made: register(Tool(made, **options))
