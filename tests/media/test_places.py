"""A file is read as the one that was opened, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labelwidgets.errors import SourceError
from labelwidgets.media.places import LocalPlace, fetch_into


@pytest.mark.parametrize("longer", [False, True])
@pytest.mark.parametrize("in_place", [False, True])
def test_another_file_in_its_place_is_not_read(
    tmp_path: Path, in_place: bool, longer: bool
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"first" * 10)
    place = LocalPlace(str(path))
    assert place.size() == 50
    assert place.fetch(5, 10) == b"first"
    other = path if in_place else tmp_path / "b.bin"
    other.write_bytes(b"other" * (20 if longer else 10))
    if in_place:
        # A file system may tell times apart by a hundredth of a second only.
        facts = path.stat()
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 10**9))
    else:
        other.replace(path)
    with pytest.raises(SourceError, match="changed while it was read"):
        place.fetch(5, 10)
    with pytest.raises(SourceError, match=r"a\.bin"):
        fetch_into(place, 0, memoryview(bytearray(10)))
    assert LocalPlace(str(path)).fetch(5, 10) == b"other"
