"""Labels in jobs of GT Studio (Playment), read and written: pre-labels of jobs, and results.

Labels stand in a job under ``maker_response``, by type with their ``data``, or in a result under
``annotations``, by type; those of a sequence under ``maker_response.video2d.data.annotations``, by
frame. Coordinates are parts of the width and height, from 0 to 1, so that items have to be of
known size.

================  ==========================================================================
``rectangles``    ``coordinates``: corners, top left, top right, bottom right, bottom left
``polygons``      ``points`` by name, and ``edges`` that say which are connected; several
                  rings are several parts
``lines``         the same, open
``landmarks``     ``points``: one is a point, several are the joints of a skeleton, in the
                  order of their ``label`` where that is a number, else of their names
``cuboids``       eight ``points``, in the order of their names: the front face clockwise
                  from its top left corner, then the back face
================  ==========================================================================

``label`` is the class. ``attributes`` hold ``{name: {"value": ...}}``: those that the ontology asks
for become answers, others are kept as parameters of the origin, like ``_id``. ``state``
``non_editable`` becomes ``locked``. A tracked object, ``{_id, type, label, frames: {frame_id:
{...}}}``, becomes a track: outside on the frames that it does not have, with keyframes where a
line between others does not say the same, and its ``_id`` as `track_id`.

``raster`` holds masks: ``{"data": {"url", "legend": {"#c76e2a": "car # 5"}}}``, a picture of
colours by its address, and what each is of. The address is held to the rules for addresses in data
files (`labelwidgets.media.UrlPolicy`); a relative one lies beside the file. Answers about masks
are in ``attributes`` beside the legend, by its words, which only we read.

Written are jobs with ``maker_response``, of videos and sequences with ``video_data.frames`` (of a
video, each with the URL of the file and its number as ``frame_id``) and each track on each frame
that shows it. Masks on pictures are painted into PNG files in a folder beside, ``jobs_masks`` of
``jobs.json``, one above the other; ellipses and turned boxes become polygons. Events, holes, and
masks on frames have no place there, which is said.

Source: GT Studio's documentation, "Job Build Structure" and "Base type -
Segmentation", and Playment's, "Get job results".
"""

from labelwidgets.formats.gt_studio.reading import read, sniff
from labelwidgets.formats.gt_studio.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "write"]
