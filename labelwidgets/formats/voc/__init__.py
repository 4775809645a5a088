"""Pascal VOC, read and written: a file of XML a picture, and its objects as indexed pictures.

=============================  ===================================================================
``Annotations/<name>.xml``     the objects: class, box, ``difficult``, ``truncated``, ``occluded``,
                               ``pose``, parts and actions of people, answers as ``<attributes>``
``SegmentationClass/*.png``    pixels of classes, in the colours of VOC; 255 is neither
``SegmentationObject/*.png``   the same of objects: number 3 is the third object of the XML
``ImageSets/Main/<set>.txt``   names of the pictures to train and to test with
``labelmap.txt``               ``name:r,g,b:parts:actions`` of classes that are not those of VOC
=============================  ===================================================================

Pixels count from 1 and both ends are inside: of a box over the whole picture ``xmin`` is 1 and
``xmax`` its width, so that 1 is taken off ``xmin`` and ``ymin`` in reading, and nothing off the
others. So says VOC's devkit ("the top-left pixel has coordinates (1,1)"), and so do Detectron2 and
supervision read them. CVAT and Datumaro write edges that count from 0; they are told by their
``labelmap.txt``. ``base=0`` or ``base=1`` says it where that is wrong.

An object with pixels is a mask; its box goes to the parameters where it is another one.
Polygons are those of supervision and Roboflow (``<polygon><x1>``), of one ring: holes and parts
are bridged, and come back apart. Turned boxes are those of roLabelImg (``<robndbox>``). Readers of
boxes alone see the boxes around both. ``split`` in the metadata of items is their set. Lists of
the pictures of a class (``Main/<class>_<set>.txt``) become tags where no object says the same.

Read are folders, a ``.zip``, or one ``.xml``. Flags and ``pose`` are answers where the class has
such questions, else parameters of the origin, from which they are written again.

Sources: Everingham and Winn (2012), "The PASCAL VOC Challenge 2012 Development Kit"; Datumaro,
"Pascal VOC"; roLabelImg.
"""

from labelwidgets.formats.voc.reading import read, sniff, sniff_files
from labelwidgets.formats.voc.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
