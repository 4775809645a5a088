from __future__ import annotations

from labelwidgets.media.manifests.documents import Repeated, json_of


def test_keys_that_are_there_twice_are_found_in_one_pass() -> None:
    # Each compared with each would be 40 thousand million comparisons.
    names = [f'"{number}":1' for number in range(200_000)]
    found = json_of("{" + ",".join([*names, '"7":2', '"5":3', '"7":4']) + "}", "a.json")
    assert isinstance(found, Repeated)
    assert found.keys_twice == ("5", "7")
    assert found["7"] == 4
