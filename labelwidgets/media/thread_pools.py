"""Threads that read, shared by all of a process, and begun anew in one that was forked from it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def thread_pool(name: str, threads: int) -> ThreadPoolExecutor:
    """Return the threads of a name in this process; they begin with the first job."""
    return ThreadPoolExecutor(threads, thread_name_prefix=name)


# A process that is forked, such as a worker that loads pictures to train with, has the pool and
# none of its threads: it would wait for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=thread_pool.cache_clear)
