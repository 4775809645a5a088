"""The wire of opinions that are settled: what a page asks about them, and what it is told."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from labelwidgets.media.encoded import encode_pixels
from labelwidgets.widgets import messages
from labelwidgets.widgets.label_info import label_info
from labelwidgets.widgets.pages import Pages
from labelwidgets.workflow.adjudicating import adjudication_of, disagreement_on
from labelwidgets.workflow.session import Session

About: TypeAlias = messages.Adjudicate | messages.Heat


def answer(session: Session, message: About, pages: Pages) -> None:
    """Tell a page what people said of an item, or where they differ on a picture of it.

    Parameters
    ----------
    session
        Who asks: nothing in a message says so.
    message
        What it asks.
    pages
        Who is told.
    """
    if isinstance(message, messages.Heat):
        found = disagreement_on(session, message.task, message.frame)
        picture = encode_pixels(found.overlay())
        content = {"type": "heat", "request": message.request, "share": found.share}
        pages.tell({**content, "mime": picture.mime}, [picture.data])
        return
    told = adjudication_of(session, message.task)
    disputes = []
    for one in told.disputes if told else []:
        fields = msgspec.structs.asdict(one)
        fields["fused"] = None if one.fused is None else label_info(one.fused)
        disputes.append({**fields, "alike": one.alike})
    content = {
        "type": "adjudication",
        "request": message.request,
        "people": told.people if told else [],
        "method": told.method if told else "",
    }
    pages.tell(content, [msgspec.json.encode(disputes)])
