"""Whether the ontology or the instructions have changed since they were shown."""

from __future__ import annotations

from collections.abc import Callable

from labelwidgets.workflow.session import Session


class OntologyWatch:
    """Tells a widget of an ontology and instructions that are other than it shows.

    Parameters
    ----------
    session
        Whose ontology it is.
    on_change
        Told when it has changed.
    """

    def __init__(self, session: Session, on_change: Callable[[], None] | None) -> None:
        self._session = session
        self._on_change = on_change
        self._said = session.said()

    def look(self) -> None:
        """Tell of an ontology or instructions that have changed since."""
        said = self._session.said()
        if said != self._said:
            self._said = said
            if self._on_change is not None:
                self._on_change()
