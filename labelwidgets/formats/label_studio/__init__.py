"""Label Studio's JSON of images and videos, and its JSON_MIN, which is read.

A file is a list of tasks, each with ``data`` (where the picture is), ``annotations`` (one for each
person) and ``predictions``. Coordinates there are percent of the picture; what each ``type`` is:

=====================  ========================================================================
``rectanglelabels``    rectangle; ``rotation`` in degrees clockwise about its *top left corner*
``ellipselabels``      ellipse, turned about its centre
``polygonlabels``      polygon of one ring, of ``closed: false`` a polyline
``vectorlabels``       polyline, closed ones a polygon; curves are not read
``keypointlabels``     point; those with a ``parentID`` are the joints of a skeleton of the class
                       of that region
``brushlabels``        mask (`labelwidgets.formats.label_studio.brush`); pixels that are painted
                       at all
``bitmasklabels``      mask, of the pixels of a PNG (``imageDataURL``) that are not transparent;
                       it is written as ``brushlabels``
``videorectangle``     track of rectangles; frames there are counted from 1
``timelinelabels``     events
``choices``, ...       with the ``id`` of a region (``perRegion``) the answers to the questions
                       of its class, by ``from_name``; without, those about the picture, or,
                       where the project has no such question, tags
=====================  ========================================================================

The annotations of every person are read, with ``completed_by`` as the author, but for those that
were skipped; predictions only on demand (`take`). What is not read so is told with its number.
``id``, relations, notes (``meta``), and answers that nobody asks for are in the parameters of the
origin and are written from there. Percent are percent of the item where its size is known, so
that labels that were made on a smaller copy fit. Of pictures that were turned on the screen
(``image_rotation``) coordinates are turned back; brushes are of the picture as it is.

Between the keyframes of a video Label Studio moves the top left corner and the turn on straight
lines; where the turn changes, all frames between become keyframes. A keyframe that is not
``enabled`` is the last frame on which an object is seen.

Written are tasks with one annotation each, and in a folder or a zip ``label_config.xml`` beside
them, the labelling interface that fits. Joints lie in a box of their class with the note
``skeleton``, covered ones have the note ``hidden``. Polygons with holes or of several parts are
written as masks. People are not written, as Label Studio refuses those that it does not know.

Source: Label Studio's documentation of its JSON, label-studio-converter (``brush.py``), and
``rle-pack`` of thi.ng/umbrella.
"""

from labelwidgets.formats.label_studio.reading import read, sniff, sniff_files
from labelwidgets.formats.label_studio.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
