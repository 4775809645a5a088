"""Where work is done: in threads, in processes, or on the workers of a Dask cluster."""

from labelwidgets.workers.pool import Where
from labelwidgets.workers.running import KILLED, Workers, count_of, run
from labelwidgets.workers.threads import given_up

__all__ = ["KILLED", "Where", "Workers", "count_of", "given_up", "run"]
