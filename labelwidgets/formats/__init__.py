"""Label files of other tools: one module a format, each with `read` and `write`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from labelwidgets.errors import FormatError, LabelwidgetsError, SourceError
from labelwidgets.formats import registry
from labelwidgets.formats.counting import counted
from labelwidgets.formats.drawing import drawn_by
from labelwidgets.formats.files import shown
from labelwidgets.formats.frames import annotations_of
from labelwidgets.formats.labelled_volume import LabelledVolume, labelled_volume
from labelwidgets.formats.mending import mending
from labelwidgets.formats.privacy import Deidentify, nameless
from labelwidgets.formats.results import Exported, FormatWarning, Found, Imported, ImportedFrame
from labelwidgets.media.option_names import check_options, of_place, unnamed
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.ontology import Ontology

if TYPE_CHECKING:
    import pandas as pd

    from labelwidgets.media.dataset import Dataset
    from labelwidgets.media.worker_pixels import OptionsOf

__all__ = [
    "Exported",
    "FormatWarning",
    "Imported",
    "ImportedFrame",
    "LabelledVolume",
    "labelled_volume",
    "names",
    "read",
    "read_frame",
    "write",
]

names = registry.names


def read(
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    errors: Literal["raise", "collect"] = "raise",
    dataset: Dataset | None = None,
    repair: bool = False,
    **options: Any,
) -> Imported:
    """Read a label file.

    Parameters
    ----------
    path
        File or any fsspec URL.
    format
        Name of the format, such as ``coco``; None looks into the file.
    items
        The items of the dataset (columns ``id``, ``urls``, ``folder``,
        ``title``, ``metadata``) that the labels belong to. Without them the
        images that the file tells of become the items.
    ontology
        Answers to attributes and numbers of joints are checked against it.
        Classes that it lacks are no error here: see `Imported.missing`.
    errors
        ``raise`` stops at the first record that is wrong; ``collect`` leaves
        such records out and lists them in `Imported.left_out`. Where only an answer of a label is
        not one that `ontology` allows, that answer is left out and listed, and the label stays;
        the parameters of its origin have the answer.
    dataset
        With the scans that labels of medical formats lie on; its items are those of the
        dataset where `items` is None.
    repair
        Mend outlines that cross themselves, which are wrong otherwise: what most programs fill of
        them (even-odd rule) becomes valid polygons, slivers without area are dropped, and a label
        that has no area at all is in `left_out`. Outlines and upright boxes that reach out of their
        picture by more than a pixel are cut at its edge. `Imported.mended` counts them; the origin
        of each says in ``repaired`` what was wrong, and has the shape as it was as
        ``repaired_from``.
    **options
        What the format can be told (see its module), and for fsspec: keys, endpoints.

    Raises
    ------
    FormatError
        Naming the file, the record and the field.
    SourceError
        If the file cannot be read, or an option is not known.
    """
    _check_told(path, errors)
    if items is None and dataset is not None:
        items = dataset.items
    module = registry.module(format or _looked_up(path, options))
    _check_options(path, options, module.HOLDS.title, read, module.read)
    known = {"items": items, "ontology": ontology, "errors": errors, "dataset": dataset}
    with _named(path), counted(), mending(repair) as tally:
        found = module.read(path, **registry.asked_for(module.read, known), **options)
    return replace(found, mended=tally.count) if tally.count else found


def _check_told(path: Any, errors: Any = "raise") -> None:
    """Raise FormatError for what is no path, or no way to treat records that are wrong."""
    registry.check_path(path)
    if errors not in ("raise", "collect"):
        raise FormatError(f'must be "raise" or "collect", not {errors!r:.40}.', where="errors")


def _check_options(
    path: str | os.PathLike[str],
    options: Mapping[str, Any],
    title: str,
    *told: Callable[..., Any],
) -> None:
    """Raise SourceError for an option that neither what is told nor the place of a file knows."""
    known = [name for function in told for name in registry.named(function)]
    rest = {name: options[name] for name in options if name not in known}
    for name in sorted(unnamed(path, rest)):
        # A bucket would take it without a word.
        others = registry.having(name)
        if others:
            raise SourceError(
                f"is no option of {title}, but of {', '.join(others)}.", where=name[:80]
            )
    check_options(path, rest, known)


def _looked_up(path: str | os.PathLike[str], options: Mapping[str, Any]) -> str:
    """Return the format of a file by a look into it, and by what it is to be told."""
    if "legend" in options:
        # Nothing else is told what colours mean.
        return "masks"
    return registry.sniff(path, **registry.places(options))


@contextmanager
def _named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Put the file before the place of an error that says only where in it."""
    file = shown(path).rstrip("/")
    try:
        yield
    except LabelwidgetsError as error:
        if file in (error.where or ""):
            raise
        raise error.at(file).with_traceback(error.__traceback__) from None


