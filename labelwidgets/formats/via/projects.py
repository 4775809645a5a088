"""Projects of VIA 3 (the annotator of pictures, videos and sound), read and written.

Shapes lie on pictures, or on frames of videos by their time in seconds; segments of time are
events; what is said of a file is its tags and answers. The attributes of the project are questions:
text, checkbox, radio and select, about shapes, segments or files. The class is the attribute
``class``, or as `labelwidgets.formats.via` finds it.

What is written opens in VIA 3: files are named as in the dataset and looked for beside its page
(``loc`` 3; its setting for the prefix of such files says where else). A shape on a frame has the
time at which the frame begins, an event ends where its last frame does. VIA 3 has no angles: turned
boxes and ellipses are outlines, masks and skeletons outlines and points, tracks a shape on each
frame. ``score`` is the confidence.

How groups of several files are read: see `labelwidgets.formats.via.version3`.

``pictures=True`` copies the pictures into the folder of the project,
where its page finds them if it lies there, too.

Source: VIA 3's ``CodeDoc.md``, ``_via_metadata.js``, ``_via_attribute.js`` and ``_via_file.js``.
"""

from __future__ import annotations

from labelwidgets.errors import FormatError
from labelwidgets.formats.documents import as_json
from labelwidgets.formats.folders import holds_any
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.reading import Reading, reader
from labelwidgets.formats.results import Imported
from labelwidgets.formats.via.reading import MAX_BYTES, USUAL
from labelwidgets.formats.via.version3 import Version3, is_version3, sniff_version3
from labelwidgets.formats.via.writing3 import HOLDS, write

__all__ = ["HOLDS", "read", "sniff", "sniff_files", "write"]


def sniff(head: bytes) -> bool:
    """Say whether a file that begins like this is a project of VIA 3."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text[:1] == b"{" and sniff_version3(head)


def sniff_files(source: Input) -> bool:
    """Say whether there is such a file in a folder or zip."""
    return holds_any(source, sniff, ".json")


@reader("via3", "videos")
def read(
    job: Reading,
    *,
    class_attribute: str | None = None,
    unnamed: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Imported:
    """Read VIA 3: see `labelwidgets.formats.read` and `labelwidgets.formats.via.projects`.

    Parameters
    ----------
    path
        A project; or a folder or zip with some, which are read as one.
    class_attribute
        Which attribute is the class; None goes by what the project says, and by the usual names.
    unnamed
        Class of shapes and segments without one; None finds fault with them.
    max_bytes
        Larger files, each by itself, are refused before they are decoded.

    Raises
    ------
    FormatError
        Naming the file, the record and the field.
    """
    found = job.picture_labels(unnamed)

    def read_one(data: bytes, where: str, name: str) -> None:
        document = as_json(data, where)
        if not is_version3(document):
            raise FormatError("must be an object with metadata, view and file.", where=where)
        try:
            Version3(job, found, document, class_attribute, USUAL, name).read()
        except FormatError as error:
            raise error if error.where and where in error.where else error.at(where) from None

    job.each_file(read_one, found, sniff, ".json", title="VIA 3", limit=max_bytes)
    return found.result()
