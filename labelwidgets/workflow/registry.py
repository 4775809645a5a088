"""Functions that a workflow names: predicates of routers, and models that label first.

A workflow is data, and holds names alone; the functions live in the notebook that runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, overload, runtime_checkable

from labelwidgets.errors import WorkflowError
from labelwidgets.schema.annotation import Annotation

if TYPE_CHECKING:
    from labelwidgets.workflow.session import Session

# From the row of a task and its annotations.
Predicate: TypeAlias = Callable[[Mapping[str, Any], list[Annotation]], bool]
# From the pixels of an item and its row, to labels.
Model: TypeAlias = Callable[[Any, Mapping[str, Any]], Iterable[Annotation]]


@runtime_checkable
class Named(Protocol):
    """A model that has a name of its own, such as an assistant."""

    @property
    def name(self) -> str:
        """What labels say that made them."""


class Labeller(Protocol):
    """What labels the tasks of a stage, many at once."""

    def label(
        self, session: Session, tasks: Sequence[str], options: Mapping[str, Any]
    ) -> Mapping[str, str | None]:
        """Label tasks, by the options of their stage; return what went wrong with each."""


Labels: TypeAlias = "Model | Named"

_predicates: dict[str, Predicate] = {}
_models: dict[str, Labels] = {}


def predicate(name: str) -> Callable[[Predicate], Predicate]:
    """Register a function that a router asks, under a name.

    It gets the row of a task (a dict) and its annotations, and returns whether its rule is
    true of the task.

    Parameters
    ----------
    name
        As in the option `predicate` of a stage of the kind router.
    """

    def register(function: Predicate) -> Predicate:
        _predicates[_named(name)] = function
        return function

    return register


@overload
def model(name: str) -> Callable[[Model], Model]: ...
@overload
def model(name: Named) -> Named: ...
def model(name: str | Named) -> Any:
    """Register what labels items before people do, under a name.

    Used as ``@lw.workflow.model("boxes")`` for a function that gets the pixels of an item and its
    row (a dict with id, kind, title, metadata), and returns annotations; or with an assistant,
    ``lw.workflow.model(lw.assistant(net))``, under its own name.

    Parameters
    ----------
    name
        As in the option `model` of a stage of the kind model; or an assistant.
    """
    if not isinstance(name, str):
        if not isinstance(name, Named):
            raise WorkflowError("needs a name, or an assistant.", where="registered function")
        _models[_named(name.name)] = name
        return name

    def register(function: Model) -> Model:
        _models[_named(name)] = function
        return function

    return register


def _named(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise WorkflowError("needs a name.", where="registered function")
    return name


def find_predicate(name: str) -> Predicate:
    """Return the predicate of a name; `WorkflowError` if this process has none."""
    if name not in _predicates:
        raise WorkflowError(
            f"There is no function {name!r} in this process.",
            where="router",
            hint=f"Register it with @lw.workflow.predicate({name!r}).",
        )
    return _predicates[name]


def find_model(name: str) -> Labels:
    """Return the model of a name; `WorkflowError` if this process has none."""
    if name not in _models:
        raise WorkflowError(
            f"There is no model {name!r} in this process.",
            where="model stage",
            hint=f"Pass it, project.advance({{{name!r}: assistant}}), or register it: "
            f"lw.workflow.model(assistant), or @lw.workflow.model({name!r}) over a function.",
        )
    return _models[name]
