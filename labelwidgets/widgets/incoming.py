"""Reading what comes from a browser: checked before anything is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from labelwidgets.errors import LabelwidgetsError, LinkError
from labelwidgets.store.edits import Edit, Refused
from labelwidgets.widgets.messages import AnyMessage, Edits

MAX_EDITS = 100_000


def read_message(content: Any) -> AnyMessage:
    """Return the message that came in, checked.

    Raises
    ------
    LinkError
        If it is not one of the known messages, naming the field that is wrong.
    """
    try:
        message: AnyMessage = msgspec.convert(content, AnyMessage, str_keys=True)
        # Whatever is wrong with one edit is told of that edit alone, by the store.
        msgspec.json.encode(message.client if isinstance(message, Edits) else message)
    except msgspec.ValidationError as error:
        cause = error.__cause__
        why = str(cause) if isinstance(cause, LabelwidgetsError) else str(error)
        raise LinkError(f"{why}.".replace("..", "."), where="message from the browser") from None
    except LabelwidgetsError as error:
        # What a prompt says of its numbers, which msgspec lets pass as it is.
        raise LinkError(str(error), where="message from the browser") from None
    except RecursionError:
        raise LinkError("is nested too deeply.", where="message from the browser") from None
    except UnicodeEncodeError:
        raise LinkError("holds half a character.", where="message from the browser") from None
    if isinstance(message, Edits) and len(message.edits) > MAX_EDITS:
        raise LinkError(
            f"holds {len(message.edits)} edits, at most {MAX_EDITS} are allowed.",
            where="message from the browser",
        )
    return message


def read_upload(data: bytes, client: str) -> Edits:
    """Return the message whose edits came in pieces, as JSON, checked.

    Raises
    ------
    LinkError
        If it is nothing of the kind.
    """
    try:
        edits = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise LinkError(f"is no JSON ({error}).", where="upload") from None
    message = read_message({"type": "edits", "client": client, "edits": edits})
    if not isinstance(message, Edits):
        raise LinkError("holds no edits.", where="upload")
    return message


def read_edits(raw: Sequence[Any]) -> tuple[list[Edit], list[Refused]]:
    """Return the edits of a message, and refusals of those that are none.

    A page sends what it has not heard of again and again, all together: one edit that cannot
    be read, of an older version, say, must not keep the others from ever arriving. Those of
    the same gesture are refused with it.

    Raises
    ------
    LinkError
        If one has no name by which it could be refused.
    """
    edits: list[Edit] = []
    wrong: dict[int, str] = {}
    for number, entry in enumerate(raw):
        try:
            edits.append(msgspec.convert(entry, Edit))
        except (msgspec.ValidationError, UnicodeEncodeError) as error:
            if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
                where = f"message from the browser, edits[{number}]"
                raise LinkError(f"{error}.", where=where) from None
            wrong[number] = str(error)
    gestures = {
        str(raw[number].get("gesture") or raw[number]["id"]): why for number, why in wrong.items()
    }
    refused = [_refusal(raw[number], why) for number, why in wrong.items()]
    refused += [
        _refusal(msgspec.structs.asdict(edit), gestures[edit.gesture_id])
        for edit in edits
        if edit.gesture_id in gestures
    ]
    return [edit for edit in edits if edit.gesture_id not in gestures], refused


def _refusal(entry: Mapping[str, Any], why: str) -> Refused:
    return Refused(
        id=entry["id"],
        task=str(entry.get("task", "")),
        annotation=str(entry.get("annotation", "")),
        reason="invalid",
        message=f"The edit is malformed: {why}.",
        error="LinkError",
    )


def request_of(content: Any) -> int | None:
    """Return the number that an answer to a message must carry, None for none."""
    request = content.get("request") if isinstance(content, dict) else None
    return request if isinstance(request, int) and not isinstance(request, bool) else None
