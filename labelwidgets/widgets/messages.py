"""What a browser may say: one struct for each message."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from labelwidgets.assist.prompts import Prompt
from labelwidgets.schema.issue import MAX_TEXT

# Whole numbers as a browser has them.
Number: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]


class Message(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """Base of all messages; `request` numbers those that want an answer."""


class Open(Message, frozen=True):
    """Open a task: `task`, its neighbour `step` places on, or the next in the queue.

    With `ahead` it is looked at later: the one that is named, or of the queue, which claims it,
    the one after those in `known`.
    """

    request: Number
    task: str | None = None
    step: Number = 0
    ahead: bool = False
    known: Annotated[list[str], Meta(max_length=100)] = []


class Showing(Message, frozen=True):
    """A task that was opened ahead is shown now."""

    task: str


class Queue(Message, frozen=True):
    """Say how many tasks wait for this person; none is claimed."""

    request: Number


class Edits(Message, frozen=True):
    """Make edits durable; `client` is the view that sends them.

    The edits are read one by one, by `incoming.read_edits`.
    """

    client: Annotated[str, Meta(max_length=64)]
    edits: list[Any]


class Offer(Message, frozen=True):
    """Edits of `size` bytes of JSON will come in pieces; say which are missing.

    `upload` is its name, `client` the view that sends it, `checksum` the CRC-32 of all bytes.
    """

    upload: Annotated[str, Meta(min_length=1, max_length=200)]
    client: Annotated[str, Meta(max_length=64)]
    size: Number
    checksum: Annotated[int, Meta(ge=0, lt=2**32)]


class Piece(Message, frozen=True):
    """A piece of what was offered: the buffer of the message."""

    upload: Annotated[str, Meta(min_length=1, max_length=200)]
    number: Number


class Tasks(Message, frozen=True):
    """Give rows for the navigator, from `offset` on or those around a task."""

    request: Number
    folder: str | None = None
    offset: Number = 0
    limit: Number = 60
    around: str | None = None


class Pixels(Message, frozen=True):
    """Give the picture of an item: of a group the one at `frame`.

    Of a scan `frame` is a slice, or where a `plane` is given the row or column that it is cut
    at across the slices; such a picture is coarse at first and says how many slices are missing.
    `projected`, it has the largest values of all of them.

    With `ahead`, it is looked at later, and nothing waits for it; with `bytes`, the picture
    itself is wanted, and no URL for the page to fetch it from.
    """

    request: Number
    item: str
    frame: Number = 0
    ahead: bool = False
    bytes: bool = False
    plane: Literal["row", "column"] | None = None
    projected: bool = False


class Volume(Message, frozen=True):
    """Say where the slices of a scan are, and what else is known of it."""

    request: Number
    item: str


class Video(Message, frozen=True):
    """Say how many frames a video has, when each is shown, and how a browser decodes them."""

    request: Number
    item: str


class Packets(Message, frozen=True):
    """Give the group of pictures that a frame of a video is in, as it lies in the file.

    With `ahead`, it is looked at later, and nothing waits for it.
    """

    request: Number
    item: str
    frame: Number
    ahead: bool = False


class Glimpse(Message, frozen=True):
    """Give a frame of a video as it is gone past: JPEG, at most `edge` pixels wide and high."""

    request: Number
    item: str
    frame: Number
    edge: Number


class Header(Message, frozen=True):
    """Give the header of a slice of a scan, for people to read."""

    request: Number
    item: str
    slice_index: Annotated[int, Meta(ge=0, le=2**31)] = msgspec.field(name="slice")


class Coarse(Message, frozen=True):
    """Give a small copy of a slice, if it is at hand: a person scrolls past it."""

    request: Number
    item: str
    frame: Number


class Tile(Message, frozen=True):
    """Give a tile of a picture that was answered to `pixels` with its pyramid."""

    request: Number
    item: str
    level: Number
    column: Number
    row: Number
    frame: Number = 0


class Thumbnails(Message, frozen=True):
    """Give small pictures of items."""

    request: Number
    items: Annotated[list[str], Meta(max_length=500)]


class Undo(Message, frozen=True):
    """Take back a gesture that only the store knows; it must be the person's last."""

    request: Number
    task: str
    gesture: str


