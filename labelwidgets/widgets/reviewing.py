"""The wire of verdicts and issues: what a page asks about them, and what it is told."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from labelwidgets.schema.issue import Issue, NewIssue
from labelwidgets.widgets import messages
from labelwidgets.widgets.label_info import label_info
from labelwidgets.widgets.pages import Pages
from labelwidgets.widgets.task_info import task_info
from labelwidgets.workflow.reviewing import accept_all, judge, review_of
from labelwidgets.workflow.session import Session

About: TypeAlias = (
    messages.Review | messages.Judge | messages.Pin | messages.Say | messages.AcceptAll
)


def answer(session: Session, message: About, pages: Pages) -> None:
    """Do what a page asks about verdicts and issues, and tell it.

    Parameters
    ----------
    session
        Who asks: nothing in a message says so.
    message
        What it asks.
    pages
        Who is told.
    """
    match message:
        case messages.Review():
            _tell(session, message, pages)
        case messages.Judge():
            task = judge(
                session,
                message.task,
                message.verdict,
                score=message.score,
                comment=message.comment,
                tags=message.tags,
            )
            pages.tell({"type": "moved", "request": message.request, "task": task_info(task)})
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
            tell_issue(message.request, session.issues.put(made), pages)
        case messages.Say():
            issues = session.issues
            if message.how == "say":
                issue = issues.comment(message.issue, message.text, message.comment)
            else:
                act_on = issues.resolve if message.how == "resolve" else issues.reopen
                issue = act_on(message.issue, message.text or None, message.comment)
            tell_issue(message.request, issue, pages)
        case messages.AcceptAll():
            frame = accept_all(session, list(dict.fromkeys(message.tasks)))
            left = frame[~frame["accepted"]]
            for task in frame[frame["accepted"]]["id"]:
                pages.tell({"type": "moved", "task": task_info(session.task(task))})
            content = {
                "type": "acceptedall",
                "request": message.request,
                "accepted": int(frame["accepted"].sum()),
                "left": [{"task": row.id, "reason": row.reason} for row in left.itertuples()],
            }
            pages.tell(content)


def _tell(session: Session, message: messages.Review, pages: Pages) -> None:
    found = review_of(session, message.task)
    content = msgspec.to_builtins(found)
    del content["before"], content["opinions"]
    body = {
        "before": None if found.before is None else [label_info(one) for one in found.before],
        "opinions": [
            {"author": one.author, "annotations": [label_info(made) for made in one.annotations]}
            for one in found.opinions
        ],
    }
    content = {"type": "review", "request": message.request, **content}
    # Labels may be many: they travel as bytes.
    pages.tell(content, [msgspec.json.encode(body)] if found.judges else [])


def tell_issue(request: int | None, issue: Issue, pages: Pages) -> None:
    """Tell all pages of an issue as it is now; without a request, as somebody else changed it."""
    pages.tell({"type": "issue", "request": request, "issue": msgspec.to_builtins(issue)})