def read_frame(
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    errors: Literal["raise", "collect"] = "raise",
    dataset: Dataset | None = None,
    repair: bool = False,
    **options: Any,
) -> ImportedFrame:
    """Read a label file as a frame like ``project.annotations``.

    Of a large COCO file that takes a fraction of the time and memory of `read`: its shapes are
    decoded when they are looked at. `write` takes the frame, or what is returned here.

    Parameters
    ----------
    path, format, items, ontology, errors, dataset, **options
        As for `read`.
    repair
        As for `read`; all shapes are decoded for it.

    Raises
    ------
    FormatError, SourceError
        As for `read`; a shape that is not looked at before is wrong when it is.
    """
    from labelwidgets.formats.label_frames import frame_of

    _check_told(path, errors)
    if format is None:
        format = _looked_up(path, options)
    own = getattr(registry.module(format), "read_frame", None)
    known = {"items": items, "ontology": ontology, "errors": errors, "dataset": dataset}
    # What is decoded when it is looked at cannot be mended before.
    if own is not None and not repair:
        _check_options(path, options, registry.holds(format).title, read, own)
        with _named(path):
            made: ImportedFrame = own(path, **registry.asked_for(own, known), **options)
        return made
    if own is not None:
        options.pop("check", None)  # What is mended has been checked.
    found = read(path, format, repair=repair, **known, **options)  # type: ignore[arg-type]
    return found.framed(frame_of(found.annotations))


def write(
    annotations: Imported | ImportedFrame | pd.DataFrame | Sequence[Annotation],
    path: str | os.PathLike[str],
    format: str,
    *,
    items: pd.DataFrame | None = None,
    ontology: Ontology | None = None,
    strict: bool = False,
    size_of: Callable[[str], tuple[int, int]] | None = None,
    supercategories: Mapping[str, str] | None = None,
    dataset: Dataset | None = None,
    deidentify: Deidentify = False,
    client: Any = None,
    workers: int | None = None,
    storage_options: OptionsOf | None = None,
    **options: Any,
) -> Exported:
    """Write a label file, whole or not at all.

    Parameters
    ----------
    annotations
        Records, a frame like ``project.annotations``, or what `read` returned.
    path
        File or any fsspec URL. A file that is there is replaced once the new
        one is complete.
    format
        Name of the format, such as ``coco``.
    items
        The items of the dataset; all of them are written, also those without
        labels. Without them, only the items that have labels are, under their
        ids.
    ontology
        Its classes are written in its order; None takes the names of the
        classes that occur, sorted.
    strict
        Raise where the format cannot express a label, instead of keeping it
        in a field that only labelwidgets reads, with a `FormatWarning`.
    size_of
        Gives (width, height) in pixels of the items whose metadata lack them.
    supercategories
        Group of each class by its name, in formats that know groups.
    dataset
        With the scans that medical formats refer to; its items are those of the dataset where
        `items` is None.
    deidentify
        Leave patients out: of DICOM objects by the basic profile of PS3.15 (True, or
        `labelwidgets.media.DeidentifyOptions`), of other files titles, folders and addresses of
        items, which may be names.
    client
        A `distributed.Client` of a Dask cluster: its workers make the files, of formats that have
        one or several for each picture or scan. Into the folder of a bucket they write them by
        themselves.
    workers
        So many processes of this machine instead.
    storage_options
        A function that returns what scans are read and files are written with, called here and on
        the workers. Without, what is told as options stays here, and so workers send back what
        they made.
    **options
        What the format can be told (see its module), and for fsspec: keys, endpoints.

    Raises
    ------
    FormatError
        Naming the annotation or the item that cannot be written; or if workers are asked for, and
        the format is made in one go: it says which are not.
    SourceError
        If the place cannot be written, or an option is not known.
    """
    module = registry.module(format)
    _check_told(path)
    if not options.get("pictures"):
        # With its pictures, it is a folder of files.
        registry.check_unpacked(format, path)
    _check_options(path, options, module.HOLDS.title, write, module.write)
    if storage_options is not None:
        options = {**of_place(path, storage_options()), **options}
    known: dict[str, Any] = {}
    if isinstance(annotations, Found):
        if "category_fields" not in options:
            known["category_fields"] = annotations.category_fields or None
        items = annotations.items if items is None else items
        ontology = ontology or annotations.ontology
        supercategories = supercategories or annotations.supercategories
    if items is None and dataset is not None:
        items = dataset.items
    known |= {
        "items": items,
        "ontology": ontology,
        "strict": strict,
        "size_of": size_of,
        "supercategories": supercategories,
        "dataset": dataset,
        "deidentify": deidentify,
    }
    frame: Any = annotations.annotations if isinstance(annotations, ImportedFrame) else annotations
    # Of shapes that are still as they lie in a file of the format, none need be decoded.
    quick = getattr(module, "write_frame", None) if hasattr(frame, "columns") else None
    told = [
        deidentify,
        size_of,
        dataset,
        client,
        workers,
        *registry.asked_for(module.write, options),
    ]
    if quick is not None and not any(told):
        done: Exported | None = quick(frame, path, **registry.asked_for(quick, known), **options)
        if done is not None:
            return done
    asked = registry.asked_for(module.write, known)
    if deidentify and "deidentify" not in asked and items is not None:
        asked["items"] = nameless(items)
    with drawn_by(registry.name_of(format), client, workers, storage_options):
        return module.write(annotations_of(annotations), path, **asked, **options)
