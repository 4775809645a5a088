"""Plain JSON: labels, items and the ontology with all their fields, one object or line by line.

``labels.json`` is one object::

    {"format": "labelwidgets", "version": 1,
     "ontology": {"classes": [...], "image_attributes": [...]},
     "items": [{"id", "kind", "title", "folder", "urls", "metadata", "status"}],
     "annotations": [{"item_id", "class_name", "geometry", ...}]}

``labels.jsonl`` has the same, one record a line: first
``{"format": "labelwidgets", "version": 1, "ontology": {...}}``, then ``{"item": {...}}`` for each
item, then ``{"annotation": {...}}`` for each label.

The fields of labels are those of `labelwidgets.Annotation`, those of the ontology of
`labelwidgets.Ontology`; what has its default is left out. A geometry names its ``type``:

=================  ===============================================================================
``rectangle``      ``x``, ``y`` (left top corner), ``width``, ``height``, ``angle`` (degrees,
                   clockwise about the centre)
``ellipse``        ``x``, ``y`` (centre), ``rx``, ``ry``, ``angle``
``polygon``        ``parts``: a list of parts, each a list of rings (the outer one, then holes),
                   each a list of ``[x, y]``
``polyline``       ``points``
``point``          ``x``, ``y``
``keypoints``      ``points`` of ``[x, y, v]``, v as in COCO: 0 not labelled, 1 hidden, 2 seen
``cuboid``         ``points``: eight corners
``mask``           ``rle``: ``size`` (height, width) and ``counts``, COCO's compressed code
``volumemask``     ``slices``: a code for each slice
``tag``            nothing: a class, or answers, of the whole picture
``track``          ``keyframes`` by frame
``interval``       ``first`` and ``last`` frame of an event
=================  ===============================================================================

Coordinates are pixels of the full image, x right, y down, (0, 0) the outer corner of the first
pixel. Times are RFC 3339. Nothing is lost: what is read is equal to what was written. Addresses
are written without users, passwords and signed queries.
"""

from labelwidgets.formats.plain_json.reading import read, sniff
from labelwidgets.formats.plain_json.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
