"""The same labels are the same bytes, in every format, so that exports can be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from labelwidgets.formats import registry
from labelwidgets.formats.holds import FEATURES
from tests.formats.specimens import specimen
from tests.formats.test_holds import NAMES, write


@pytest.mark.parametrize("name", NAMES)
def test_the_same_labels_are_the_same_bytes(name: str, tmp_path: Path) -> None:
    holds = registry.holds(name)
    for feature in FEATURES:
        made = specimen(feature, holds)
        found = []
        for time in ("one", "other"):
            folder = tmp_path / feature / time
            folder.mkdir(parents=True)
            write(name, made, folder / (holds.file or "labels"))
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            found.append({str(one.relative_to(folder)): one.read_bytes() for one in files})
        assert found[0] == found[1], feature
