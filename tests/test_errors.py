"""The family of errors: what they say, and that they survive a process border."""

from __future__ import annotations

import copy

import pytest

from labelwidgets import errors

FAMILY = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.LabelwidgetsError)
]


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_says_where_what_and_how(kind: type[errors.LabelwidgetsError]) -> None:
    error = kind("is empty.", where="a.jpg", hint="Look again.")
    assert str(error) == "a.jpg: is empty. Look again."
    assert str(error.at("row 3")) == "row 3, a.jpg: is empty. Look again."
    assert str(kind("is empty.")) == "is empty."
    again = copy.copy(error)
    assert (type(again), str(again)) == (kind, str(error))


def test_they_can_be_caught_as_what_python_would_have_raised() -> None:
    assert issubclass(errors.GeometryError, ValueError)
    assert issubclass(errors.ImageError, OSError)
    assert issubclass(errors.MissingExtraError, ImportError)
