"""What a forked process has of its parent: decoders that are open, and none of their threads.

To close such a decoder waits for its threads, which are in no child: it would wait for ever. So
nothing that was there before is let go of there; the process ends with it.
"""

from __future__ import annotations

import gc
import os
from functools import cache


@cache
def keep_in_children() -> None:
    """Let the garbage of this process be none to those that are forked from it from now on."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=gc.freeze)
