from __future__ import annotations

from labelwidgets.errors import SourceError
from labelwidgets.media.failures import Failures


def test_no_column_of_the_errors_is_a_formula() -> None:
    failures = Failures()
    # Places are keys of manifests too, and ids may stand in them.
    failures.add(0, "=1+1", "@id", "+url", SourceError("is wrong.", where="-1"))
    (row,) = failures.frame()[["place", "id", "url", "reason"]].to_numpy().tolist()
    assert all(text.startswith("'") for text in row)
