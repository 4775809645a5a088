"""The family of errors: what they say, and that they survive a process border."""

from __future__ import annotations

import copy
import os
import subprocess
import sys

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


LINES = """
import labelwidgets as lw
def open_them():
    lw.Dataset.open("/nowhere/at all")
open_them()
"""


def shown(lines: str, mode: str) -> str:
    # In a process of its own, as there is one IPython a process.
    code = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        "shell.run_line_magic('xmode', sys.argv[2])\n"
        "shell.run_cell(sys.argv[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, lines, mode], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_notebook_shows_the_callers_own_lines_and_the_message() -> None:
    text = shown(LINES, "Context")
    assert "MissingFileError: /nowhere/at all: does not exist. Check the spelling" in text
    assert 'lw.Dataset.open("/nowhere/at all")' in text
    assert "open_them()" in text
    assert "labelwidgets/media" not in text


def test_a_notebook_shows_all_when_it_is_told_to() -> None:
    assert "labelwidgets/media" in shown(LINES, "Verbose").replace(os.sep, "/")


def test_an_error_of_the_callers_function_is_shown_down_to_it() -> None:
    lines = """
import labelwidgets as lw
from labelwidgets.media.sources import connected
def theirs():
    raise lw.LabelwidgetsError("is theirs.")
connected("memory://a", theirs)
"""
    text = shown(lines, "Context")
    assert 'raise lw.LabelwidgetsError("is theirs.")' in text
    assert "connected(" in text
