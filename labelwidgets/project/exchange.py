"""Labels from files, and labels into files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.errors import ConflictError, FormatError, LabelwidgetsError
from labelwidgets.media import DeidentifyOptions
from labelwidgets.media.option_names import check_names
from labelwidgets.media.whole_files import shown
from labelwidgets.project.labels import Labelling
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.brought_questions import lacked_questions, with_questions
from labelwidgets.schema.ontology import ObjectClass, Ontology
from labelwidgets.schema.tracks import Track
from labelwidgets.store.records import Held
from labelwidgets.workflow import headless
from labelwidgets.workflow.gate import note
from labelwidgets.workflow.incoming import (
    as_predictions,
    lasting_ids,
    own_ids,
    sort_out,
    spare_people,
)

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
        *,
        as_: Literal["labels", "predictions"] = "labels",
        model: str | None = None,
        repair: bool = False,
        progress: bool | None = None,
        **options: Any,
    ) -> Imported:
        """Add the labels of a file, as one gesture that `undo` takes back as one.

        They are drafts that people go on with, and know where they are from. What is there already
        is not added again: the same import twice changes nothing, also where people have changed
        or deleted drafts of it since. (What was drawn by hand and deleted comes back from a file of
        ours.) They are written all or none, with the classes that are new; to
        interrupt the cell ends the import, and nothing is there of it.

        Parameters
        ----------
        path
            File or any fsspec URL.
        format
            Such as ``coco``; None looks into the file.
        errors
            ``raise`` stops at the first record that is wrong, and nothing is added;
            ``collect`` leaves such records out and lists them in the result. Of a label that
            only gives an answer which the ontology does not allow, the answer is left out alone:
            the parameters of its origin have it.
        add_classes
            Extend the ontology by the classes that it lacks and that new labels have, and by the
            questions about classes and the picture that they answer. A question that there is
            gets no further options.
        as_
            ``labels``, whoever made them; or ``predictions``: proposals of a model, of origin
            ``model``, which `evaluate` measures. They are added to no item whose task has been
            handed in, or that has a label which anybody else made or changed.
        model
            What made the predictions; by default what the file says, else the format.
        repair
            Mend outlines that cross themselves (see `labelwidgets.formats.read`); they are wrong
            otherwise.
        progress
            Show how far it is: True at once, None where it takes long, False never.
        **options
            What the format can be told (see its module in `labelwidgets.formats`), and for
            fsspec, for this file.

        Returns
        -------
        Imported
            With `annotations`, the frames `left_out`, `unmatched`, `categories` and `left_alone`,
            and how many labels were `added` and how many were `there`. Shows itself.

        Raises
        ------
        FormatError
            If the file is malformed or names a class that the ontology lacks.
        SourceError
            If the file cannot be read, or an option is not known.
        WorkflowError
            If a task that gets a label is submitted or skipped: reopen it first.
        """
        from labelwidgets import formats
        from labelwidgets.formats.counting import counted
        from labelwidgets.formats.registry import named

        if as_ not in ("labels", "predictions"):
            raise FormatError(f"must be 'labels' or 'predictions', not {as_!r:.60}.", where="as_")
        if model is not None and as_ != "predictions":
            raise FormatError("is of predictions.", where="model", hint='Add as_="predictions".')
        check_names(options, named(Exchange.import_annotations))
        began = time.time_ns() // 1_000_000
        ontology = self.ontology
        told: dict[str, Any] = {"items": self._store.items(), "dataset": self.dataset}
        told |= {"repair": repair} | options
        with counted(progress):
            if add_classes:
                found = _read_with_questions(path, format, ontology, errors, told)
            else:
                with _hinted(path, format, ontology, told):
                    found = formats.read(path, format, ontology=ontology, errors=errors, **told)
        missing = found.missing(ontology)
        if missing and not add_classes:
            names = ", ".join(repr(made.name) for made in missing[:12])
            raise FormatError(
                f"names classes that the project lacks: {names}.",
                where=found.path,
                hint="Add them with Project.extend, or pass add_classes=True.",
            )
        told_in = (found, missing, began, as_ == "predictions", model, progress)
        try:
            found = self._take_in(*told_in, asks=add_classes)
        except ConflictError:
            # The same import was ahead, of another kernel: nothing is written, and they are there.
            found = self._take_in(*told_in, asks=add_classes)
        note(path=shown(path), format=format, labels=found.added)
        return found

    def _take_in(
        self,
        found: Imported,
        missing: Sequence[ObjectClass],
        began: int,
        predictions: bool,
        model: str | None,
        progress: bool | None,
        *,
        asks: bool,
    ) -> Imported:
        """Add what is new of a file that was read."""
        from labelwidgets.formats.picture_notes import notes_of

        store = self._store
        if predictions:
            labels = as_predictions(found.annotations, model)
        else:
            labels = [*found.annotations, *notes_of(found, store.items())]
        labels = lasting_ids(labels, began)
        placed = headless.place(labels, self._tasks_of(labels))
        held = store.held([made.id for made in placed])
        again = own_ids(placed, held)
        if any(one is not other for one, other in zip(placed, again, strict=True)):
            placed, held = again, store.held([made.id for made in again])
        new, there, differ = sort_out(placed, held, store.deleted_by_hand)
        left_alone = None
        if predictions:
            labels_there = store.annotations_with(("id", "task_id", "origin", "revision"))
            new, left_alone = spare_people(new, store.tasks, labels_there, store.touched)
        used = {made.class_name for made in new}
        about = {made.class_name for made in new if made.attributes or _is_track(made)}

        def growth(now: Ontology) -> Ontology:
            # Somebody else may have added some of them meanwhile.
            classes = [one for one in missing if one.name in used and one.name not in now]
            return with_questions(now, found.ontology, about if asks else ()).extend(classes)

        self._write(new, held, growth if missing or (asks and about) else None, progress)
        return replace(
            found,
            annotations=placed,
            added=len(new),
            there=there,
            differ=differ,
            left_alone=left_alone,
        )

    def _write(
        self,
        new: list[Annotation],
        held: Mapping[str, Held],
        growth: Callable[[Ontology], Ontology] | None,
        progress: bool | None,
    ) -> None:
        """Add labels and their classes as one gesture, all or none, showing how far it is."""
        from tqdm.auto import tqdm

        edits = headless.creations(new, held)
        authors = {made.id: made.author for made in new if made.author}
        bar = tqdm(
            total=len(edits),
            desc="Adding labels",
            unit="label",
            delay=0 if progress else 1,
            disable=progress is False,
        )

        with bar:
            outcomes = self.session().take_in(edits, growth, authors, bar.update)
        headless.acknowledged(outcomes)

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
            fsspec, for this file; also ``client``, ``workers`` and ``storage_options``, with which
            workers make the files: see `labelwidgets.formats.write`.

        Raises
        ------
        FormatError
            Naming the annotation or the item that cannot be written.
        SourceError
            If the place cannot be written, or an option is not known.
        """
        from labelwidgets import formats
        from labelwidgets.formats.registry import check_path, named

        check_path(path)
        check_names(options, named(Exchange.export))
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


