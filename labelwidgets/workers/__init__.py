"""Where work is done: in threads, in processes, or on the workers of a Dask cluster."""

from labelwidgets.workers.pool import Where
from labelwidgets.workers.running import Workers, count_of, run
from labelwidgets.workers.threads import given_up

__all__ = ["Where", "Workers", "count_of", "given_up", "run"]
