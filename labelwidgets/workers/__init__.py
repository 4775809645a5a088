"""Where work is done: in threads, in processes, or on the workers of a Dask cluster."""

from labelwidgets.workers.pool import Where
from labelwidgets.workers.running import Workers, run

__all__ = ["Where", "Workers", "run"]
