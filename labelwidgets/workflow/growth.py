"""What a change of the ontology did, for a person to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from labelwidgets.numbered import numbered
from labelwidgets.schema.changes import Change
from labelwidgets.schema.ontology import Ontology
from labelwidgets.store.ontologies import Changed

if TYPE_CHECKING:
    import pandas as pd


class OntologyReport(msgspec.Struct, frozen=True):
    """What a change of the ontology did.

    Parameters
    ----------
    before, after
        The ontology.
    counted
        Each change, with the number of labels that it is about.
    """

    before: Ontology
    after: Ontology
    counted: Sequence[tuple[Change, int]]

    @classmethod
    def of(cls, changed: Changed) -> OntologyReport:
        """Return the report of a change."""
        return cls(changed.before, changed.after, changed.changes)

    @property
    def changes(self) -> pd.DataFrame:
        """One row a change: change, what (string), labels (int64)."""
        import pandas as pd

        rows = [(one.kind, one.what, count) for one, count in self.counted]
        frame = pd.DataFrame(rows, columns=["change", "what", "labels"])
        return frame.astype({"change": "string", "what": "string", "labels": "int64"})

    def __repr__(self) -> str:
        if not self.counted:
            same = self.before.hash == self.after.hash
            return "OntologyReport(nothing changed)" if same else "OntologyReport(order changed)"
        lines = [
            f"  {one.kind}: {one.what}" + (f" ({numbered(count, 'label')})" if count else "")
            for one, count in self.counted
        ]
        return "\n".join(["OntologyReport:", *lines])
