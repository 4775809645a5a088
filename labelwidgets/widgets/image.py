"""The image annotator: one session as a cell's output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from labelwidgets.assist import registry
from labelwidgets.errors import LabelwidgetsError, WorkflowError
from labelwidgets.schema.instructions import read_instructions
from labelwidgets.schema.mode import Mode, one_key_answers
from labelwidgets.widgets.link import Link
from labelwidgets.workflow.reviewing import judges
from labelwidgets.workflow.session import Session

_STATIC = Path(__file__).parent.parent / "static"
# All other traits are the kernel's to say; what a page claims of them is not heard.
_OF_THE_PAGE = ("task", "height", "selection", "_view_count")


def check_session(session: object) -> None:
    """Raise WorkflowError for what is no session, such as the project itself."""
    if not isinstance(session, Session):
        raise WorkflowError(
            f"must be a Session, not {type(session).__name__}.",
            where="session",
            hint="Call project.annotate(), or give project.session().",
        )


class ImageAnnotator(anywidget.AnyWidget):
    """Label images in a notebook cell.

    The labels are not in the widget: it shows, and edits, what the session's store has.

    Parameters
    ----------
    session
        One person's hold on a project's tasks, from `Project.session`.
    task
        The task to open; None for the next in the queue.
    height
        Of the widget in CSS pixels; a person can drag its lower edge. None fills the window of
        the browser, for a page that shows nothing else.
    mode
        What is asked for: ``segmentation`` (shapes, no questions about the image),
        ``classification`` (those questions and tags, by the keyboard alone) or ``both``; None for
        what the session's mode is.
    advance
        In the mode ``classification``: the key that gives the last answer submits, and the next
        task comes. None does so where one required question is all there is.
    """

    _esm = _STATIC / "image.js"
    _css = _STATIC / "image.css"

    ontology = traitlets.Dict(read_only=True).tag(sync=True)
    place = traitlets.Dict(read_only=True).tag(sync=True)
    tools = traitlets.List(traitlets.Dict(), read_only=True).tag(sync=True)
    guide = traitlets.List(traitlets.Any(), read_only=True).tag(sync=True)
    mode = traitlets.Unicode("both", read_only=True).tag(sync=True)
    advance = traitlets.Bool(False, read_only=True).tag(sync=True)
    task = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    height = traitlets.Int(640, allow_none=True).tag(sync=True)
    selection = traitlets.List(traitlets.Unicode()).tag(sync=True)

    _link: Link | None = None

    def __init__(
        self,
        session: Session,
        *,
        task: str | None = None,
        height: int | None = 640,
        mode: Mode | None = None,
        advance: bool | None = None,
        **kwargs: Any,
    ) -> None:
        check_session(session)
        unknown = sorted(set(kwargs) - set(self.trait_names()))
        if unknown:
            raise TypeError(f"ImageAnnotator has no option {unknown[0]!r}.")
        super().__init__(task=task, height=height, **kwargs)
        self.session = session if mode is None else session.in_mode(mode)
        session = self.session
        self._advance = advance
        self.refresh_ontology()
        self._say_tools()
        self._unobserve = registry.observe(self._say_tools)
        first = task or session.next_task()
        begins = None if first is None else session.task(first)
        self._judges = begins is not None and judges(session, begins)
        self._say_place(None if begins is None else begins["item_id"])
        link = Link(
            session,
            lambda content, buffers: self.send(content, buffers=buffers),
            on_open=self._say_place,
            on_ontology=self.refresh_ontology,
        )
        self._link = link
        self.on_msg(lambda _, content, buffers: link.receive(content, buffers))

    def _say_place(self, item: str | None) -> None:
        """Tell pages whose project this is, which picture comes first and what is done with it."""
        session = self.session
        place = {
            "project": session.project_uid,
            "name": session.project_name,
            "user": session.user,
            "item": item,
            "judges": self._judges,
        }
        self.set_trait("place", place)

    def _say_tools(self) -> None:
        """Tell pages which tools this kernel has."""
        self.set_trait("tools", [made.spec() for made in registry.tools()])

    def __repr__(self) -> str:
        return f"ImageAnnotator(project={self.session.project_name!r}, user={self.session.user!r})"

    @property
    def annotations(self) -> pd.DataFrame:
        """The labels of the session's tasks, as `Project.annotations` has them."""
        return self.session.annotations()

    def refresh_ontology(self) -> None:
        """Show the ontology and the instructions as they are now.

        Where the notebook has an event loop, the widget does so by itself within a second.
        """
        ontology, mode = self.session.ontology, self.session.mode
        with self.hold_sync():
            self.set_trait("ontology", ontology.to_dict())
            self.set_trait("guide", read_instructions(self.session.instructions))
            self.set_trait("mode", mode)
            advance = one_key_answers(ontology) if self._advance is None else self._advance
            self.set_trait("advance", advance and mode == "classification")

    def close(self) -> None:
        """Take the widget away; the labels stay in the store."""
        # Also called for one that was never whole, and at the end of the interpreter, where
        # nothing can be said to a store any more: what was opened ahead ends with its lease.
        if self._link is not None and not sys.is_finalizing():
            self._link.close()
            self._unobserve()
        super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what a page has changed: of traits that are its own, and no others."""
        super().set_state({name: sync_data[name] for name in _OF_THE_PAGE if name in sync_data})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Add a picture of the image with its labels, for places where no kernel runs."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        try:
            data = {**data, **self._still()}
        except LabelwidgetsError:
            # A picture that cannot be read is shown, with the reason, by the widget itself.
            return data, metadata
        return data, metadata

    def _still(self) -> dict[str, bytes]:
        task = self.task or self.session.next_task()
        if task is None:
            return {}
        from labelwidgets.widgets.still import still

        return {"image/jpeg": still(self.session, task, self._window_ends())}

    def _window_ends(self) -> tuple[float, float] | None:
        """Return the values of a scan that are black and white at first, where they are chosen."""
        return None
