"""Issues and their threads: what is held, its events, its replay and its frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, insert, select, update

from labelwidgets.errors import ConflictError, SchemaError, WorkflowError
from labelwidgets.schema.ids import is_id
from labelwidgets.schema.issue import Comment, Issue, NewIssue, box_on, check_text, place_in
from labelwidgets.store import log
from labelwidgets.store.clock import to_datetime
from labelwidgets.store.moves import find_task
from labelwidgets.store.records import Held, from_text
from labelwidgets.store.tables import comments, events, issues

if TYPE_CHECKING:
    import pandas as pd

RAISE = "raise_issue"
COMMENT = "comment"
RESOLVE = "resolve_issue"
REOPEN = "reopen_issue"
# Events about issues: they change no task and no label.
ISSUE_KINDS = (RAISE, COMMENT, RESOLVE, REOPEN)
_STATES = {RESOLVE: "resolved", REOPEN: "open"}
_PLACE = ("annotation_id", "frame", "x", "y")


def read_issues(connection: Connection, task_id: str | None = None) -> list[Issue]:
    """Return issues with their threads, of a task or all, in the order they were raised."""
    found = select(issues)
    said = select(comments)
    if task_id is not None:
        found = found.where(issues.c.task_id == task_id)
        said = said.join(issues, issues.c.id == comments.c.issue_id)
        said = said.where(issues.c.task_id == task_id)
    threads: dict[str, list[Comment]] = {}
    for row in connection.execute(said.order_by(comments.c.seq)).mappings():
        threads.setdefault(row["issue_id"], []).append(_comment(row))
    rows = connection.execute(found.order_by(issues.c.seq)).mappings()
    return [_issue(row, threads.get(row["id"], [])) for row in rows]


def read_issues_since(connection: Connection, after: int) -> list[Issue]:
    """Return issues of which anybody said something after a sequence number, as they are now."""
    found = (
        select(events.c.payload)
        .where(events.c.seq > after, events.c.kind.in_(ISSUE_KINDS))
        .order_by(events.c.seq)
    )
    said = [from_text(payload) for payload in connection.execute(found).scalars()]
    names = dict.fromkeys(str(record["issue"]) for record in said)
    return [find_issue(connection, name) for name in names]


def find_issue(connection: Connection, issue_id: str) -> Issue:
    """Return an issue.

    Raises
    ------
    WorkflowError
        If there is no such issue.
    """
    row = connection.execute(select(issues).where(issues.c.id == issue_id)).mappings().first()
    if row is None:
        raise WorkflowError(
            "There is no such issue.",
            where=f"issue {str(issue_id)[:80]!r}",
            hint="See the column id of the issues frame.",
        )
    said = select(comments).where(comments.c.issue_id == issue_id).order_by(comments.c.seq)
    return _issue(row, [_comment(one) for one in connection.execute(said).mappings()])


def raise_issue(connection: Connection, made: NewIssue, actor: str) -> Issue:
    """Put an issue on record, and return it; one that is there already is not raised again.

    Raises
    ------
    WorkflowError
        If there is no such task.
    SchemaError
        If its object is none of the task, or its text is none.
    ConflictError
        If the id is in use for another task or by somebody else.
    """
    text = check_text(made.text, "text of the issue")
    for name in ("id", "comment_id"):
        _check_id(getattr(made, name), f"{name} of the issue")
    task = find_task(connection, made.task_id)
    there = connection.execute(select(issues).where(issues.c.id == made.id)).mappings().first()
    if there is not None:
        if (there["task_id"], there["author"]) != (made.task_id, actor):
            raise ConflictError("is in use already.", where=f"issue {made.id}")
        return find_issue(connection, made.id)
    if made.annotation_id is not None:
        held = log.read_held(connection, [made.annotation_id]).get(made.annotation_id)
        if held is None or held.annotation.task_id != made.task_id:
            raise SchemaError(
                "is no object of the task.", where=f"annotation {made.annotation_id[:80]!r}"
            )
    head = log.take_head(connection)
    record = {
        "issue": made.id,
        "item_id": task["item_id"],
        **{name: getattr(made, name) for name in _PLACE},
        "comment": made.comment_id,
        "text": text,
    }
    log.append(connection, head, RAISE, actor, record, task=made.task_id)
    _put(connection, *_raised(record, made.task_id, actor, head.moment, head.seq + 1))
    return find_issue(connection, made.id)


def say(
    connection: Connection,
    issue_id: str,
    actor: str,
    kind: str,
    text: str | None,
    comment_id: str,
) -> Issue:
    """Comment on an issue, resolve or reopen it, and return it.

    Parameters
    ----------
    connection
        Within whose transaction.
    issue_id, actor
        Which, and who.
    kind
        ``comment``, ``resolve_issue`` or ``reopen_issue``.
    text
        What is said with it; only a comment needs any.
    comment_id
        A comment with an id that is there is not made again.

    Raises
    ------
    WorkflowError
        If there is no such issue, or it is resolved (open) already.
    SchemaError
        If the text is none.
    ConflictError
        If the id of the comment is in use elsewhere.
    """
    _check_id(comment_id, "id of the comment")
    head = log.take_head(connection)
    issue = find_issue(connection, issue_id)
    said = None
    if text is not None or kind == COMMENT:
        said = check_text(text, f"comment on issue {issue_id}")
        held = select(comments).where(comments.c.id == comment_id)
        there = connection.execute(held).mappings().first()
        if there is not None:
            if (there["issue_id"], there["author"]) != (issue_id, actor):
                raise ConflictError("is in use already.", where=f"comment {comment_id}")
            return issue
    if _STATES.get(kind) == issue.state:
        raise WorkflowError(f"is {issue.state} already.", where=f"issue {issue_id}")
    record = {"issue": issue_id, "comment": comment_id if said else None, "text": said}
    log.append(connection, head, kind, actor, record, task=issue.task_id)
    change = _changed(kind, actor, head.moment)
    connection.execute(update(issues).where(issues.c.id == issue_id).values(**change))
    if said is not None:
        connection.execute(insert(comments).values(_said(record, actor, head.moment, head.seq + 1)))
    return find_issue(connection, issue_id)


def _put(connection: Connection, issue: Mapping[str, Any], comment: Mapping[str, Any]) -> None:
    connection.execute(insert(issues).values(**issue))
    connection.execute(insert(comments).values(**comment))


def _raised(
    record: Mapping[str, Any], task_id: str, actor: str, moment: int, seq: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows of an issue and of its first comment, from what its event says."""
    issue = {
        "id": record["issue"],
        "seq": seq,
        "task_id": task_id,
        "item_id": record["item_id"],
        **{name: record[name] for name in _PLACE},
        "state": "open",
        "author": actor,
        "resolved_by": None,
        "created_at": moment,
        "updated_at": moment,
    }
    return issue, _said(record, actor, moment, seq)


