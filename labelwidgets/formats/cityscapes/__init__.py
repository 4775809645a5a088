"""Cityscapes, read and written: polygons in JSON and the pictures of ids that are drawn from them.

For a picture ``<city>/<name>_leftImg8bit.png`` there are in a folder or ``.zip``, in the same
folders (``gtCoarse`` for ``gtFine`` is read too):

``<city>/<name>_gtFine_polygons.json``
    ``{"imgHeight", "imgWidth", "objects": [{"label", "polygon": [[x, y], ...]}]}`` in pixels; later
    objects lie above. ``cargroup`` are cars that are not told apart: the class is ``car``, and
    ``iscrowd`` a parameter of the origin, as of COCO's crowds. An object that is ``deleted`` is
    none.
``<city>/<name>_gtFine_instanceIds.png``
    16 bits: 1000 times the id of the class plus the number of the object, from 0; the id alone of
    groups and of what has no objects.
``<city>/<name>_gtFine_labelIds.png``
    8 bits: ids of classes.
``<city>/<name>_gtFine_color.png``
    Their colours; written only.

Ids and colours of the classes are those of Cityscapes; others get ids from 34, in the order of the
ontology, or those of ``classes={"tram": 40}``. A class with id -1 (licence plates) is in no
picture. Polygons have one ring: holes and parts are reached by bridges without width, which
reading takes away again (scripts that fill polygons with their edges draw them as lines of a
pixel). Masks become outlines along the edges of their pixels.

``pictures=True`` copies the pictures into ``leftImg8bit``, as PNG, and
the labels are in ``gtFine``: the two trees of the dataset.

Source: Cordts et al. (2016), "The Cityscapes Dataset", and the labels and drawing order of its
published scripts.
"""

from labelwidgets.formats.cityscapes.reading import read, sniff, sniff_files
from labelwidgets.formats.cityscapes.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
