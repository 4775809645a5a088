"""GeoJSON (RFC 7946) in pixels, as QuPath and tools for slides have it.

A ``.geojson`` has all labels, with ``item`` among the properties of a feature; a folder or a
``.zip`` has a FeatureCollection for each item, called by it.

=====================  ====================================================================
polygon                ``Polygon``, or ``MultiPolygon`` where it has several parts: the outer
                       ring, then holes, the first point again at the end
rectangle, ellipse,    ``Polygon`` of its corners, of its outline to a tenth of a pixel, of
mask                   the edges of its pixels
polyline, point        ``LineString``, ``Point``
keypoints, cuboid      ``MultiPoint`` of what is in sight, of the corners
other labels           only in the extension, with a `FormatWarning`
=====================  ====================================================================

Coordinates are pixels of the full image: x right and **y down**, as QuPath has them too, so that
a map shows them upside down; (0, 0) is the outer corner of the first pixel. Nothing is said of
which way rings turn.

Properties are QuPath's: ``objectType``, ``classification`` with ``name`` and ``color`` (red,
green, blue), ``isLocked``; frames and slices are the ``plane`` of a geometry. Of other tools, a
name of a class is looked for in ``classification``, ``class``, ``label`` and ``name``; what else
there is goes to the origin, measurements among it.

The extension is an object ``labelwidgets`` of a feature, and of the collection, that others pass
over: a label that no tool has changed comes back as it was, and one that was moved keeps its
answers.
"""

from labelwidgets.formats.geojson.reading import read, sniff, sniff_files
from labelwidgets.formats.geojson.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
