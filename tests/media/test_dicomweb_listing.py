from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.dicomweb.address import DicomAddress
from labelwidgets.media.dicomweb.listing import list_series
from labelwidgets.media.dicomweb.server import DicomwebServer


class Odd:
    """Answers with a series of two instances, the numbers of which are odd."""

    def __init__(self, number: Any) -> None:
        self.number = number

    def search(self, address: DicomAddress, *_: Any) -> Iterator[list[dict[str, Any]]]:
        if not address.series:
            yield [{"0020000D": {"Value": ["1.2"]}, "0020000E": {"Value": ["1.3"]}}]
            return
        for uid, number in (("1.5", 2), ("1.4", self.number)):
            yield [{"00080018": {"Value": [uid]}, "00200013": {"Value": [number]}}]


@pytest.mark.parametrize(
    "number", ["--5", "-", "\u00b2", "\u0665", "5" * 5000, 1.5, float("inf"), True, None, {}, "1"]
)
def test_a_number_of_an_instance_that_is_none_counts_as_zero(number: Any) -> None:
    faults: list[LabelwidgetsError] = []
    server = cast("DicomwebServer", Odd(number))
    pages = list_series(DicomAddress("host/path"), server, lambda _, error: faults.append(error))
    ((item,),) = pages
    assert not faults
    assert [url.rpartition("/")[2] for url in item.urls] == ["1.4", "1.5"]
