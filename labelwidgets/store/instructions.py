"""What labellers are told about a project: the newest text counts, the older ones stay."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from labelwidgets.store import log
from labelwidgets.store.tables import instructions


def read_instructions(connection: Connection) -> str:
    """Return the current text, empty if there is none."""
    query = select(instructions.c.text).order_by(instructions.c.number.desc()).limit(1)
    return str(connection.execute(query).scalar() or "")


def read_number(connection: Connection) -> int:
    """Return how many texts there were, 0 for none."""
    return int(connection.execute(select(func.max(instructions.c.number))).scalar() or 0)


def put_instructions(connection: Connection, head: log.Head, text: str, actor: str) -> log.Head:
    """Make a text the current one, and return the new head of the log."""
    if text == read_instructions(connection):
        return head
    connection.execute(insert(instructions).values(text=text, created=head.moment, actor=actor))
    return log.append(connection, head, "instructions", actor, {"after": {"text": text}})
