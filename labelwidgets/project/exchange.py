"""Labels from files, and labels into files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.errors import FormatError
from labelwidgets.media import DeidentifyOptions
from labelwidgets.media.whole_files import shown
from labelwidgets.project.labels import Labelling
from labelwidgets.workflow.gate import note

if TYPE_CHECKING:
    from labelwidgets.formats import Exported, Imported


class Exchange(Labelling):
    """Files of labels."""

    def import_annotations(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        errors: Literal["raise", "collect"] = "raise",
        add_classes: bool = False,
        **options: Any,
    ) -> Imported:
        """Add the labels of a file, as one gesture that `undo` takes back as one.

        Parameters
        ----------
        path
            File or any fsspec URL.
        format
            Such as ``coco``; None looks into the file.
        errors
            ``raise`` stops at the first record that is wrong, and nothing is added;
            ``collect`` leaves such records out and lists them in the result.
        add_classes
            Extend the ontology by the classes that it lacks.
        **options
            What the format can be told (see its module in `labelwidgets.formats`), and for
            fsspec, for this file.

        Returns
        -------
        Imported
            With `annotations`, and the frames `left_out`, `unmatched` and `categories`.

        Raises
        ------
        FormatError
            If the file is malformed or names a class that the ontology lacks.
        """
        from labelwidgets import formats

        ontology = self.ontology
        found = formats.read(
            path,
            format,
            items=self._store.items(),
            ontology=ontology,
            errors=errors,
            dataset=self.dataset,
            **options,
        )
        missing = found.missing(ontology)
        if missing and not add_classes:
            names = ", ".join(repr(made.name) for made in missing[:12])
            raise FormatError(
                f"names classes that the project lacks: {names}.",
                where=found.path,
                hint="Add them with Project.extend, or pass add_classes=True.",
            )
        if missing:
            self.extend(missing)
        self._add(found.annotations, keep_authors=True)
        note(path=shown(path), format=format, labels=len(found.annotations))
        return found

    def export(
        self,
        format: str,
        path: str | os.PathLike[str],
        strict: bool = False,
        deidentify: DeidentifyOptions | bool = False,
        **options: Any,
    ) -> Exported:
        """Write the labels to a file, whole or not at all.

        They are those of main tasks: opinions of single labellers, and golden answers, stay here.

        Parameters
        ----------
        format
            Such as ``coco``.
        path
            File or any fsspec URL; a file that is there is replaced.
        strict
            Raise where the format cannot express a label, instead of warning.
        deidentify
            Leave patients out (see `labelwidgets.formats.write`).
        **options
            What the format can be told (see its module in `labelwidgets.formats`), and for
            fsspec, for this file.
        """
        from labelwidgets import formats

        labels = self._store.read_main()
        note(path=shown(path), format=format, labels=len(labels))
        return formats.write(
            labels,
            path,
            format,
            items=self._store.items(),
            ontology=self.ontology,
            strict=strict,
            size_of=self._size_of,
            dataset=self.dataset,
            deidentify=deidentify,
            **options,
        )
