"""The wire of opinions that are settled: what a page asks about them, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from labelwidgets.media.encoded import encode_pixels
from labelwidgets.schema.annotation import Annotation
from labelwidgets.widgets import messages
from labelwidgets.workflow.adjudicating import adjudication_of, disagreement_on
from labelwidgets.workflow.session import Session

Send: TypeAlias = Callable[[dict[str, Any], list[bytes]], None]
Record: TypeAlias = Callable[[Annotation], dict[str, Any]]


def answer(
    session: Session, message: messages.Adjudicate | messages.Heat, send: Send, record: Record
) -> None:
    """Tell a page what people said of an item, or where they differ on a picture of it.

    Parameters
    ----------
    session
        Who asks: nothing in a message says so.
    message
        What it asks.
    send
        Sends content with buffers.
    record
        Returns what a page needs of an annotation.
    """
    if isinstance(message, messages.Heat):
        found = disagreement_on(session, message.task, message.frame)
        picture = encode_pixels(found.overlay())
        content = {"type": "heat", "request": message.request, "share": found.share}
        send({**content, "mime": picture.mime}, [picture.data])
        return
    told = adjudication_of(session, message.task)
    disputes = []
    for one in told.disputes if told else []:
        fields = msgspec.structs.asdict(one)
        fields["fused"] = None if one.fused is None else record(one.fused)
        disputes.append({**fields, "alike": one.alike})
    content = {
        "type": "adjudication",
        "request": message.request,
        "people": told.people if told else [],
        "method": told.method if told else "",
    }
    send(content, [msgspec.json.encode(disputes)])