def _said(record: Mapping[str, Any], actor: str, moment: int, seq: int) -> dict[str, Any]:
    return {
        "id": record["comment"],
        "seq": seq,
        "issue_id": record["issue"],
        "author": actor,
        "text": record["text"],
        "created_at": moment,
    }


def _changed(kind: str, actor: str, moment: int) -> dict[str, Any]:
    change: dict[str, Any] = {"updated_at": moment}
    if kind in _STATES:
        change["state"] = _STATES[kind]
        change["resolved_by"] = actor if kind == RESOLVE else None
    return change


def replay_issues(
    events: Iterable[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of the tables `issues` and `comments` as a log, in its order, leaves them.

    Parameters
    ----------
    events
        Rows of the table `events`.
    """
    made: dict[str, dict[str, Any]] = {}
    threads: list[dict[str, Any]] = []
    for event in events:
        kind, moment = event["kind"], event["time"]
        if kind not in ISSUE_KINDS:
            continue
        record = from_text(event["payload"])
        if kind == RAISE:
            issue, first = _raised(record, event["task"], event["actor"], moment, event["seq"])
            made[issue["id"]] = issue
            threads.append(first)
            continue
        made[record["issue"]] |= _changed(kind, event["actor"], moment)
        if record["text"] is not None:
            threads.append(_said(record, event["actor"], moment, event["seq"]))
    return list(made.values()), threads


def issue_frame(
    rows: Iterable[Mapping[str, Any]],
    said: Iterable[Mapping[str, Any]],
    held: Mapping[str, Held],
) -> pd.DataFrame:
    """Return one row an issue; see `Store.issues`.

    Parameters
    ----------
    rows, said
        Of the tables `issues` and `comments`.
    held
        The objects that they are pinned to, by id.
    """
    from labelwidgets.store.frame_columns import ISSUE_COLUMNS
    from labelwidgets.store.frames import columns_of_rows, frame

    threads: dict[str, list[str]] = {}
    for one in said:
        threads.setdefault(one["issue_id"], []).append(one["text"])
    made = []
    for row in rows:
        object_ = held.get(row["annotation_id"] or "")
        x, y = place_now(row, object_)
        made.append(
            {
                **row,
                "relative_x": row["x"] if object_ else None,
                "relative_y": row["y"] if object_ else None,
                "x": x,
                "y": y,
                "class_name": object_.annotation.class_name if object_ else None,
                "deleted": object_.deleted if object_ else False,
                "text": threads[row["id"]][0],
                "n_comments": len(threads[row["id"]]),
            }
        )
    return frame(ISSUE_COLUMNS, columns_of_rows(list(ISSUE_COLUMNS), made))


def place_now(row: Mapping[str, Any], held: Held | None) -> tuple[float | None, float | None]:
    """Return where in the picture an issue is, in pixels, as its object is now."""
    x, y = row["x"], row["y"]
    if x is None or row["annotation_id"] is None:
        return x, y
    box = box_on(held.annotation.geometry, row["frame"]) if held else None
    return (None, None) if box is None else place_in(box, x, y)


def read_issue_frame(connection: Connection) -> pd.DataFrame:
    """Return the frame of the issues as they are now."""
    rows = _rows(connection, issues)
    said = _rows(connection, comments)
    pinned = {row["annotation_id"] for row in rows if row["annotation_id"] is not None}
    return issue_frame(rows, said, log.read_held(connection, pinned))


def comment_frame(said: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row a comment; see `Store.comments`."""
    from labelwidgets.store.frame_columns import COMMENT_COLUMNS
    from labelwidgets.store.frames import columns_of_rows, frame

    return frame(COMMENT_COLUMNS, columns_of_rows(list(COMMENT_COLUMNS), list(said)))


def read_comment_frame(connection: Connection) -> pd.DataFrame:
    """Return the frame of all comments."""
    return comment_frame(_rows(connection, comments))


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    found = select(table).order_by(table.c.seq)
    return [dict(row) for row in connection.execute(found).mappings()]


def _check_id(name: Any, where: str) -> None:
    if not isinstance(name, str) or not is_id(name):
        raise SchemaError(f"{str(name)[:80]!r} is not an identifier.", where=where)


def _issue(row: Mapping[Any, Any], thread: list[Comment]) -> Issue:
    return Issue(
        id=row["id"],
        task_id=row["task_id"],
        item_id=row["item_id"],
        annotation_id=row["annotation_id"],
        frame=row["frame"],
        x=row["x"],
        y=row["y"],
        state=row["state"],
        author=row["author"],
        resolved_by=row["resolved_by"],
        created_at=to_datetime(row["created_at"]),
        updated_at=to_datetime(row["updated_at"]),
        thread=thread,
    )


def _comment(row: Mapping[Any, Any]) -> Comment:
    return Comment(row["id"], row["author"], row["text"], to_datetime(row["created_at"]))