class Redo(Message, frozen=True):
    """Bring a gesture again that only the store knows; it must be the last undone."""

    request: Number
    task: str
    gesture: str


class Submit(Message, frozen=True):
    """Submit a task."""

    request: Number
    task: str


class Skip(Message, frozen=True):
    """Skip a task, saying why."""

    request: Number
    task: str
    reason: str


class Reopen(Message, frozen=True):
    """Reopen a task."""

    request: Number
    task: str


class Review(Message, frozen=True):
    """Say how a task is judged: what may be said of it, what was, and the issues on it."""

    request: Number
    task: str


class Adjudicate(Message, frozen=True):
    """Say what several people said of each object of a task's item, the most disputed first."""

    request: Number
    task: str


class Heat(Message, frozen=True):
    """Give the picture of where people differ on a task's item, of a group the one at `frame`."""

    request: Number
    task: str
    frame: Annotated[int, Meta(ge=0, le=2**31)] | None = None


class Judge(Message, frozen=True):
    """Accept or reject a task."""

    request: Number
    task: str
    verdict: Literal["accept", "reject"]
    score: Annotated[float, Meta(ge=0, le=10)] | None = None
    comment: Annotated[str, Meta(max_length=MAX_TEXT)] | None = None
    tags: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=100)] = []


class Pin(Message, frozen=True):
    """Raise an issue on an object, at x and y in its box, or at a place of the picture.

    `id` and `comment` are the names of the issue and of its first comment: the same message
    twice is one issue.
    """

    request: Number
    task: str
    id: Annotated[str, Meta(max_length=64)]
    comment: Annotated[str, Meta(max_length=64)]
    text: Annotated[str, Meta(max_length=MAX_TEXT)]
    annotation: Annotated[str, Meta(max_length=64)] | None = None
    frame: Number | None = None
    x: float | None = None
    y: float | None = None


class Say(Message, frozen=True):
    """Comment on an issue, resolve or reopen it; `comment` is the name of what is said."""

    request: Number
    issue: Annotated[str, Meta(max_length=64)]
    how: Literal["say", "resolve", "reopen"]
    comment: Annotated[str, Meta(max_length=64)]
    text: Annotated[str, Meta(max_length=MAX_TEXT)] = ""


class AcceptAll(Message, frozen=True):
    """Accept tasks as they are, each by itself."""

    request: Number
    tasks: Annotated[list[str], Meta(min_length=1, max_length=1000)]


class Compute(Message, frozen=True):
    """Run a tool of the kernel on an item; `as_` is the geometry that masks are turned into.

    `class_` is the one that is selected: models are told.
    """

    request: Number
    item: str
    tool: Annotated[str, Meta(max_length=80)]
    prompt: Prompt
    parameters: dict[str, Any]
    as_: Annotated[str, Meta(max_length=20)] = msgspec.field(name="as", default="mask")
    frame: Number | None = None
    class_: Annotated[str, Meta(max_length=200)] | None = msgspec.field(name="class", default=None)


class Operate(Message, frozen=True):
    """Do something with volume masks as a whole, each by itself, as the store has them."""

    request: Number
    task: str
    annotations: Annotated[list[str], Meta(min_length=1, max_length=100)]
    operation: Annotated[str, Meta(max_length=20)]
    numbers: dict[str, float] = {}


class Prepare(Message, frozen=True):
    """A tool of the kernel was taken in hand: read the pixels that it will want.

    Answered where it has a number, as soon as the tool is ready, or cannot be made so.
    """

    item: str
    tool: Annotated[str, Meta(max_length=80)]
    frame: Number | None = None
    request: Number | None = None


class Cancel(Message, frozen=True):
    """The answer to the request `cancels` is no longer wanted."""

    cancels: Number


AnyMessage: TypeAlias = (
    Open
    | Showing
    | Queue
    | Edits
    | Offer
    | Piece
    | Tasks
    | Pixels
    | Volume
    | Video
    | Packets
    | Glimpse
    | Header
    | Coarse
    | Tile
    | Thumbnails
    | Undo
    | Redo
    | Submit
    | Skip
    | Reopen
    | Review
    | Adjudicate
    | Heat
    | Judge
    | Pin
    | Say
    | AcceptAll
    | Compute
    | Operate
    | Prepare
    | Cancel
)
