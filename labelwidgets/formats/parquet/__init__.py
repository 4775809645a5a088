"""Parquet and Arrow: labels as a table of columns that DuckDB, Spark, pandas and Polars read.

``labels.parquet`` (or ``labels.arrow``, Arrow's own file) has a row a label. A folder or a
``.zip`` has ``items.parquet`` with a row an item, and ``annotations/part-0.parquet``, or with
``partition_by="class_name"`` a folder a value, as Hive names them:
``annotations/class_name_is=car/part-0.parquet``. It is the folder ``annotations`` that is a table
for them: ``spark.read.parquet("labels/annotations")``. The files keep ``class_name``, a string or
none for every reader; ``class_name_is``, which readers make of the folders, is one more column,
``none`` where there is no value (pandas reads no folder of Hive's for nothing), and a number for
some of them where all names are digits.

======================  ==========================================================================
``item_id``             string
``id``                  string
``class_name``          string; none where a row has the answers about an item
``geometry_type``       string: ``rectangle``, ``polygon``, ...
``x``, ``y``,           float64: the upright box around the shape, in pixels of the full image,
``width``, ``height``   (0, 0) the outer corner of the first one; none where there is none
``area``                float64, in square pixels; 0 of points, lines and tracks
``frame``, ``pts``      int64
``track_id``            string
``attributes``          string of JSON: answers by the name of their question
``geometry``            string of JSON, as plain JSON has it: all of the shape, and what is read
``confidence``          float64, from 0 to 1
``author``, ``state``   string
``task_id``             string
``origin_kind``         string: ``hand``, ``model``, ...
``origin_name``         string
``origin_version``      string
``origin_parameters``   string of JSON
``created_at``          timestamp, microseconds in UTC
``updated_at``          likewise
``revision``            int64
======================  ==========================================================================

Items have ``id``, ``kind``, ``title``, ``folder``, ``urls`` (list of strings), ``metadata``
(string of JSON), ``status``, and ``width`` and ``height`` (int64) where they are known.

The metadata of the schema has ``labelwidgets.version`` and ``labelwidgets.ontology``; in a single
file ``labelwidgets.items`` too (JSON, at most 100,000 items: larger ones are a folder). Rows are
written in groups, so that memory stays bounded. Nothing is lost: what is read is equal to what
was written. Tables of others are read where they have ``item_id`` and ``class_name``, and
``geometry`` or the four columns of a box.

It needs pyarrow: ``pip install "labelwidgets[parquet]"``.
"""

from labelwidgets.formats.parquet.reading import read, sniff, sniff_files
from labelwidgets.formats.parquet.writing import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]
