"""Files that are made one by one, of a picture or a scan each: here, or by workers.

A writer whose files each are of one picture gives a function that makes them, and says with what it
is called: `labelwidgets.formats.writing.Writing.draw` has it called, here in turn or, inside of
`drawn_by`, on workers. Those write into a folder of a bucket by themselves; of anything else they
send back what they made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from labelwidgets.errors import FormatError
from labelwidgets.media.whole_files import make_folder, write_bytes
from labelwidgets.media.worker_pixels import OptionsOf
from labelwidgets.workers import Workers, run

if TYPE_CHECKING:
    from labelwidgets.formats.outputs import Output

A = TypeVar("A")

BY_WORKERS = (
    "cityscapes", "coco_panoptic", "masks", "nifti", "parquet", "voc", "yolo", "yolo_obb",
    "yolo_pose", "yolo_segment",
)  # fmt: skip
"""The formats whose files are made one by one."""


class Drawn(NamedTuple):
    """What was made of a picture or a scan.

    Parameters
    ----------
    files
        Their places, as `Output.place` gives them, and what is in them; None where a worker has
        written it.
    lost
        What has no place in the format.
    rest
        What the writer goes on with.
    """

    files: Sequence[tuple[str, bytes | None]]
    lost: Mapping[str, int] = Counter()
    rest: Any = None


Draw: TypeAlias = Callable[[A], Drawn]


class Drawers(NamedTuple):
    """Who makes the files.

    Parameters
    ----------
    workers
        Who.
    storage_options
        A function that returns what they read and write with; see `Pixels`.
    """

    workers: Workers
    storage_options: OptionsOf | None


_drawers: ContextVar[Drawers | None] = ContextVar("labelwidgets_drawers", default=None)


@contextmanager
def drawn_by(
    format: str, client: Any, workers: int | None, storage_options: OptionsOf | None
) -> Iterator[None]:
    """Let files be made by workers in the writing of a format inside.

    Raises
    ------
    FormatError
        If workers can make none of its files.
    """
    if client is None and workers is None:
        yield
        return
    if format not in BY_WORKERS:
        raise FormatError(
            f"{format} is made in one go.",
            where="client" if client is not None else "workers",
            hint=f"Workers make the files of: {', '.join(BY_WORKERS)}.",
        )
    token = _drawers.set(Drawers(Workers(client, workers, "processes"), storage_options))
    try:
        yield
    finally:
        _drawers.reset(token)


def drawers() -> Drawers | None:
    """Return who makes the files; None if they are made here."""
    return _drawers.get()


class Folder(NamedTuple):
    """A folder that workers write to.

    Parameters
    ----------
    path
        Its URL.
    storage_options
        Called where it is written to.
    """

    path: str
    storage_options: OptionsOf | None

    def write(self, place: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        options = {} if self.storage_options is None else dict(self.storage_options())
        target = f"{self.path}/{place}"
        make_folder(target.rsplit("/", 1)[0], **options)
        write_bytes(target, data, **options)


class _Drawing:
    """What a worker does: it makes the files of some pictures."""

    def __init__(self, draw: Draw[Any], folder: Folder | None) -> None:
        self.draw, self.folder = draw, folder

    def __call__(self, piece: tuple[int, list[Any]]) -> list[Drawn]:
        made = []
        for one in piece[1]:
            drawn = self.draw(one)
            if self.folder is not None:
                for place, data in drawn.files:
                    if data is not None:
                        self.folder.write(place, data)
                drawn = drawn._replace(files=[(place, None) for place, _ in drawn.files])
            made.append(drawn)
        return made


def drawn_into(
    output: Output,
    draw: Draw[A],
    wanted: Iterable[A],
    lose: Callable[[Mapping[str, int]], object],
    together: int = 16,
) -> list[Any]:
    """Have files made and written; return the rest of what was made, in the order of `wanted`.

    Parameters
    ----------
    output
        Where they go.
    draw
        Makes those of one picture or scan. Workers may call it: it can be sent to them.
    wanted
        What it is called with, the places of its files among it.
    lose
        Called with what is lost.
    together
        How many a worker does in one go.
    """

    def taken(made: Drawn) -> Any:
        lose(made.lost)
        for place, data in made.files:
            if data is None:
                output.note(place)
            else:
                output.put(place, (data,))
        return made.rest

    doing = drawers()
    if doing is None:
        return [taken(draw(one)) for one in wanted]
    folder = output.folder_of_workers(doing.storage_options)
    rest: dict[int, list[Any]] = {}
    early: dict[int, list[Drawn]] = {}
    with closing(run(_Drawing(draw, folder), _pieces(wanted, together), doing.workers)) as done:
        for (number, _), made in done:
            if not output.in_order:
                rest[number] = [taken(one) for one in made]
                continue
            early[number] = made
            while len(rest) in early:
                number = len(rest)
                rest[number] = [taken(one) for one in early.pop(number)]
    return [one for number in sorted(rest) for one in rest[number]]


def _pieces(wanted: Iterable[A], together: int) -> Iterator[tuple[int, list[A]]]:
    rest, number = iter(wanted), 0
    while some := list(islice(rest, together)):
        yield number, some
        number += 1
