"""The wire of verdicts and issues: what a page asks about them, and what it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.issue import Issue, NewIssue
from labelwidgets.widgets import messages
from labelwidgets.workflow.reviewing import accept_all, judge, review_of
from labelwidgets.workflow.session import Session

Send: TypeAlias = Callable[[dict[str, Any], list[bytes]], None]
Moved: TypeAlias = Callable[[int, Mapping[str, Any]], None]
Record: TypeAlias = Callable[[Annotation], dict[str, Any]]

About: TypeAlias = (
    messages.Review | messages.Judge | messages.Pin | messages.Say | messages.AcceptAll
)


def answer(session: Session, message: About, send: Send, moved: Moved, record: Record) -> None:
    """Do what a page asks about verdicts and issues, and tell it.

    Parameters
    ----------
    session
        Who asks: nothing in a message says so.
    message
        What it asks.
    send, moved
        Send content with buffers, and the row of a task that was moved.
    record
        Returns what a page needs of an annotation.
    """
    match message:
        case messages.Review():
            _tell(session, message, send, record)
        case messages.Judge():
            task = judge(
                session,
                message.task,
                message.verdict,
                score=message.score,
                comment=message.comment,
                tags=message.tags,
            )
            moved(message.request, task)
        case messages.Pin():
            made = NewIssue(
                id=message.id,
                comment_id=message.comment,
                task_id=message.task,
                text=message.text,
                annotation_id=message.annotation,
                frame=message.frame,
                x=message.x,
                y=message.y,
            )
            tell_issue(message.request, session.issues.put(made), send)
        case messages.Say():
            issues = session.issues
            if message.how == "say":
                issue = issues.comment(message.issue, message.text, message.comment)
            else:
                act_on = issues.resolve if message.how == "resolve" else issues.reopen
                issue = act_on(message.issue, message.text or None, message.comment)
            tell_issue(message.request, issue, send)
        case messages.AcceptAll():
            frame = accept_all(session, list(dict.fromkeys(message.tasks)))
            left = frame[~frame["accepted"]]
            for task in frame[frame["accepted"]]["id"]:
                send({"type": "moved", "task": _row(session.task(task))}, [])
            content = {
                "type": "acceptedall",
                "request": message.request,
                "accepted": int(frame["accepted"].sum()),
                "left": [{"task": row.id, "reason": row.reason} for row in left.itertuples()],
            }
            send(content, [])


def _tell(session: Session, message: messages.Review, send: Send, record: Record) -> None:
    found = review_of(session, message.task)
    content = msgspec.to_builtins(found)
    del content["before"], content["opinions"]
    body = {
        "before": None if found.before is None else [record(one) for one in found.before],
        "opinions": [
            {"author": one.author, "annotations": [record(made) for made in one.annotations]}
            for one in found.opinions
        ],
    }
    content = {"type": "review", "request": message.request, **content}
    # Labels may be many: they travel as bytes.
    send(content, [msgspec.json.encode(body)] if found.judges else [])


def tell_issue(request: int | None, issue: Issue, send: Send) -> None:
    """Tell all pages of an issue as it is now; without a request, as somebody else changed it."""
    send({"type": "issue", "request": request, "issue": msgspec.to_builtins(issue)}, [])


def _row(task: Mapping[str, Any]) -> dict[str, Any]:
    return {name: task[name] for name in ("id", "item_id", "title", "state", "position")}
