"""Several COCO files of a folder or zip, read one after the other, as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from labelwidgets.errors import FormatError
from labelwidgets.formats.coco import records
from labelwidgets.formats.coco.places import Places
from labelwidgets.formats.coco.sniffing import is_results, sniff
from labelwidgets.formats.coco.whole_documents import decode_file, to_utf8
from labelwidgets.formats.folders import files_of, in_folder
from labelwidgets.formats.inputs import Input
from labelwidgets.formats.numbered import none_of
from labelwidgets.formats.results import Found
from labelwidgets.schema.ontology import ObjectClass, Ontology

if TYPE_CHECKING:
    import pandas as pd

F = TypeVar("F", bound=Found)
_Picture = tuple[str, int | None]
# Files that lie apart from their pictures.
_APART = ("annotations", "labels", "results")


class Part(NamedTuple):
    """One of the files.

    Parameters
    ----------
    name
        Its path in the folder; empty where the file is read by itself.
    shown
        As errors name it.
    """

    name: str
    shown: str

    @property
    def apart(self) -> bool:
        """Whether its folder is not that of its pictures."""
        return self.name.rpartition("/")[0].rsplit("/", 1)[-1].lower() in _APART

    def names(self, name: str) -> list[str]:
        """Return what the path of a picture may be that the file calls so, the surest first."""
        folder, _, file = self.name.rpartition("/")
        if not self.name or not name:
            return [name]
        if not self.apart:
            return list(dict.fromkeys([in_folder(folder, name), name]))
        # Of annotations/instances_val2017.json, pictures are in val2017.
        _, said, part = file.rsplit(".", 1)[0].rpartition("_")
        return [in_folder(part, name) if said else name, name]

    def made(self, name: str) -> str:
        """Return the path of a picture where the file makes the items."""
        return name if self.apart or not name else self.names(name)[0]


class Doubles:
    """Finds labels that several files have, such as those of instances and of joints.

    Parameters
    ----------
    source
        The folder.
    limit
        How many bytes a file may have.
    """

    def __init__(self, source: Input, limit: int) -> None:
        self._source, self._limit = source, limit
        self._pictures: dict[str, dict[_Picture, records.Id]] = {}

    def look(self, part: Part, places: Places) -> None:
        """Raise FormatError if a file has labels that one before it has.

        They are the same where a picture and the id are; what is read is only the ids, and only of
        files that have pictures in common.
        """
        mine = {(one.item, one.frame): id for id, one in places.known() if one is not None}
        for name, theirs in self._pictures.items():
            both = mine.keys() & theirs.keys() if name != part.name else set()
            twice = both and self._labels(part.name, mine, both) & self._labels(name, theirs, both)
            if not twice:
                continue
            (item, _), id, _ = min(twice, key=str)
            raise FormatError(
                f"has annotation {id} on item {item!r}, as {name} has.",
                where=part.shown,
                hint="Files of several kinds bring the same objects: name one kind, as in "
                f"files={_pattern(name)!r} or files={_pattern(part.name)!r}. If their pictures "
                "only have the same names, pass the items of the dataset.",
            )
        self._pictures[part.name] = mine

    def _labels(
        self, name: str, ids: dict[_Picture, records.Id], wanted: Iterable[_Picture]
    ) -> set[tuple[_Picture, records.Id, bool]]:
        pictures = {ids[picture]: picture for picture in wanted}
        shown = self._source.where(name)
        file = decode_file(self._source.read(name, self._limit), shown)
        return {
            (pictures[one.image_id], one.id, one.category_id is None)
            for one in records.decode_each(file.annotations, _Label)
            if one is not None and one.id is not None and one.image_id in pictures
        }


class _Label(msgspec.Struct):
    """What says which label of which picture it is; captions have no class."""

    image_id: records.Id
    id: records.Id | None = None
    category_id: records.Id | None = None


def read_each(
    source: Input, files: str, read: Callable[[Part], F], collect: bool
) -> tuple[F, list[F]]:
    """Read files, and return what is known of all of them, and each.

    Parameters
    ----------
    source
        The folder.
    files
        A pattern of their names: see `files_of`.
    read
        Reads one.
    collect
        It is no error that none of the pictures is an item.

    Raises
    ------
    FormatError
        If there is none, not one of their pictures is an item, or some are lists of results and
        others are not.
    """
    names = files_of(source, sniff, ".json", title="COCO", files=files)
    _check_kinds(source, names)
    each = [(name, read(Part(name, source.where(name)))) for name in names]
    whole = _joined(source.shown, each)
    if len(whole.unmatched) and not len(whole.items) and not collect:
        first = whole.unmatched.iloc[0]
        raise FormatError(
            f"{none_of(len(whole.unmatched), 'image')} an item of the dataset.",
            where=source.shown,
            hint=f"The first is {first['file_name'][:200]!r} of {first['record']}, "
            f"it {first['reason']}",
        )
    return whole, [found for _, found in each]


def _check_kinds(source: Input, names: Sequence[str]) -> None:
    """Raise FormatError where lists of results lie among files of labels."""
    results = {name for name in names if is_results(to_utf8(source.head(name), whole=False))}
    labels = [name for name in names if name not in results]
    if not results or not labels:
        return
    first, pattern = min(results), _pattern(labels[0])
    if any(fnmatchcase(one.rsplit("/", 1)[-1], pattern) for one in results):
        pattern = labels[0]
    raise FormatError(
        f"is a list of results, which are no labels, beside files of labels such as {labels[0]}.",
        where=source.where(first),
        hint=f"Say which are meant: files={pattern!r}, or the results, files={first!r} with "
        f"ground_truth={source.where(labels[0])!r}, the file that their ids are of.",
    )


def check_one_file(files: str, shown: str) -> None:
    """Raise FormatError where files of a folder are named, and it is none."""
    if files != "*":
        raise FormatError(
            "is of a folder or zip of several files, which this is not.", where=f"{shown}, files"
        )


def _joined(path: str, each: Sequence[tuple[str, F]]) -> F:
    """Return the first with all that is known of all, but for the labels."""
    import pandas as pd

    items = pd.concat([found.items for _, found in each], ignore_index=True)
    return replace(
        each[0][1],
        path=path,
        left_out=_named([(name, found.left_out) for name, found in each]),
        unmatched=_named([(name, found.unmatched) for name, found in each]),
        categories=_categories([found.categories for _, found in each]),
        ontology=_ontology([(name, found) for name, found in each]),
        items=items.drop_duplicates("id").reset_index(drop=True),
    )


def _named(frames: Iterable[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Return rows of several files, the name of its file before each record."""
    import pandas as pd

    told = [
        one.assign(record=[f"{name}, {record}" for record in one["record"]]) for name, one in frames
    ]
    # Those without rows have no say in dtypes.
    return pd.concat([one for one in told if len(one)] or told[:1], ignore_index=True)


