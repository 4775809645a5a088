"""The XML files of CVAT: what each says first, and then its images or tracks."""

from __future__ import annotations

from collections.abc import Iterator

from labelwidgets.errors import FormatError
from labelwidgets.formats.cvat_video.tasks import Meta, read_meta
from labelwidgets.formats.file_labels import FileLabels
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.xml_elements import Element, elements


def documents(source: Input, found: FileLabels) -> Iterator[Document]:
    """Go through the files of a folder or zip, or the one that there is.

    Raises
    ------
    FormatError
        If there are none.
    """
    names = source.ending(".xml")
    if not names:
        raise FormatError("has no .xml.", where=source.shown)
    return (Document(source, name, found) for name in names)


class Document:
    """One file, whose elements under the root are gone through.

    Parameters
    ----------
    source, name
        Where it lies.
    found
        Where its classes are told of.

    Attributes
    ----------
    meta
        What was said of tasks and classes before the element that one is at.
    where
        The file, for errors.
    """

    def __init__(self, source: Input, name: str, found: FileLabels) -> None:
        self._source, self._name, self._found = source, name, found
        self.where, self._prefix = source.where(name), "" if source.single else f"{name}, "
        self.meta = Meta()

    def __iter__(self) -> Iterator[Element]:
        """Return the elements but those of `meta`.

        Raises
        ------
        FormatError
            If it is no XML of CVAT.
        """
        started = False
        with self._source.open(self._name) as file:
            for element in elements(file, self.where):
                if not started:
                    if element.name != "annotations":
                        raise FormatError(
                            f"begins with <{element.name[:40]}>, must begin with <annotations>.",
                            where=self.where,
                        )
                    started = True
                elif element.name == "meta":
                    self._read_meta(element)
                else:
                    yield element
        if not started:
            raise FormatError("is empty.", where=self.where)

    def place(self, element: Element) -> str:
        """Return where an element stands."""
        return f"{self._prefix}line {element.line}, {element.name[:40]}"

    def _read_meta(self, element: Element) -> None:
        try:
            self.meta = read_meta(element)
        except FormatError as error:
            raise error.at(f"{self.where}, meta") from None
        for line, name, wrong in self.meta.wrong:
            self._found.wrong(f"{self._prefix}line {line}, label", name or None, wrong)
        for made in self.meta.classes.values():
            self._found.tell(made, any_tool=made.name in self.meta.untyped)
