"""Masks as pictures: an indexed PNG for each slice, or image, in which a pixel is its class.

Written into a folder or a ``.zip``, for training code that reads pictures; format ``masks`` reads
it.

``<title>/slice_0007.png``
    A slice, counted from 0 in the order of space; of an image ``<title>.png``. All slices of a
    scan with labels are there, also those without any.
``legend.json``
    The number, the name and the colour of each class, and for each picture the item and slice.

Numbers are those of the classes in the order of the ontology, from 1; 0 is none. Where labels of
several classes overlap, the class that comes later is kept, and a `FormatWarning` says in how many
pixels. At most 255 classes fit.
"""

from labelwidgets.formats.slice_masks.writing import HOLDS, read, sniff, write

__all__ = ["HOLDS", "read", "sniff", "write"]
