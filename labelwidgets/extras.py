"""Libraries that only some need: each is imported when something asks for it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from labelwidgets.errors import MissingExtraError


def library(name: str, extra: str, what: str) -> ModuleType:
    """Return a module, imported now.

    Parameters
    ----------
    name
        Of the module.
    extra
        Of labelwidgets, which brings it; or, after ``=``, the package that does, where no extra
        does.
    what
        What it is needed for, or the file that needs it: errors begin with it.

    Raises
    ------
    MissingExtraError
        Naming the command that installs it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        wanted = extra[1:] if extra.startswith("=") else f"labelwidgets[{extra}]"
        raise MissingExtraError(
            f"needs a package that is not installed: {error}.",
            where=what,
            hint=f'Install it with: pip install "{wanted}"',
        ) from None
