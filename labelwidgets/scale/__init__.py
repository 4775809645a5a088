"""Long jobs over many items: in threads, in processes, or on the workers of a Dask cluster.

Workers read pictures where they lie, and write their part of the results to any address; what is
there already is not computed again, so that a job that was cut off goes on where it was.
"""

from labelwidgets.scale.ahead import embed, superpixels_ahead, use_superpixels, validate
from labelwidgets.scale.late_models import made_on_workers
from labelwidgets.scale.mapping import map_items
from labelwidgets.scale.parts import Parts

__all__ = [
    "Parts",
    "embed",
    "made_on_workers",
    "map_items",
    "superpixels_ahead",
    "use_superpixels",
    "validate",
]
