"""numba, where it is installed.

Rooms named ``*_kernels`` import `kernel` at their top and are themselves imported late,
inside the functions that have a plain twin for where numba is missing.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

logger = logging.getLogger("labelwidgets")


@cache
def compiles() -> bool:
    """Is numba there, and does it run?

    One that does not fit the numpy or the processor beside it fails as it is imported.
    """
    if importlib.util.find_spec("numba") is None:
        return False
    try:
        importlib.import_module("numba")
    except Exception as error:
        logger.warning("numba is not used, all is slower without it: %s", error)
        return False
    return True


def kernel(function: Kernel) -> Kernel:
    """Compile a function at its first call, and keep the code on disk where that is possible."""
    import numba

    try:
        compiled: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # No folder for the cache can be written.
        compiled = numba.njit(nogil=True)(function)
    return cast("Kernel", compiled)
