"""The tables of a store: one schema for every database.

Times are whole microseconds since 1970-01-01 UTC, and JSON is kept as text, so that
every database gives back exactly what was put in.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
)

SCHEMA_VERSION = 6

# Places that each item has in the order of tasks: for its main task, for opinions, for probes, and
# the last one for its golden answer.
PLACES = 1024
# Copies from here on are probes: tasks on a golden item, of one person each, who is compared with
# its golden answer and not told so. Their place is beside another item, where they come up.
PROBES = 512

# What the answers about an image as a whole are called, after the id of their task.
IMAGE_SUFFIX = ":image"

ID = String(64)
# SQLite makes only a column of type INTEGER its row id.
SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("uid", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)

ontologies = Table(
    "ontologies",
    metadata,
    Column("number", SEQUENCE, primary_key=True),
    Column("hash", ID, nullable=False),
    Column("json", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
)

# What labellers are told, in Markdown: the newest row counts.
instructions = Table(
    "instructions",
    metadata,
    Column("number", SEQUENCE, primary_key=True),
    Column("text", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
)

items = Table(
    "items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("position", BigInteger, nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("title", Text, nullable=False),
    Column("folder", Text, nullable=False, index=True),
    Column("urls", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("status", String(32), nullable=False),
    Column("error", Text),
    # Whether the author named the URLs, or a data file did.
    Column("trusted", Boolean, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", ID, primary_key=True),
    Column("item_id", ID, ForeignKey("items.id"), nullable=False, index=True),
    Column("position", BigInteger, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("stage", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("assignee", Text),
    Column("priority", Integer, nullable=False),
    Column("batch", Text),
    Column("score", Float),
    # 0: the main task of its item. From 1: opinions, of one labeller each, from `PROBES` on those
    # whose answer is known. -1: the golden answer.
    Column("copy", Integer, nullable=False, server_default="0"),
    # Who made what is in it, once that was submitted.
    Column("maker", Text),
    # How often it was given back to its maker.
    Column("rounds", Integer, nullable=False, server_default="0"),
    # Whose it is until then; the claim's sequence number tells a holder who came back too late.
    Column("lease_until", BigInteger),
    Column("lease_seq", BigInteger),
    # The sequence number of the event that made it.
    Column("seq", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
)
# The order of the queue: urgent ones first, then as they lie in the dataset.
Index("tasks_queue", tasks.c.state, tasks.c.priority.desc(), tasks.c.position)
Index("tasks_assignee", tasks.c.assignee, tasks.c.state)

labels = Table(
    "annotations",
    metadata,
    Column("id", ID, primary_key=True),
    # The sequence number of the edit that first made it: the order of the frames.
    Column("seq", BigInteger, nullable=False, index=True),
    Column("task_id", ID, ForeignKey("tasks.id"), nullable=False),
    Column("item_id", ID, ForeignKey("items.id"), nullable=False),
    Column("class_name", Text),
    Column("geometry_type", String(32), nullable=False),
    Column("geometry", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("frame", BigInteger),
    Column("pts", BigInteger),
    Column("track_id", ID),
    Column("author", Text),
    Column("origin", Text, nullable=False),
    Column("confidence", Float),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("x", Float),
    Column("y", Float),
    Column("width", Float),
    Column("height", Float),
    Column("area", Float, nullable=False),
)
Index("annotations_task", labels.c.task_id, labels.c.deleted, labels.c.seq)

# What somebody finds wrong, and where: on an object x and y are relative to its box.
issues = Table(
    "issues",
    metadata,
    Column("id", ID, primary_key=True),
    # The sequence number of the event that raised it.
    Column("seq", BigInteger, nullable=False),
    Column("task_id", ID, ForeignKey("tasks.id"), nullable=False, index=True),
    Column("item_id", ID, ForeignKey("items.id"), nullable=False),
    Column("annotation_id", ID),
    Column("frame", BigInteger),
    Column("x", Float),
    Column("y", Float),
    Column("state", String(16), nullable=False),
    Column("author", Text, nullable=False),
    Column("resolved_by", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("issue_id", ID, ForeignKey("issues.id"), nullable=False, index=True),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# Who may do what. Who was removed stays, so that what they made has a name.
people = Table(
    "people",
    metadata,
    Column("name", Text, primary_key=True),
    # admin, qc, reviewer or annotator.
    Column("role", String(32), nullable=False),
    # A JSON list of names without "@".
    Column("groups", Text, nullable=False),
    # The role that they log in with, on a server.
    Column("login", Text, unique=True),
    Column("added_by", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
    # The sequence number of the event that last changed it.
    Column("seq", BigInteger, nullable=False),
)

# Who saw what, and who was refused: what the log of events does not say. Rows are only added.
access = Table(
    "access",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    # opened, exported, imported, denied ...
    Column("action", String(32), nullable=False),
    Column("task", ID),
    Column("detail", Text, nullable=False),
)
Index("access_person", access.c.person, access.c.seq)


@event.listens_for(access, "after_create")
def _keep(table: Table, connection: Connection, **_: Any) -> None:
    """Let nothing be taken out of the log of a file; on a server, the rights of people do that."""
    if connection.dialect.name != "sqlite":
        return
    for change in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER access_no_{change.lower()} BEFORE {change} ON access "
            "BEGIN SELECT RAISE(ABORT, 'The access log is only added to.'); END"
        )


# Frames that were decoded to be compared with later: the key of a label is (frame, pts).
seen_frames = Table(
    "seen_frames",
    metadata,
    Column("item_id", ID, ForeignKey("items.id"), primary_key=True),
    Column("frame", BigInteger, primary_key=True, autoincrement=False),
    Column("pts", BigInteger),
    # SHA-256 of its pixels, see `labelwidgets.media.video.verification.frame_hash`.
    Column("hash", String(64), nullable=False),
    Column("time", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", SEQUENCE, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("time", BigInteger, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("client", Text),
    Column("task", ID),
    Column("annotation", ID),
    Column("kind", String(32), nullable=False),
    Column("gesture", ID),
    Column("undoes", ID),
    Column("redoes", ID),
    Column("base_revision", Integer),
    Column("payload", Text, nullable=False),
)
Index("events_history", events.c.task, events.c.actor, events.c.seq)
Index("events_actor", events.c.actor, events.c.seq)
