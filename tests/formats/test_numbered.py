"""Things are counted in words that go with their number."""

from __future__ import annotations

import pytest

from labelwidgets import numbered as words
from labelwidgets.formats.holds import FEATURES
from labelwidgets.formats.numbered import listed, none_of, numbered


@pytest.mark.parametrize(
    ("thing", "one", "several"),
    [
        ("box", "1 box", "2 boxes"),
        ("class", "1 class", "2 classes"),
        ("entry", "1 entry", "2 entries"),
        ("track of polygon (as its box)", "1 track of polygon (as its box)", None),
        ("keypoints on no frame", "1 set of keypoints on no frame", None),
        ("holes (as its pixels)", "1 polygon with holes (as its pixels)", None),
        ("occlusion of a track", "1 occlusion of a track", "2 occlusions of tracks"),
        ("part outside of its picture", None, "2 parts outside of their picture"),
        ("pixel under a later label", None, "2 pixels under a later label"),
        ("track of polygon (as its box)", None, "2 tracks of polygon (as their box)"),
        ("image answers", "1 set of answers about a picture", "2 sets of answers about a picture"),
    ],
)
def test_a_number_of_things_is_in_words(thing: str, one: str | None, several: str | None) -> None:
    assert one is None or numbered(1, thing) == one
    assert several is None or numbered(2, thing) == several
    assert several is None or numbered(0, thing) == several.replace("2", "0")


def test_large_numbers_are_easy_to_read_and_axes_are_several() -> None:
    assert words.numbered(12_345, "interval") == "12,345 intervals"
    assert words.numbered(1, "axis") == "1 axis"
    assert words.numbered(2, "axis") == "2 axes"


@pytest.mark.parametrize("feature", [name for name in FEATURES if name not in ("ids", "origin")])
def test_every_feature_of_labels_can_be_counted(feature: str) -> None:
    one, noun = numbered(1, feature).split(" ", 1)
    assert one == "1"
    assert noun.split(" of ")[0].split(" with ")[0][-1] != "s" or feature == "empty pictures"
    assert numbered(3, feature) != f"3 {noun}"


def test_what_is_not_there_is_not_listed() -> None:
    assert listed({"box": 2, "mask": 0, "tag": 1}) == "2 boxes, 1 tag"
    assert listed({}) == ""


def test_none_of_one_thing_is_that_one() -> None:
    assert none_of(1, "image") == "its one image is not"
    assert none_of(3, "image") == "none of its 3 images is"