def _read_with_questions(
    path: str | os.PathLike[str],
    format: str | None,
    ontology: Ontology,
    errors: Literal["raise", "collect"],
    told: Mapping[str, Any],
) -> Imported:
    """Read a file, its labels checked against the questions that it brings, too."""
    from labelwidgets import formats

    # What it asks is known once it is read: only one that asks something new is read again.
    found = formats.read(path, format, ontology=ontology, errors="collect", **told)
    about = lacked_questions(ontology, found.ontology)
    missing = found.missing(ontology)
    wrong = len(found.left_out) or (len(found.unmatched) and not found.annotations)
    asking = about or any(made.attributes for made in missing)
    if not asking and not (wrong and errors == "raise"):
        return found
    grown = with_questions(ontology, found.ontology, about).extend(missing)
    return formats.read(path, format, ontology=grown, errors=errors, **told)


@contextmanager
def _hinted(
    path: str | os.PathLike[str],
    format: str | None,
    ontology: Ontology,
    told: Mapping[str, Any],
) -> Iterator[None]:
    """Say how a question, or an option, that a project lacks comes into it."""
    from labelwidgets import formats

    try:
        yield
    except LabelwidgetsError as error:
        place = error.where or ""
        if "attribute " not in place:
            raise
        if "is not in the ontology" in error.message:
            # Not all files say what is asked in them: only then can they bring the question.
            found = formats.read(path, format, ontology=ontology, errors="collect", **told)
            brought = lacked_questions(ontology, found.ontology)
            asked = {
                f"{_about(name)}, attribute {one.name!r}"
                for name, several in brought.items()
                for one in several
            }
            brings = any(place.endswith(one) for one in asked)
            first = "Pass add_classes=True, or add" if brings else "Add"
            hint = f"{first} the question with Project.extend (about pictures) or update_ontology"
        elif "has no option" in error.message:
            hint = "Add the option with Project.update_ontology"
        else:
            raise
        raise FormatError(
            error.message,
            where=place,
            hint=f'{hint}; errors="collect" keeps such labels without the answer.',
        ) from None


def _about(name: str | None) -> str:
    """Return what a question is about, as errors call it."""
    return "image" if name is None else f"class {name!r}"


def _is_track(made: Annotation) -> bool:
    return isinstance(made.geometry, Track)
