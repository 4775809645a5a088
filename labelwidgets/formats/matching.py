"""Finding the item of the dataset that a label file calls by some name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from labelwidgets.errors import FormatError
from labelwidgets.formats.addresses import parts_of
from labelwidgets.formats.file_names import plain_name, safe_name
from labelwidgets.formats.numbered import numbered

if TYPE_CHECKING:
    import pandas as pd

_NO_NAMES = ("", ".", "..")
# Longer relative paths are compared by their last folders.
_DEPTH = 12


class Item(NamedTuple):
    """What label files need to know of an item of a dataset."""

    id: str
    kind: str
    title: str
    folder: str
    urls: tuple[str, ...]
    size: tuple[int, int] | None
    status: str
    # Of each picture of a group.
    sizes: tuple[tuple[int, int] | None, ...] = ()
    # Of a scan, 0 where they are not known.
    slices: int = 0

    @property
    def file_name(self) -> str:
        """Path of the file relative to the dataset, with forward slashes, never upwards."""
        return self.file_of(0)

    def file_of(self, frame: int) -> str:
        """Return the path as `file_name`, of one picture of a group."""
        return file_name(self.folder, self.urls[frame] if self.urls else "", self.title, self.id)


def file_name(folder: str, url: str, title: str, id: str) -> str:
    """Return the path of a file relative to the dataset, with forward slashes, never upwards.

    Parameters
    ----------
    folder, title, id
        Of the item.
    url
        Where it is, empty where that is not known.
    """
    if not (url or folder or "/" in title or "\\" in title):
        # Most labels are on pictures that are known by nothing else.
        return title if title not in _NO_NAMES else id
    parts = path_parts(folder) + (path_parts(url)[-1:] or path_parts(title)[-1:] or [id])
    return "/".join(parts)


def items_of(frame: pd.DataFrame) -> list[Item]:
    """Return the rows of a frame of items.

    Raises
    ------
    FormatError
        If the column ``id`` is missing or an id is there twice.
    """
    if "id" not in frame.columns:
        raise FormatError("is not there.", where="items, column 'id'")
    # By columns: rows of a frame take ten times as long.
    names = ("id", "kind", "title", "folder", "urls", "metadata", "status")
    ids, kinds, titles, folders, urls, metadata, states = (cells(frame, name) for name in names)
    ids = list(map(str, ids))
    items = map(
        known_item, ids, texts(kinds), texts(titles), texts(folders), urls, metadata, texts(states)
    )
    if len(set(ids)) < len(ids):
        twice = next(one for one, times in Counter(ids).items() if times > 1)
        raise FormatError("is there twice.", where=f"items, id {twice!r}")
    return list(items)


def known_item(
    id: str, kind: str, title: str, folder: str, urls: Any, metadata: Any, status: str
) -> Item:
    """Return an item of what the columns of `Dataset.items` say of it."""
    sizes: tuple[tuple[int, int] | None, ...] = ()
    slices = 0
    if isinstance(metadata, dict):
        if "frames" in metadata:
            sizes = _sizes_in(metadata["frames"])
        if "slices" in metadata:
            slices = _slices_in(metadata["slices"])
    size, addresses = size_in(metadata), addresses_in(urls)
    return Item(id, kind or "image", title, folder, addresses, size, status, sizes, slices)


def cells(frame: pd.DataFrame, name: str) -> list[Any]:
    """Return a column of a frame, all None where it is not there."""
    if name not in frame.columns:
        return [None] * len(frame)
    found: list[Any] = frame[name].to_numpy(object).tolist()
    return found


def size_in(metadata: Any) -> tuple[int, int] | None:
    """Return (width, height) from the metadata of an item, None where they are not known."""
    if not isinstance(metadata, dict):
        return None
    try:
        size = int(metadata["width"]), int(metadata["height"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return size if min(size) > 0 else None


def _sizes_in(frames: Any) -> tuple[tuple[int, int] | None, ...]:
    return tuple(size_in(one) for one in frames) if isinstance(frames, list) else ()


def _slices_in(slices: Any) -> int:
    return slices if isinstance(slices, int) and slices > 0 else 0


def path_parts(path: str) -> list[str]:
    """Return the folders and the file of a path or URL, without what leads upwards."""
    if "://" in path:
        path = unquote(parts_of(path).path)
    elif "/" not in path and "\\" not in path:
        # A name, as most titles are.
        return [] if path in _NO_NAMES else [path]
    return [part for part in path.replace("\\", "/").split("/") if part not in _NO_NAMES]


def texts(values: Iterable[Any]) -> list[str]:
    """Return texts, empty ones for what is none."""
    return [one if isinstance(one, str) else "" for one in values]


def addresses_in(urls: Any) -> tuple[str, ...]:
    """Return the URLs and paths in the cell of an item."""
    if isinstance(urls, str):
        return (urls,)
    values = urls if isinstance(urls, list | tuple) or hasattr(urls, "tolist") else ()
    # Most often there are none, or one.
    return tuple([one for one in values if isinstance(one, str)]) if len(values) else ()


_ByPath: TypeAlias = dict[tuple[str, ...], list[Item]]


class ItemIndex:
    """Finds items by URL, path, file name or id.

    Parameters
    ----------
    items
        The items of the dataset.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._by_id = {item.id: item for item in items}
        self._by_url: dict[str, list[Item]] = defaultdict(list)
        self._by_path: _ByPath = defaultdict(list)
        self._by_stem: _ByPath | None = None
        self._by_safe: dict[bool, _ByPath] = {}
        self._by_plain: dict[bool, _ByPath] = {}
        for item in self._by_id.values():
            tails: set[tuple[str, ...]] = set()
            for path in (*item.urls, item.file_name, item.title):
                parts = tuple(path_parts(path)[-_DEPTH:])
                tails |= {parts[start:] for start in range(len(parts))}
            for tail in tails:
                self._by_path[tail].append(item)
            for url in set(item.urls):
                self._by_url[url].append(item)

    def get(self, id: str) -> Item | None:
        """Return the item of an id, None if there is none."""
        return self._by_id.get(id)

    def find(self, names: Iterable[str | None], id: int | str) -> Item:
        """Return the item that is known under one of the names, or has the id.

        Parameters
        ----------
        names
            URLs, paths and file names, the surest first.
        id
            The id that the file gives the image.

        Raises
        ------
        FormatError
            If there is no such item, or there are several.
        """
        given = [name for name in names if name]
        for name in given:
            found = self._by_url.get(name)
            if found:
                return _only(found, name)
        for name in given:
            parts = tuple(path_parts(name)[-_DEPTH:])
            for start in range(len(parts)):
                found = self._by_path.get(parts[start:])
                if found:
                    return _only(found, name)
        for name in given:
            found = _longest(self._written(), tuple(path_parts(name)[-_DEPTH:]))
            if found:
                return _only(found, name)
        item = self._by_id.get(str(id))
        if item is None:
            raise FormatError("is no item of the dataset.", where="file_name")
        return item

    def find_stem(self, path: str) -> Item:
        """Return the item whose file is called so but for its suffix.

        Raises
        ------
        FormatError
            If there is no such item, or there are several.
        """
        if self._by_stem is None:
            self._by_stem = self._spelt(_without_suffix)
        parts = tuple(path_parts(path)[-_DEPTH:])
        found = _longest(self._by_stem, parts) or _longest(self._written(stem=True), parts)
        return _only(found, path) if found else self.find_safe(path, stem=True)

    def find_safe(self, path: str, stem: bool = False) -> Item:
        """Return the item whose path is spelt so in the name of a file that is written for it.

        Such names lack what file systems mind (see `safe_name`).

        Parameters
        ----------
        path
            As the file is called.
        stem
            It lacks the suffix of the item.

        Raises
        ------
        FormatError
            If there is no such item, or there are several.
        """
        if stem not in self._by_safe:
            self._by_safe[stem] = self._spelt(
                lambda parts: tuple(map(safe_name, _without_suffix(parts) if stem else parts))
            )
        parts = tuple(map(safe_name, path_parts(path)[-_DEPTH:]))
        found = _longest(self._by_safe[stem], parts)
        if not found:
            raise FormatError("is no item of the dataset.", where="file_name")
        return _only(found, path)

    def _written(self, stem: bool = False) -> _ByPath:
        """Return the items whose paths not all file systems take, as their files are called."""
        if stem not in self._by_plain:
            self._by_plain[stem] = self._spelt(
                lambda parts: _without_suffix(plain_parts(parts)) if stem else plain_parts(parts),
                lambda parts: plain_parts(parts) != parts,
            )
        return self._by_plain[stem]

    def _spelt(
        self,
        spell: Callable[[tuple[str, ...]], tuple[str, ...]],
        wanted: Callable[[tuple[str, ...]], bool] = bool,
    ) -> _ByPath:
        """Return the items by their paths in another spelling."""
        found: _ByPath = defaultdict(list)
        for parts, items in self._by_path.items():
            if not wanted(parts):
                continue
            known = found[spell(parts)]
            known.extend(one for one in items if one not in known)
        return found


def plain_parts(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parts of a path as files are called: see `plain_name`."""
    return tuple(plain_name("/".join(parts)).split("/"))


def _longest(found: dict[tuple[str, ...], list[Item]], parts: tuple[str, ...]) -> list[Item] | None:
    """Return the items of the longest end of a path that there is."""
    return next((it for at in range(len(parts)) if (it := found.get(parts[at:]))), None)


def _without_suffix(parts: tuple[str, ...]) -> tuple[str, ...]:
    return (*parts[:-1], parts[-1].rsplit(".", 1)[0] or parts[-1])


def _only(found: list[Item], name: str) -> Item:
    if len(found) > 1:
        raise FormatError(
            f"{name[:200]!r} fits {numbered(len(found), 'item')} of the dataset.",
            where="file_name",
            hint="Give the path with its folders.",
        )
    return found[0]
