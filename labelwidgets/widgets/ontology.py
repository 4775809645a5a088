"""The ontology builder: classes and questions by mouse and keys, the labeller's panel beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import anywidget
import msgspec
import traitlets

from labelwidgets.errors import LabelwidgetsError, LinkError, OntologyError
from labelwidgets.numbered import numbered
from labelwidgets.schema.code import to_python
from labelwidgets.schema.colors import CYCLE
from labelwidgets.schema.instructions import check_instructions, read_instructions
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.review import Problem, review

_STATIC = Path(__file__).parent.parent / "static"
_OF_THE_PAGE = ("height", "_view_count")
MAX_BYTES = 4_000_000


class Report(Protocol):
    """What a change did, in words."""

    def __repr__(self) -> str:
        """Return the words."""


class Edited(Protocol):
    """Whose ontology is edited; `labelwidgets.Project` is one."""

    instructions: str

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def ontology(self) -> Ontology:
        """The ontology as it is now."""

    def update_ontology(self, ontology: Ontology, /) -> Report:
        """Make an ontology the current one."""

    def usage(self) -> dict[str, Any]:
        """Return the numbers of labels by class, question and option."""


class Draft(msgspec.Struct, frozen=True, tag="draft"):
    """The page's ontology and instructions, to be checked."""

    request: int
    ontology: dict[str, Any]
    instructions: str = ""


class Save(msgspec.Struct, frozen=True, tag="save"):
    """Give the project the ontology and the instructions."""

    request: int
    ontology: dict[str, Any]
    instructions: str = ""


class OntologyBuilder(anywidget.AnyWidget):
    """Build an ontology in a notebook cell.

    On the left are classes, questions and the guide; on the right is the panel that a labeller
    will see, at work. What is typed is checked by the same code that makes an `Ontology`, and
    what is wrong is said at its field; `ontology` is the last one that had nothing wrong.

    Parameters
    ----------
    source
        An ontology, its dict, a list of classes or names; or a project, whose ontology and
        instructions the button *Save* replaces, by the rules of `Project.update_ontology`.
    height
        Of the widget in CSS pixels.
    """

    _esm = _STATIC / "ontology.js"
    _css = _STATIC / "ontology.css"

    #: The ontology as it is built; may be set and observed.
    ontology = traitlets.Instance(Ontology)
    #: What labellers are told, in Markdown.
    instructions = traitlets.Unicode("")
    height = traitlets.Int(640).tag(sync=True)
    given = traitlets.Dict(read_only=True).tag(sync=True)

    def __init__(
        self,
        source: Edited | Ontology | Mapping[str, Any] | Sequence[ObjectClass | str] = (),
        *,
        height: int = 640,
        **kwargs: Any,
    ) -> None:
        unknown = sorted(set(kwargs) - set(self.trait_names()))
        if unknown:
            raise TypeError(f"OntologyBuilder has no option {unknown[0]!r}.")
        self.project: Edited | None = None
        if hasattr(source, "update_ontology"):
            self.project = cast("Edited", source)
            ontology, told = self.project.ontology, self.project.instructions
        else:
            ontology, told = Ontology.of(cast("Any", source)), ""
        self._heard = False
        super().__init__(ontology=ontology, instructions=told, height=height, **kwargs)
        self._give()
        self.observe(self._changed, ["ontology", "instructions"])
        self.on_msg(lambda _, content, buffers: self.receive(content))

    def __repr__(self) -> str:
        of = "" if self.project is None else f", project={self.project.name!r}"
        return f"OntologyBuilder({numbered(len(self.ontology.classes), 'class')}{of})"

    @traitlets.validate("instructions")
    def _check_instructions(self, proposal: Any) -> str:
        return check_instructions(proposal["value"])

    def _changed(self, _: Any) -> None:
        # What the page has said itself is not sent back to it.
        if not self._heard:
            self._give()

    def _give(self) -> None:
        """Tell pages what there is to edit, and what of it labels have already."""
        given = {
            "ontology": self.ontology.to_dict(),
            "instructions": self.instructions,
            "guide": read_instructions(self.instructions),
            "base": (self.project.ontology if self.project else self.ontology).to_dict(),
            "usage": self.project.usage() if self.project else {},
            "palette": list(CYCLE),
            "project": self.project.name if self.project else None,
        }
        self.set_trait("given", given)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what a page has changed: of traits that are its own, and no others."""
        super().set_state({name: sync_data[name] for name in _OF_THE_PAGE if name in sync_data})

    def receive(self, content: Any) -> None:
        """Do what a page asks.

        Raises
        ------
        LinkError
            If the message is malformed.
        """
        try:
            message = msgspec.convert(content, Draft | Save)
            size = len(msgspec.json.encode(message))
        except (msgspec.ValidationError, RecursionError, UnicodeEncodeError) as error:
            raise LinkError(f"{error}.", where="message from the browser") from None
        if size > MAX_BYTES:
            raise LinkError(f"is {size} bytes long.", where="message from the browser")
        answer = {"type": "checked", "request": message.request, **self._take(message)}
        if isinstance(message, Save) and not answer["problems"]:
            answer |= self._save()
        self.send(answer)

    def _take(self, message: Draft | Save) -> dict[str, Any]:
        """Take over what a page has, where nothing is wrong with it; return what is wrong."""
        problems = review(message.ontology)
        guide: list[Any] = []
        try:
            told = check_instructions(message.instructions)
            guide = read_instructions(told)
        except LabelwidgetsError as error:
            problems.append(Problem(("instructions",), str(error)))
        if problems:
            found = [{"path": one.path, "message": one.message} for one in problems]
            return {"problems": found, "guide": guide}
        self._heard = True
        try:
            self.ontology = Ontology.from_dict(message.ontology)
            self.instructions = told
        finally:
            self._heard = False
        return {
            "problems": [],
            "guide": guide,
            "ontology": self.ontology.to_dict(),
            "python": to_python(self.ontology),
            "json": msgspec.json.format(self.ontology.to_json(), indent=2),
        }

    def _save(self) -> dict[str, Any]:
        if self.project is None:
            return {"saved": ""}
        try:
            report = self.project.update_ontology(self.ontology)
            self.project.instructions = self.instructions
        except OntologyError as error:
            return {"problems": [{"path": self._path(error), "message": str(error)}]}
        except LabelwidgetsError as error:
            return {"problems": [{"path": [], "message": str(error)}]}
        self._heard = True
        try:
            self.ontology = self.project.ontology
        finally:
            self._heard = False
        self._give()
        return {"saved": repr(report), "ontology": self.ontology.to_dict()}

    def _path(self, error: OntologyError) -> list[str | int]:
        """Return where in the page's ontology an error of the project is about."""
        for index, made in enumerate(self.ontology.classes):
            if f"class {made.name!r}" in (error.where or "") or f" of {made.name!r}" in (
                error.where or ""
            ):
                return ["classes", index]
        return []