def _categories(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return a row a class, by its name: its id may be another in each file."""
    import pandas as pd

    rows: dict[str, dict[str, Any]] = {}
    columns: list[str] = []
    for frame in frames:
        columns = columns or list(frame.columns)
        for record in frame.to_dict("records"):
            row = {str(key): value for key, value in record.items()}
            known = rows.setdefault(row["name"], {**row, "annotations": 0})
            known["annotations"] += row["annotations"]
            known["supercategory"] = known["supercategory"] or row["supercategory"]
            known["fields"] = {**row["fields"], **known["fields"]}
    made = pd.DataFrame(list(rows.values()), columns=columns)
    return made.astype({"name": object, "supercategory": object, "annotations": "int64"})


def _ontology(each: Iterable[tuple[str, Found]]) -> Ontology:
    """Return the classes of all files: each as the file has it that has the most labels of it."""
    known: dict[str, tuple[ObjectClass, int, str]] = {}
    questions: dict[str, Any] = {}
    windows: dict[str, Any] = {}
    for name, found in each:
        counts = dict(
            zip(found.categories["name"], found.categories["annotations"].tolist(), strict=True)
        )
        for made in found.ontology.classes:
            count = counts.get(made.name, 0)
            before = known.setdefault(made.name, (made, count, name))
            if _joints(made) and _joints(before[0]) and _joints(made) != _joints(before[0]):
                raise FormatError(
                    f"has other joints of {made.name!r} than {before[2]}.",
                    where=name,
                    hint=f"Read them by themselves, as in files={_pattern(name)!r}.",
                )
            if (bool(_joints(made)), count) > (bool(_joints(before[0])), before[1]):
                known[made.name] = made, count, name
        for one in found.ontology.image_attributes:
            questions.setdefault(one.name, one)
        for window in found.ontology.windows:
            windows.setdefault(window.name, window)
    classes: list[ObjectClass] = []
    taken: set[str | None] = set()
    for made, _, _ in known.values():
        # One whose colour is taken gets another.
        classes.append(msgspec.structs.replace(made, color=None) if made.color in taken else made)
        taken.add(made.color)
    return Ontology(classes, list(questions.values()), list(windows.values()))


def _joints(made: ObjectClass) -> tuple[str, ...]:
    return tuple(made.skeleton.joints) if made.skeleton else ()


def _pattern(name: str) -> str:
    """Return a pattern of the files that are of one kind with one."""
    file = name.rsplit("/", 1)[-1]
    kind, found, _ = file.rpartition("_")
    return f"{kind}_*" if found and kind else name
